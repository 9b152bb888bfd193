//! The messages that h2 is given in place of the real ones, whose header lists the wire sends.
//!
//! They hold what h2's state machine judges and nothing more: whether a request is HEAD or CONNECT, and whether an answer
//! is informational. Everything is a constant, so that building one allocates nothing.

use std::sync::LazyLock;

use h2::ext::Protocol;
use http::{Method, Request, Response, StatusCode, Uri};

use crate::wire::FieldBlock;

/// Absolute, since h2 takes the scheme of a request from its URI.
static TARGET: LazyLock<Uri> = LazyLock::new(|| Uri::from_static("http://p/"));
/// CONNECT has neither scheme nor path (RFC 9113 section 8.5).
static TUNNEL: LazyLock<Uri> = LazyLock::new(|| Uri::from_static("p:1"));

pub(super) fn request(fields: &FieldBlock) -> Request<()> {
    let mut request = Request::new(());
    let connect = match fields.pseudo(b":method") {
        Some(b"CONNECT") => true,
        Some(b"HEAD") => {
            *request.method_mut() = Method::HEAD;
            false
        }
        _ => false,
    };
    *request.uri_mut() = TARGET.clone();
    if connect {
        *request.method_mut() = Method::CONNECT;
        if fields.pseudo(b":protocol").is_some() {
            request.extensions_mut().insert(Protocol::from_static("p"));
        } else {
            *request.uri_mut() = TUNNEL.clone();
        }
    }
    request
}

/// A promise is always of a GET: for anything else h2 spends the id and then refuses.
pub(super) fn promise() -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = TARGET.clone();
    request
}

pub(super) fn response() -> Response<()> {
    Response::new(())
}

pub(super) fn informational() -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::EARLY_HINTS;
    response
}
