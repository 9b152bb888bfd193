//! What a session tells its owner: one event for each callback that the JavaScript classes wait for.

use bytes::Bytes;

use crate::transport::Broken;
use crate::wire::{CustomError, ErrorCode, FieldBlock, HeadKind, LibraryError, Limit, Settings, StreamId};

/// What became of a write or of the end of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It left towards the peer.
    Sent,
    /// The stream was closed first.
    Canceled,
}

/// Events come in the order in which things happened on the connection.
#[derive(Debug)]
pub enum Event {
    /// A whole header list arrived. A [`HeadKind::Request`] opens its stream, and so does the first head on a stream that
    /// was promised. With `end_stream`, [`Event::End`] follows directly.
    Headers {
        stream: StreamId,
        kind: HeadKind,
        end_stream: bool,
        fields: FieldBlock,
    },
    /// The server promised a stream.
    PushPromise {
        parent: StreamId,
        promised: StreamId,
        fields: FieldBlock,
    },
    /// A piece of the body, never empty. It may be a slice of a larger buffer.
    Data {
        stream: StreamId,
        data: Bytes,
    },
    /// The peer has ended its side.
    End {
        stream: StreamId,
    },

    /// A [`super::Session::write`] is done: its last octet went out. In the order of the writes of that stream.
    Written {
        stream: StreamId,
        outcome: Outcome,
    },
    /// A [`super::Session::end`] is done: END_STREAM went out.
    Shutdown {
        stream: StreamId,
        outcome: Outcome,
    },
    /// All of the body went out, and the stream was opened with `want_trailers`: [`super::Session::trailers`] is due.
    WantTrailers {
        stream: StreamId,
    },

    /// The stream is done, both ways or by a reset. Told once. Only answers follow, of what was never sent and of commands
    /// that come too late, as [`Outcome::Canceled`].
    StreamClose {
        stream: StreamId,
        code: ErrorCode,
    },
    /// A frame could not be sent.
    FrameError {
        stream: StreamId,
        frame_type: u8,
        error: LibraryError,
    },
    /// A PRIORITY frame. `weight` is 1 to 256.
    Priority {
        stream: StreamId,
        parent: StreamId,
        weight: u16,
        exclusive: bool,
    },

    /// The peer's SETTINGS are in force: all of its settings as they were then.
    Settings {
        settings: Box<Settings>,
    },
    /// The peer acknowledged the oldest of our SETTINGS; they are in force: all of our settings as they were then.
    SettingsAck {
        settings: Box<Settings>,
    },
    /// The peer's PING. It has been answered.
    Ping {
        payload: [u8; 8],
    },
    /// The answer to [`super::Session::ping`]. Sessions have no clock: its round trip is the owner's to measure.
    PingAck {
        payload: [u8; 8],
    },
    Goaway {
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

    /// The peer has run into a limit. It has cost it `stream`, or with stream 0 the connection: then
    /// [`Event::SessionError`] follows directly.
    Limit {
        limit: Limit,
        stream: StreamId,
    },
    /// The connection is broken by what the peer sent. GOAWAY with `code` goes out; nothing more is received.
    /// `error` is the number that node puts into its `NghttpError`, `custom` a code of node's own in its place.
    SessionError {
        error: LibraryError,
        code: ErrorCode,
        custom: Option<CustomError>,
    },
    /// After [`super::Session::close`]: nothing is left to send or to receive.
    Done,

    /// The peer will send no more bytes. Streams stay as they are: a peer that closed its half may still read answers.
    TransportEnd,
    /// Reading or writing failed. The session sends and receives nothing from here on.
    TransportError(Broken),
}
