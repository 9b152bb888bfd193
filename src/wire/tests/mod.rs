//! Frame scripts: send these, expect those.
//!
//! Layout: this file is the vocabulary; [`script`] plays the peer and h2 against one wire; [`server`], [`client`], [`connection`],
//! [`floods`], [`windows`], [`outbound`], [`direct`] and [`padding`] are such scripts; [`chaos`] sends anything; [`pair`] lets two wires talk.

mod chaos;
mod client;
mod connection;
mod direct;
mod floods;
mod outbound;
mod padding;
mod pair;
mod script;
mod server;
mod windows;

use core::time::Duration;
use std::io::IoSlice;

use bytes::Bytes;

use super::frame::{CLIENT_PREFACE, FrameHead, HEAD_LENGTH, flag, kind};
use super::{
    Config, CustomError, ErrorCode, Event, FieldBlock, LibraryError, Limit, Role, Setting, SettingId, StreamId, Wire,
};

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
    while wire.readable() {
        let some = wire.to_read().len().min(7);
        read.extend_from_slice(&wire.to_read()[..some]);
        wire.read(some);
    }
    read
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

// --- Frames of the peer's ---

pub(super) const END: u8 = flag::END_STREAM;

/// HEADERS with a whole block.
pub(super) fn headers(stream: u32, flags: u8, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(kind::HEADERS, flags | flag::END_HEADERS, stream, &script::block(fields))
}

pub(super) const GET: &[(&str, &str)] =
    &[(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/")];
pub(super) const POST: &[(&str, &str)] =
    &[(":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/")];
pub(super) const OK: &[(&str, &str)] = &[(":status", "200")];

pub(super) fn rst(stream: u32, code: ErrorCode) -> Vec<u8> {
    frame(kind::RST_STREAM, 0, stream, &code.0.to_be_bytes())
}

pub(super) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(kind::WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

pub(super) fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        settings.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
    frame(kind::SETTINGS, 0, 0, &payload)
}

pub(super) fn settings_ack() -> Vec<u8> {
    frame(kind::SETTINGS, flag::ACK, 0, b"")
}

pub(super) fn ping(flags: u8, payload: &[u8; 8]) -> Vec<u8> {
    frame(kind::PING, flags, 0, payload)
}

pub(super) fn goaway(last: u32, code: ErrorCode, data: &[u8]) -> Vec<u8> {
    frame(kind::GOAWAY, 0, 0, &[&last.to_be_bytes()[..], &code.0.to_be_bytes(), data].concat())
}

pub(super) fn push_promise(parent: u32, promised: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    let payload = [&promised.to_be_bytes()[..], &script::block(fields)].concat();
    frame(kind::PUSH_PROMISE, flag::END_HEADERS, parent, &payload)
}
