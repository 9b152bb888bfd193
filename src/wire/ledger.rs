//! Every stream of the connection: what each side has said on it, and how those that are gone ended.
//!
//! ```text
//!                        HEADERS                   END_STREAM, either way             END_STREAM, the other way
//!   Pending, Idle ──────────────────> Open ─────────────────────────────> HalfClosed ──────────────────────────> gone
//!   Reserved ── HEADERS (promised streams are born half-closed) ─────────────^            RST_STREAM, either way: gone
//! ```
//! (RFC 9113 section 5.1, seen from the wire: a frame counts when it has arrived or entered the out buffer.)
//!
//! Live streams are in an open-addressed table, as looking one up is what every frame does. Of ended ones only a bounded
//! number is remembered, to judge what arrives late.

use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;

use super::code::StreamId;
use super::field::FieldBlock;
use super::flow::Window;
use super::validate::Kind;

/// How many ended streams are remembered. Beyond that a late frame is taken for a harmless one: the memory of a long
/// connection must not grow with its streams, and whoever is this late had 256 streams' time.
const REMEMBERED: usize = 256;

/// Where one stream is in the life above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A list for its first HEADERS is here, and h2 has not sent it.
    Pending,
    ReservedLocal,
    ReservedRemote,
    Open,
    /// We have sent END_STREAM.
    HalfClosedLocal,
    /// The peer has sent END_STREAM.
    HalfClosedRemote,
}

/// The message that the peer is sending on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// No final HEADERS yet: nothing, or 1xx answers.
    Awaited { informational: bool },
    /// The body, or what stands for it.
    Body,
}

/// How a stream ended: what is right to do with a late frame hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// END_STREAM both ways: the peer has broken its word if it sends more.
    Complete,
    /// The peer reset it.
    ResetByPeer,
    /// We reset it, and the peer may not know yet.
    ResetByUs,
}

/// The header lists that wait for h2 to send them. Nearly always there is one at most.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    first: Option<Rc<FieldBlock>>,
    more: VecDeque<Rc<FieldBlock>>,
    octets: u64,
}

impl Lists {
    /// What they hold.
    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    pub(crate) fn push(&mut self, list: Rc<FieldBlock>) {
        self.octets += list.octets() as u64;
        match self.first {
            None => self.first = Some(list),
            Some(_) => self.more.push_back(list),
        }
    }

    pub(crate) fn first(&self) -> Option<&FieldBlock> {
        self.first.as_deref()
    }

    pub(crate) fn waits(&self) -> bool {
        self.first.is_some()
    }

    pub(crate) fn pop(&mut self) -> Option<Rc<FieldBlock>> {
        let list = self.first.take();
        self.first = self.more.pop_front();
        self.octets = self.octets.saturating_sub(list.as_ref().map_or(0, |list| list.octets() as u64));
        list
    }
}

/// The body that h2 was given the length of, until h2 sends it. Nearly always there is one piece at most.
#[derive(Debug, Default)]
pub(crate) struct Body {
    first: Bytes,
    more: VecDeque<Bytes>,
    length: usize,
}

impl Body {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn push(&mut self, piece: Bytes) {
        self.length += piece.len();
        if self.first.is_empty() {
            self.first = piece;
        } else {
            self.more.push_back(piece);
        }
    }

    /// The next piece, of at most `most` octets. None if there is none left.
    pub(crate) fn take(&mut self, most: usize) -> Option<Bytes> {
        if self.length == 0 || most == 0 {
            return None;
        }
        let piece = if self.first.len() > most {
            self.first.split_to(most)
        } else {
            std::mem::replace(&mut self.first, self.more.pop_front().unwrap_or_default())
        };
        self.length -= piece.len();
        Some(piece)
    }
}

#[derive(Debug)]
pub(crate) struct Stream {
    pub id: StreamId,
    pub state: State,
    pub message: Message,
    /// As what the next list from the peer has to stand.
    pub list: Kind,
    /// Our SETTINGS_MAX_HEADER_LIST_SIZE when the stream began: a stream is not judged by what the peer learns later.
    pub list_limit: u32,
    /// How long the body has to be, if that is known.
    pub expected: Option<u64>,
    /// Octets of DATA so far.
    pub received: u64,
    /// Octets of DATA that JavaScript has taken.
    pub consumed: u64,
    /// Octets of the body to send that the session has queued.
    pub unsent: u64,
    pub window: Window,
    /// The increment of the WINDOW_UPDATE that is due.
    pub credit: u32,
    /// h2 has not been told of this request, the peer's or ours.
    pub stranger: bool,
    /// The head of the answer went out while h2 did not know of the request: what h2 sends as such is left out.
    pub begun: bool,
    /// Octets of the answer's body that did.
    pub spent: u32,
    /// What the peer credited while the stream was only promised (h2 takes it for an offence until it sends the head), or
    /// while h2 did not know of it.
    pub early_credit: u32,
    /// What we may send, as the peer sees it.
    pub send_window: i64,
    /// How much of it is kept from h2.
    pub held: i64,
    /// Counted among the streams that the peer has open (RFC 9113 section 5.1.2).
    pub counted: bool,
    pub lists: Lists,
    pub body: Body,
}

impl Stream {
    pub(crate) fn new(id: StreamId, state: State, list: Kind, (window, send_window): (Window, i64)) -> Stream {
        Stream {
            id,
            state,
            message: Message::Awaited { informational: false },
            list,
            list_limit: u32::MAX,
            expected: None,
            received: 0,
            consumed: 0,
            unsent: 0,
            window,
            credit: 0,
            stranger: false,
            begun: false,
            spent: 0,
            early_credit: 0,
            send_window,
            held: 0,
            counted: false,
            lists: Lists::default(),
            body: Body::default(),
        }
    }

    /// Whether the peer may still send a message.
    pub(crate) fn receives(&self) -> bool {
        matches!(self.state, State::Open | State::HalfClosedLocal)
    }

    pub(crate) fn sends(&self) -> bool {
        matches!(self.state, State::Open | State::HalfClosedRemote)
    }

    /// Octets of DATA that JavaScript has not taken.
    pub(crate) fn unread(&self) -> u64 {
        self.received.saturating_sub(self.consumed)
    }

    /// END_STREAM was received. True if the stream is done.
    pub(crate) fn receive_end(&mut self) -> bool {
        match self.state {
            State::HalfClosedLocal => true,
            _ => {
                self.state = State::HalfClosedRemote;
                false
            }
        }
    }

    /// END_STREAM was sent. True if the stream is done.
    pub(crate) fn send_end(&mut self) -> bool {
        match self.state {
            State::HalfClosedRemote => true,
            _ => {
                self.state = State::HalfClosedLocal;
                false
            }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Places in `slots`, plus one; 0 is vacant. Its length is a power of two, or 0.
    index: Vec<u32>,
    slots: Vec<Option<Stream>>,
    vacant: Vec<u32>,
    ended: VecDeque<(StreamId, End)>,
    /// The highest id whose end was remembered once and is no more.
    forgotten: StreamId,
    /// Where the stream of the last look-up was: frames come in runs.
    recent: u32,
}

impl Ledger {
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.vacant.len()
    }

    pub(crate) fn find(&mut self, id: StreamId) -> Option<&mut Stream> {
        let recent = self.recent as usize;
        let place = match self.slots.get(recent) {
            Some(Some(stream)) if stream.id == id => recent,
            _ => {
                let place = self.place(id)?;
                self.recent = place;
                place as usize
            }
        };
        self.slots.get_mut(place)?.as_mut()
    }

    pub(crate) fn peek(&self, id: StreamId) -> Option<&Stream> {
        self.slots.get(self.place(id)? as usize)?.as_ref()
    }

    /// Adds a stream, which must not be in the ledger.
    pub(crate) fn insert(&mut self, stream: Stream) {
        debug_assert!(self.place(stream.id).is_none());
        // At most 3/4 full, so that probing stays short.
        if (self.len() + 1) * 4 > self.index.len() * 3 {
            self.grow();
        }
        let id = stream.id;
        let place = match self.vacant.pop() {
            Some(place) => {
                if let Some(slot) = self.slots.get_mut(place as usize) {
                    *slot = Some(stream);
                }
                place
            }
            None => {
                self.slots.push(Some(stream));
                (self.slots.len() - 1) as u32
            }
        };
        self.enter(id, place);
        self.recent = place;
    }

    /// Takes a stream out and remembers how it ended.
    pub(crate) fn remove(&mut self, id: StreamId, end: End) -> Option<Stream> {
        let stream = self.forget(id)?;
        self.remember(id, end);
        Some(stream)
    }

    /// Takes a stream out without a trace.
    pub(crate) fn forget(&mut self, id: StreamId) -> Option<Stream> {
        let mut at = self.position(id)?;
        let place = self.index.get(at)?.checked_sub(1)?;
        let stream = self.slots.get_mut(place as usize)?.take()?;
        self.vacant.push(place);
        // Close the gap: entries further on that were displaced over it move up, so that probing may stop at gaps.
        let mask = self.index.len() - 1;
        let mut next = at;
        loop {
            next = (next + 1) & mask;
            let Some(moved) = self.index.get(next).copied().filter(|&entry| entry != 0) else { break };
            let Some(home) = self.home_of(moved) else { break };
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(at) & mask {
                self.set(at, moved);
                at = next;
            }
        }
        self.set(at, 0);
        if self.len() == 0 && self.slots.len() > 64 {
            // A burst of streams is over; an idle connection holds no memory for it.
            (self.index, self.slots, self.vacant) = (Vec::new(), Vec::new(), Vec::new());
        }
        Some(stream)
    }

    /// Remembers the end of a stream that was never in the ledger.
    pub(crate) fn remember(&mut self, id: StreamId, end: End) {
        if self.ended.len() >= REMEMBERED {
            let oldest = self.ended.pop_front().map_or(StreamId::CONNECTION, |(id, _)| id);
            self.forgotten = self.forgotten.max(oldest);
        }
        self.ended.push_back((id, end));
    }

    pub(crate) fn ended(&self, id: StreamId) -> Option<End> {
        self.ended.iter().rev().find(|(ended, _)| *ended == id).map(|(_, end)| *end)
    }

    /// Whether a stream may have ended so long ago that it is not remembered.
    pub(crate) fn may_have_forgotten(&self, id: StreamId) -> bool {
        id <= self.forgotten
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.slots.iter_mut().flatten()
    }

    /// The ids for which `wanted` holds, ascending.
    pub(crate) fn ids(&self, mut wanted: impl FnMut(&Stream) -> bool) -> Vec<StreamId> {
        let mut ids: Vec<_> = self.slots.iter().flatten().filter(|stream| wanted(stream)).map(|s| s.id).collect();
        ids.sort_unstable();
        ids
    }

    fn mask(&self) -> Option<usize> {
        self.index.len().checked_sub(1)
    }

    /// Where probing for an id begins. Ids of one side are two apart, so the low bit is worthless; what is left is dense
    /// and fills the table evenly as it is.
    fn home(id: StreamId, mask: usize) -> usize {
        let id = id.value() as usize;
        ((id >> 1) ^ (id & 1).wrapping_mul(0x55)) & mask
    }

    fn home_of(&self, entry: u32) -> Option<usize> {
        let stream = self.slots.get(entry.checked_sub(1)? as usize)?.as_ref()?;
        Some(Self::home(stream.id, self.mask()?))
    }

    fn set(&mut self, at: usize, entry: u32) {
        if let Some(slot) = self.index.get_mut(at) {
            *slot = entry;
        }
    }

    /// The position in `index` of a stream.
    fn position(&self, id: StreamId) -> Option<usize> {
        let mask = self.mask()?;
        let mut at = Self::home(id, mask);
        loop {
            let place = self.index.get(at)?.checked_sub(1)?;
            if matches!(self.slots.get(place as usize), Some(Some(stream)) if stream.id == id) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    fn place(&self, id: StreamId) -> Option<u32> {
        self.index.get(self.position(id)?)?.checked_sub(1)
    }

    fn enter(&mut self, id: StreamId, place: u32) {
        let Some(mask) = self.mask() else { return };
        let mut at = Self::home(id, mask);
        while self.index.get(at).is_some_and(|&entry| entry != 0) {
            at = (at + 1) & mask;
        }
        self.set(at, place + 1);
    }

    fn grow(&mut self) {
        let size = (self.index.len() * 2).max(8);
        self.index.clear();
        self.index.resize(size, 0);
        for place in 0..self.slots.len() {
            if let Some(id) = self.slots.get(place).and_then(|slot| slot.as_ref()).map(|stream| stream.id) {
                self.enter(id, place as u32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(id: u32) -> Stream {
        Stream::new(StreamId::new(id), State::Open, Kind::Request, (Window::new(65_535), 65_535))
    }

    #[test]
    fn finds_what_it_holds_through_any_churn() {
        let mut ledger = Ledger::default();
        let mut held = std::collections::BTreeSet::new();
        let mut seed = 1u32;
        for step in 0..20_000u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Few enough ids for collisions, from both sides, clustered and strewn.
            let id = if step % 3 == 0 { (seed >> 8) % 4096 + 1 } else { (seed >> 20) % 64 + 1 };
            if held.insert(id) {
                ledger.insert(stream(id));
            } else {
                held.remove(&id);
                assert_eq!(ledger.remove(StreamId::new(id), End::Complete).map(|s| s.id), Some(StreamId::new(id)));
            }
            assert_eq!(ledger.len(), held.len());
            let probe = (seed >> 4) % 4096 + 1;
            assert_eq!(ledger.find(StreamId::new(probe)).is_some(), held.contains(&probe));
        }
        let ids: Vec<_> = held.iter().map(|&id| StreamId::new(id)).collect();
        assert_eq!(ledger.ids(|_| true), ids);
        for id in ids {
            assert!(ledger.forget(id).is_some());
            assert!(ledger.forget(id).is_none());
        }
        assert_eq!(ledger.len(), 0);
        assert_eq!(ledger.index.capacity(), 0, "an empty ledger gives its memory back");
    }

    #[test]
    fn remembers_a_bounded_number_of_ends() {
        let mut ledger = Ledger::default();
        for id in 0..1000u32 {
            ledger.remember(StreamId::new(id * 2 + 1), End::ResetByPeer);
        }
        assert_eq!(ledger.ended.len(), REMEMBERED);
        assert_eq!(ledger.ended(StreamId::new(1)), None);
        assert_eq!(ledger.ended(StreamId::new(1999)), Some(End::ResetByPeer));
    }

    #[test]
    fn lists_come_out_in_order() {
        let mut lists = Lists::default();
        assert_eq!(lists.pop(), None);
        for value in ["1", "2", "3"] {
            lists.push(Rc::new([("n", value)].into_iter().collect()));
        }
        let mut seen = Vec::new();
        while let Some(list) = lists.pop() {
            seen.push(list.value_of(b"n").map(|value| value.to_vec()));
        }
        assert_eq!(seen, [Some(b"1".to_vec()), Some(b"2".to_vec()), Some(b"3".to_vec())]);
    }

    #[test]
    fn both_ends_close_a_stream() {
        let mut one = stream(1);
        assert!(!one.receive_end());
        assert_eq!(one.state, State::HalfClosedRemote);
        assert!(one.send_end());
        let mut other = stream(3);
        assert!(!other.send_end());
        assert!(other.receives() && !other.sends());
        assert!(other.receive_end());
    }
}
