//! Frame scripts: send these, expect those.
//!
//! Layout: this file is the vocabulary; [`pair`] lets two wires talk.

mod pair;

use std::io::IoSlice;
use std::time::Duration;

use bytes::Bytes;

use super::frame::{CLIENT_PREFACE, FrameHead, HEAD_LENGTH, flag, kind};
use super::{Config, ErrorCode, Event, FieldBlock, Role, StreamId, Wire};

pub(super) fn id(value: u32) -> StreamId {
    StreamId::new(value)
}

pub(super) fn list(fields: &[(&str, &str)]) -> FieldBlock {
    fields.iter().copied().collect()
}

pub(super) fn request_list(method: &str) -> FieldBlock {
    list(&[(":method", method), (":scheme", "https"), (":authority", "a.example"), (":path", "/x")])
}

/// A frame as bytes.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut octets = FrameHead::new(kind, flags, id(stream), payload.len()).octets().to_vec();
    octets.extend_from_slice(payload);
    octets
}

/// What h2 would write for HEADERS: the block is of no interest.
pub(super) fn h2_headers(stream: u32, end_stream: bool) -> Vec<u8> {
    let flags = flag::END_HEADERS | if end_stream { flag::END_STREAM } else { 0 };
    frame(kind::HEADERS, flags, stream, b"placeholder")
}

pub(super) fn data(stream: u32, payload: &[u8], end_stream: bool) -> Vec<u8> {
    frame(kind::DATA, u8::from(end_stream), stream, payload)
}

/// h2's SETTINGS of the handshake.
pub(super) fn h2_settings() -> Vec<u8> {
    frame(kind::SETTINGS, 0, 0, &[0, 4, 0x7f, 0xff, 0xff, 0xff])
}

pub(super) fn drain_events(wire: &mut Wire) -> Vec<Event> {
    std::iter::from_fn(|| wire.next_event()).collect()
}

pub(super) fn read_all(wire: &mut Wire) -> Vec<u8> {
    let mut read = Vec::new();
    let mut some = [0; 7];
    loop {
        match wire.read(&mut some) {
            0 => return read,
            length => read.extend_from_slice(&some[..length]),
        }
    }
}

/// Lets h2 write, with all that follows from it.
pub(super) fn h2_writes(wire: &mut Wire, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for frame in frames {
        let mut written = 0;
        while written < frame.len() {
            written += wire.write(&[IoSlice::new(&frame[written..])], &mut out).unwrap();
        }
    }
    wire.flush(&mut out).unwrap();
    out
}
