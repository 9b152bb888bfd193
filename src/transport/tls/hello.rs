//! Reading a ClientHello (RFC 8446, 4.1.2) that is still in the kernel's buffer: what a client offers, to decide who is to
//! serve it before one octet is consumed.
//!
//! Nothing is judged here beyond what it takes to read on; a hello that does not parse is for node's TLS to refuse.

/// The longest beginning of a connection that is looked at. A hello with post-quantum key shares and a large ticket takes
/// some 4 KiB.
pub const HELLO_LIMIT: usize = 16 * 1024;

const RECORD_HEADER: usize = 5;
const HANDSHAKE_HEADER: usize = 4;
const CONTENT_HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
/// RFC 8446, 5.1: no record of plaintext is longer.
const RECORD_LIMIT: usize = 1 << 14;

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const SIGNATURE_ALGORITHMS: u16 = 13;
const ALPN: u16 = 16;
const PRE_SHARED_KEY: u16 = 41;
const SUPPORTED_VERSIONS: u16 = 43;
const HOST_NAME: u8 = 0;

/// What a client offers, in its order and with the numbers of the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hello {
    pub server_name: Option<Vec<u8>>,
    pub alpn: Vec<Vec<u8>>,
    /// The legacy version alone, if there is no supported_versions.
    pub versions: Vec<u16>,
    pub cipher_suites: Vec<u16>,
    pub groups: Vec<u16>,
    pub signature_schemes: Vec<u16>,
    /// In TLS 1.3. Whether the server knows the session, only it can tell.
    pub asks_to_resume: bool,
}

/// How far a connection's beginning can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peeked {
    /// It may become a ClientHello.
    Incomplete,
    /// It is none, or none that can be read within [`HELLO_LIMIT`].
    Foreign,
    Hello(Box<Hello>),
}

/// Reads the beginning of a connection, in records however small.
pub fn peek(start: &[u8]) -> Peeked {
    match handshake_octets(start) {
        Some(message) => match ready(&message) {
            Some(hello) => parse(hello).map_or(Peeked::Foreign, |hello| Peeked::Hello(Box::new(hello))),
            None if start.len() >= HELLO_LIMIT => Peeked::Foreign,
            None => Peeked::Incomplete,
        },
        None => Peeked::Foreign,
    }
}

/// The payloads of the records at the start, joined; the last may be cut short. None if these are no handshake records
/// that begin with a ClientHello.
fn handshake_octets(mut records: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    while let Some(kind) = records.first() {
        // The version of a record says nothing (RFC 8446, 5.1), but it is 3.x in every TLS there was.
        if *kind != CONTENT_HANDSHAKE || records.get(1).is_some_and(|major| *major != 3) {
            return if joined.is_empty() || !is_whole(&joined) { None } else { Some(joined) };
        }
        let Some((header, rest)) = records.split_at_checked(RECORD_HEADER) else { break };
        let length = Reader(header.get(3..)?).u16()? as usize;
        if length == 0 || length > RECORD_LIMIT {
            return None;
        }
        let payload = rest.get(..length).unwrap_or(rest);
        joined.extend_from_slice(payload);
        if joined.first().is_some_and(|kind| *kind != CLIENT_HELLO) {
            return None;
        }
        if payload.len() < length || is_whole(&joined) {
            break;
        }
        records = rest.get(length..)?;
    }
    Some(joined)
}

fn is_whole(message: &[u8]) -> bool {
    ready(message).is_some()
}

/// The body of the message, once it is all there.
fn ready(message: &[u8]) -> Option<&[u8]> {
    let length = Reader(message.get(1..HANDSHAKE_HEADER)?).u24()?;
    message.get(HANDSHAKE_HEADER..HANDSHAKE_HEADER + length)
}

fn parse(body: &[u8]) -> Option<Hello> {
    let mut hello = Hello::default();
    let mut body = Reader(body);
    hello.versions = vec![body.u16()?];
    body.take(32)?;
    body.vector8()?;
    hello.cipher_suites = body.vector16()?.u16s()?;
    body.vector8()?;
    if body.is_empty() {
        return Some(hello);
    }
    let mut extensions = body.vector16()?;
    if !body.is_empty() {
        return None;
    }
    while !extensions.is_empty() {
        let kind = extensions.u16()?;
        let mut data = extensions.vector16()?;
        match kind {
            SERVER_NAME => hello.server_name = host_name(&mut data)?,
            SUPPORTED_GROUPS => hello.groups = data.vector16()?.u16s()?,
            SIGNATURE_ALGORITHMS => hello.signature_schemes = data.vector16()?.u16s()?,
            PRE_SHARED_KEY => hello.asks_to_resume = true,
            SUPPORTED_VERSIONS => hello.versions = data.vector8()?.u16s()?,
            ALPN => {
                let mut names = data.vector16()?;
                while !names.is_empty() {
                    hello.alpn.push(names.vector8()?.0.to_vec());
                }
            }
            _ => {}
        }
    }
    Some(hello)
}

/// RFC 6066, 3. Some(None) for a list without a host name.
fn host_name(data: &mut Reader<'_>) -> Option<Option<Vec<u8>>> {
    let mut list = data.vector16()?;
    while !list.is_empty() {
        let kind = list.u8()?;
        let name = list.vector16()?;
        if kind == HOST_NAME {
            return Some(Some(name.0.to_vec()));
        }
    }
    Some(None)
}

/// What is left of a message. Every read says None if there is not enough.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, length: usize) -> Option<usize> {
        Some(self.take(length)?.iter().fold(0, |number, octet| number << 8 | usize::from(*octet)))
    }

    fn u8(&mut self) -> Option<u8> {
        self.number(1).map(|number| number as u8)
    }

    fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }

    fn u24(&mut self) -> Option<usize> {
        self.number(3)
    }

    fn vector8(&mut self) -> Option<Reader<'a>> {
        let length = self.number(1)?;
        self.take(length).map(Reader)
    }

    fn vector16(&mut self) -> Option<Reader<'a>> {
        let length = self.number(2)?;
        self.take(length).map(Reader)
    }

    fn u16s(&self) -> Option<Vec<u16>> {
        let pairs = self.0.chunks_exact(2);
        pairs
            .remainder()
            .is_empty()
            .then(|| pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(u16::from_be_bytes).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(length_octets: usize, content: &[u8]) -> Vec<u8> {
        let length = content.len().to_be_bytes();
        [&length[length.len() - length_octets..], content].concat()
    }

    fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_be_bytes()[..], &vector(2, data)].concat()
    }

    /// A ClientHello message that offers what `expected` says.
    fn message() -> Vec<u8> {
        let name = [&[HOST_NAME][..], &vector(2, b"example.org")].concat();
        let extensions = [
            extension(SERVER_NAME, &vector(2, &name)),
            extension(0xfafa, b"grease"),
            extension(SUPPORTED_GROUPS, &vector(2, &[0, 29, 0, 23])),
            extension(SIGNATURE_ALGORITHMS, &vector(2, &[4, 3])),
            extension(ALPN, &vector(2, &[vector(1, b"h2"), vector(1, b"http/1.1")].concat())),
            extension(SUPPORTED_VERSIONS, &vector(1, &[3, 4, 3, 3])),
            extension(PRE_SHARED_KEY, b"identities and binders"),
        ]
        .concat();
        let body = [
            &[3, 3][..],
            &[7; 32],
            &vector(1, &[9; 32]),
            &vector(2, &[0x13, 1, 0xc0, 0x2b]),
            &vector(1, &[0]),
            &vector(2, &extensions),
        ]
        .concat();
        [&[CLIENT_HELLO][..], &vector(3, &body)].concat()
    }

    fn expected() -> Peeked {
        Peeked::Hello(Box::new(Hello {
            server_name: Some(b"example.org".to_vec()),
            alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            versions: vec![0x0304, 0x0303],
            cipher_suites: vec![0x1301, 0xc02b],
            groups: vec![29, 23],
            signature_schemes: vec![0x0403],
            asks_to_resume: true,
        }))
    }

    /// The message in records of at most `size` octets.
    fn records(message: &[u8], size: usize) -> Vec<u8> {
        message.chunks(size).flat_map(|part| [&[CONTENT_HANDSHAKE, 3, 1][..], &vector(2, part)].concat()).collect()
    }

    #[test]
    fn reads_a_hello_in_records_of_any_size_and_from_no_less() {
        for size in [1, 2, 3, 5, 100, RECORD_LIMIT] {
            let octets = records(&message(), size);
            for cut in 0..octets.len() {
                assert_eq!(peek(&octets[..cut]), Peeked::Incomplete, "{cut} of {} by {size}", octets.len());
            }
            assert_eq!(peek(&octets), expected());
            assert_eq!(peek(&[&octets[..], b"more"].concat()), expected());
        }
    }

    #[test]
    fn a_hello_without_extensions_is_one() {
        let body = [&[3, 2][..], &[7; 32], &[0], &vector(2, &[0, 47]), &vector(1, &[0])].concat();
        let octets = records(&[&[CLIENT_HELLO][..], &vector(3, &body)].concat(), 1000);
        let hello = Hello { versions: vec![0x0302], cipher_suites: vec![47], ..Hello::default() };
        assert_eq!(peek(&octets), Peeked::Hello(Box::new(hello)));
    }

    #[test]
    fn what_is_no_client_hello_is_foreign() {
        for foreign in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"PRI * HTTP/2.0\r\n",
            b"\x16\x02",
            b"\x16\x03\x01\x00\x00",
            b"\x16\x03\x01\xff\xff",
            b"\x16\x03\x01\x00\x04\x02",
            b"\x80\x2e\x01\x00\x02",
            b"\x15\x03\x01\x00\x02\x02\x28",
        ] {
            assert_eq!(peek(foreign), Peeked::Foreign, "{foreign:?}");
        }
        // A hello that an alert interrupts.
        let whole = records(&message(), 20);
        assert_eq!(peek(&[&whole[..25], b"\x15\x03\x01\x00\x02\x02\x28"].concat()), Peeked::Foreign);
    }

    #[test]
    fn a_hello_that_does_not_end_is_given_up() {
        let octets = records(&[&[CLIENT_HELLO, 0xff, 0xff, 0xff][..], &[0; HELLO_LIMIT]].concat(), 1000);
        assert_eq!(peek(&octets[..HELLO_LIMIT - 1]), Peeked::Incomplete);
        assert_eq!(peek(&octets[..HELLO_LIMIT]), Peeked::Foreign);
    }

    #[test]
    fn damaged_hellos_do_no_harm() {
        let whole = message();
        for at in HANDSHAKE_HEADER..whole.len() {
            for octet in [0, 1, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = octet;
                assert_ne!(peek(&records(&damaged, RECORD_LIMIT)), Peeked::Incomplete);
            }
        }
    }
}
