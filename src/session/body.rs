//! Bodies on their way out: the queues of the streams, and when what was written counts as sent.

use std::cell::RefCell;

use bytes::Bytes;

use super::io::Shared;
use super::message::HEADERS;
use super::span::Span;
use super::stream::{Handle, Sending, Stream};
use super::{Event, Life, Outcome, Session};
use crate::transport::Transport;
use crate::wire::{FieldBlock, LibraryError, StreamId, Wire};

/// How much of a body h2 is given ahead of what went out. h2 lets the first stream that asks have as much of the
/// connection's window as it has data, so this is what one stream can take before the next gets its turn; and it is more
/// than a default window, so that no window stays unused between two flushes.
const SEND_AHEAD: u64 = 64 * 1024;

impl<T: Transport> Session<T> {
    /// Queues pieces of the body. One [`Event::Written`] answers the whole call. The pieces are kept by reference
    /// until they are sent; an owner behind [`Bytes::from_owner`] is dropped in a flush and must not call the session.
    pub fn write(&mut self, stream: StreamId, chunks: impl IntoIterator<Item = Bytes>) -> Result<(), LibraryError> {
        let Some(state) = self.streams.get_mut(stream) else {
            self.refuse(Event::Written { stream, outcome: Outcome::Canceled });
            return Ok(());
        };
        if !matches!(state.sending, Sending::Headless | Sending::Open) || state.end_early {
            return Err(LibraryError::STREAM_SHUT_WR);
        }
        if state.queue.capacity() == 0 {
            // Of most streams that stay open there is never more than one piece at a time.
            state.queue.reserve_exact(1);
            state.writes.reserve_exact(1);
        }
        let mut octets = 0;
        for chunk in chunks {
            if !chunk.is_empty() {
                octets += chunk.len();
                state.queue.push_back(chunk);
            }
        }
        state.written += octets as u64;
        self.shared.borrow_mut().wire.queued(stream, octets);
        if state.sent == state.written {
            // Nothing to wait for.
            self.events.push_back(Event::Written { stream, outcome: Outcome::Sent });
            return Ok(());
        }
        state.writes.push_back(state.written);
        if state.sending == Sending::Open {
            self.mark(stream);
        }
        Ok(())
    }

    /// The body is complete: END_STREAM goes out on its last DATA frame (or on an empty one).
    /// Answered by [`Event::Shutdown`], with `want_trailers` by [`Event::WantTrailers`] first.
    pub fn end(&mut self, stream: StreamId) -> Result<(), LibraryError> {
        let Some(state) = self.streams.get_mut(stream) else {
            self.refuse(Event::Shutdown { stream, outcome: Outcome::Canceled });
            return Ok(());
        };
        match state.sending {
            Sending::Headless => state.end_early = true,
            Sending::Open if state.want_trailers && state.queue.is_empty() => {
                state.sending = Sending::AwaitingTrailers;
                state.shutdown_due = true;
                self.events.push_back(Event::WantTrailers { stream });
            }
            Sending::Open => {
                state.sending = if state.want_trailers { Sending::Draining } else { Sending::Ending };
                state.shutdown_due = true;
                self.mark(stream);
            }
            // The head, or trailers, said so already.
            Sending::Ended | Sending::Ending | Sending::Draining | Sending::AwaitingTrailers => {
                state.shutdown_due = true
            }
            Sending::Sent => self.events.push_back(Event::Shutdown { stream, outcome: Outcome::Sent }),
        }
        Ok(())
    }

    /// Sends trailers, which end the stream. An empty list ends it without.
    pub fn trailers(&mut self, stream: StreamId, fields: FieldBlock) -> Result<(), LibraryError> {
        let Some(state) = self.streams.get_mut(stream) else { return Ok(()) };
        match state.sending {
            Sending::Open | Sending::Draining | Sending::AwaitingTrailers if state.trailers.is_none() => {}
            _ => return Err(LibraryError::INVALID_STREAM_STATE),
        }
        state.trailers = Some(fields);
        state.sending = Sending::Draining;
        self.mark(stream);
        Ok(())
    }

    /// Answers a command on a stream that is gone.
    fn refuse(&mut self, answer: Event) {
        if self.life != Life::Destroyed {
            self.events.push_back(answer);
        }
    }

    /// Puts a stream into the list of those that the next flush looks at.
    pub(super) fn mark(&mut self, stream: StreamId) {
        if let Some(state) = self.streams.get_mut(stream)
            && !state.dirty
        {
            state.dirty = true;
            self.dirty.push(stream);
        }
    }

    /// Hands h2 what the streams have queued, up to [`SEND_AHEAD`] each.
    pub(super) fn hand_over(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for stream in dirty.drain(..) {
            let Some(state) = self.streams.get_mut(stream) else { continue };
            state.dirty = false;
            if matches!(state.handle, Handle::Stranger) {
                let answered = {
                    let shared = &mut *self.shared.borrow_mut();
                    // What a broken transport does not take was not sent.
                    !shared.broken && state.answer(&mut shared.wire)
                };
                self.introduction_due |= !answered;
                if state.opened && state.sending == Sending::Draining && state.queue.is_empty() {
                    self.send_trailers(stream);
                }
                continue;
            }
            // A promised stream may wait for the peer's concurrency limit. Should it be taken back, h2 could not get rid of
            // a body that it had.
            if matches!(state.handle, Handle::Promise { .. }) && !state.opened {
                continue;
            }
            self.engine_due = true;
            if state.hand_over(&self.shared).is_err() {
                // Reset in the meantime. An event tells, or has told.
                state.queue.clear();
                continue;
            }
            if state.sending == Sending::Draining && state.queue.is_empty() {
                self.send_trailers(stream);
            }
        }
        // The list's memory is kept. Nothing was marked meanwhile.
        dirty.append(&mut self.dirty);
        self.dirty = dirty;
    }

    /// The body is out; trailers follow, now or once they are known.
    fn send_trailers(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(stream) else { return };
        let alone = matches!(state.handle, Handle::Stranger);
        if alone && state.trailers.is_some() && !self.shared.borrow_mut().wire.can_answer(stream, 0) {
            self.introduction_due = true;
            return;
        }
        let Some(fields) = state.trailers.take() else {
            state.sending = Sending::AwaitingTrailers;
            self.events.push_back(Event::WantTrailers { stream });
            return;
        };
        state.sending = Sending::Ended;
        if !alone && state.handle.body().is_none() {
            return;
        }
        if fields.is_empty() {
            // Some clients cannot take an empty HEADERS frame; an empty DATA frame says the same.
            if alone {
                self.shared.borrow_mut().wire.send_answer_body(stream, 0, true);
            } else if let Some(body) = state.handle.body() {
                let _ = body.send_data(Span::EMPTY, true);
            }
            return;
        }
        if let Err(error) = self.shared.borrow_mut().wire.push_list(stream, fields) {
            self.events.push_back(Event::FrameError { stream, frame_type: HEADERS, error });
            return;
        }
        if alone {
            self.shared.borrow_mut().wire.send_answer_list(stream, true);
        } else if let Some(body) = state.handle.body() {
            let _ = body.send_trailers(http::HeaderMap::new());
        }
    }

    /// So much of the stream's DATA went out.
    pub(super) fn data_sent(&mut self, stream: StreamId, octets: u32) {
        let Some(state) = self.streams.get_mut(stream) else { return };
        state.sent += u64::from(octets);
        while let Some(end) = state.writes.front()
            && *end <= state.sent
        {
            state.writes.pop_front();
            self.events.push_back(Event::Written { stream, outcome: Outcome::Sent });
        }
        if !state.queue.is_empty() && state.in_flight() < SEND_AHEAD {
            self.mark(stream);
        }
    }

    pub(super) fn end_sent(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(stream) else { return };
        state.sending = Sending::Sent;
        if std::mem::take(&mut state.shutdown_due) {
            self.events.push_back(Event::Shutdown { stream, outcome: Outcome::Sent });
        }
    }
}

impl Stream {
    /// Sends what there is of the answer to a request that h2 was not told of. False if that takes h2.
    fn answer(&mut self, wire: &mut Wire) -> bool {
        if self.head_due.is_none() && !self.opened {
            return true;
        }
        let octets = self.queue.iter().map(Bytes::len).sum();
        if !wire.can_answer(self.id, octets) {
            return false;
        }
        if let Some(end_stream) = self.head_due.take() {
            self.opened = true;
            wire.send_answer_list(self.id, end_stream);
        }
        for piece in self.queue.drain(..) {
            self.handed += piece.len() as u64;
            wire.push_body(self.id, piece);
        }
        let last = self.sending == Sending::Ending;
        if octets > 0 || last {
            wire.send_answer_body(self.id, octets, last);
        }
        if last {
            self.sending = Sending::Ended;
        }
        true
    }

    fn hand_over<T>(&mut self, shared: &RefCell<Shared<T>>) -> Result<(), h2::Error> {
        let Some(body) = self.handle.body() else { return Ok(()) };
        let before = self.handed;
        {
            let wire = &mut shared.borrow_mut().wire;
            let end = self.sent + SEND_AHEAD;
            while self.handed < end {
                let Some(first) = self.queue.front_mut() else { break };
                let room = (end - self.handed) as usize;
                let chunk =
                    if first.len() > room { first.split_to(room) } else { self.queue.pop_front().unwrap_or_default() };
                self.handed += chunk.len() as u64;
                wire.push_body(self.id, chunk);
            }
        }
        let length = (self.handed - before) as usize;
        let last = self.queue.is_empty() && self.sending == Sending::Ending;
        if length > 0 || last {
            // Pieces that were written one by one go out as one, in frames as large as the peer takes.
            body.send_data(Span::new(length), last)?;
        }
        if last {
            self.sending = Sending::Ended;
        }
        Ok(())
    }
}
