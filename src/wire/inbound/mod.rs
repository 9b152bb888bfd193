//! From the peer: each frame is judged here, by RFC 9113 and by what node:http2 does where the RFC leaves a choice.
//!
//! Layout: this file takes frames apart and deals with faults; [`data`], [`headers`], [`push`] and [`control`] are the
//! frame types. What is wrong comes back as a [`Fault`] and is dealt with in one place. h2 gets only what is right, so its own
//! checks never come into play.

mod control;
mod data;
mod headers;
mod push;

use core::time::Duration;

use bytes::Bytes;

use super::code::{ErrorCode, LibraryError, StreamId};
use super::event::Event;
use super::fault::Fault;
use super::frame::{FrameHead, flag, kind, put_goaway, put_rst_stream};
use super::ledger::End;
use super::limits::{Limit, MAX_BACKLOG};
use super::reader::Piece;
use super::{Life, Role, Wire};

pub(super) use headers::PartialBlock;

impl Wire {
    /// Takes in bytes that arrived. They are parsed at once: events are queued, and bytes for h2. Gives back the rest, if the
    /// wire is [full of lists](Wire::is_full_of_lists).
    pub fn receive(&mut self, mut bytes: Bytes, now: Duration) -> Bytes {
        self.now = self.now.max(now);
        let arrived = bytes.len();
        while self.life == Life::Open
            && !self.is_full_of_lists()
            && let Some(piece) = self.reader.next(&mut bytes)
        {
            if let Err(fault) = self.piece(piece) {
                self.fault(fault);
            }
        }
        if self.life != Life::Open {
            bytes.clear();
        }
        self.counters.bytes_received += (arrived - bytes.len()) as u64;
        if self.life == Life::Open && self.to_h2.len() > MAX_BACKLOG {
            self.fault(Fault::limit(Limit::Backlog));
        }
        bytes
    }

    /// Tells of a list, which counts until it has been told.
    pub(super) fn tell_list(&mut self, size: usize, event: Event) {
        self.untold = self.untold.saturating_add(size);
        self.events.push_back(event);
    }

    fn piece(&mut self, piece: Piece) -> Result<(), Fault> {
        match piece {
            Piece::Head(head) => self.head(head),
            Piece::Payload(head, payload) => self.frame(head, payload),
            Piece::Data(head, data) => self.data(head, data),
            Piece::DataEnd(head, octets) => self.data_end(head, octets),
            Piece::Padding(head, octets) => self.data_padding(head, octets),
            Piece::BadPadding(_) => Err(Fault::protocol("padding exceeds the frame")),
            Piece::BadPreface => Err(Fault::connection(
                LibraryError::BAD_CLIENT_MAGIC,
                ErrorCode::PROTOCOL_ERROR,
                "not an HTTP/2 client preface",
            )),
        }
    }

    /// A frame begins. What can be judged by its head is judged before its payload is waited for.
    fn head(&mut self, head: FrameHead) -> Result<(), Fault> {
        self.counters.frames_received += 1;
        if head.length > self.local.values.max_frame_size {
            return Err(Fault::frame_size("frame exceeds SETTINGS_MAX_FRAME_SIZE"));
        }
        if !self.remote.known && (head.kind != kind::SETTINGS || head.has(flag::ACK)) {
            return Err(Fault::protocol("the first frame is not SETTINGS"));
        }
        if let Some(block) = &self.block
            && (head.kind != kind::CONTINUATION || head.stream != block.stream())
        {
            return Err(Fault::protocol("header block interrupted"));
        }
        match head.kind {
            kind::DATA => self.data_head(head),
            kind::HEADERS
            | kind::PRIORITY
            | kind::RST_STREAM
            | kind::SETTINGS
            | kind::PUSH_PROMISE
            | kind::PING
            | kind::GOAWAY
            | kind::WINDOW_UPDATE
            | kind::CONTINUATION => {
                self.check_place(head)?;
                self.reader.read_whole();
                Ok(())
            }
            // Extensions that only clients listen to.
            kind::ALTSVC | kind::ORIGIN if self.role == Role::Client => {
                self.reader.read_whole();
                Ok(())
            }
            // RFC 9113 section 4.1: unknown types are ignored. PRIORITY_UPDATE is one of them: nothing is prioritised.
            _ => {
                self.reader.skip();
                self.allow(Limit::UnknownFrames)
            }
        }
    }

    /// Length, and whether the frame belongs to a stream or to the connection.
    fn check_place(&self, head: FrameHead) -> Result<(), Fault> {
        let connection = head.stream.is_connection();
        let (length_fits, place_fits) = match head.kind {
            kind::PRIORITY => (head.length == 5, !connection),
            kind::RST_STREAM => (head.length == 4, !connection),
            kind::SETTINGS => (head.length.is_multiple_of(6) && (head.length == 0 || !head.has(flag::ACK)), connection),
            kind::PING => (head.length == 8, connection),
            kind::GOAWAY => (head.length >= 8, connection),
            kind::WINDOW_UPDATE => (head.length == 4, true),
            _ => (true, !connection),
        };
        if !length_fits {
            return Err(Fault::frame_size("wrong length for the frame's type"));
        }
        if !place_fits {
            return Err(Fault::protocol("wrong stream for the frame's type"));
        }
        Ok(())
    }

    fn frame(&mut self, head: FrameHead, payload: Bytes) -> Result<(), Fault> {
        match head.kind {
            kind::HEADERS => self.headers(head, payload),
            kind::CONTINUATION => self.continuation(head, payload),
            kind::PUSH_PROMISE => self.push_promise(head, payload),
            kind::PRIORITY => self.priority_frame(head, &payload),
            kind::RST_STREAM => self.rst_stream_frame(head, &payload),
            kind::SETTINGS => self.settings_frame(head, &payload),
            kind::PING => self.ping_frame(head, &payload),
            kind::GOAWAY => self.goaway_frame(payload),
            kind::WINDOW_UPDATE => self.window_update_frame(head, &payload),
            kind::ALTSVC => self.altsvc_frame(head, payload),
            kind::ORIGIN => self.origin_frame(head, payload),
            _ => Ok(()),
        }
    }

    /// The peer did once more what `limit` is about.
    pub(super) fn allow(&mut self, limit: Limit) -> Result<(), Fault> {
        if self.limits.allow(limit, self.now) { Ok(()) } else { Err(Fault::limit(limit)) }
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        match fault {
            Fault::Stream { stream, code, limit } => {
                if let Some(limit) = limit {
                    self.events.push_back(Event::Limit { limit, stream });
                }
                self.reset(stream, code);
                if let Err(fault) = self.allow(Limit::InvalidFrames) {
                    self.fault(fault);
                }
            }
            Fault::Connection { error, code, reason, custom, limit } => {
                if self.life != Life::Open {
                    return;
                }
                self.life = Life::Failed;
                self.reader.stop();
                self.block = None;
                let last = self.last_processed;
                put_goaway(self.out.frames(), last, code, reason.as_bytes());
                self.counters.frames_sent += 1;
                if !self.asleep {
                    self.to_h2.poison();
                }
                if let Some(limit) = limit {
                    self.events.push_back(Event::Limit { limit, stream: StreamId::CONNECTION });
                }
                self.events.push_back(Event::ConnectionError { error, code, custom });
            }
        }
    }

    /// Resets a stream for a fault of the peer: both sides are told, and h2 as if the peer had done it.
    pub(super) fn reset(&mut self, stream: StreamId, code: ErrorCode) {
        self.out.answer(|out| put_rst_stream(out, stream, code));
        self.counters.frames_sent += 1;
        let stranger = self.streams.find(stream).is_some_and(|stream| stream.stranger);
        match self.close(stream, End::ResetByUs, code) {
            true if stranger => {}
            true => self.tell_h2_of_reset(stream, code),
            // Never opened, or long gone: what follows on it is ignored from now on.
            false => self.streams.remember(stream, End::ResetByUs),
        }
    }

    pub(super) fn tell_h2_of_reset(&mut self, stream: StreamId, code: ErrorCode) {
        if self.h2_has(stream) {
            self.to_h2.rst_stream(self.ids.inner(stream), code);
        }
    }
}
