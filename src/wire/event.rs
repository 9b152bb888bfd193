//! What the wire tells the session, in the order in which it happened on the connection.

use bytes::Bytes;

use super::code::{ErrorCode, LibraryError, StreamId};
use super::config::Settings;
use super::field::FieldBlock;
use super::limits::Limit;

/// What a received header list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadKind {
    Request,
    /// The final answer to a request of ours.
    Response,
    /// The final answer on a stream that the server promised.
    PushResponse,
    /// A 1xx answer, on either.
    Informational,
    Trailers,
}

/// Why the session must end with a code of node's own instead of nghttp2's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomError {
    /// `ERR_HTTP2_TOO_MANY_INVALID_FRAMES`
    TooManyInvalidFrames,
}

/// The order of events is the order of frames, both ways: what the peer sent in the order it arrived, and what was sent
/// in the order in which it entered the out buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A whole header list. With `end_stream`, an [`Event::EndStream`] follows directly.
    Head {
        stream: StreamId,
        kind: HeadKind,
        end_stream: bool,
        fields: FieldBlock,
    },
    /// Payload of a DATA frame, or a part of one: it is told as it arrives. Never empty.
    Data {
        stream: StreamId,
        data: Bytes,
    },
    /// END_STREAM was received.
    EndStream {
        stream: StreamId,
    },
    /// A valid PUSH_PROMISE. The promised stream is open from here on.
    PushPromise {
        parent: StreamId,
        promised: StreamId,
        fields: FieldBlock,
    },
    /// The stream is done: END_STREAM both ways, or RST_STREAM either way. The last event of a stream, told once.
    Closed {
        stream: StreamId,
        code: ErrorCode,
    },

    /// HEADERS of this stream went out; for a request, the first frame of the stream.
    HeadSent {
        stream: StreamId,
        end_stream: bool,
    },
    /// So many octets of DATA payload went out. Told once for each frame.
    DataSent {
        stream: StreamId,
        octets: u32,
    },
    /// END_STREAM went out. A [`Event::Closed`] follows if the peer had ended too.
    EndStreamSent {
        stream: StreamId,
    },

    /// The peer's SETTINGS, now in force and acknowledged. `settings` is [`super::Wire::remote_settings`] at this frame:
    /// more may have come behind it.
    SettingsReceived {
        settings: Box<Settings>,
    },
    /// The peer acknowledged our oldest SETTINGS, now in force. `settings` is [`super::Wire::local_settings`] at this
    /// frame.
    SettingsAcked {
        settings: Box<Settings>,
    },
    /// A PING; the answer is on its way.
    Ping {
        payload: [u8; 8],
    },
    /// The answer to [`super::Wire::ping`].
    PingAcked {
        payload: [u8; 8],
    },
    GoAway {
        code: ErrorCode,
        last_stream: StreamId,
        data: Bytes,
    },
    AltSvc {
        stream: StreamId,
        origin: Bytes,
        value: Bytes,
    },
    Origin {
        origins: Vec<Bytes>,
    },
    /// A PRIORITY frame. `weight` is 1 to 256.
    Priority {
        stream: StreamId,
        parent: StreamId,
        weight: u16,
        exclusive: bool,
    },
    /// The peer credited a stream, or with stream 0 the connection. h2 has it too.
    WindowUpdate {
        stream: StreamId,
        increment: u32,
    },

    /// The peer has run into a limit. It has cost it `stream`, or with stream 0 the connection: then
    /// [`Event::ConnectionError`] follows directly.
    Limit {
        limit: Limit,
        stream: StreamId,
    },

    /// The connection is broken, by the peer's doing. h2 has been told by a poison frame, and its GOAWAY goes out with
    /// `code`. `error` is what node's 'error' carries. `custom` replaces its code. Nothing received is told after this.
    ConnectionError {
        error: LibraryError,
        code: ErrorCode,
        custom: Option<CustomError>,
    },
}
