//! Frames that the wire sends itself, at frame boundaries of h2's output.

use std::io::{self, Write};

use bytes::{BufMut, BytesMut};

use super::{FrameHead, flag, kind};
use crate::wire::code::{ErrorCode, LibraryError, StreamId};
use crate::wire::config::{Role, Setting};
use crate::wire::frame::{put_goaway, put_ping, put_priority, put_settings, put_window_update};
use crate::wire::ledger::{End, State};
use crate::wire::streams::add_credit;
use crate::wire::{Life, Wire};

impl Wire {
    /// Writes out what is buffered, with due WINDOW_UPDATEs and acknowledgements. `WouldBlock` if `out` did not take all.
    pub fn flush<W: Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.pay_arrears();
        self.put_due_updates();
        let flushed = self.out.flush(out);
        if flushed.is_ok() {
            self.flushed = self.counters.frames_sent;
        }
        self.counters.bytes_sent = self.out.sent();
        flushed
    }

    /// Frames that come later may still be taken back; those before it are as good as flushed.
    pub fn settle(&mut self) {
        self.put_due_updates();
        self.out.settle();
    }

    /// The connection ends in the middle of a turn. As in nghttp2, what was not flushed stays unsaid, but for SETTINGS
    /// and GOAWAY.
    pub fn take_back(&mut self) {
        let keeps = |head: FrameHead| head.kind == kind::GOAWAY || head.kind == kind::SETTINGS && !head.has(flag::ACK);
        let gone = self.out.take_back(keeps);
        self.counters.frames_sent = self.counters.frames_sent.saturating_sub(gone);
    }

    /// Whether [`Wire::flush`] has something to write.
    pub fn wants_flush(&self) -> bool {
        !self.out.is_empty() || self.gives_credit() && (self.credit > 0 || !self.due.is_empty())
    }

    /// Whether GOAWAY is out.
    pub fn has_said_goaway(&self) -> bool {
        self.goaway_sent && self.out.is_empty()
    }

    /// Whether the peer has a use for windows: not on a connection that takes no more streams and has none left.
    fn gives_credit(&self) -> bool {
        self.life == Life::Open && !(self.goaway_sent && self.streams.len() == 0)
    }

    fn put_due_updates(&mut self) {
        if !self.gives_credit() {
            return;
        }
        if self.credit > 0 {
            let credit = std::mem::take(&mut self.credit);
            self.out.answer(|out| put_window_update(out, StreamId::CONNECTION, credit));
            self.counters.frames_sent += 1;
        }
        let mut due = std::mem::take(&mut self.due);
        for id in due.drain(..) {
            let Some(stream) = self.streams.find(id) else { continue };
            let credit = std::mem::take(&mut stream.credit);
            if credit > 0 && stream.receives() {
                self.out.answer(|out| put_window_update(out, id, credit));
                self.counters.frames_sent += 1;
            }
        }
        self.due = due;
    }

    /// node's `setLocalWindowSize`: the connection's receive window.
    pub fn set_local_window_size(&mut self, size: u32) -> Result<(), LibraryError> {
        let size = i32::try_from(size).map_err(|_| LibraryError::INVALID_ARGUMENT)?;
        let credit = self.window.resize(size).map_err(|_| LibraryError::FLOW_CONTROL)?;
        self.credit = add_credit(self.credit, credit);
        Ok(())
    }

    /// Sends SETTINGS. They are in force when [`super::Event::SettingsAcked`] comes. Fails with
    /// TOO_MANY_INFLIGHT_SETTINGS.
    pub fn settings(&mut self, settings: &[Setting]) -> Result<(), LibraryError> {
        if self.local.outstanding() >= self.config.max_outstanding_settings as usize {
            return Err(LibraryError::TOO_MANY_INFLIGHT_SETTINGS);
        }
        if settings.len() * 6 > self.max_send_frame {
            return Err(LibraryError::INVALID_ARGUMENT);
        }
        self.put_own_settings(settings);
        Ok(())
    }

    pub(in crate::wire) fn put_own_settings(&mut self, settings: &[Setting]) {
        self.local.submit(settings);
        put_settings(self.out.frames(), settings.iter().copied());
        self.counters.frames_sent += 1;
    }

    /// Sends PING. False if too many are unanswered.
    pub fn ping(&mut self, payload: [u8; 8]) -> bool {
        if !self.pings.send(payload, self.config.max_outstanding_pings) {
            return false;
        }
        put_ping(self.out.frames(), 0, &payload);
        self.counters.frames_sent += 1;
        true
    }

    /// Sends GOAWAY. Without a `last` stream that is the last one processed. Streams of the peer's above it are closed with
    /// REFUSED_STREAM, and its further ones ignored.
    pub fn goaway(&mut self, code: ErrorCode, last: Option<StreamId>, data: &[u8]) {
        if self.life != Life::Open {
            return;
        }
        let mut last = last.unwrap_or(self.last_processed);
        // RFC 9113 section 6.8: it must not rise.
        if let Some(said) = self.goaway_said {
            last = last.min(said);
        }
        self.goaway_said = Some(last);
        let room = self.max_send_frame.saturating_sub(8);
        put_goaway(self.out.frames(), last, code, data.get(..room).unwrap_or(data));
        self.counters.frames_sent += 1;
        self.goaway_sent = true;
        let client = self.role == Role::Client;
        for stream in self.streams.ids(|stream| stream.id > last && stream.id.is_client_initiated() != client) {
            let stranger = self.streams.find(stream).is_some_and(|stream| stream.stranger);
            self.close(stream, End::ResetByUs, ErrorCode::REFUSED_STREAM);
            if !stranger {
                self.tell_h2_of_reset(stream, ErrorCode::REFUSED_STREAM);
            }
        }
    }

    /// Sends RST_STREAM past h2, for a stream whose h2 handle the session does not hold, as a pushed one's.
    pub fn rst_stream(&mut self, stream: StreamId, code: ErrorCode) {
        if self.life != Life::Open {
            return;
        }
        let Some(entry) = self.streams.find(stream) else { return };
        let unknown = entry.state == State::Pending || entry.stranger;
        self.send_rst_stream(stream, code);
        // h2 would take a reset of a stream that it has not opened for an error of the connection.
        if !unknown {
            self.tell_h2_of_reset(stream, code);
        }
    }

    /// Sends ALTSVC (RFC 7838). Server only.
    pub fn altsvc(&mut self, stream: StreamId, origin: &[u8], value: &[u8]) -> Result<(), LibraryError> {
        let Ok(length) = u16::try_from(origin.len()) else { return Err(LibraryError::INVALID_ARGUMENT) };
        let payload = 2 + origin.len() + value.len();
        if self.role == Role::Client {
            return Err(LibraryError::INVALID_STATE);
        }
        if payload > self.max_send_frame || stream.is_connection() == origin.is_empty() {
            return Err(LibraryError::INVALID_ARGUMENT);
        }
        let out = self.out.frames();
        FrameHead::new(kind::ALTSVC, 0, stream, payload).put(out);
        out.put_u16(length);
        out.put_slice(origin);
        out.put_slice(value);
        self.counters.frames_sent += 1;
        Ok(())
    }

    /// Sends ORIGIN (RFC 8336). Server only.
    pub fn origin<'a>(&mut self, origins: impl Iterator<Item = &'a [u8]>) -> Result<(), LibraryError> {
        if self.role == Role::Client {
            return Err(LibraryError::INVALID_STATE);
        }
        let mut payload = BytesMut::new();
        for origin in origins {
            let Ok(length) = u16::try_from(origin.len()) else { return Err(LibraryError::INVALID_ARGUMENT) };
            payload.put_u16(length);
            payload.put_slice(origin);
        }
        if payload.len() > self.max_send_frame {
            return Err(LibraryError::INVALID_ARGUMENT);
        }
        let out = self.out.frames();
        FrameHead::new(kind::ORIGIN, 0, StreamId::CONNECTION, payload.len()).put(out);
        out.put_slice(&payload);
        self.counters.frames_sent += 1;
        Ok(())
    }

    /// Sends PRIORITY. `weight` is 1 to 256.
    pub fn priority(&mut self, stream: StreamId, parent: StreamId, weight: u16, exclusive: bool) {
        if self.life == Life::Open && !stream.is_connection() && stream != parent {
            put_priority(self.out.frames(), stream, parent, weight, exclusive);
            self.counters.frames_sent += 1;
        }
    }
}
