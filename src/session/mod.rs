//! One HTTP/2 connection: h2 over wire over a transport.
//!
//! Layout: [`event`] is what a session tells its owner; the commands are the methods of [`Session`].

pub mod event;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::transport::Transport;
use crate::wire::{
    Config, Counters, ErrorCode, FieldBlock, LibraryError, Role, SessionState, Setting, Settings, StreamId, StreamState,
};

pub use event::{Event, Outcome};

/// How a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SendOptions {
    /// The head is all there is: END_STREAM goes on it.
    pub end_stream: bool,
    /// Trailers follow: [`Session::end`] brings [`Event::WantTrailers`] instead of END_STREAM.
    pub want_trailers: bool,
}

/// What RFC 7540 called a stream's priority. `weight` is 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    pub parent: StreamId,
    pub weight: u16,
    pub exclusive: bool,
}

/// One HTTP/2 connection.
///
/// The owner calls [`poll`](Session::poll) when bytes may have arrived and drains [`next_event`](Session::next_event).
/// Commands act at once on the session's own state and return errors as node's binding does (nghttp2's numbers), but
/// nothing is sent before [`flush`](Session::flush), which is due once per turn while
/// [`wants_flush`](Session::wants_flush). Both may queue events. Nothing here blocks, panics or reads a clock.
///
/// `now` is the time since any fixed moment, never going back; the rates of abuse are judged by it.
#[derive(Debug)]
pub struct Session<T: Transport> {
    role: Role,
    transport: T,
    events: VecDeque<Event>,
}

impl<T: Transport> Session<T> {
    /// A connection that begins with the first byte of `transport`. The preface and SETTINGS wait for the first flush.
    pub fn new(role: Role, config: Config, transport: T) -> Session<T> {
        let _ = config;
        Session { role, transport, events: VecDeque::new() }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// Lends the transport out, to feed a [`crate::transport::Pipe`] or to take what it has for the peer.
    pub fn with_transport<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.transport)
    }

    // --- Driving ---

    /// Takes in what the transport has, and turns it into events. True if it stopped at its bound (so that one connection
    /// cannot keep the others waiting) and should be polled again without waiting for the transport.
    pub fn poll(&mut self, now: Duration) -> bool {
        let _ = now;
        false
    }

    /// Sends what there is to send, as far as the transport takes it. With a transport that did not take all,
    /// [`wants_flush`](Session::wants_flush) stays true: flush again when it has room.
    pub fn flush(&mut self, now: Duration) {
        let _ = now;
    }

    /// Whether a [`flush`](Session::flush) has something to do.
    pub fn wants_flush(&self) -> bool {
        false
    }

    /// Whether the session takes input now. False while its own output is stuck at its bound: the owner should stop
    /// reading the transport until a flush got rid of some.
    pub fn wants_read(&self) -> bool {
        true
    }

    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    // --- Messages ---

    /// Sends a request and returns its stream. Client only. It may wait for the peer's concurrency limit; that shows only
    /// in that nothing comes back yet. Fails with STREAM_ID_NOT_AVAILABLE when ids have run out.
    pub fn request(
        &mut self,
        fields: FieldBlock,
        options: SendOptions,
        priority: Option<Priority>,
    ) -> Result<StreamId, LibraryError> {
        let _ = (fields, options, priority);
        Err(LibraryError::STREAM_ID_NOT_AVAILABLE)
    }

    /// Sends the final answer's head. Server only.
    pub fn respond(&mut self, stream: StreamId, fields: FieldBlock, options: SendOptions) -> Result<(), LibraryError> {
        let _ = (stream, fields, options);
        Ok(())
    }

    /// Sends a 1xx answer, before [`respond`](Session::respond).
    pub fn info(&mut self, stream: StreamId, fields: FieldBlock) -> Result<(), LibraryError> {
        let _ = (stream, fields);
        Ok(())
    }

    /// Sends trailers, which end the stream. An empty list ends it without.
    pub fn trailers(&mut self, stream: StreamId, fields: FieldBlock) -> Result<(), LibraryError> {
        let _ = (stream, fields);
        Ok(())
    }

    /// Promises a stream and returns its id; [`respond`](Session::respond) answers it. Server only.
    /// Fails with PUSH_DISABLED when the peer wants none.
    pub fn push_promise(&mut self, stream: StreamId, fields: FieldBlock) -> Result<StreamId, LibraryError> {
        let _ = (stream, fields);
        Err(LibraryError::PUSH_DISABLED)
    }

    /// Queues pieces of the body. One [`Event::Written`] answers the whole call. The pieces are kept by reference
    /// until they are sent; an owner behind [`Bytes::from_owner`] is dropped in a flush and must not call the session.
    pub fn write(&mut self, stream: StreamId, chunks: impl IntoIterator<Item = Bytes>) -> Result<(), LibraryError> {
        let _ = (stream, chunks.into_iter());
        Ok(())
    }

    /// The body is complete: END_STREAM goes out on its last DATA frame (or on an empty one).
    /// Answered by [`Event::Shutdown`], with `want_trailers` by [`Event::WantTrailers`] first.
    pub fn end(&mut self, stream: StreamId) -> Result<(), LibraryError> {
        let _ = stream;
        Ok(())
    }

    /// Resets the stream, after sending what was queued as far as it can go out now.
    pub fn rst_stream(&mut self, stream: StreamId, code: ErrorCode) -> Result<(), LibraryError> {
        let _ = (stream, code);
        Ok(())
    }

    /// From here on what arrives on the stream is credited to its window at once, and so is what arrived before.
    pub fn read_start(&mut self, stream: StreamId) -> Result<(), LibraryError> {
        let _ = stream;
        Ok(())
    }

    /// What arrives is still told, but credited only by the next [`read_start`](Session::read_start).
    /// Streams begin this way.
    pub fn read_stop(&mut self, stream: StreamId) -> Result<(), LibraryError> {
        let _ = stream;
        Ok(())
    }

    /// Sends PRIORITY.
    pub fn priority(&mut self, stream: StreamId, priority: Priority) -> Result<(), LibraryError> {
        let _ = (stream, priority);
        Ok(())
    }

    // --- The connection ---

    /// Sends SETTINGS. Fails with TOO_MANY_INFLIGHT_SETTINGS.
    pub fn settings(&mut self, settings: &[Setting]) -> Result<(), LibraryError> {
        let _ = settings;
        Ok(())
    }

    /// Sends PING. False if too many are unanswered.
    pub fn ping(&mut self, payload: [u8; 8]) -> bool {
        let _ = payload;
        true
    }

    /// Sends GOAWAY. `last_stream` of 0 or less means the last stream processed.
    pub fn goaway(&mut self, code: ErrorCode, last_stream: i32, data: &[u8]) {
        let _ = (code, last_stream, data);
    }

    /// Sends ALTSVC. Server only.
    pub fn altsvc(&mut self, stream: StreamId, origin: &[u8], value: &[u8]) -> Result<(), LibraryError> {
        let _ = (stream, origin, value);
        Ok(())
    }

    /// Sends ORIGIN. Server only.
    pub fn origin<'a>(&mut self, origins: impl Iterator<Item = &'a [u8]>) -> Result<(), LibraryError> {
        let _ = origins;
        Ok(())
    }

    /// The connection's receive window (node's `setLocalWindowSize`).
    pub fn set_local_window_size(&mut self, size: u32) -> Result<(), LibraryError> {
        let _ = size;
        Ok(())
    }

    /// The id of the next stream that this side opens. False if it is behind, or the other side's.
    pub fn set_next_stream_id(&mut self, id: u32) -> bool {
        let _ = id;
        true
    }

    /// Ends the session gracefully: GOAWAY(NO_ERROR) now, streams run to their end, then [`Event::Done`].
    pub fn close(&mut self) {}

    /// Ends the session at once: GOAWAY(`code`) as far as the transport takes it in this call, every stream dropped.
    /// No event follows and no command has any effect.
    pub fn destroy(&mut self, code: ErrorCode) {
        let _ = code;
        self.events.clear();
    }

    pub fn is_destroyed(&self) -> bool {
        false
    }

    // --- State ---

    /// Our settings as far as the peer acknowledged them.
    pub fn local_settings(&self) -> Settings {
        Settings::default()
    }

    pub fn remote_settings(&self) -> Settings {
        Settings::default()
    }

    /// node's `session.state`.
    pub fn state(&self) -> SessionState {
        SessionState::default()
    }

    /// node's `stream.state`; None for a stream that is not open.
    pub fn stream_state(&self, stream: StreamId) -> Option<StreamState> {
        let _ = stream;
        None
    }

    pub fn counters(&self) -> Counters {
        Counters::ZERO
    }

    /// Whether something waits to be sent: node's `hasPendingData`.
    pub fn has_pending_data(&self) -> bool {
        self.wants_flush()
    }
}
