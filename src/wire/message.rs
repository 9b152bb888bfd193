//! What the wire itself needs to know of a header list.

use super::field::FieldBlock;

/// A valid request.
#[derive(Debug)]
pub(crate) struct Request {
    pub head: bool,
    pub connect: bool,
    pub content_length: Option<u64>,
}

/// A valid answer.
#[derive(Debug)]
pub(crate) struct Response {
    pub informational: bool,
    /// No DATA may follow (RFC 9110 section 6.4.1).
    pub bodiless: bool,
    /// The answer to CONNECT that makes the stream a tunnel.
    pub accepts_connect: bool,
    pub content_length: Option<u64>,
}

fn content_length(fields: &FieldBlock) -> Option<u64> {
    fields.value_of(b"content-length").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok())
}

pub(crate) fn request(fields: &FieldBlock, _extended_connect: bool, end_stream: bool) -> Option<Request> {
    let method = fields.pseudo(b":method")?;
    let connect = method == b"CONNECT";
    let content_length = content_length(fields).filter(|_| !connect);
    if end_stream && content_length.is_some_and(|length| length > 0) {
        return None;
    }
    Some(Request { head: method == b"HEAD", connect, content_length })
}

pub(crate) fn response(fields: &FieldBlock, head_request: bool, connect: bool) -> Option<Response> {
    let status: u16 = std::str::from_utf8(fields.pseudo(b":status")?).ok()?.parse().ok()?;
    Some(Response {
        informational: status < 200,
        bodiless: head_request || status == 204 || status == 304,
        accepts_connect: connect && (200..300).contains(&status),
        content_length: content_length(fields),
    })
}

pub(crate) fn trailers(fields: &FieldBlock) -> bool {
    !fields.has_pseudo()
}
