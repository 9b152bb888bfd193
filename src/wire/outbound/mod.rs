//! From h2 to the peer: h2's frames are taken apart, the real header lists put in, and what h2 says on its own account (its
//! SETTINGS, WINDOW_UPDATE, PING, GOAWAY) left out.
//!
//! Layout: this file follows h2's stream of bytes; [`direct`] and [`requests`] are what goes out without h2; [`headers`] substitutes; [`own`] is
//! the frames that the wire sends itself; [`padding`] fills frames up where the user wants that, and [`arrears`] is what
//! then has to wait.

mod arrears;
mod direct;
mod headers;
mod own;
mod padding;
mod requests;

use std::io::{self, IoSlice, Write};

use bytes::{BufMut, Bytes, BytesMut};

use super::code::{ErrorCode, LibraryError, StreamId};
use super::config::{Padding, SettingId};
use super::event::Event;
use super::fault::Fault;
use super::frame::{CLIENT_PREFACE, FrameHead, HEAD_LENGTH, flag, kind, put_rst_stream, put_settings_ack};
use super::ledger::{End, State};
use super::limits::{Limit, MAX_WAITING_ACKS};
use super::{Life, Role, Wire};

pub(super) use arrears::Late;

/// Of the frames that are left out or rewritten, this much says all there is to know.
const CAPTURED: usize = 8;

/// Where h2's stream of bytes is.
#[derive(Debug)]
pub(super) enum FromH2 {
    /// The client's preface, which the wire has sent.
    Preface {
        left: usize,
    },
    Head {
        octets: [u8; HEAD_LENGTH],
        filled: usize,
    },
    /// A frame other than DATA. It is acted on when it is complete.
    Captured {
        head: FrameHead,
        octets: [u8; CAPTURED],
        filled: usize,
        left: usize,
    },
    /// DATA that goes on to the peer.
    Passing {
        head: FrameHead,
        left: usize,
        padding: usize,
    },
    Skipping {
        left: usize,
    },
}

impl FromH2 {
    pub(super) fn new(role: Role) -> FromH2 {
        match role {
            Role::Client => FromH2::Preface { left: CLIENT_PREFACE.len() },
            Role::Server => FromH2::HEAD,
        }
    }

    const HEAD: FromH2 = FromH2::Head { octets: [0; HEAD_LENGTH], filled: 0 };
}

impl Wire {
    /// What h2 writes: its frames are parsed, header lists substituted, and everything put into the out buffer or
    /// straight through to `out`. Returns how much of h2's bytes was taken; `WouldBlock` when the out buffer is full and
    /// `out` takes nothing.
    pub fn write<W: Write>(&mut self, from: &[IoSlice<'_>], out: &mut W) -> io::Result<usize> {
        let taken = self.take_all(from, out);
        self.counters.bytes_sent = self.out.sent();
        taken
    }

    /// From now on payload that was pushed may be kept by reference, until it is taken back. A [`Wire::flush`] must come
    /// before JavaScript runs, which may change its own memory: that copies what the transport does not take.
    pub fn set_lending(&mut self, lending: bool) {
        self.out.set_lending(lending);
    }

    /// The octets of a body that h2 is given the length of right after: it need not have them. They take the place of
    /// whatever h2 writes as the payload of DATA on that stream. (What was not pushed passes as h2 writes it.)
    pub fn push_body(&mut self, stream: StreamId, octets: Bytes) {
        if let Some(stream) = self.streams.find(stream) {
            stream.body.push(octets);
        }
    }

    fn take_all<W: Write>(&mut self, from: &[IoSlice<'_>], out: &mut W) -> io::Result<usize> {
        let mut taken = 0;
        for slice in from {
            let mut slice: &[u8] = slice;
            while !slice.is_empty() {
                match self.take(slice, out) {
                    Ok(octets) => {
                        taken += octets;
                        slice = slice.get(octets..).unwrap_or_default();
                    }
                    // What was taken before stands; the error will come again.
                    Err(_) if taken > 0 => return Ok(taken),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(taken)
    }

    /// Takes some octets, at least one.
    fn take<W: Write>(&mut self, octets: &[u8], out: &mut W) -> io::Result<usize> {
        match &mut self.from_h2 {
            FromH2::Preface { left } | FromH2::Skipping { left } => {
                let length = octets.len().min(*left);
                *left -= length;
                if *left == 0 {
                    self.from_h2 = FromH2::HEAD;
                }
                Ok(length)
            }
            FromH2::Head { octets: head, filled } => {
                if *filled == 0 && self.out.is_full() {
                    self.out.flush(out)?;
                    return self.take(octets, out);
                }
                let room = head.get_mut(*filled..).unwrap_or_default();
                let length = octets.len().min(room.len());
                let (Some(room), Some(octets)) = (room.get_mut(..length), octets.get(..length)) else {
                    return Err(io::ErrorKind::InvalidData.into());
                };
                room.copy_from_slice(octets);
                *filled += length;
                if *filled == HEAD_LENGTH {
                    let head = FrameHead::parse(head);
                    self.begin(head);
                }
                Ok(length)
            }
            FromH2::Captured { head, octets: captured, filled, left } => {
                let length = octets.len().min(*left);
                let room = captured.get_mut(*filled..).unwrap_or_default();
                let kept = length.min(room.len());
                if let (Some(room), Some(octets)) = (room.get_mut(..kept), octets.get(..kept)) {
                    room.copy_from_slice(octets);
                }
                *filled += kept;
                *left -= length;
                if *left == 0 {
                    let (head, captured) = (*head, *captured);
                    self.from_h2 = FromH2::HEAD;
                    self.complete(head, captured);
                }
                Ok(length)
            }
            FromH2::Passing { head, left, padding } => {
                let payload = octets.get(..octets.len().min(*left)).unwrap_or_default();
                let passed = self.out.pass(payload, out)?;
                *left = left.saturating_sub(passed);
                if *left == 0 {
                    let (head, padding) = (*head, *padding);
                    self.from_h2 = FromH2::HEAD;
                    self.data_passed(head, padding);
                }
                Ok(passed)
            }
        }
    }

    /// The head of a frame of h2's is complete.
    fn begin(&mut self, head: FrameHead) {
        let left = head.length as usize;
        if head.kind == kind::DATA && self.life == Life::Open {
            let stream = self.ids.outer(head.stream.value());
            if self.streams.find(stream).is_some_and(|stream| stream.sends()) {
                let head = FrameHead { stream, ..head };
                if self.overdraws(head) {
                    self.from_h2 = if left == 0 { FromH2::HEAD } else { FromH2::Skipping { left } };
                    return self.defer(head);
                }
                let padding = self.data_padding_for(head);
                put_data_head(self.out.buffer(), head, padding);
                if self.put_body(stream, left) {
                    self.from_h2 = if left == 0 { FromH2::HEAD } else { FromH2::Skipping { left } };
                    self.data_passed(head, padding);
                } else {
                    self.out.begin_passing();
                    self.from_h2 = FromH2::Passing { head, left, padding };
                }
                return;
            }
        }
        self.from_h2 = match head.kind {
            // On a stream that is gone, or after the GOAWAY that ends the connection.
            kind::DATA if left == 0 => FromH2::HEAD,
            kind::DATA => {
                // h2 has charged it to the connection's window, which the peer will never know of.
                self.to_h2.window_update(0, head.length);
                FromH2::Skipping { left }
            }
            _ if left == 0 => {
                self.from_h2 = FromH2::HEAD;
                return self.complete(head, [0; CAPTURED]);
            }
            _ => FromH2::Captured { head, octets: [0; CAPTURED], filled: 0, left },
        };
    }

    /// Puts the payload of a DATA frame into the buffer, if the session pushed it.
    fn put_body(&mut self, stream: StreamId, length: usize) -> bool {
        let Some(entry) = self.streams.find(stream).filter(|entry| entry.body.len() >= length) else { return false };
        let mut left = length;
        while let Some(piece) = entry.body.take(left) {
            left -= piece.len();
            self.out.put_payload(piece);
        }
        true
    }

    fn data_passed(&mut self, head: FrameHead, padding: usize) {
        self.out.end_passing(padding.saturating_sub(1));
        self.counters.frames_sent += 1;
        self.counters.data_sent += u64::from(head.length);
        self.limits.data_sent();
        let octets = i64::from(head.length) + i64::try_from(padding).unwrap_or_default();
        self.send_window -= octets;
        if let Some(stream) = self.streams.find(head.stream) {
            stream.send_window -= octets;
            let sent = stream.unsent.min(u64::from(head.length));
            stream.unsent -= sent;
            self.unsent = self.unsent.saturating_sub(sent);
        }
        if padding > 0 {
            self.spend_reserve(head.stream, padding);
        }
        self.release_reserve(head.stream);
        self.release_kept_window();
        // It may have been reset while the frame was passing: then nobody waits to hear of it.
        if self.streams.find(head.stream).is_none() {
            return;
        }
        if head.length > 0 {
            self.events.push_back(Event::DataSent { stream: head.stream, octets: head.length });
        }
        if head.has(flag::END_STREAM) {
            self.end_sent(head.stream);
        }
    }

    pub(super) fn end_sent(&mut self, id: StreamId) {
        let Some(stream) = self.streams.find(id) else { return };
        let done = stream.send_end();
        self.events.push_back(Event::EndStreamSent { stream: id });
        if done {
            self.close(id, End::Complete, ErrorCode::NO_ERROR);
        }
    }

    /// A frame of h2's other than DATA is complete.
    fn complete(&mut self, head: FrameHead, payload: [u8; CAPTURED]) {
        if self.life != Life::Open {
            return;
        }
        let [a, b, c, d, e, f, g, h] = payload;
        let first = u32::from_be_bytes([a, b, c, d]);
        let second = u32::from_be_bytes([e, f, g, h]);
        match head.kind {
            kind::HEADERS => self.send_headers(head),
            kind::PUSH_PROMISE => self.send_push_promise(head, first),
            kind::RST_STREAM => {
                let stream = self.ids.outer(head.stream.value());
                self.send_rst_stream(stream, ErrorCode(first));
            }
            kind::SETTINGS if head.has(flag::ACK) => self.settings_acknowledged_by_h2(),
            // The wire speaks its own SETTINGS, so nobody else will acknowledge h2's. (Those of the handshake were
            // acknowledged before h2 wrote them.)
            kind::SETTINGS if self.h2_shook_hands => self.to_h2.settings_ack(),
            kind::SETTINGS => self.h2_shook_hands = true,
            kind::PING if !head.has(flag::ACK) => self.to_h2.pong(&payload),
            // The session says GOAWAY through the wire. What h2 finds wrong by itself the wire should have found: but
            // if it happens, h2 is dead, and the peer and the session have to know.
            kind::GOAWAY if second != 0 => {
                self.fault(Fault::connection(LibraryError::PROTO, ErrorCode(second), "protocol violation"))
            }
            _ => {}
        }
    }

    /// RST_STREAM, of h2's or of our own. Frames of the stream that come later are left out.
    pub(super) fn send_rst_stream(&mut self, stream: StreamId, code: ErrorCode) {
        let Some(entry) = self.streams.find(stream) else { return };
        // An idle stream cannot be reset; it just never begins.
        if entry.state != State::Pending {
            self.out.answer(|out| put_rst_stream(out, stream, code));
            self.counters.frames_sent += 1;
        }
        self.close(stream, End::ResetByUs, code);
    }

    /// h2 acknowledges what it was told in that order, whoever said it.
    fn settings_acknowledged_by_h2(&mut self) {
        if !self.remote.acknowledge_made_up() {
            self.send_settings_ack();
        }
    }

    pub(in crate::wire) fn send_settings_ack(&mut self) {
        self.out.answer(put_settings_ack);
        self.counters.frames_sent += 1;
        for setting in self.remote.acknowledge().unwrap_or_default().settings {
            match setting.id {
                SettingId::HEADER_TABLE_SIZE => self.encoder.set_peer_max(setting.value as usize),
                SettingId::MAX_FRAME_SIZE => self.max_send_frame = setting.value as usize,
                _ => {}
            }
        }
        // The peer that asks and asks, and never reads the answers.
        if self.out.count_ack() > MAX_WAITING_ACKS {
            self.fault(Fault::limit(Limit::Acknowledgements));
        }
    }
}

/// The head of a DATA frame with so much padding, and the octet that says so.
fn put_data_head(out: &mut BytesMut, head: FrameHead, padding: usize) {
    if padding == 0 {
        return head.put(out);
    }
    FrameHead::new(kind::DATA, head.flags | flag::PADDED, head.stream, head.length as usize + padding).put(out);
    out.put_u8(u8::try_from(padding - 1).unwrap_or_default());
}
