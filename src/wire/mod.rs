//! Frames, HPACK, exact header lists, ledgers and limits: bytes in, bytes and events out. No I/O, no clock, no h2.
//!
//! The wire sits between the transport and h2, in both directions (ARCHITECTURE.md says why):
//!
//! ```text
//!   peer ── receive() ──> frames ─┬─> events ── next_event() ──> session
//!                                 └─> placeholders ── read() ──> h2
//!   peer <── out buffer <─┬─ substituted frames <── write() ──── h2
//!                         └─ our own frames <── ping(), settings(), ... and push_list() ── session
//! ```
//!
//! Layout: [`code`], [`field`], [`config`], [`event`] and [`counters`] are the vocabulary, `frame` the format of frames;
//! `inbound` and `outbound` are the two directions: `reader` cuts the input into frames, `fault` is what can be wrong with
//! them, `placeholder` is what h2 reads of them, and `out` the buffer in front of the transport;
//! `ledger` knows every stream, `streams` what both directions do to them, `ids` what they are called, `flow` their windows,
//! [`validate`] and [`hpack`] their header lists; `settings` and `ping` know what awaits an answer, `limits` every rate.
//!
//! Time is an argument wherever a rate is judged: a [`Duration`] since any fixed moment, never going back.

// What a peer sends must find no way to a panic. Tests may take what they know to be there.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable)
)]

pub mod code;
pub mod config;
pub mod counters;
pub mod event;
pub mod field;
pub mod hpack;
pub mod validate;

mod fault;
mod flow;
mod frame;
mod ids;
mod inbound;
mod ledger;
mod limits;
mod out;
mod outbound;
mod ping;
mod placeholder;
mod reader;
mod settings;
mod streams;
#[cfg(test)]
mod tests;

use core::time::Duration;
use std::collections::VecDeque;

pub use code::{ErrorCode, LibraryError, StreamId};
pub use config::{Config, Padding, Role, Setting, SettingId, Settings};
pub use counters::{Counters, SessionState, StreamState};
pub use event::{CustomError, Event, HeadKind};
pub use field::FieldBlock;
pub use limits::Limit;

use flow::Window;
use frame::{CLIENT_PREFACE, HEAD_LENGTH};
use hpack::{Decoder, Encoder};
use ids::IdMap;
use inbound::PartialBlock;
use ledger::{Ledger, State};
use limits::Limits;
use out::Out;
use outbound::{FromH2, Late};
use ping::Pings;
use placeholder::ToH2;
use reader::Reader;

/// Room for so many events an idle connection keeps.
const KEPT_EVENTS: usize = 32;

/// Whether the connection still lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Open,
    /// It was ended for an error. What h2 still says is left out.
    Failed,
}

/// One connection's wire. Never touches a socket: the session hands it what arrived, and a writer to write to.
///
/// h2 must be built with: both initial windows 2^31-1, max frame size 16,777,215, header list and table sizes at h2's
/// default, CONNECT enabled, concurrency unlimited (it is the wire that refuses), `max_local_error_reset_streams(None)`,
/// a high `data_frame_budget`. The wire speaks the user's settings in place of h2's and
/// enforces them.
///
/// What h2 hears of: a request or a final answer (a placeholder), the end of a message (an empty DATA frame), RST_STREAM,
/// WINDOW_UPDATE, the peer's SETTINGS, and on clients GOAWAY. Everything else, such as 1xx answers, trailers, bodies,
/// pushes received and PING, is between the wire and the session alone.
pub struct Wire {
    role: Role,
    config: Config,
    life: Life,
    now: Duration,

    reader: Reader,
    block: Option<Box<PartialBlock>>,
    decoder: Decoder,
    events: VecDeque<Event>,
    to_h2: ToH2,

    from_h2: FromH2,
    /// h2's first SETTINGS have been left out.
    h2_shook_hands: bool,
    encoder: Encoder,
    out: Out,
    /// The peer's SETTINGS_MAX_FRAME_SIZE, as acknowledged by us.
    max_send_frame: usize,

    streams: Ledger,
    ids: IdMap,
    /// The highest id of a stream that the peer, or we, have opened.
    last_remote: StreamId,
    last_local: StreamId,
    /// The id of the next stream that we open.
    next_local: u32,
    /// The highest id of the peer's that the session has heard of.
    last_processed: StreamId,
    /// Streams that the peer has open, and promised.
    open_remote: u32,
    reserved_remote: u32,
    goaway_sent: bool,
    goaway_said: Option<StreamId>,
    goaway_received: Option<StreamId>,

    window: Window,
    /// Increments that are due: the connection's, and which streams have some.
    credit: u32,
    due: Vec<StreamId>,
    send_window: i64,
    /// What of the peer's windows is kept from h2, for padding: of the connection's, and of a new stream's.
    held: i64,
    held_of_new_streams: i64,

    local: settings::Local,
    remote: settings::Remote,
    pings: Pings,
    limits: Limits,
    /// Streams refused in a row for want of memory.
    rejected: u32,
    /// Octets of DATA that JavaScript has not consumed.
    unread: u64,
    /// The same of streams that are over.
    kept: u64,
    /// Octets of bodies that the session has queued.
    unsent: u64,
    /// Octets of header lists that wait to be sent.
    listed: u64,
    /// What lists hold that were received and not told.
    untold: usize,
    /// Requests are kept from h2 at first: those are the ones it has not been told of.
    keeps_requests: bool,
    strangers: Vec<StreamId>,
    /// Requests of ours that went out without h2 and have not ended.
    open_strangers: u32,
    /// There is no h2 yet.
    asleep: bool,
    /// What h2 does not know of the connection's send window.
    kept_window: i64,
    /// Frames sent when the out buffer was last empty.
    flushed: u64,
    /// DATA that h2 takes for sent, and what comes after it on its streams.
    late: VecDeque<Late>,
    counters: Counters,
}

impl Wire {
    /// A wire at the start of a connection: the preface and the user's SETTINGS are ready to be flushed.
    pub fn new(role: Role, mut config: Config) -> Wire {
        config.max_header_list_pairs = config.max_header_list_pairs.max(config::min_header_list_pairs(role));
        let mut wire = Wire {
            role,
            life: Life::Open,
            now: Duration::ZERO,
            reader: Reader::new(role == Role::Server),
            block: None,
            decoder: Decoder::new(),
            events: VecDeque::new(),
            to_h2: ToH2::default(),
            from_h2: FromH2::new(role),
            h2_shook_hands: false,
            encoder: Encoder::new(config.max_deflate_dynamic_table_size as usize),
            out: Out::default(),
            max_send_frame: config::DEFAULT_MAX_FRAME_SIZE as usize,
            streams: Ledger::default(),
            ids: IdMap::new(role == Role::Client),
            last_remote: StreamId::CONNECTION,
            last_local: StreamId::CONNECTION,
            next_local: if role == Role::Client { 1 } else { 2 },
            last_processed: StreamId::CONNECTION,
            open_remote: 0,
            reserved_remote: 0,
            goaway_sent: false,
            goaway_said: None,
            goaway_received: None,
            window: Window::with_headroom(config::DEFAULT_INITIAL_WINDOW_SIZE as i32),
            credit: 0,
            due: Vec::new(),
            send_window: i64::from(config::DEFAULT_INITIAL_WINDOW_SIZE),
            held: 0,
            held_of_new_streams: 0,
            local: settings::Local::default(),
            remote: settings::Remote::new(config.peer_max_concurrent_streams),
            pings: Pings::default(),
            limits: Limits::new(&config),
            rejected: 0,
            unread: 0,
            kept: 0,
            unsent: 0,
            listed: 0,
            untold: 0,
            keeps_requests: false,
            strangers: Vec::new(),
            open_strangers: 0,
            asleep: false,
            kept_window: 0,
            flushed: 0,
            late: VecDeque::new(),
            counters: Counters::ZERO,
            config,
        };
        match role {
            Role::Client => wire.out.frames().extend_from_slice(CLIENT_PREFACE),
            Role::Server => wire.to_h2.preface(),
        }
        wire.to_h2.settings_ack();
        let settings = std::mem::take(&mut wire.config.settings);
        wire.put_own_settings(&settings);
        wire.settle();
        wire
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// The peer will send no more. Half a frame is dropped.
    pub fn receive_eof(&mut self) {
        self.reader.stop();
        self.block = None;
    }

    /// A list that came in an event has been told.
    pub fn list_told(&mut self, fields: &FieldBlock) {
        self.untold = self.untold.saturating_sub(fields.list_size());
    }

    /// Whether [`Wire::receive`] takes no more before lists are told.
    pub fn is_full_of_lists(&self) -> bool {
        self.untold >= limits::MAX_UNTOLD_LISTS
    }

    /// The next event, in the order of frames. The session drains this after every `receive`, `write` and `flush`, and
    /// after each of its commands.
    pub fn next_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if event.is_none() && self.events.capacity() > KEPT_EVENTS {
            self.events = VecDeque::new();
        }
        event
    }

    // --- h2's side; `write` is in `outbound` ---

    /// What h2 is to read. Empty means nothing *now*: the session answers h2 with Pending (h2-side EOF is the session's to
    /// say, after [`Wire::receive_eof`] and once this is empty).
    pub fn to_read(&self) -> &[u8] {
        self.to_h2.unread()
    }

    /// h2 has read so much of it.
    pub fn read(&mut self, octets: usize) {
        self.to_h2.read(octets);
    }

    /// Whether there is something [to read](Wire::to_read).
    pub fn readable(&self) -> bool {
        self.to_h2.len() > 0
    }

    /// Octets in the out buffer.
    pub fn buffered(&self) -> usize {
        self.out.len()
    }

    /// Those of them that the peer has made us say: acknowledgements, resets and windows.
    pub fn buffered_answers(&self) -> usize {
        self.out.answers_len()
    }

    /// The session has queued so many octets of the stream's body. They count against `maxSessionMemory` until they are
    /// sent, or the stream closes.
    pub fn queued(&mut self, stream: StreamId, octets: usize) {
        if let Some(stream) = self.streams.find(stream) {
            stream.unsent += octets as u64;
            self.unsent += octets as u64;
        }
    }

    /// JavaScript keeps so many octets of a stream that is over: they count against `maxSessionMemory` until they are
    /// [let go](Wire::let_go).
    pub fn keep(&mut self, octets: u32) {
        self.kept = self.kept.saturating_add(octets.into());
    }

    pub fn let_go(&mut self, octets: u32) {
        self.kept = self.kept.saturating_sub(octets.into());
    }

    // --- Stream ids ---

    /// node's `setNextStreamID`. False if it is not ahead of the last one, or of the wrong parity.
    pub fn set_next_stream_id(&mut self, id: u32) -> bool {
        let next = StreamId::new(id);
        let ours = next.is_client_initiated() == (self.role == Role::Client);
        let possible = id != 0 && id >= self.next_local && id <= StreamId::MAX.value();
        if !possible || !ours || !self.ids.jump(StreamId::new(self.next_local), next) {
            return false;
        }
        self.next_local = id;
        true
    }

    /// The id on the connection of a stream that h2 calls `h2_id`. They differ after [`Wire::set_next_stream_id`]. All
    /// events and all methods of the wire speak ids of the connection. Stream 0 if there is none: they have run out.
    pub fn outer_id(&self, h2_id: u32) -> StreamId {
        self.ids.outer(h2_id)
    }

    /// The reverse of [`Wire::outer_id`].
    pub fn h2_id(&self, stream: StreamId) -> u32 {
        self.ids.inner(stream)
    }

    // --- State ---

    /// Our settings as far as the peer has acknowledged them.
    pub fn local_settings(&self) -> Settings {
        self.local.values.clone()
    }

    /// The peer's settings as received.
    pub fn remote_settings(&self) -> Settings {
        self.remote.values.clone()
    }

    /// node's `session.state`. What h2 has queued is the session's to add.
    pub fn session_state(&self) -> SessionState {
        SessionState {
            effective_local_window_size: self.window.size(),
            effective_recv_data_length: self.window.received(),
            next_stream_id: self.next_local,
            local_window_size: self.window.room(),
            last_proc_stream_id: self.last_processed.value(),
            remote_window_size: i32::try_from(self.send_window).unwrap_or_default(),
            outbound_queue_size: self.waiting_frames(),
            deflate_dynamic_table_size: self.encoder.table_size(),
            inflate_dynamic_table_size: self.decoder.table_size(),
        }
    }

    /// node's `stream.state`; None for a stream that is not open.
    pub fn stream_state(&self, stream: StreamId) -> Option<StreamState> {
        let stream = self.streams.peek(stream)?;
        let state = match stream.state {
            // nghttp2 knows nothing of it yet.
            State::Pending => return Some(StreamState { state: 1, ..StreamState::default() }),
            State::Open => 2,
            State::ReservedLocal => 3,
            State::ReservedRemote => 4,
            State::HalfClosedLocal => 5,
            State::HalfClosedRemote => 6,
        };
        Some(StreamState {
            state,
            weight: 16,
            sum_dependency_weight: 0,
            local_close: matches!(stream.state, State::HalfClosedLocal | State::ReservedRemote),
            remote_close: matches!(stream.state, State::HalfClosedRemote | State::ReservedLocal),
            local_window_size: stream.window.room().max(0),
        })
    }

    /// Frames that were not given to the transport, and requests that h2 has.
    fn waiting_frames(&self) -> usize {
        let buffered = if self.out.is_empty() { 0 } else { self.counters.frames_sent.saturating_sub(self.flushed) };
        let requests = self.streams.ids(|stream| stream.state == State::Pending).len();
        usize::try_from(buffered).unwrap_or(usize::MAX).saturating_add(requests)
    }

    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
