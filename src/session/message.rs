//! Commands that send heads: answers and promises; and resets.

use std::rc::Rc;

use super::stream::{Handle, Sending, Stream};
use super::{Event, SendOptions, Session, engine, placeholder};
use crate::transport::Transport;
use crate::wire::{ErrorCode, FieldBlock, LibraryError, Role, StreamId, Wire};

/// The numbers of frame types, for node's 'frameError' (RFC 9113 section 6).
pub(super) const HEADERS: u8 = 1;
const PUSH_PROMISE: u8 = 5;

/// How many promises of a stream are remembered before those that went out are sorted out.
const MAX_NOTED: usize = 32;

/// Whether the promise of a stream has not gone out: the stream is idle.
fn unsent(wire: &Wire, promise: StreamId) -> bool {
    wire.stream_state(promise).is_some_and(|stream| stream.state == 1)
}

impl<T: Transport> Session<T> {
    /// The id of the next stream that this side opens.
    pub(super) fn next_id(&self) -> Result<StreamId, LibraryError> {
        let next = self.wire().outer_id(self.next_h2_id);
        // The wire stops counting at the highest id there is.
        if next > self.last_id { Ok(next) } else { Err(LibraryError::STREAM_ID_NOT_AVAILABLE) }
    }

    /// A stream was opened under the id that [`Session::next_id`] gave.
    pub(super) fn opened(&mut self, stream: StreamId, handle: Handle) -> &mut Stream {
        self.next_h2_id = self.next_h2_id.saturating_add(2);
        self.last_id = stream;
        self.engine_due = true;
        self.streams.insert(stream, handle)
    }

    /// A stream whose first frame cannot be sent, as nghttp2 treats it: the id is spent, the failure is told, and the
    /// stream closes.
    pub(super) fn abandon(&mut self, stream: StreamId, failure: Event, code: ErrorCode) {
        self.wire().set_next_stream_id(stream.value().saturating_add(2));
        self.last_id = stream;
        self.events.push_back(failure);
        self.events.push_back(Event::StreamClose { stream, code });
    }

    /// Sends the final answer's head. Server only.
    pub fn respond(
        &mut self,
        stream: StreamId,
        fields: impl Into<Rc<FieldBlock>>,
        options: SendOptions,
    ) -> Result<(), LibraryError> {
        let Some(state) = self.streams.get_mut(stream) else { return Ok(()) };
        if state.sending != Sending::Headless {
            return Err(LibraryError::INVALID_STREAM_STATE);
        }
        if let Err(error) = self.shared.borrow_mut().wire.push_list(stream, fields) {
            self.events.push_back(Event::FrameError { stream, frame_type: HEADERS, error });
            return Ok(());
        }
        if matches!(state.handle, Handle::Gone | Handle::Answer { .. }) {
            return Err(LibraryError::INVALID_STREAM_STATE);
        }
        state.head_due = Some(options.end_stream);
        let stranger = matches!(state.handle, Handle::Stranger);
        state.want_trailers = options.want_trailers;
        state.sending = if options.end_stream { Sending::Ended } else { Sending::Open };
        let ended_early = std::mem::take(&mut state.end_early);
        if stranger {
            // What else comes before the flush may make it a complete answer.
            self.mark(stream);
        } else {
            self.send_head(stream);
        }
        if ended_early { self.end(stream) } else { Ok(()) }
    }

    /// Gives h2 a head that is due.
    pub(super) fn send_head(&mut self, stream: StreamId) {
        let promised = self.streams.get_mut(stream).is_some_and(|state| matches!(state.handle, Handle::Promise { .. }));
        if promised && self.engine_due {
            // h2 would send it right after its promise, before what the promising stream was given in the meantime.
            self.drive();
        }
        let Some(state) = self.streams.get_mut(stream) else { return };
        let Some(end_stream) = state.head_due.take() else { return };
        let message = placeholder::response();
        let sent = match &mut state.handle {
            Handle::Request { respond, body } => {
                respond.send_response(message, end_stream).map(|sender| *body = Some(sender))
            }
            Handle::Promise { respond, body } => {
                respond.send_response(message, end_stream).map(|sender| *body = Some(sender))
            }
            _ => return,
        };
        // h2 refuses only what was reset in the meantime, of which an event tells.
        if sent.is_ok() {
            self.engine_due = true;
            if !state.queue.is_empty() || matches!(state.sending, Sending::Ending | Sending::Draining) {
                self.mark(stream);
            }
        }
    }

    /// The head of an answer went out before h2 knew of the request. It is given a head, too, which the wire leaves out.
    pub(super) fn catch_up(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(stream) else { return };
        if let Handle::Request { respond, body } = &mut state.handle
            && let Ok(sender) = respond.send_response(placeholder::response(), false)
        {
            *body = Some(sender);
            self.engine_due = true;
            self.mark(stream);
        }
    }

    /// Makes h2 accept a request that it was not told of, for what only h2 can do.
    fn acquaint(&mut self, stream: StreamId) {
        if self.streams.get_mut(stream).is_some_and(|state| matches!(state.handle, Handle::Stranger)) {
            self.acquaint_all();
        }
    }

    fn acquaint_all(&mut self) {
        self.introduction_due = true;
        self.introduce();
        self.drive();
        self.reconcile();
        self.adopt();
    }

    /// Gives the wire what heads there are, before a frame of the connection's that was asked for later.
    pub(super) fn write_heads(&mut self) {
        if !self.dirty.is_empty() && self.wire().has_strangers() {
            self.acquaint_all();
        }
        if self.engine_due {
            self.drive();
        }
    }

    /// Sends a 1xx answer, before [`respond`](Session::respond).
    pub fn info(&mut self, stream: StreamId, fields: FieldBlock) -> Result<(), LibraryError> {
        self.acquaint(stream);
        let Some(state) = self.streams.get_mut(stream) else { return Ok(()) };
        if state.sending != Sending::Headless {
            return Err(LibraryError::INVALID_STREAM_STATE);
        }
        let respond = match &mut state.handle {
            Handle::Request { respond, .. } => respond,
            Handle::Promise { .. } => return self.inform(stream, &fields),
            _ => return Err(LibraryError::INVALID_STREAM_STATE),
        };
        if let Err(error) = self.shared.borrow_mut().wire.push_list(stream, fields) {
            self.events.push_back(Event::FrameError { stream, frame_type: HEADERS, error });
            return Ok(());
        }
        // Fails on a stream that was reset: the same as above.
        self.engine_due |= respond.send_informational(placeholder::informational()).is_ok();
        Ok(())
    }

    /// A 1xx answer on a promised stream, once its promise has left.
    fn inform(&mut self, stream: StreamId, fields: &FieldBlock) -> Result<(), LibraryError> {
        if unsent(&self.wire(), stream) {
            self.flush();
        }
        let informed = self.wire().inform(stream, fields);
        match informed {
            Err(error @ LibraryError::FRAME_SIZE_ERROR) => {
                self.events.push_back(Event::FrameError { stream, frame_type: HEADERS, error });
                Ok(())
            }
            result => result,
        }
    }

    /// Promises a stream and returns its id; [`respond`](Session::respond) answers it. Server only.
    /// Fails with PUSH_DISABLED when the peer wants none, with STREAM_CLOSED when the parent has ended, and with
    /// REFUSED_STREAM when the peer does not even read the promises of before.
    pub fn push_promise(&mut self, parent: StreamId, fields: FieldBlock) -> Result<StreamId, LibraryError> {
        // h2 spends an id before it refuses.
        if !self.wire().remote_settings().enable_push {
            return Err(LibraryError::PUSH_DISABLED);
        }
        self.acquaint(parent);
        self.order_promises()?;
        let promised = self.next_id()?;
        let state = self.streams.get_mut(parent).ok_or(LibraryError::STREAM_CLOSED)?;
        let Handle::Request { respond, body } = &mut state.handle else {
            return Err(LibraryError::STREAM_CLOSED);
        };
        // h2 would send a promise on a stream that was reset just now.
        let cx = &mut engine::context();
        let reset = match body {
            Some(body) => body.poll_reset(cx).is_ready(),
            None => respond.poll_reset(cx).is_ready(),
        };
        if reset || matches!(state.sending, Sending::Ended | Sending::Sent) {
            return Err(LibraryError::STREAM_CLOSED);
        }
        let listed = self.shared.borrow_mut().wire.push_list(promised, fields);
        if let Err(error) = listed {
            let failure = Event::FrameError { stream: parent, frame_type: PUSH_PROMISE, error };
            self.abandon(promised, failure, ErrorCode::INTERNAL_ERROR);
            return Ok(promised);
        }
        let Ok(respond) = respond.push_request(placeholder::promise()) else {
            return Err(LibraryError::PUSH_DISABLED);
        };
        self.opened(promised, Handle::Promise { respond, body: None });
        self.note_promise(parent, promised);
        // To the wire's buffer, which usually has room: nghttp2 sends a promise before whatever is asked for after it.
        self.drive();
        Ok(promised)
    }

    /// Sees to it that promises leave in the order of their ids, as RFC 9113 section 5.1.1 demands: h2 keeps that order
    /// only among those of one parent.
    fn order_promises(&mut self) -> Result<(), LibraryError> {
        let last = self.last_id;
        if !unsent(&self.wire(), last) {
            return Ok(());
        }
        self.flush();
        if unsent(&self.wire(), last) { Err(LibraryError::REFUSED_STREAM) } else { Ok(()) }
    }

    fn note_promise(&mut self, parent: StreamId, promised: StreamId) {
        let Some(state) = self.streams.get_mut(parent) else { return };
        if state.promises.len() >= MAX_NOTED {
            let shared = self.shared.borrow();
            state.promises.retain(|promise| unsent(&shared.wire, *promise));
        }
        state.promises.push(promised);
    }

    /// A stream is gone, and with it those of its promises that h2 had not sent: the peer never hears of them.
    pub(super) fn drop_promises(&mut self, promises: Vec<StreamId>) {
        for promise in promises {
            if unsent(&self.wire(), promise) {
                self.wire().rst_stream(promise, ErrorCode::CANCEL);
                self.close_stream(promise, ErrorCode::CANCEL);
            }
        }
    }

    /// Resets the stream, after sending what was queued as far as it can go out now.
    pub fn rst_stream(&mut self, stream: StreamId, code: ErrorCode) -> Result<(), LibraryError> {
        let unsent = self.streams.get_mut(stream).is_some_and(|state| state.has_unsent());
        // As node does: a reset overtakes nothing that was written before it.
        if unsent || self.engine_due {
            self.flush();
        } else {
            self.wire().settle();
        }
        let Some(state) = self.streams.get_mut(stream) else { return Ok(()) };
        if self.role == Role::Client && !state.opened && !matches!(state.handle, Handle::Gone) {
            // The request still waits for the peer's concurrency limit, or for room. The peer never hears of it: the wire leaves
            // out what h2 will say about it.
            self.wire().rst_stream(stream, code);
            self.close_stream(stream, code);
            return Ok(());
        }
        if !state.handle.reset(code.0.into()) {
            self.wire().rst_stream(stream, code);
        }
        // To the wire's buffer: h2 would send a request that is made next before it.
        self.drive();
        Ok(())
    }
}
