//! The dynamic table (RFC 7541 section 2.3.2), as both directions need it.
//!
//! The octets of all entries lie in one log in order of insertion. New entries are appended, eviction moves the start
//! forward, and once more than half of the log is dead it is moved down: no allocation per entry, and at most twice the
//! live octets plus what `Vec` keeps in reserve.

use std::collections::VecDeque;

use crate::wire::field::FIELD_OVERHEAD;

#[derive(Debug)]
pub(super) struct DynamicTable<T> {
    log: Vec<u8>,
    /// Octets that have left the front of the log; an entry's position counts from the very first octet ever added.
    /// Positions wrap where `usize` is short, so they are only ever subtracted from one another.
    dropped: usize,
    entries: VecDeque<Entry<T>>,
    size: usize,
    max_size: usize,
}

#[derive(Debug)]
struct Entry<T> {
    start: usize,
    name_len: usize,
    len: usize,
    tag: T,
}

impl<T> Entry<T> {
    fn size(&self) -> usize {
        self.len + FIELD_OVERHEAD
    }
}

/// An entry: the octets of its name and value, and what the direction keeps with it.
pub(super) struct Stored<'a, T> {
    pub octets: &'a [u8],
    pub name_len: usize,
    pub tag: &'a T,
}

impl<'a, T> Stored<'a, T> {
    pub(super) fn name(&self) -> &'a [u8] {
        self.octets.get(..self.name_len).unwrap_or_default()
    }

    pub(super) fn value(&self) -> &'a [u8] {
        self.octets.get(self.name_len..).unwrap_or_default()
    }
}

impl<T> DynamicTable<T> {
    pub(super) fn new(max_size: usize) -> Self {
        Self { log: Vec::new(), dropped: 0, entries: VecDeque::new(), size: 0, max_size }
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The sum of the sizes of the entries, as section 4.1 measures them.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn max_size(&self) -> usize {
        self.max_size
    }

    /// Sets what section 4.2 calls the maximum size and evicts what is over.
    pub(super) fn set_max_size(&mut self, max_size: usize, evicted: impl FnMut(T)) {
        self.max_size = max_size;
        self.evict_to(max_size, evicted);
        if self.entries.is_empty() {
            self.log = Vec::new();
        }
    }

    /// The entry that was added `age` entries before the newest.
    #[inline]
    pub(super) fn get(&self, age: usize) -> Option<Stored<'_, T>> {
        let entry = self.entries.get(self.entries.len().checked_sub(age + 1)?)?;
        let start = entry.start.wrapping_sub(self.dropped);
        let octets = self.log.get(start..start.wrapping_add(entry.len))?;
        Some(Stored { octets, name_len: entry.name_len, tag: &entry.tag })
    }

    pub(super) fn tag_mut(&mut self, age: usize) -> Option<&mut T> {
        let position = self.entries.len().checked_sub(age + 1)?;
        self.entries.get_mut(position).map(|entry| &mut entry.tag)
    }

    pub(super) fn tags_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().map(|entry| &mut entry.tag)
    }

    /// Evicts until a field of `len` octets fits. One that never can leaves the table empty, which is no error
    /// (section 4.4); then the answer is false and the field must not be added.
    pub(super) fn make_room(&mut self, len: usize, evicted: impl FnMut(T)) -> bool {
        match len.checked_add(FIELD_OVERHEAD).and_then(|size| self.max_size.checked_sub(size)) {
            Some(room) => {
                self.evict_to(room, evicted);
                true
            }
            None => {
                self.evict_to(0, evicted);
                false
            }
        }
    }

    /// Adds an entry for which [`DynamicTable::make_room`] has made room.
    pub(super) fn add(&mut self, name: &[u8], value: &[u8], tag: T) {
        let len = name.len() + value.len();
        self.compact(len);
        let start = self.dropped.wrapping_add(self.log.len());
        self.log.extend_from_slice(name);
        self.log.extend_from_slice(value);
        let entry = Entry { start, name_len: name.len(), len, tag };
        self.size += entry.size();
        debug_assert!(self.size <= self.max_size);
        self.entries.push_back(entry);
    }

    fn evict_to(&mut self, size: usize, mut evicted: impl FnMut(T)) {
        while self.size > size {
            let Some(entry) = self.entries.pop_front() else { break };
            self.size -= entry.size();
            evicted(entry.tag);
        }
    }

    /// Moves the live octets to the front of the log when it would have to grow and at least half of it is dead. So
    /// each octet moved pays for one that was evicted.
    fn compact(&mut self, added: usize) {
        if self.log.len() + added <= self.log.capacity() {
            return;
        }
        let live = self.size - self.entries.len() * FIELD_OVERHEAD;
        let dead = self.log.len() - live;
        if dead >= live {
            self.log.drain(..dead);
            self.dropped = self.dropped.wrapping_add(dead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(table: &DynamicTable<u32>) -> VecDeque<(Vec<u8>, Vec<u8>, u32)> {
        (0..table.len())
            .map(|age| table.get(age).unwrap())
            .map(|entry| (entry.name().to_vec(), entry.value().to_vec(), *entry.tag))
            .collect()
    }

    #[test]
    fn the_newest_comes_first() {
        let mut table = DynamicTable::new(4096);
        for (tag, name) in ["a", "b", "c"].iter().enumerate() {
            assert!(table.make_room(2, |_| panic!("nothing to evict")));
            table.add(name.as_bytes(), b"v", tag as u32);
        }
        let names: Vec<_> = contents(&table).into_iter().map(|(name, _, tag)| (name, tag)).collect();
        assert_eq!(names, [(b"c".to_vec(), 2), (b"b".to_vec(), 1), (b"a".to_vec(), 0)]);
        assert_eq!(table.size(), 3 * 34);
        assert!(table.get(3).is_none());
    }

    #[test]
    fn evicts_exactly_what_is_needed() {
        let mut table = DynamicTable::new(3 * 34);
        for tag in 0..3 {
            assert!(table.make_room(2, |_| panic!("nothing to evict")));
            table.add(b"n", b"v", tag);
        }
        let mut evicted = Vec::new();
        assert!(table.make_room(3, |tag| evicted.push(tag)));
        table.add(b"n", b"vv", 3);
        assert_eq!(evicted, [0, 1], "one octet too many costs a second entry");
        assert_eq!(table.size(), 34 + 35);
    }

    #[test]
    fn a_field_too_large_empties_the_table() {
        let mut table = DynamicTable::new(64);
        assert!(table.make_room(32, |_| ()));
        table.add(b"0123456789abcdef", b"0123456789abcdef", 7);
        let mut evicted = Vec::new();
        assert!(!table.make_room(33, |tag| evicted.push(tag)));
        assert_eq!((evicted, table.len(), table.size()), (vec![7], 0, 0));
        assert!(!table.make_room(usize::MAX, |_| ()));
    }

    #[test]
    fn a_new_maximum_evicts() {
        let mut table = DynamicTable::new(4096);
        for tag in 0..10 {
            assert!(table.make_room(2, |_| ()));
            table.add(b"n", b"v", tag);
        }
        let mut evicted = Vec::new();
        table.set_max_size(100, |tag| evicted.push(tag));
        assert_eq!(evicted, [0, 1, 2, 3, 4, 5, 6, 7]);
        table.set_max_size(0, |_| ());
        assert_eq!((table.len(), table.size()), (0, 0));
        table.set_max_size(4096, |_| ());
        assert!(table.make_room(2, |_| ()));
        table.add(b"n", b"v", 1);
        assert_eq!(contents(&table), [(b"n".to_vec(), b"v".to_vec(), 1)]);
    }

    #[test]
    fn the_log_stays_bounded_and_true() {
        let mut table = DynamicTable::new(4096);
        let mut expected: VecDeque<(Vec<u8>, Vec<u8>, u32)> = VecDeque::new();
        for round in 0..5000u32 {
            let name = vec![b'a' + (round % 26) as u8; (round % 37) as usize];
            let value = vec![b'0' + (round % 10) as u8; (round * 7 % 211) as usize];
            let mut evicted = 0;
            assert!(table.make_room(name.len() + value.len(), |_| evicted += 1));
            table.add(&name, &value, round);
            expected.truncate(expected.len() - evicted);
            expected.push_front((name, value, round));
            assert!(table.log.capacity() <= 4 * 4096, "{}", table.log.capacity());
            if round % 97 == 0 {
                assert_eq!(contents(&table), expected);
            }
        }
        assert_eq!(contents(&table), expected);
    }
}
