//! What is wrong with a received frame, and who has to bear it.

use super::code::{ErrorCode, LibraryError, StreamId};
use super::event::CustomError;
use super::limits::Limit;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The stream is reset (RFC 9113 section 5.4.2).
    Stream { stream: StreamId, code: ErrorCode, limit: Option<Limit> },
    /// The connection ends (RFC 9113 section 5.4.1). `reason` goes into the GOAWAY's debug data.
    Connection {
        error: LibraryError,
        code: ErrorCode,
        reason: &'static str,
        custom: Option<CustomError>,
        limit: Option<Limit>,
    },
}

impl Fault {
    pub(crate) fn stream(stream: StreamId, code: ErrorCode) -> Fault {
        Fault::Stream { stream, code, limit: None }
    }

    pub(crate) fn connection(error: LibraryError, code: ErrorCode, reason: &'static str) -> Fault {
        Fault::Connection { error, code, reason, custom: None, limit: None }
    }

    pub(crate) fn protocol(reason: &'static str) -> Fault {
        Fault::connection(LibraryError::PROTO, ErrorCode::PROTOCOL_ERROR, reason)
    }

    /// A length that the frame's type does not allow. node:http2 reports it as any other violation.
    pub(crate) fn frame_size(reason: &'static str) -> Fault {
        Fault::connection(LibraryError::PROTO, ErrorCode::FRAME_SIZE_ERROR, reason)
    }

    /// The header list of a stream is larger than it may be.
    pub(crate) fn list_too_large(stream: StreamId) -> Fault {
        Fault::Stream { stream, code: ErrorCode::ENHANCE_YOUR_CALM, limit: Some(Limit::HeaderListSize) }
    }

    /// A limit of the connection is exceeded. The errors are those by which node:http2 tells of the same, or of the like.
    pub(crate) fn limit(limit: Limit) -> Fault {
        let (error, reason) = match limit {
            Limit::Announcements => (LibraryError::FLOODED, "too many ALTSVC or ORIGIN"),
            Limit::Acknowledgements => (LibraryError::FLOODED, "too many answers that are not read"),
            Limit::Backlog => (LibraryError::FLOODED, "too much sent, and nothing read"),
            Limit::Continuations => (LibraryError::TOO_MANY_CONTINUATIONS, "header block without an end"),
            Limit::Goaways => (LibraryError::FLOODED, "too many GOAWAYs"),
            Limit::HeaderBlockSize => (LibraryError::TOO_MANY_CONTINUATIONS, "header block too large"),
            Limit::HeaderListSize => (LibraryError::PROTO, "header list too large"),
            Limit::InformationalHeaders => (LibraryError::FLOODED, "too many 1xx answers"),
            Limit::InvalidFrames => (LibraryError::CALLBACK_FAILURE, "too many invalid frames"),
            Limit::LateFrames => (LibraryError::FLOODED, "too many frames on streams that are over"),
            Limit::Pings => (LibraryError::FLOODED, "too many PINGs"),
            Limit::Priorities => (LibraryError::PROTO, "too many PRIORITY"),
            Limit::RefusedPushes => (LibraryError::FLOODED, "too many pushes"),
            Limit::RejectedStreams => (LibraryError::CALLBACK_FAILURE, "too many rejected streams"),
            Limit::SessionMemory => (LibraryError::CALLBACK_FAILURE, "too much memory"),
            Limit::Settings => (LibraryError::FLOODED, "too many SETTINGS"),
            Limit::SettingsEntries => (LibraryError::PROTO, "too many settings in one frame"),
            Limit::StreamResets => (LibraryError::PROTO, "too many resets"),
            Limit::UnknownFrames => (LibraryError::PROTO, "too many frames of unknown types"),
            Limit::WindowUpdates => (LibraryError::FLOODED, "too many WINDOW_UPDATEs"),
        };
        let custom = (limit == Limit::InvalidFrames).then_some(CustomError::TooManyInvalidFrames);
        Fault::Connection { error, code: ErrorCode::ENHANCE_YOUR_CALM, reason, custom, limit: Some(limit) }
    }
}
