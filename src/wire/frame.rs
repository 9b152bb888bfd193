//! The frame layout of RFC 9113 section 4.1, and the writing of the small fixed frames.

use bytes::{BufMut, BytesMut};

use super::code::{ErrorCode, StreamId};
use super::config::Setting;

/// Octets of the header in front of every payload.
pub(crate) const HEAD_LENGTH: usize = 9;

/// What a client sends before its first frame (RFC 9113 section 3.4).
pub(crate) const CLIENT_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) mod kind {
    pub(crate) const DATA: u8 = 0x0;
    pub(crate) const HEADERS: u8 = 0x1;
    pub(crate) const PRIORITY: u8 = 0x2;
    pub(crate) const RST_STREAM: u8 = 0x3;
    pub(crate) const SETTINGS: u8 = 0x4;
    pub(crate) const PUSH_PROMISE: u8 = 0x5;
    pub(crate) const PING: u8 = 0x6;
    pub(crate) const GOAWAY: u8 = 0x7;
    pub(crate) const WINDOW_UPDATE: u8 = 0x8;
    pub(crate) const CONTINUATION: u8 = 0x9;
    /// RFC 7838 section 4
    pub(crate) const ALTSVC: u8 = 0xa;
    /// RFC 8336 section 2
    pub(crate) const ORIGIN: u8 = 0xc;
}

pub(crate) mod flag {
    pub(crate) const END_STREAM: u8 = 0x1;
    pub(crate) const ACK: u8 = 0x1;
    pub(crate) const END_HEADERS: u8 = 0x4;
    pub(crate) const PADDED: u8 = 0x8;
    pub(crate) const PRIORITY: u8 = 0x20;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHead {
    /// Of the payload; 24 bits.
    pub length: u32,
    pub kind: u8,
    pub flags: u8,
    pub stream: StreamId,
}

impl FrameHead {
    pub(crate) fn new(kind: u8, flags: u8, stream: StreamId, length: usize) -> FrameHead {
        debug_assert!(length < 1 << 24);
        FrameHead { length: length as u32, kind, flags, stream }
    }

    pub(crate) fn parse(octets: &[u8; HEAD_LENGTH]) -> FrameHead {
        let [a, b, c, kind, flags, s0, s1, s2, s3] = *octets;
        FrameHead {
            length: u32::from_be_bytes([0, a, b, c]),
            kind,
            flags,
            stream: StreamId::new(u32::from_be_bytes([s0, s1, s2, s3])),
        }
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(crate) fn octets(&self) -> [u8; HEAD_LENGTH] {
        let [_, a, b, c] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = self.stream.value().to_be_bytes();
        [a, b, c, self.kind, self.flags, s0, s1, s2, s3]
    }

    pub(crate) fn put(&self, out: &mut BytesMut) {
        out.extend_from_slice(&self.octets());
    }
}

pub(crate) fn put_rst_stream(out: &mut BytesMut, stream: StreamId, code: ErrorCode) {
    FrameHead::new(kind::RST_STREAM, 0, stream, 4).put(out);
    out.put_u32(code.0);
}

pub(crate) fn put_window_update(out: &mut BytesMut, stream: StreamId, increment: u32) {
    FrameHead::new(kind::WINDOW_UPDATE, 0, stream, 4).put(out);
    out.put_u32(increment);
}

pub(crate) fn put_ping(out: &mut BytesMut, flags: u8, payload: &[u8; 8]) {
    FrameHead::new(kind::PING, flags, StreamId::CONNECTION, 8).put(out);
    out.extend_from_slice(payload);
}

pub(crate) fn put_settings(out: &mut BytesMut, settings: impl ExactSizeIterator<Item = Setting>) {
    FrameHead::new(kind::SETTINGS, 0, StreamId::CONNECTION, settings.len() * 6).put(out);
    for setting in settings {
        out.put_u16(setting.id.0);
        out.put_u32(setting.value);
    }
}

pub(crate) fn put_settings_ack(out: &mut BytesMut) {
    FrameHead::new(kind::SETTINGS, flag::ACK, StreamId::CONNECTION, 0).put(out);
}

pub(crate) fn put_goaway(out: &mut BytesMut, last: StreamId, code: ErrorCode, data: &[u8]) {
    FrameHead::new(kind::GOAWAY, 0, StreamId::CONNECTION, 8 + data.len()).put(out);
    out.put_u32(last.value());
    out.put_u32(code.0);
    out.extend_from_slice(data);
}

pub(crate) fn put_priority(out: &mut BytesMut, stream: StreamId, parent: StreamId, weight: u16, exclusive: bool) {
    FrameHead::new(kind::PRIORITY, 0, stream, 5).put(out);
    out.put_u32(parent.value() | u32::from(exclusive) << 31);
    out.put_u8((weight.clamp(1, 256) - 1) as u8);
}

/// Reads big-endian numbers off the front of a payload; a payload that is too short gives None.
pub(crate) struct Payload<'a>(pub(crate) &'a [u8]);

impl<'a> Payload<'a> {
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        let (taken, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*taken))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        let (taken, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*taken))
    }
}

/// The priority fields of PRIORITY and HEADERS: kept by nobody, told to node's users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PriorityFields {
    pub parent: StreamId,
    pub weight: u16,
    pub exclusive: bool,
}

impl PriorityFields {
    pub(crate) fn parse(payload: &mut Payload<'_>) -> Option<PriorityFields> {
        let parent = payload.u32()?;
        let weight = payload.octet()?;
        Some(PriorityFields {
            parent: StreamId::new(parent),
            weight: u16::from(weight) + 1,
            exclusive: parent >> 31 == 1,
        })
    }
}
