//! The streams of a connection, by id.
//!
//! A stream that is gone leaves its memory, with the queues inside, to the next one: in steady state opening a stream
//! allocates nothing.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use super::stream::{Handle, Stream};
use crate::wire::StreamId;

/// How many streams' memory is kept for later ones: as many as are usually open at once.
const MAX_SPARE: usize = 128;

#[derive(Default)]
#[expect(clippy::vec_box, reason = "the boxes themselves are what is kept: they go back into the map")]
pub(super) struct Table {
    streams: HashMap<u32, Box<Stream>, Seed>,
    spare: Vec<Box<Stream>>,
}

impl Table {
    pub fn insert(&mut self, id: StreamId, handle: Handle) -> &mut Stream {
        let mut stream = self.spare.pop().unwrap_or_default();
        stream.open(id, handle);
        self.streams.entry(id.value()).insert_entry(stream).into_mut()
    }

    pub fn get_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.streams.get_mut(&id.value()).map(|stream| &mut **stream)
    }

    pub fn take(&mut self, id: StreamId) -> Option<Box<Stream>> {
        self.streams.remove(&id.value())
    }

    /// Keeps the memory of a stream that was taken out.
    pub fn put_back(&mut self, mut stream: Box<Stream>) {
        if self.spare.len() < MAX_SPARE {
            stream.clear();
            self.spare.push(stream);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    pub fn clear(&mut self) {
        *self = Table::default();
    }
}

/// Ids hash by one multiplication. The peer chooses half of them, so the factor is drawn anew for each connection: ids
/// that fall into one bucket cannot be computed beforehand.
struct Seed(u64);

impl Default for Seed {
    fn default() -> Seed {
        Seed(RandomState::new().build_hasher().finish() | 1)
    }
}

impl BuildHasher for Seed {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher { factor: self.0, hash: 0 }
    }
}

struct IdHasher {
    factor: u64,
    hash: u64,
}

impl Hasher for IdHasher {
    fn write_u32(&mut self, id: u32) {
        let product = u128::from(id) * u128::from(self.factor);
        // Both halves, since a map looks at the low bits and at the highest seven.
        self.hash = (product as u64) ^ (product as u64).rotate_left(32) ^ ((product >> 64) as u64);
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.hash = (self.hash ^ u64::from(*octet)).wrapping_mul(self.factor);
        }
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_inserted_until_it_is_removed() {
        let mut table = Table::default();
        for id in (1..2001).step_by(2) {
            table.insert(StreamId::new(id), Handle::Gone);
        }
        for id in (1..2001).step_by(4) {
            assert!(table.take(StreamId::new(id)).is_some());
        }
        for id in (1..2001).step_by(2) {
            let found = table.get_mut(StreamId::new(id)).map(|stream| stream.id.value());
            assert_eq!(found, (id % 4 == 3).then_some(id));
        }
        assert!(table.get_mut(StreamId::new(2)).is_none());
    }

    #[test]
    fn a_reused_stream_is_as_new() {
        let mut table = Table::default();
        table.insert(StreamId::new(1), Handle::Gone).unread = 7;
        let stream = table.take(StreamId::new(1)).expect("a stream");
        table.put_back(stream);
        assert_eq!(table.insert(StreamId::new(3), Handle::Gone).unread, 0);
    }
}
