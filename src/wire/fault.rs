//! What is wrong with a received frame, and who has to bear it.

use super::code::{ErrorCode, LibraryError, StreamId};
use super::event::CustomError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The stream is reset (RFC 9113 section 5.4.2).
    Stream { stream: StreamId, code: ErrorCode },
    /// The connection ends (RFC 9113 section 5.4.1). `reason` goes into the GOAWAY's debug data.
    Connection { error: LibraryError, code: ErrorCode, reason: &'static str, custom: Option<CustomError> },
}

impl Fault {
    pub(crate) fn stream(stream: StreamId, code: ErrorCode) -> Fault {
        Fault::Stream { stream, code }
    }

    pub(crate) fn connection(error: LibraryError, code: ErrorCode, reason: &'static str) -> Fault {
        Fault::Connection { error, code, reason, custom: None }
    }

    pub(crate) fn protocol(reason: &'static str) -> Fault {
        Fault::connection(LibraryError::PROTO, ErrorCode::PROTOCOL_ERROR, reason)
    }

    /// A length that the frame's type does not allow. node:http2 reports it as any other violation.
    pub(crate) fn frame_size(reason: &'static str) -> Fault {
        Fault::connection(LibraryError::PROTO, ErrorCode::FRAME_SIZE_ERROR, reason)
    }

    pub(crate) fn flood(reason: &'static str) -> Fault {
        Fault::connection(LibraryError::FLOODED, ErrorCode::ENHANCE_YOUR_CALM, reason)
    }

    pub(crate) fn too_many_invalid_frames() -> Fault {
        Fault::Connection {
            error: LibraryError::CALLBACK_FAILURE,
            code: ErrorCode::ENHANCE_YOUR_CALM,
            reason: "too many invalid frames",
            custom: Some(CustomError::TooManyInvalidFrames),
        }
    }
}
