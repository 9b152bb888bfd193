//! Stream ids after `setNextStreamID`, and after requests that went out without h2.
//!
//! h2 numbers its own streams without gaps, from 1 or 2 on. So the streams that this side opens
//! may have one id in h2 and another on the connection: the latter is ahead by an offset that grows with each jump.

use super::code::StreamId;

/// From this id of h2's on, the connection's is `offset` more. (As if h2 had opened all streams: see [`IdMap::begin`].)
#[derive(Debug, Clone, Copy)]
struct Jump {
    h2: u32,
    offset: u32,
}

#[derive(Debug)]
pub(crate) struct IdMap {
    /// Ascending. Empty in nearly every connection.
    jumps: Vec<Jump>,
    /// The parity of the ids that this side opens.
    odd: bool,
    /// How far the ids of this side's were when h2 began to count.
    before: u32,
}

/// Every jump is remembered, as streams of before may live on; a session that needs more than this is playing.
const MAX_JUMPS: usize = 1024;

impl IdMap {
    pub(crate) fn new(odd: bool) -> IdMap {
        IdMap { jumps: Vec::new(), odd, before: 0 }
    }

    /// h2 begins now, and opens as its first stream what would be its `id`, had it opened all before.
    pub(crate) fn begin(&mut self, id: u32) {
        self.before = id.saturating_sub(if self.odd { 1 } else { 2 });
    }

    fn ours(&self, id: u32) -> bool {
        id & 1 == u32::from(self.odd)
    }

    /// Stream 0 if the connection has no such id: they have run out.
    pub(crate) fn outer(&self, h2: u32) -> StreamId {
        self.counted_outer(if self.ours(h2) { h2.saturating_add(self.before) } else { h2 })
    }

    pub(crate) fn inner(&self, outer: StreamId) -> u32 {
        let id = self.counted(outer);
        if self.ours(id) { id.saturating_sub(self.before) } else { id }
    }

    /// The same for h2's ids if it had opened all streams.
    fn counted_outer(&self, h2: u32) -> StreamId {
        let mut id = h2;
        if !self.jumps.is_empty() && self.ours(h2) {
            let offset = self.jumps.iter().rev().find(|jump| jump.h2 <= h2).map_or(0, |jump| jump.offset);
            id = h2.saturating_add(offset);
        }
        if id <= StreamId::MAX.value() { StreamId::new(id) } else { StreamId::CONNECTION }
    }

    fn counted(&self, outer: StreamId) -> u32 {
        let id = outer.value();
        if self.jumps.is_empty() || !self.ours(id) {
            return id;
        }
        let jump = self.jumps.iter().rev().find(|jump| jump.h2.saturating_add(jump.offset) <= id);
        jump.map_or(id, |jump| id - jump.offset)
    }

    /// The last id of h2's that is at most `outer` on the connection.
    pub(crate) fn inner_at_most(&self, outer: StreamId) -> u32 {
        let h2 = self.counted(outer);
        // Within a gap the jump behind it is what `counted` went by.
        let last = if self.skipped(outer) { h2.min(self.jump_after(outer)).saturating_sub(2) } else { h2 };
        if self.ours(last) { last.saturating_sub(self.before) } else { last }
    }

    fn jump_after(&self, outer: StreamId) -> u32 {
        let after = self.jumps.iter().find(|jump| jump.h2.saturating_add(jump.offset) > outer.value());
        after.map_or(u32::MAX, |jump| jump.h2)
    }

    /// Whether an id was skipped by a jump.
    pub(crate) fn skipped(&self, outer: StreamId) -> bool {
        self.ours(outer.value()) && self.counted_outer(self.counted(outer)) != outer
    }

    /// The connection's id for h2's next stream becomes `next`, where it would have been `current`.
    pub(crate) fn jump(&mut self, current: StreamId, next: StreamId) -> bool {
        let Some(delta) = next.value().checked_sub(current.value()) else { return false };
        if delta == 0 {
            return true;
        }
        if self.jumps.len() >= MAX_JUMPS {
            return false;
        }
        let h2 = self.counted(current);
        let offset = self.jumps.last().map_or(0, |jump| jump.offset).saturating_add(delta);
        match self.jumps.last_mut() {
            Some(last) if last.h2 == h2 => last.offset = offset,
            _ => self.jumps.push(Jump { h2, offset }),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(value: u32) -> StreamId {
        StreamId::new(value)
    }

    #[test]
    fn without_jumps_ids_are_the_same() {
        let map = IdMap::new(true);
        assert_eq!(map.outer(7), id(7));
        assert_eq!(map.inner(id(7)), 7);
        assert!(!map.skipped(id(7)));
    }

    #[test]
    fn jumps_add_up_and_leave_gaps() {
        let mut map = IdMap::new(true);
        assert!(map.jump(id(5), id(101)));
        assert!(map.jump(id(103), id(201)));
        let pairs = [(1, 1), (3, 3), (5, 101), (7, 201), (9, 203)];
        for (h2, outer) in pairs {
            assert_eq!(map.outer(h2), id(outer));
            assert_eq!(map.inner(id(outer)), h2);
            assert!(!map.skipped(id(outer)));
        }
        for gap in [5, 99, 103, 199] {
            assert!(map.skipped(id(gap)), "{gap}");
        }
        assert_eq!(map.outer(8), id(8), "the peer's ids are as they are");
        assert!(!map.skipped(id(100)));
    }

    #[test]
    fn h2_counts_from_where_it_begins() {
        let mut map = IdMap::new(true);
        assert!(map.jump(id(5), id(101)));
        map.begin(map.inner(id(103)));
        assert!(map.jump(id(105), id(201)));
        for (h2, outer) in [(1, 103), (3, 201), (5, 203)] {
            assert_eq!(map.outer(h2), id(outer));
            assert_eq!(map.inner(id(outer)), h2);
        }
        for (outer, skipped) in
            [(3, false), (5, true), (99, true), (101, false), (103, false), (105, true), (201, false)]
        {
            assert_eq!(map.skipped(id(outer)), skipped, "{outer}");
        }
        assert_eq!(map.inner_at_most(id(101)), 0, "h2 has none of these");
        assert_eq!(map.inner_at_most(id(103)), 1);
        assert_eq!(map.inner_at_most(id(199)), 1);
        assert_eq!(map.outer(2), id(2), "the peer's ids are as they are");
    }

    #[test]
    fn ids_run_out() {
        let mut map = IdMap::new(true);
        assert_eq!(map.outer(0x8000_0001), StreamId::CONNECTION);
        assert!(map.jump(id(1), StreamId::MAX));
        assert_eq!(map.outer(1), StreamId::MAX);
        assert_eq!(map.outer(3), StreamId::CONNECTION);
    }

    #[test]
    fn jumping_twice_before_a_stream_is_one_jump() {
        let mut map = IdMap::new(true);
        assert!(map.jump(id(1), id(11)));
        assert!(map.jump(id(11), id(21)));
        assert_eq!(map.jumps.len(), 1);
        assert_eq!(map.outer(1), id(21));
        assert!(!map.jump(id(21), id(19)));
    }

    #[test]
    fn the_number_of_jumps_is_bounded() {
        let mut map = IdMap::new(true);
        let mut current = 1;
        let mut accepted = 0;
        for _ in 0..5000 {
            if map.jump(id(current), id(current + 2)) {
                accepted += 1;
            }
            current = map.outer(map.inner(id(current)) + 2).value().max(current + 4);
        }
        assert!(accepted <= MAX_JUMPS + 4000);
        assert!(map.jumps.len() <= MAX_JUMPS);
    }
}
