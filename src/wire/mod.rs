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
//! Layout: [`code`], [`field`], [`config`] and [`event`] are the vocabulary;
//! `inbound` and `outbound` are the two directions, on the frame formats of `frame`;
//! `ledger` knows every stream, `flow` the windows, `settings` and `ping` what awaits an answer, `limits` every rate;
//! `placeholder` builds the blocks that h2 is given; [`counters`] is what is counted.
//!
//! Time is an argument wherever a rate is judged: a [`Duration`] since any fixed moment, never going back.

pub mod code;
pub mod config;
pub mod counters;
pub mod event;
pub mod field;
pub mod hpack;

use std::io::{self, IoSlice};
use std::time::Duration;

use bytes::Bytes;

pub use code::{ErrorCode, LibraryError, StreamId};
pub use config::{Config, Padding, Role, Setting, SettingId, Settings};
pub use counters::{Counters, SessionState, StreamState};
pub use event::{CustomError, Event, HeadKind};
pub use field::FieldBlock;

/// One connection's wire. Never touches a socket: the session hands it what arrived, and a writer to write to.
///
/// h2 must be built with: both initial windows 2^31-1, max frame size 16,777,215, max header list size and header table
/// size at h2's default, CONNECT enabled, max concurrent streams unlimited (server: [`Wire`] refuses; client: pushes),
/// `max_local_error_reset_streams(None)`, a high `data_frame_budget`, and push enabled. The wire writes the user's
/// settings in place of h2's and enforces them.
pub struct Wire {
    role: Role,
}

impl Wire {
    pub fn new(role: Role, config: Config) -> Wire {
        let _ = config;
        Wire { role }
    }

    pub fn role(&self) -> Role {
        self.role
    }

    // --- From the transport ---

    /// Takes in bytes that arrived. All of it is parsed at once: events are queued, and bytes for h2.
    pub fn receive(&mut self, bytes: Bytes, now: Duration) {
        let _ = (bytes, now);
    }

    /// The peer will send no more. Half a frame is dropped.
    pub fn receive_eof(&mut self) {}

    /// The next event, in the order of frames. The session drains this after every `receive`, `write` and `flush`.
    pub fn next_event(&mut self) -> Option<Event> {
        None
    }

    // --- h2's side ---

    /// What h2 reads. 0 means nothing *now*: the session answers h2 with Pending (h2-side EOF is the session's to say,
    /// after [`Wire::receive_eof`] and once this returns 0).
    pub fn read(&mut self, into: &mut [u8]) -> usize {
        let _ = into;
        0
    }

    /// Whether [`Wire::read`] has something.
    pub fn readable(&self) -> bool {
        false
    }

    /// What h2 writes: its frames are parsed, header lists substituted, and everything put into the out buffer or
    /// straight through to `out`. Returns how much of h2's bytes was taken; `WouldBlock` when the out buffer is full and
    /// `out` takes nothing.
    pub fn write<W: io::Write>(&mut self, from: &[IoSlice<'_>], out: &mut W) -> io::Result<usize> {
        let _ = out;
        Ok(from.iter().map(|slice| slice.len()).sum())
    }

    /// Writes out what is buffered, with due WINDOW_UPDATEs and acknowledgements. `WouldBlock` if `out` did not take all.
    pub fn flush<W: io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Whether [`Wire::flush`] has something to write.
    pub fn wants_flush(&self) -> bool {
        false
    }

    /// Octets in the out buffer.
    pub fn buffered(&self) -> usize {
        0
    }

    // --- Header lists ---

    /// The real list for the next HEADERS that h2 sends on `stream`, or, with the promised id, for its PUSH_PROMISE.
    /// First in, first out for each stream. Push the list *before* the call to h2 where the id is known, else right after
    /// it and before the next poll. Fails with FRAME_SIZE_ERROR if the block is longer than `maxSendHeaderBlockLength`:
    /// then nothing is queued, and the session must not send (node's 'frameError').
    pub fn push_list(&mut self, stream: StreamId, fields: FieldBlock) -> Result<(), LibraryError> {
        let _ = (stream, fields);
        Ok(())
    }

    // --- Flow control ---

    /// JavaScript has taken `octets` of the stream's DATA: credits the stream's window. (The connection's was credited
    /// when the data arrived.) Unknown streams are ignored.
    pub fn consume(&mut self, stream: StreamId, octets: usize) {
        let _ = (stream, octets);
    }

    /// node's `setLocalWindowSize`: the connection's receive window.
    pub fn set_local_window_size(&mut self, size: u32) -> Result<(), LibraryError> {
        let _ = size;
        Ok(())
    }

    // --- Frames that only the wire can send ---

    /// Sends SETTINGS. They are in force when [`Event::SettingsAcked`] comes. Fails with TOO_MANY_INFLIGHT_SETTINGS.
    pub fn settings(&mut self, settings: &[Setting]) -> Result<(), LibraryError> {
        let _ = settings;
        Ok(())
    }

    /// Sends PING. False if too many are unanswered.
    pub fn ping(&mut self, payload: [u8; 8]) -> bool {
        let _ = payload;
        true
    }

    /// Sends GOAWAY. `last_stream` is node's argument: 0 or less means the last stream processed, as in node.
    pub fn goaway(&mut self, code: ErrorCode, last_stream: i32, data: &[u8]) {
        let _ = (code, last_stream, data);
    }

    /// Sends RST_STREAM past h2, for a stream whose h2 handle the session does not hold.
    pub fn rst_stream(&mut self, stream: StreamId, code: ErrorCode) {
        let _ = (stream, code);
    }

    /// Sends ALTSVC (server only).
    pub fn altsvc(&mut self, stream: StreamId, origin: &[u8], value: &[u8]) -> Result<(), LibraryError> {
        let _ = (stream, origin, value);
        Ok(())
    }

    /// Sends ORIGIN (server only).
    pub fn origin<'a>(&mut self, origins: impl Iterator<Item = &'a [u8]>) -> Result<(), LibraryError> {
        let _ = origins;
        Ok(())
    }

    /// Sends PRIORITY. `weight` is 1 to 256.
    pub fn priority(&mut self, stream: StreamId, parent: StreamId, weight: u16, exclusive: bool) {
        let _ = (stream, parent, weight, exclusive);
    }

    // --- Stream ids ---

    /// node's `setNextStreamID`. False if it is not ahead of the last one, or of the wrong parity.
    pub fn set_next_stream_id(&mut self, id: u32) -> bool {
        let _ = id;
        true
    }

    /// The id on the connection of a stream that h2 calls `h2_id`. They differ after [`Wire::set_next_stream_id`]. All
    /// events and all methods of the wire speak ids of the connection.
    pub fn outer_id(&self, h2_id: u32) -> StreamId {
        StreamId::new(h2_id)
    }

    /// The reverse of [`Wire::outer_id`].
    pub fn h2_id(&self, stream: StreamId) -> u32 {
        stream.value()
    }

    // --- State ---

    /// Our settings as far as the peer has acknowledged them.
    pub fn local_settings(&self) -> Settings {
        Settings::default()
    }

    pub fn remote_settings(&self) -> Settings {
        Settings::default()
    }

    /// node's `session.state`.
    pub fn session_state(&self) -> SessionState {
        SessionState::default()
    }

    /// node's `stream.state`; None for a stream that is not open.
    pub fn stream_state(&self, stream: StreamId) -> Option<StreamState> {
        let _ = stream;
        None
    }

    pub fn counters(&self) -> &Counters {
        const NONE: &Counters = &Counters::ZERO;
        NONE
    }
}
