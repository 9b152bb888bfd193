//! One HTTP/2 connection: h2 over wire over a transport.
//!
//! ```text
//!   poll():   transport ──> wire ──> h2            then wire's events, in order, ──> session events
//!   flush():  queued bodies ──> h2 ──> wire ──> transport, then the same
//! ```
//!
//! The wire tells what happens, in nghttp2's order; h2 decides what may be sent when. The session holds h2's objects for
//! each stream until the wire says that the stream is done, and queues what JavaScript wants sent.
//!
//! Layout: [`event`] is what a session tells its owner. `request` and `message` have the commands that send heads, `body` those
//! for bodies, and what becomes of them; `reconcile` turns the wire's events into the session's. `stream` is the state of one
//! stream and `table` of all; `engine` is the h2 connection, `io` what it takes for a socket, `placeholder` the messages
//! it is given. Driving, and the commands for the connection as a whole, are here.

// What a peer sends must find no way to a panic. Tests may take what they know to be there.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable)
)]

mod body;
mod engine;
pub mod event;
mod io;
mod message;
mod placeholder;
mod reconcile;
mod request;
mod span;
mod stream;
mod table;

use std::cell::{RefCell, RefMut};
use std::collections::VecDeque;
use std::fmt;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;

use crate::transport::Transport;
use crate::wire::{
    Config, Counters, ErrorCode, LibraryError, Role, SessionState, Setting, Settings, StreamId, StreamState, Wire,
};

use engine::{Drive, Engine};
use io::Shared;
use span::Span;
use table::Table;

pub use event::{Event, Outcome};

/// What one [`Session::poll`] takes in, so that no connection keeps the others of its thread waiting: at some 1 GB/s a
/// quarter of a millisecond.
const POLL_BUDGET: usize = 256 * 1024;

/// The session reads no more while so much that the peer has made it say found no room: a peer that sends but does not read
/// (PINGs, SETTINGS, offences, all of which are answered) is stopped by TCP and not by our memory. What we say on our own,
/// header lists and bodies, has bounds of its own and does not count: two peers that have a lot to say, and read nothing while
/// they cannot get rid of it, would wait for ever.
const OUTPUT_STUCK: usize = 32 * 1024;

/// A client's first stream in h2.
const FIRST_ID: u32 = 1;

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

/// Where the connection is in its life, as its owner wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Running,
    /// close() came: [`Event::Done`] is due when nothing is left.
    Closing,
    /// Done was told.
    Done,
    Destroyed,
}

/// One HTTP/2 connection.
///
/// The owner calls [`poll`](Session::poll) when bytes may have arrived and drains [`next_event`](Session::next_event).
/// Commands act at once on the session's own state and return errors as node's binding does (nghttp2's numbers), but
/// nothing is sent before [`flush`](Session::flush), which is due once per turn while
/// [`wants_flush`](Session::wants_flush). Polls, flushes and commands may all queue events.
/// Nothing here blocks, panics or reads a clock.
pub struct Session<T: Transport> {
    // Before the streams: h2 then knows that the connection is gone when their handles are dropped.
    engine: Engine<T>,
    shared: Rc<RefCell<Shared<T>>>,
    role: Role,
    life: Life,
    streams: Table,
    /// Requests that h2 was told of, and what it accepted for them.
    introduced: VecDeque<StreamId>,
    accepted: VecDeque<(u32, SendResponse<Span>)>,
    /// Streams with something to hand over to h2.
    dirty: Vec<StreamId>,
    /// There is something that only h2 can do for a request that it was not told of.
    introduction_due: bool,
    /// h2 was given something since it was last driven.
    engine_due: bool,
    /// The id that h2 gives the next stream that this side opens, as h2 counts: without h2, as it would count.
    next_h2_id: u32,
    /// The last stream that this side opened, and on a server the one it was promised on.
    last_id: StreamId,
    /// The last stream of the peer's for which there was an event, and the last that the owner says it knows.
    announced: StreamId,
    heard: Option<StreamId>,
    /// The connection is broken, and that was told.
    failed: bool,
    input_ended: bool,
    /// What the wire has left of the last read.
    rest: Bytes,
    /// The last poll left input alone because of output that was stuck.
    input_waits: bool,
    /// The end of the input is still to be told, after what came before it.
    end_due: bool,
    events: VecDeque<Event>,
}

impl<T: Transport> Session<T> {
    /// A connection that begins with the first byte of `transport`. The preface and SETTINGS wait for the first flush.
    pub fn new(role: Role, config: Config, transport: T) -> Session<T> {
        let mut wire = Wire::new(role, config);
        wire.keep_requests();
        let shared = Rc::new(RefCell::new(Shared::new(wire, transport)));
        let (asleep, slots) = (shared.borrow().wire.is_asleep(), shared.borrow().wire.free_slots());
        shared.borrow_mut().starved = asleep;
        let engine = if asleep { Engine::Asleep } else { Engine::new(role, shared.clone(), slots) };
        Session {
            engine,
            shared,
            role,
            life: Life::Running,
            streams: Table::default(),
            introduced: VecDeque::new(),
            accepted: VecDeque::new(),
            dirty: Vec::new(),
            introduction_due: false,
            engine_due: !asleep,
            next_h2_id: match role {
                Role::Client => FIRST_ID,
                Role::Server => 2,
            },
            last_id: StreamId::CONNECTION,
            announced: StreamId::CONNECTION,
            heard: None,
            failed: false,
            input_ended: false,
            rest: Bytes::new(),
            input_waits: false,
            end_due: false,
            events: VecDeque::new(),
        }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// Lends the transport out, to feed a [`crate::transport::Pipe`] or to take what it has for the peer.
    pub fn with_transport<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.shared.borrow_mut().transport)
    }

    /// The wire, for one call. h2 is never called while it is borrowed, so nobody else can have it.
    fn wire(&self) -> RefMut<'_, Wire> {
        RefMut::map(self.shared.borrow_mut(), |shared| &mut shared.wire)
    }

    // --- Driving ---

    /// Takes in what the transport has, and turns it into events. True if it stopped at its bound (so that one connection
    /// cannot keep the others waiting) and should be polled again without waiting for the transport.
    ///
    /// `now` is the time since any fixed moment, never going back; the rates of abuse are judged by it.
    pub fn poll(&mut self, now: Duration) -> bool {
        if self.life == Life::Destroyed {
            return false;
        }
        let more = self.take_in(now);
        self.shared.borrow_mut().set_hold(true);
        if self.engine_due || self.wire().readable() {
            self.drive();
        }
        self.reconcile();
        self.adopt();
        self.settle();
        more
    }

    fn take_in(&mut self, now: Duration) -> bool {
        let mut taken = 0;
        self.input_waits = false;
        if self.has_parted() {
            return false;
        }
        let shared = &mut *self.shared.borrow_mut();
        while !self.input_ended && !shared.broken {
            let full = shared.wire.is_full_of_lists();
            // Lists that only output holds back, which is stuck, are told after a flush.
            if shared.wire.buffered_answers() >= OUTPUT_STUCK || full && self.events.is_empty() && taken == 0 {
                self.input_waits = true;
                return false;
            }
            if taken >= POLL_BUDGET || full {
                return true;
            }
            let read = match self.rest.is_empty() {
                true => shared.transport.read(),
                false => Ok(Some(std::mem::take(&mut self.rest))),
            };
            match read {
                Ok(Some(bytes)) => {
                    let arrived = bytes.len();
                    self.rest = shared.wire.receive(bytes, now);
                    taken += arrived - self.rest.len();
                    shared.starved &= !shared.wire.readable();
                }
                Ok(None) => {
                    self.input_ended = true;
                    self.end_due = true;
                    shared.wire.receive_eof();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    shared.would_block::<()>(Err(error), false);
                    return false;
                }
            }
        }
        false
    }

    /// Sends what there is to send, as far as the transport takes it. True if it took all; else flush again when the
    /// transport has room.
    pub fn flush(&mut self) -> bool {
        if self.life == Life::Destroyed {
            return self.shared.borrow_mut().flush();
        }
        self.shared.borrow_mut().set_hold(false);
        let all_out = loop {
            self.hand_over();
            self.introduce();
            let idle = !self.engine_due && !self.shared.borrow().blocked && !self.wire().readable();
            if !idle {
                self.drive();
            }
            self.reconcile();
            self.adopt();
            // All that h2 has to say in this turn goes out together.
            if self.engine_has_work() && !self.shared.borrow().blocked {
                continue;
            }
            let mut shared = self.shared.borrow_mut();
            if !shared.flush() {
                break false;
            }
            // There is room again for what h2 could not get rid of.
            if !shared.blocked {
                break true;
            }
        };
        self.shared.borrow_mut().set_hold(true);
        self.settle();
        all_out
    }

    /// Tells h2 of the requests that it does not know, if one needs it; a client sends those that do not.
    fn introduce(&mut self) {
        let due = std::mem::take(&mut self.introduction_due);
        if self.role == Role::Client {
            return self.send_requests();
        }
        if !due {
            return;
        }
        if self.is_asleep() && self.wire().has_strangers() {
            self.engine = Engine::new(self.role, self.shared.clone(), 0);
        }
        let shared = &mut *self.shared.borrow_mut();
        if shared.wire.has_strangers() && !self.engine.is_closed() {
            shared.wire.introduce(|stream| self.introduced.push_back(stream));
            shared.starved &= !shared.wire.readable();
        }
    }

    /// Lets h2 do all it can.
    fn drive(&mut self) {
        self.engine_due = false;
        if self.is_asleep() {
            return;
        }
        self.shared.borrow_mut().blocked = false;
        if let Drive::Closed(error) = self.engine.drive(&mut self.accepted) {
            self.engine_closed(error);
        }
    }

    /// What every poll and flush ends with.
    fn settle(&mut self) {
        if self.end_due && self.caught_up() {
            self.end_due = false;
            self.events.push_back(Event::TransportEnd);
        }
        let failure = self.shared.borrow_mut().failure.take();
        self.events.extend(failure.map(Event::TransportError));
        let idle = self.streams.is_empty() && !self.wants_flush();
        match self.life {
            Life::Closing if idle => {
                self.life = Life::Done;
                self.events.push_back(Event::Done);
            }
            // Something is to be sent after all, an acknowledgement for one. Whoever heard of the end and saw that will
            // hear of it again.
            Life::Done if !idle => self.life = Life::Closing,
            _ => {}
        }
    }

    /// Whether a [`flush`](Session::flush) has something to do, now or when the transport has room.
    pub fn wants_flush(&self) -> bool {
        let shared = self.shared.borrow();
        !shared.broken
            && (shared.blocked || shared.wire.wants_flush() || shared.transport.wants_flush() || self.engine_has_work())
    }

    /// Whether h2 has something to do, if it has room for what that brings.
    fn engine_has_work(&self) -> bool {
        let shared = self.shared.borrow();
        let sends = self.role == Role::Client && shared.wire.has_strangers();
        !self.engine.is_closed()
            && (self.engine_due || self.introduction_due || !self.dirty.is_empty() || shared.wire.readable() || sends)
    }

    /// Whether the session takes input now. False while its own output is stuck at its bound: the owner should stop
    /// reading the transport until a flush got rid of some. Nor after the end: the peer, which knows it, hangs up, and
    /// whoever still reads what has arrived must not hear of that before.
    pub fn wants_read(&self) -> bool {
        let shared = self.shared.borrow();
        let lives = matches!(self.life, Life::Running | Life::Closing) && !self.has_parted();
        let lists_stuck = shared.wire.is_full_of_lists() && self.events.is_empty();
        lives && !shared.broken && !self.input_ended && !lists_stuck && shared.wire.buffered_answers() < OUTPUT_STUCK
    }

    /// GOAWAY went out while no stream was open: the peer has nothing more to say. As in node the session then stays as it is
    /// until its owner closes it.
    fn has_parted(&self) -> bool {
        self.life == Life::Running && self.streams.is_empty() && self.shared.borrow().wire.has_said_goaway()
    }

    /// Whether a [`flush`](Session::flush) has made room for input that an earlier [`poll`](Session::poll) left alone: the
    /// transport may have nothing new to say about it.
    pub fn wants_poll(&self) -> bool {
        self.input_waits && self.wants_read()
    }

    /// What happened next. The owner may not have come to the end of a stream when it commands something on it: then the
    /// command is no error and does nothing, but what it is answered by says [`Outcome::Canceled`].
    pub fn next_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if let Some(Event::Headers { fields, .. } | Event::PushPromise { fields, .. }) = &event {
            self.wire().list_told(fields);
        }
        event
    }

    // --- The connection ---

    /// Sends PRIORITY.
    pub fn priority(&mut self, stream: StreamId, priority: Priority) -> Result<(), LibraryError> {
        if priority.parent == stream {
            return Err(LibraryError::INVALID_ARGUMENT);
        }
        self.wire().priority(stream, priority.parent, priority.weight, priority.exclusive);
        Ok(())
    }

    /// Sends SETTINGS. Fails with TOO_MANY_INFLIGHT_SETTINGS.
    pub fn settings(&mut self, settings: &[Setting]) -> Result<(), LibraryError> {
        self.wire().settings(settings)
    }

    /// Sends PING. False if too many are unanswered.
    pub fn ping(&mut self, payload: [u8; 8]) -> bool {
        self.wire().ping(payload)
    }

    /// The owner has taken events in advance, and knows of the peer's streams up to this one. The others do not count as
    /// processed when GOAWAY is sent next.
    pub fn heard(&mut self, last: StreamId) {
        self.heard = Some(last);
    }

    fn last_heard(&self) -> Option<StreamId> {
        self.heard.filter(|heard| *heard < self.announced)
    }

    /// Sends GOAWAY. `last_stream` of 0 or less means the last stream processed. As in nghttp2 nothing is sent where it is one
    /// that the peer could not have opened.
    pub fn goaway(&mut self, code: ErrorCode, last_stream: i32, data: &[u8]) {
        let of_client = last_stream > 0 && last_stream % 2 == 1;
        let of_server = last_stream > 0 && last_stream % 2 == 0;
        let own = if self.role == Role::Client { of_client } else { of_server };
        if self.life != Life::Destroyed && !own {
            self.go_away(code, last_stream, data);
        }
    }

    /// Sends ALTSVC. Server only.
    pub fn altsvc(&mut self, stream: StreamId, origin: &[u8], value: &[u8]) -> Result<(), LibraryError> {
        self.wire().altsvc(stream, origin, value)
    }

    /// Sends ORIGIN. Server only.
    pub fn origin<'a>(&mut self, origins: impl Iterator<Item = &'a [u8]>) -> Result<(), LibraryError> {
        self.wire().origin(origins)
    }

    /// The connection's receive window (node's `setLocalWindowSize`).
    pub fn set_local_window_size(&mut self, size: u32) -> Result<(), LibraryError> {
        self.wire().set_local_window_size(size)
    }

    /// Octets of a stream that is over are kept unread.
    pub fn keep(&mut self, octets: u32) {
        self.wire().keep(octets);
    }

    /// What was kept of one is not any more.
    pub fn let_go(&mut self, octets: u32) {
        self.wire().let_go(octets);
    }

    /// The id of the next stream that this side opens. False if it is behind, or the other side's.
    pub fn set_next_stream_id(&mut self, id: u32) -> bool {
        self.wire().set_next_stream_id(id)
    }

    /// Ends the session gracefully: GOAWAY(NO_ERROR) now, streams run to their end, then [`Event::Done`].
    pub fn close(&mut self) {
        if self.life == Life::Running {
            self.life = Life::Closing;
            self.go_away(ErrorCode::NO_ERROR, 0, &[]);
            self.settle();
        }
    }

    /// As in nghttp2 it follows the answers that were given before it, but comes before requests that are yet to be sent.
    fn go_away(&mut self, code: ErrorCode, last_stream: i32, data: &[u8]) {
        if self.role == Role::Server {
            self.write_heads();
        }
        let given = u32::try_from(last_stream).ok().filter(|last| *last > 0).map(StreamId::new);
        let last = given.or_else(|| self.last_heard());
        self.wire().goaway(code, last, data);
    }

    /// Whether [`close`](Session::close) or [`destroy`](Session::destroy) was called.
    pub fn is_closing(&self) -> bool {
        self.life != Life::Running
    }

    /// Ends the session at once: what was flushed, or has to be before a reset, and GOAWAY(`code`) go out as far as the
    /// transport takes them, and every stream is dropped. No event follows and no command has any effect;
    /// [`flush`](Session::flush) still pushes on what the transport had no room for.
    pub fn destroy(&mut self, code: ErrorCode) {
        if self.life == Life::Destroyed {
            return;
        }
        let last = self.last_heard();
        self.life = Life::Destroyed;
        self.engine = Engine::Closed;
        self.streams.clear();
        self.introduced = VecDeque::new();
        self.accepted = VecDeque::new();
        self.dirty = Vec::new();
        self.engine_due = false;
        self.events = VecDeque::new();
        self.rest = Bytes::new();
        let mut shared = self.shared.borrow_mut();
        shared.blocked = false;
        shared.wire.take_back();
        shared.wire.goaway(code, last, &[]);
        shared.flush();
    }

    pub fn is_destroyed(&self) -> bool {
        self.life == Life::Destroyed
    }

    // --- State ---

    /// Our settings as far as the peer acknowledged them.
    pub fn local_settings(&self) -> Settings {
        self.wire().local_settings()
    }

    pub fn remote_settings(&self) -> Settings {
        self.wire().remote_settings()
    }

    /// node's `session.state`.
    pub fn state(&self) -> SessionState {
        self.wire().session_state()
    }

    /// node's `stream.state`; None for a stream that is not open.
    pub fn stream_state(&self, stream: StreamId) -> Option<StreamState> {
        self.wire().stream_state(stream)
    }

    pub fn counters(&self) -> Counters {
        *self.wire().counters()
    }

    /// Whether something waits to be sent: node's `hasPendingData`.
    pub fn has_pending_data(&self) -> bool {
        self.wants_flush()
    }
}

impl<T: Transport> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("role", &self.role).field("life", &self.life).finish_non_exhaustive()
    }
}
