//! Numbers with a meaning: stream ids, error codes, and the library errors that node:http2 reports.

use std::fmt;

/// A stream's number; 0 is the connection itself. Only 31 bits exist on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StreamId(u32);

impl StreamId {
    /// The connection as a whole, where a frame may belong to either.
    pub const CONNECTION: StreamId = StreamId(0);
    /// The highest id a connection can use.
    pub const MAX: StreamId = StreamId(0x7fff_ffff);

    /// The reserved top bit is ignored, as RFC 9113 section 4.1 demands of a receiver.
    pub const fn new(id: u32) -> StreamId {
        StreamId(id & 0x7fff_ffff)
    }

    pub const fn value(self) -> u32 {
        self.0
    }

    pub const fn is_connection(self) -> bool {
        self.0 == 0
    }

    /// Odd ids belong to the client, even ones to the server (RFC 9113 section 5.1.1).
    pub const fn is_client_initiated(self) -> bool {
        self.0 & 1 == 1
    }

    pub const fn is_server_initiated(self) -> bool {
        self.0 != 0 && self.0 & 1 == 0
    }
}

impl From<u32> for StreamId {
    fn from(id: u32) -> StreamId {
        StreamId::new(id)
    }
}

impl From<StreamId> for u32 {
    fn from(id: StreamId) -> u32 {
        id.0
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The error code of RST_STREAM and GOAWAY (RFC 9113 section 7). The set is open: unknown codes travel as they are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    pub const NO_ERROR: ErrorCode = ErrorCode(0x0);
    pub const PROTOCOL_ERROR: ErrorCode = ErrorCode(0x1);
    pub const INTERNAL_ERROR: ErrorCode = ErrorCode(0x2);
    pub const FLOW_CONTROL_ERROR: ErrorCode = ErrorCode(0x3);
    pub const SETTINGS_TIMEOUT: ErrorCode = ErrorCode(0x4);
    pub const STREAM_CLOSED: ErrorCode = ErrorCode(0x5);
    pub const FRAME_SIZE_ERROR: ErrorCode = ErrorCode(0x6);
    pub const REFUSED_STREAM: ErrorCode = ErrorCode(0x7);
    pub const CANCEL: ErrorCode = ErrorCode(0x8);
    pub const COMPRESSION_ERROR: ErrorCode = ErrorCode(0x9);
    pub const CONNECT_ERROR: ErrorCode = ErrorCode(0xa);
    pub const ENHANCE_YOUR_CALM: ErrorCode = ErrorCode(0xb);
    pub const INADEQUATE_SECURITY: ErrorCode = ErrorCode(0xc);
    pub const HTTP_1_1_REQUIRED: ErrorCode = ErrorCode(0xd);

    const NAMES: [&'static str; 14] = [
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED",
    ];
}

impl From<u32> for ErrorCode {
    fn from(code: u32) -> ErrorCode {
        ErrorCode(code)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match usize::try_from(self.0).ok().and_then(|code| Self::NAMES.get(code)) {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}

/// An error as nghttp2 numbers it: what node:http2 turns into the `errno` and the message of an `NghttpError`.
/// Applications see these numbers, so the engine speaks them too.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LibraryError(pub i32);

impl LibraryError {
    pub const INVALID_ARGUMENT: LibraryError = LibraryError(-501);
    pub const PROTO: LibraryError = LibraryError(-505);
    pub const STREAM_ID_NOT_AVAILABLE: LibraryError = LibraryError(-509);
    pub const STREAM_CLOSED: LibraryError = LibraryError(-510);
    pub const STREAM_CLOSING: LibraryError = LibraryError(-511);
    pub const STREAM_SHUT_WR: LibraryError = LibraryError(-512);
    pub const INVALID_STREAM_ID: LibraryError = LibraryError(-513);
    pub const INVALID_STREAM_STATE: LibraryError = LibraryError(-514);
    pub const START_STREAM_NOT_ALLOWED: LibraryError = LibraryError(-516);
    pub const GOAWAY_ALREADY_SENT: LibraryError = LibraryError(-517);
    pub const INVALID_HEADER_BLOCK: LibraryError = LibraryError(-518);
    pub const INVALID_STATE: LibraryError = LibraryError(-519);
    pub const FRAME_SIZE_ERROR: LibraryError = LibraryError(-522);
    pub const HEADER_COMP: LibraryError = LibraryError(-523);
    pub const FLOW_CONTROL: LibraryError = LibraryError(-524);
    pub const TOO_MANY_INFLIGHT_SETTINGS: LibraryError = LibraryError(-527);
    pub const PUSH_DISABLED: LibraryError = LibraryError(-528);
    pub const SESSION_CLOSING: LibraryError = LibraryError(-530);
    pub const HTTP_HEADER: LibraryError = LibraryError(-531);
    pub const HTTP_MESSAGING: LibraryError = LibraryError(-532);
    pub const REFUSED_STREAM: LibraryError = LibraryError(-533);
    pub const INTERNAL: LibraryError = LibraryError(-534);
    pub const CANCEL: LibraryError = LibraryError(-535);
    pub const SETTINGS_EXPECTED: LibraryError = LibraryError(-536);
    pub const TOO_MANY_SETTINGS: LibraryError = LibraryError(-537);
    pub const CALLBACK_FAILURE: LibraryError = LibraryError(-902);
    pub const BAD_CLIENT_MAGIC: LibraryError = LibraryError(-903);
    pub const FLOODED: LibraryError = LibraryError(-904);
    pub const TOO_MANY_CONTINUATIONS: LibraryError = LibraryError(-905);
}

impl fmt::Debug for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nghttp2 {}", self.0)
    }
}
