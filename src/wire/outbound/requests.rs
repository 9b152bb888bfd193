//! Requests that go out without h2, which a client needs only for bodies, and for requests that must wait.
//!
//! Of a request that ends with its head h2 would decide one thing: whether the peer's SETTINGS_MAX_CONCURRENT_STREAMS leaves
//! room for it. So as long as all requests of a connection are of that kind and there is room, there is no h2, and they
//! are sent here. The first other one wakes h2 up. From then on every request is h2's, and those that went out before
//! end without its knowledge: what they take of the peer's limit is kept from it until then.

use crate::wire::code::{ErrorCode, StreamId};
use crate::wire::config::{Role, Setting, SettingId};
use crate::wire::field::FieldBlock;
use crate::wire::ledger::{State, Stream};
use crate::wire::{Life, Wire};

impl Wire {
    /// Whether the connection takes requests at all. (Once there is an h2, that knows.)
    pub fn takes_requests(&self) -> bool {
        self.life == Life::Open && self.goaway_received.is_none()
    }

    /// A request without a body, whose list was pushed, is to be sent by [`Wire::send_requests`].
    pub fn keep_request(&mut self, id: StreamId) {
        if let Some(stream) = self.streams.find(id) {
            stream.stranger = true;
            self.strangers.push(id);
        }
    }

    /// Sends the requests that were kept from h2, as far as the peer takes them and the out buffer has room. False if that is
    /// full.
    pub fn send_requests(&mut self) -> bool {
        let mut sent = 0;
        let mut room = true;
        for at in 0..self.strangers.len() {
            room = self.out.takes_frames();
            if !room || !self.has_slot() || self.life != Life::Open {
                break;
            }
            let Some(&id) = self.strangers.get(at) else { break };
            sent += 1;
            // It may have been reset before it was sent.
            if self.streams.find(id).is_some_and(|stream| stream.state == State::Pending) {
                self.open_strangers += 1;
                self.send_list(id, true);
            }
        }
        self.strangers.drain(..sent);
        room
    }

    /// Whether the peer takes one more request.
    fn has_slot(&self) -> bool {
        self.open_strangers < self.concurrency()
    }

    /// How many requests the peer takes at a time.
    fn concurrency(&self) -> u32 {
        self.remote.values.max_concurrent_streams
    }

    /// What of `limit`, which is the peer's, is h2's.
    pub(in crate::wire) fn concurrency_of_h2(&self, limit: u32) -> u32 {
        // No limit stays none.
        if limit == u32::MAX { limit } else { limit.saturating_sub(self.open_strangers) }
    }

    /// The number of requests that an h2 which begins now may have open at first.
    pub fn free_slots(&self) -> u32 {
        self.concurrency_of_h2(self.concurrency())
    }

    /// Wakes h2 up. The requests that were not sent are to be given to it, in the order of their ids, before any other. The
    /// first stream that it opens is the one that it would call `first_id` had it opened all.
    pub fn hand_over(&mut self, first_id: u32) {
        self.ids.begin(first_id);
        self.wake();
        if let Some(last) = self.goaway_received {
            self.to_h2.goaway(self.ids.inner_at_most(last), ErrorCode::NO_ERROR);
        }
        for id in std::mem::take(&mut self.strangers) {
            if let Some(stream) = self.streams.find(id) {
                stream.stranger = false;
            }
        }
    }

    /// The first request that was kept and not sent.
    pub fn first_unsent(&self) -> Option<StreamId> {
        self.strangers.first().copied()
    }

    /// The list of a request that waits to be sent. None if it was reset.
    pub fn waiting_request(&self, id: StreamId) -> Option<&FieldBlock> {
        let stream = self.streams.peek(id).filter(|stream| stream.state == State::Pending)?;
        stream.lists.first()
    }

    /// A stream that h2 does not know is gone: the peer's limit has room for one more of h2's.
    pub(in crate::wire) fn stranger_closed(&mut self, stream: &Stream) {
        if self.role == Role::Server || !stream.stranger || stream.state == State::Pending {
            return;
        }
        self.open_strangers = self.open_strangers.saturating_sub(1);
        let limit = self.remote.values.max_concurrent_streams;
        // Before the peer's first SETTINGS h2 would take this for those.
        if !self.asleep && self.remote.known && limit != u32::MAX {
            let limit = Setting::new(SettingId::MAX_CONCURRENT_STREAMS, self.concurrency_of_h2(limit));
            self.to_h2.settings([limit].into_iter());
            self.remote.make_up();
        }
    }
}
