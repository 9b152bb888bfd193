//! What h2 gets to read in place of what was received: as little as its state machine can judge by.
//!
//! h2's decoder never sees the peer's compression: the blocks here are indices of the static table (RFC 7541 appendix A)
//! only. A 1xx answer, a pushed stream, a body's octets, trailers and a content-length are none of h2's business: the
//! wire judges and delivers them, and h2 learns where messages begin and end.

use bytes::{Buf, BufMut, BytesMut};

use super::code::{ErrorCode, StreamId};
use super::config::Setting;
use super::frame::put_window_update;
use super::frame::{FrameHead, flag, kind, put_goaway, put_ping, put_rst_stream, put_settings, put_settings_ack};

/// `:method: GET`, `:scheme: http`, `:path: /`
const REQUEST: &[u8] = &[0x82, 0x86, 0x84];
/// `:status: 200`
const RESPONSE: &[u8] = &[0x88];

/// The bytes that h2 has not read yet. All ids are h2's.
#[derive(Debug, Default)]
pub(crate) struct ToH2 {
    bytes: BytesMut,
}

/// Memory an idle connection keeps.
const KEPT: usize = 1024;

impl ToH2 {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn unread(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn read(&mut self, octets: usize) {
        self.bytes.advance(octets.min(self.bytes.len()));
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT {
            self.bytes = BytesMut::new();
        }
    }

    pub(crate) fn request(&mut self, stream: u32, end_stream: bool) {
        self.headers(stream, end_stream, REQUEST);
    }

    pub(crate) fn response(&mut self, stream: u32, end_stream: bool) {
        self.headers(stream, end_stream, RESPONSE);
    }

    fn headers(&mut self, stream: u32, end_stream: bool, block: &[u8]) {
        let flags = if end_stream { flag::END_HEADERS | flag::END_STREAM } else { flag::END_HEADERS };
        FrameHead::new(kind::HEADERS, flags, StreamId::new(stream), block.len()).put(&mut self.bytes);
        self.bytes.extend_from_slice(block);
    }

    pub(crate) fn end_stream(&mut self, stream: u32) {
        FrameHead::new(kind::DATA, flag::END_STREAM, StreamId::new(stream), 0).put(&mut self.bytes);
    }

    pub(crate) fn rst_stream(&mut self, stream: u32, code: ErrorCode) {
        put_rst_stream(&mut self.bytes, StreamId::new(stream), code);
    }

    pub(crate) fn window_update(&mut self, stream: u32, increment: u32) {
        put_window_update(&mut self.bytes, StreamId::new(stream), increment);
    }

    pub(crate) fn settings(&mut self, settings: impl ExactSizeIterator<Item = Setting>) {
        put_settings(&mut self.bytes, settings);
    }

    /// The acknowledgement of h2's own SETTINGS.
    pub(crate) fn settings_ack(&mut self) {
        put_settings_ack(&mut self.bytes);
    }

    /// The answer to h2's own PING.
    pub(crate) fn pong(&mut self, payload: &[u8; 8]) {
        put_ping(&mut self.bytes, flag::ACK, payload);
    }

    pub(crate) fn goaway(&mut self, last: u32, code: ErrorCode) {
        put_goaway(&mut self.bytes, StreamId::new(last), code, b"");
    }

    /// The client's preface, which a server's h2 waits for.
    pub(crate) fn preface(&mut self) {
        self.bytes.put_slice(super::frame::CLIENT_PREFACE);
    }

    /// DATA on stream 0: whatever state h2 is in, this ends the connection, and with it every stream.
    pub(crate) fn poison(&mut self) {
        FrameHead::new(kind::DATA, 0, StreamId::CONNECTION, 0).put(&mut self.bytes);
    }
}
