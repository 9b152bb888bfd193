//! Requests of ours: by h2, or past it for as long as no request needs it.

use std::rc::Rc;

use super::engine::Engine;
use super::message::HEADERS;
use super::stream::{Handle, Sending};
use super::{Event, FIRST_ID, Life, Priority, SendOptions, Session, placeholder};
use crate::transport::Transport;
use crate::wire::{ErrorCode, FieldBlock, LibraryError, Role, StreamId};

impl<T: Transport> Session<T> {
    /// Sends a request and returns its stream. Client only. It may wait for the peer's concurrency limit; that shows only
    /// in that nothing comes back yet. Fails with STREAM_ID_NOT_AVAILABLE when ids have run out, and with
    /// START_STREAM_NOT_ALLOWED when the peer wants no more requests.
    pub fn request(
        &mut self,
        fields: impl Into<Rc<FieldBlock>>,
        options: SendOptions,
        priority: Option<Priority>,
    ) -> Result<StreamId, LibraryError> {
        if self.role == Role::Server {
            return Err(LibraryError::PROTO);
        }
        if self.life == Life::Destroyed || self.engine.is_closed() {
            return Err(LibraryError::START_STREAM_NOT_ALLOWED);
        }
        let fields = fields.into();
        let stream = self.next_id()?;
        if self.is_asleep() {
            if !self.wire().takes_requests() {
                return Err(LibraryError::START_STREAM_NOT_ALLOWED);
            }
            // h2 also knows whether the peer takes extended CONNECT.
            if !options.end_stream || fields.pseudo(b":protocol").is_some() {
                self.rouse();
            }
        }
        let send = match self.is_asleep() {
            true => None,
            false => Some(self.engine.send_request().ok_or(LibraryError::START_STREAM_NOT_ALLOWED)?),
        };
        let listed = self.shared.borrow_mut().wire.push_list(stream, fields.clone());
        if let Err(error) = listed {
            let failure = Event::FrameError { stream, frame_type: HEADERS, error };
            self.abandon(stream, failure, ErrorCode::REFUSED_STREAM);
            return Ok(stream);
        }
        let handle = match send {
            None => {
                self.wire().keep_request(stream);
                Handle::Stranger
            }
            Some(send) => {
                // If h2 refuses, the list is taken away again with the stream, of which h2 then knows nothing.
                let sent = send.send_request(placeholder::request(&fields), options.end_stream);
                let (response, body) = sent.map_err(|_| LibraryError::START_STREAM_NOT_ALLOWED)?;
                Handle::Answer { _response: response, body }
            }
        };
        if let Some(Priority { parent, weight, exclusive }) = priority {
            self.wire().priority(stream, parent, weight, exclusive);
        }
        let state = self.opened(stream, handle);
        state.want_trailers = options.want_trailers;
        state.sending = if options.end_stream { Sending::Ended } else { Sending::Open };
        Ok(stream)
    }

    /// Whether there is no h2 yet.
    pub(super) fn is_asleep(&self) -> bool {
        matches!(self.engine, Engine::Asleep)
    }

    /// Sends the requests that need no h2. To keep back those that the peer has no room for is up to h2.
    pub(super) fn send_requests(&mut self) {
        if !self.is_asleep() {
            return;
        }
        self.shared.borrow_mut().blocked = false;
        while self.wire().has_strangers() {
            let room = self.wire().send_requests();
            if room && self.wire().has_strangers() {
                self.rouse();
            }
            if room {
                return;
            }
            let mut shared = self.shared.borrow_mut();
            if shared.broken || !shared.flush() {
                shared.blocked = true;
                return;
            }
        }
    }

    /// Wakes h2 up, which has a stream for each request from now on. What was not sent until then begins with it.
    fn rouse(&mut self) {
        let mut wire = self.wire();
        wire.send_requests();
        let first_id = wire.first_unsent().map_or(self.next_h2_id, |stream| wire.h2_id(stream));
        wire.hand_over(first_id);
        let slots = wire.free_slots();
        drop(wire);
        self.next_h2_id = self.next_h2_id - first_id + FIRST_ID;
        self.engine = Engine::new(self.role, self.shared.clone(), slots);
        self.engine_due = true;
        self.shared.borrow_mut().starved = false;
        for id in (FIRST_ID..self.next_h2_id).step_by(2) {
            self.begin(id);
        }
    }

    /// Has h2 open the stream that it counts as `id`. It counts without gaps: one that was given up is opened and dropped,
    /// of which the peer never hears.
    fn begin(&mut self, id: u32) {
        let stream = self.wire().outer_id(id);
        let message = self.wire().waiting_request(stream).map_or_else(placeholder::promise, placeholder::request);
        let Some(send) = self.engine.send_request() else { return };
        let Ok((response, body)) = send.send_request(message, true) else { return };
        if let Some(state) = self.streams.get_mut(stream) {
            state.handle = Handle::Answer { _response: response, body };
        }
    }
}
