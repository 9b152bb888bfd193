//! Whether a received header list is one that RFC 9113 section 8 allows where it stands.
//!
//! The judge is nghttp2 1.70 as node 26 configures it, asked by experiment: raw sockets sent each of some 5,300 lists (every
//! octet at every kind of place, every combination of pseudo-header fields that matters) to `node:http2` servers and
//! clients. What came out, where RFC 9113 leaves a choice or nghttp2 makes one of its own:
//!
//! - A violation is a stream error PROTOCOL_ERROR: RST_STREAM, and no event for the list. But some regular fields are
//!   silently left out ([`Verdict::to_drop`]) and the list stands: one whose name is empty or holds an octet that is no
//!   token character, or whose value holds a control character or has whitespace around it; a `host` in a request that
//!   is no authority. They still count as regular fields: no pseudo-header field may follow.
//! - The first bad octet of a name decides: an upper-case letter is a violation, anything else drops the field.
//! - Never dropped but always violations: bad octets in pseudo-header fields, `te` and `content-length`, and the
//!   connection-specific fields, whatever their values.
//! - `strictFieldWhitespaceValidation: false` admits whitespace around the values of ordinary fields and `:protocol`,
//!   nowhere else.
//! - `:authority` and `host` are of unreserved, sub-delims, `%`, `:`, `[` and `]`; no `@`. Nothing checks the grammar further.
//!   An empty or second `host` in a request is a violation; in responses `host` is an ordinary field.
//! - `:path` is free of controls and spaces. With the schemes http and https, in any case, it begins with `/`, or is `*` with
//!   OPTIONS. With other schemes any path will do.
//! - `te` is `trailers`, in any case, also in responses and trailers.
//! - `content-length` is digits for at most 2^63-1, once, in head and trailers together. With plain CONNECT it must be
//!   well-formed but means nothing. In 1xx it is a violation, in a 204 too unless it is `0`, which is dropped; in a 2xx to CONNECT
//!   it is dropped.
//! - `:status` is three digits from 100; 101 is a violation.
//! - A promised request may have any method but CONNECT, and a content-length, which means nothing.
//!
//! Versions differ: before 1.70 a control character or whitespace in `te`, `content-length` or a connection-specific
//! field dropped the field; 1.61 (node 20) allowed `@` in an authority.

use super::field::{Field, FieldBlock};
use super::hpack::Decoder;

/// What the method of a request means for the bodies and heads to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Head,
    Connect,
    Other,
}

impl Method {
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// As what a header list has to stand. A stream starts with one of the first three; [`Verdict::next`] leads on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first list on a stream that the client opens.
    Request,
    /// The list in a PUSH_PROMISE.
    PushPromise,
    /// A 1xx or final answer to a request with that method.
    Response {
        method: Method,
    },
    Trailers(Trailers),
}

/// What trailers must know of the head that they follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trailers {
    of: Head,
    /// The length of the body is known; trailers may not tell it again.
    content_length: bool,
    /// A `host` has been seen, in a request.
    host: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Request,
    Response,
    /// A 2xx to CONNECT: what follows is no body.
    Tunnel,
}

/// What an endpoint is configured to let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// SETTINGS_ENABLE_CONNECT_PROTOCOL was sent: `:protocol` is allowed in requests.
    pub connect_protocol: bool,
    /// node's `strictFieldWhitespaceValidation`.
    pub strict_whitespace: bool,
}

/// What a valid list says to the layers below HTTP semantics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Of a request or promised request.
    pub method: Option<Method>,
    /// `:protocol` was there: extended CONNECT (RFC 8441).
    pub has_protocol: bool,
    /// Of a response.
    pub status: Option<u16>,
    /// The octets of DATA that the body has to have: from content-length, or 0 where there can be no body (HEAD, 204, 304). In
    /// trailers: what their content-length says, to be compared with what was received.
    pub content_length: Option<u64>,
    /// The positions of fields to be left out, ascending: see [`Verdict::purge`]. Mostly empty.
    pub to_drop: Vec<usize>,
    /// As what the next list on the stream has to stand; after PUSH_PROMISE, on the promised stream.
    pub next: Kind,
}

impl Verdict {
    /// Whether this was a 1xx answer.
    pub fn is_informational(&self) -> bool {
        self.status.is_some_and(|status| status < 200)
    }

    /// Takes the fields out that are to be dropped, and out of the mirror's knowledge.
    pub fn purge(&self, fields: &mut FieldBlock, decoder: &mut Decoder) {
        if self.to_drop.is_empty() {
            return;
        }
        fields.retain(|position, field| {
            let keep = self.to_drop.binary_search(&position).is_err();
            if !keep {
                decoder.forget(field.mirror);
            }
            keep
        });
    }
}

/// The first violation found. All are stream errors PROTOCOL_ERROR; the names are for whoever debugs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    UppercaseName,
    UnknownPseudo,
    /// Pseudo-header fields of responses in requests and the other way round, or any in trailers.
    MisplacedPseudo,
    PseudoAfterRegular,
    DuplicatePseudo,
    MissingPseudo,
    /// One that CONNECT must not have, or `:protocol` without CONNECT or consent.
    ForbiddenPseudo,
    PseudoValue,
    ConnectionSpecific,
    Te,
    Host,
    ContentLength,
    Status,
    Path,
    PromisedConnect,
    /// A 1xx answer that ends the stream.
    InformationalEnd,
    /// A second list that does not end the stream.
    TrailersWithoutEnd,
    /// The stream ends and a content-length says that it does not.
    EndBeforeContent,
}

/// Judges a list that stands as `kind`, in a frame sequence with or without END_STREAM.
pub fn validate(fields: &FieldBlock, kind: Kind, end_stream: bool, rules: Rules) -> Result<Verdict, Malformed> {
    let mut list = List::new(kind, rules);
    for (position, field) in fields.iter().enumerate() {
        if field.is_pseudo() {
            list.pseudo(field)?;
        } else {
            list.regular_seen = true;
            if list.regular(field)? == Fate::Drop {
                list.to_drop.push(position);
            }
        }
    }
    list.conclude(end_stream)
}

#[derive(PartialEq, Eq)]
enum Fate {
    Keep,
    Drop,
}

/// The pseudo-header fields that there are, as bits of a set.
mod pseudo {
    pub const METHOD: u8 = 1;
    pub const SCHEME: u8 = 2;
    pub const AUTHORITY: u8 = 4;
    pub const PATH: u8 = 8;
    pub const PROTOCOL: u8 = 16;
    pub const STATUS: u8 = 32;

    pub const REQUEST: u8 = METHOD | SCHEME | AUTHORITY | PATH | PROTOCOL;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Path {
    Absolute,
    Asterisk,
    Other,
}

/// A list as far as it has been read.
struct List {
    kind: Kind,
    rules: Rules,
    pseudo: u8,
    regular_seen: bool,
    method: Method,
    is_options: bool,
    is_http: bool,
    path: Path,
    status: u16,
    host: bool,
    content_length: Option<u64>,
    to_drop: Vec<usize>,
}

impl List {
    fn new(kind: Kind, rules: Rules) -> Self {
        Self {
            kind,
            rules,
            pseudo: 0,
            regular_seen: false,
            method: Method::Other,
            is_options: false,
            is_http: false,
            path: Path::Other,
            status: 0,
            host: matches!(kind, Kind::Trailers(Trailers { host: true, .. })),
            content_length: None,
            to_drop: Vec::new(),
        }
    }

    /// RFC 9113 section 8.3.
    fn pseudo(&mut self, field: Field<'_>) -> Result<(), Malformed> {
        let value = field.value;
        let (bit, valid) = match field.name {
            b":method" => {
                self.method = Method::of(value);
                self.is_options = value == b"OPTIONS";
                (pseudo::METHOD, all(value, TOKEN))
            }
            b":scheme" => {
                self.is_http = value.eq_ignore_ascii_case(b"http") || value.eq_ignore_ascii_case(b"https");
                (pseudo::SCHEME, value.first().is_some_and(u8::is_ascii_alphabetic) && all(value, SCHEME))
            }
            b":authority" => (pseudo::AUTHORITY, all(value, AUTHORITY)),
            b":path" => {
                self.path = match value {
                    [b'/', ..] => Path::Absolute,
                    b"*" => Path::Asterisk,
                    _ => Path::Other,
                };
                (pseudo::PATH, all(value, PATH))
            }
            b":protocol" => (pseudo::PROTOCOL, is_field_value(value, self.rules.strict_whitespace)),
            b":status" => {
                let status = parse_status(value);
                self.status = status.unwrap_or(0);
                (pseudo::STATUS, status.is_some())
            }
            _ => return Err(Malformed::UnknownPseudo),
        };
        let allowed = match self.kind {
            Kind::Request | Kind::PushPromise => pseudo::REQUEST,
            Kind::Response { .. } => pseudo::STATUS,
            Kind::Trailers(_) => 0,
        };
        if bit & allowed == 0 {
            return Err(Malformed::MisplacedPseudo);
        }
        if self.regular_seen {
            return Err(Malformed::PseudoAfterRegular);
        }
        if self.pseudo & bit != 0 {
            return Err(Malformed::DuplicatePseudo);
        }
        if !valid || value.is_empty() {
            return Err(Malformed::PseudoValue);
        }
        self.pseudo |= bit;
        Ok(())
    }

    /// RFC 9113 sections 8.2 and 8.1.1.
    fn regular(&mut self, field: Field<'_>) -> Result<Fate, Malformed> {
        let Field { name, value, .. } = field;
        match name.iter().find(|&&octet| !is(octet, NAME)) {
            Some(octet) if octet.is_ascii_uppercase() => return Err(Malformed::UppercaseName),
            Some(_) => return Ok(Fate::Drop),
            None if name.is_empty() => return Ok(Fate::Drop),
            None => {}
        }
        match name {
            b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding" | b"upgrade" => {
                Err(Malformed::ConnectionSpecific)
            }
            b"te" if value.eq_ignore_ascii_case(b"trailers") => Ok(Fate::Keep),
            b"te" => Err(Malformed::Te),
            b"content-length" => self.content_length(value),
            b"host" if self.is_requests() => self.host(value),
            _ if is_field_value(value, self.rules.strict_whitespace) => Ok(Fate::Keep),
            _ => Ok(Fate::Drop),
        }
    }

    /// Whether this is the head or the trailers of a request.
    fn is_requests(&self) -> bool {
        match self.kind {
            Kind::Request | Kind::PushPromise => true,
            Kind::Response { .. } => false,
            Kind::Trailers(trailers) => trailers.of == Head::Request,
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<Fate, Malformed> {
        if !all(value, AUTHORITY) {
            return Ok(Fate::Drop);
        }
        if self.host || value.is_empty() {
            return Err(Malformed::Host);
        }
        self.host = true;
        Ok(Fate::Keep)
    }

    fn content_length(&mut self, value: &[u8]) -> Result<Fate, Malformed> {
        let known = match self.kind {
            Kind::Trailers(Trailers { of: Head::Tunnel, .. }) => return Ok(Fate::Drop),
            Kind::Trailers(trailers) => trailers.content_length,
            Kind::Response { .. } if self.status < 200 => return Err(Malformed::ContentLength),
            Kind::Response { .. } if self.status == 204 => {
                return match (self.content_length.replace(0), value) {
                    (None, b"0") => Ok(Fate::Drop),
                    _ => Err(Malformed::ContentLength),
                };
            }
            Kind::Response { method: Method::Connect } if self.status < 300 => return Ok(Fate::Drop),
            _ => false,
        };
        match parse_content_length(value) {
            Some(length) if !known && self.content_length.is_none() => {
                self.content_length = Some(length);
                Ok(Fate::Keep)
            }
            _ => Err(Malformed::ContentLength),
        }
    }

    /// What can only be said of the whole list.
    fn conclude(self, end_stream: bool) -> Result<Verdict, Malformed> {
        let verdict = match self.kind {
            Kind::Request | Kind::PushPromise => self.conclude_request()?,
            Kind::Response { method } => self.conclude_response(method, end_stream)?,
            Kind::Trailers(trailers) if end_stream => {
                return Ok(Verdict {
                    method: None,
                    has_protocol: false,
                    status: None,
                    content_length: self.content_length,
                    to_drop: self.to_drop,
                    next: Kind::Trailers(trailers),
                });
            }
            Kind::Trailers(_) => return Err(Malformed::TrailersWithoutEnd),
        };
        if end_stream && verdict.content_length.is_some_and(|length| length > 0) {
            return Err(Malformed::EndBeforeContent);
        }
        Ok(verdict)
    }

    /// RFC 9113 sections 8.3.1 and 8.5, RFC 8441 section 4.
    fn conclude_request(self) -> Result<Verdict, Malformed> {
        let has = |bits| self.pseudo & bits == bits;
        let promised = self.kind == Kind::PushPromise;
        let has_protocol = has(pseudo::PROTOCOL);
        let connect = self.method == Method::Connect;
        if connect && promised {
            return Err(Malformed::PromisedConnect);
        }
        if has_protocol && (!connect || !self.rules.connect_protocol) {
            return Err(Malformed::ForbiddenPseudo);
        }
        if connect && !has_protocol {
            if self.pseudo & (pseudo::SCHEME | pseudo::PATH) != 0 {
                return Err(Malformed::ForbiddenPseudo);
            }
            if !has(pseudo::AUTHORITY) {
                return Err(Malformed::MissingPseudo);
            }
        } else {
            let host_will_do = self.host && !has_protocol;
            if !has(pseudo::METHOD | pseudo::SCHEME | pseudo::PATH) || !(has(pseudo::AUTHORITY) || host_will_do) {
                return Err(Malformed::MissingPseudo);
            }
            if self.is_http && !(self.path == Path::Absolute || self.path == Path::Asterisk && self.is_options) {
                return Err(Malformed::Path);
            }
        }
        // A tunnel has no content, nor has a promised request. Extended CONNECT is judged like any other request.
        let tunnel = connect && !has_protocol;
        let content_length = if tunnel || promised { None } else { self.content_length };
        let next = if promised {
            Kind::Response { method: self.method }
        } else {
            Kind::Trailers(Trailers { of: Head::Request, content_length: content_length.is_some(), host: self.host })
        };
        Ok(Verdict {
            method: Some(self.method),
            has_protocol,
            status: None,
            content_length,
            to_drop: self.to_drop,
            next,
        })
    }

    /// RFC 9113 sections 8.1 and 8.3.2, RFC 9110 section 6.4.1.
    fn conclude_response(self, method: Method, end_stream: bool) -> Result<Verdict, Malformed> {
        if self.pseudo == 0 {
            return Err(Malformed::MissingPseudo);
        }
        let status = self.status;
        if status < 200 && end_stream {
            return Err(Malformed::InformationalEnd);
        }
        let content_length = match (method, status) {
            (_, ..200) => None,
            (Method::Head, _) | (_, 204 | 304) => Some(0),
            (Method::Connect, _) => None,
            (Method::Other, _) => self.content_length,
        };
        let next = match status {
            ..200 => self.kind,
            _ => {
                let tunnel = method == Method::Connect && status < 300 && status != 204;
                let of = if tunnel { Head::Tunnel } else { Head::Response };
                Kind::Trailers(Trailers { of, content_length: content_length.is_some(), host: false })
            }
        };
        Ok(Verdict {
            method: None,
            has_protocol: false,
            status: Some(status),
            content_length,
            to_drop: self.to_drop,
            next,
        })
    }
}

fn parse_status(value: &[u8]) -> Option<u16> {
    let digit = |octet: u8| octet.is_ascii_digit().then(|| u16::from(octet - b'0'));
    let &[hundreds, tens, ones] = value else { return None };
    match digit(hundreds)? * 100 + digit(tens)? * 10 + digit(ones)? {
        // HTTP/2 has no Upgrade to answer with 101 (RFC 9113 section 8.6).
        ..=99 | 101 => None,
        status => Some(status),
    }
}

fn parse_content_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    let length = value.iter().try_fold(0u64, |length, octet| {
        let digit = octet.is_ascii_digit().then(|| u64::from(octet - b'0'))?;
        length.checked_mul(10)?.checked_add(digit)
    })?;
    i64::try_from(length).is_ok().then_some(length)
}

/// RFC 9113 section 8.2.1. Without branches, so that the compiler judges many octets at once.
fn is_field_value(value: &[u8], strict_whitespace: bool) -> bool {
    let whitespace = |octet: Option<&u8>| matches!(octet, Some(b' ' | b'\t'));
    if strict_whitespace && (whitespace(value.first()) || whitespace(value.last())) {
        return false;
    }
    !value.iter().fold(false, |bad, &octet| bad | (octet < b' ' && octet != b'\t') | (octet == 0x7f))
}

/// Character classes, as bits of [`CLASSES`].
const NAME: u8 = 1;
const TOKEN: u8 = 2;
const SCHEME: u8 = 4;
const AUTHORITY: u8 = 8;
const PATH: u8 = 16;

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, to which a wrong index is an error")]
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut class = 0;
        let ascii = octet as u8;
        if ascii.is_ascii_alphanumeric() {
            class |= TOKEN | SCHEME | AUTHORITY;
            if !ascii.is_ascii_uppercase() {
                class |= NAME;
            }
        }
        if contains(b"!#$%&'*+-.^_`|~", ascii) {
            class |= NAME | TOKEN;
        }
        if contains(b"+-.", ascii) {
            class |= SCHEME;
        }
        if contains(b"-._~!$&'()*+,;=%:[]", ascii) {
            class |= AUTHORITY;
        }
        if ascii > b' ' && ascii != 0x7f {
            class |= PATH;
        }
        classes[octet] = class;
        octet += 1;
    }
    classes
};

#[expect(clippy::indexing_slicing, reason = "for the compiler alone, to which a wrong index is an error")]
const fn contains(set: &[u8], octet: u8) -> bool {
    let mut position = 0;
    while position < set.len() {
        if set[position] == octet {
            return true;
        }
        position += 1;
    }
    false
}

#[expect(clippy::indexing_slicing, reason = "the table has an entry for each octet")]
fn is(octet: u8, class: u8) -> bool {
    CLASSES[usize::from(octet)] & class != 0
}

fn all(value: &[u8], class: u8) -> bool {
    value.iter().all(|&octet| is(octet, class))
}

#[cfg(test)]
mod tests;
