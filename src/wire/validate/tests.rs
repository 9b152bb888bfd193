//! Each rule of the module's documentation, as measured on `node:http2`.

use super::*;
use crate::wire::field::Mirror;

type Pairs<'a> = &'a [(&'a str, &'a str)];

const RULES: Rules = Rules { connect_protocol: true, strict_whitespace: true };
const METHOD: (&str, &str) = (":method", "GET");
const SCHEME: (&str, &str) = (":scheme", "http");
const AUTHORITY: (&str, &str) = (":authority", "x");
const PATH: (&str, &str) = (":path", "/");
const CONNECT: (&str, &str) = (":method", "CONNECT");
const PROTOCOL: (&str, &str) = (":protocol", "websocket");
const GET: [(&str, &str); 4] = [METHOD, SCHEME, AUTHORITY, PATH];
const OK: (&str, &str) = (":status", "200");
const TO_GET: Kind = Kind::Response { method: Method::Other };

fn block(fields: Pairs) -> FieldBlock {
    fields.iter().copied().collect()
}

fn judge(kind: Kind, fields: Pairs) -> Result<Verdict, Malformed> {
    validate(&block(fields), kind, false, RULES)
}

fn request(fields: Pairs) -> Result<Verdict, Malformed> {
    judge(Kind::Request, fields)
}

fn response(fields: Pairs) -> Result<Verdict, Malformed> {
    judge(TO_GET, fields)
}

/// GET with more fields.
fn get_with(fields: Pairs) -> Result<Verdict, Malformed> {
    request(&[&GET[..], fields].concat())
}

/// GET with another value of one pseudo-header field.
fn get_but(name: &str, value: &str) -> Result<Verdict, Malformed> {
    request(&GET.map(|field| if field.0 == name { (field.0, value) } else { field }))
}

fn ok_with(fields: Pairs) -> Result<Verdict, Malformed> {
    response(&[&[OK][..], fields].concat())
}

fn trailers_after(head: &Verdict, fields: Pairs) -> Result<Verdict, Malformed> {
    validate(&block(fields), head.next, true, RULES)
}

/// For every octet, whether `judge` says yes, as a set in a readable form.
fn octets(mut judge: impl FnMut(u8) -> bool) -> String {
    (0..=255u8).filter(|&octet| judge(octet)).map(|octet| octet.escape_ascii().to_string()).collect()
}

/// A list with raw octets: GET (or what is given) with one field more or replaced.
fn raw(name: &[u8], value: &[u8]) -> FieldBlock {
    let mut fields = FieldBlock::new();
    let mut replaced = false;
    for (base_name, base_value) in GET {
        let replace = base_name.as_bytes() == name;
        replaced |= replace;
        fields.push(base_name.as_bytes(), if replace { value } else { base_value.as_bytes() }, false);
    }
    if !replaced {
        fields.push(name, value, false);
    }
    fields
}

fn raw_verdict(name: &[u8], value: &[u8]) -> Result<Verdict, Malformed> {
    validate(&raw(name, value), Kind::Request, true, RULES)
}

const LOWER_TOKEN: &str = r"!#$%&\'*+-.0123456789^_`abcdefghijklmnopqrstuvwxyz|~";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

#[test]
fn octets_of_names() {
    let with = |octet| raw_verdict(&[b'a', octet, b'b'], b"v");
    assert_eq!(octets(|octet| with(octet).is_ok_and(|verdict| verdict.to_drop.is_empty())), LOWER_TOKEN);
    assert_eq!(octets(|octet| with(octet) == Err(Malformed::UppercaseName)), UPPER);
    let first = |octet| raw_verdict(&[octet, b'b'], b"v");
    assert_eq!(octets(|octet| first(octet).is_ok_and(|verdict| verdict.to_drop.is_empty())), LOWER_TOKEN);
    assert_eq!(octets(|octet| first(octet).is_err()), format!(":{UPPER}"));
}

#[test]
fn the_first_bad_octet_of_a_name_decides() {
    for name in ["a B", "a:B", " A", "(B", "\0A", ""] {
        assert_eq!(get_with(&[(name, "v")]).unwrap().to_drop, [4], "{name:?}");
    }
    for name in ["A b", "aB:", "A ", "aA\0"] {
        assert_eq!(get_with(&[(name, "v")]), Err(Malformed::UppercaseName), "{name:?}");
    }
}

#[test]
fn octets_of_values() {
    let kept = |value: &[u8]| raw_verdict(b"foo", value).unwrap().to_drop.is_empty();
    let inside = octets(|octet| !kept(&[b'a', octet, b'b']));
    let controls = octets(|octet| octet < 32 && octet != b'\t' || octet == 127);
    assert_eq!(inside, controls);
    for ends in [octets(|octet| !kept(&[octet, b'b'])), octets(|octet| !kept(&[b'a', octet]))] {
        assert_eq!(ends, octets(|octet| octet <= 32 || octet == 127));
    }
    assert!(kept(b""));
    assert!(!kept(b" ") && !kept(b"\t\t"));
}

#[test]
fn whitespace_around_values_can_be_let_pass() {
    let lenient = Rules { strict_whitespace: false, ..RULES };
    let judge =
        |name: &str, value: &str| validate(&raw(name.as_bytes(), value.as_bytes()), Kind::Request, true, lenient);
    for value in [" v", "v\t", " ", "\t v"] {
        assert!(judge("foo", value).unwrap().to_drop.is_empty());
    }
    assert_eq!(judge("foo", "\rv").unwrap().to_drop, [4]);
    assert_eq!(judge("host", " x").unwrap().to_drop, [4]);
    assert_eq!(judge("te", " trailers"), Err(Malformed::Te));
    assert_eq!(judge("content-length", "0 "), Err(Malformed::ContentLength));
    for name in [":path", ":authority", ":method", ":scheme"] {
        assert_eq!(judge(name, " /"), Err(Malformed::PseudoValue), "{name}");
    }
    let extended = block(&[CONNECT, SCHEME, AUTHORITY, PATH, (":protocol", " p")]);
    assert!(validate(&extended, Kind::Request, false, lenient).is_ok());
    assert_eq!(validate(&extended, Kind::Request, false, RULES), Err(Malformed::PseudoValue));
}

#[test]
fn octets_of_pseudo_header_values() {
    let accepted =
        |name: &str, value: &dyn Fn(u8) -> Vec<u8>| octets(|octet| raw_verdict(name.as_bytes(), &value(octet)).is_ok());
    let token = octets(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet));
    assert_eq!(accepted(":method", &|octet| vec![b'A', octet, b'B']), token);
    let visible = octets(|octet| octet > 32 && octet != 127);
    assert_eq!(accepted(":path", &|octet| vec![b'/', octet]), visible);
    assert_eq!(accepted(":path", &|octet| vec![octet, b'b']), "/");
    let scheme = octets(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet));
    assert_eq!(accepted(":scheme", &|octet| vec![b'a', octet]), scheme);
    assert_eq!(accepted(":scheme", &|octet| vec![octet]), octets(|octet| octet.is_ascii_alphabetic()));
    let authority = octets(|octet| octet.is_ascii_alphanumeric() || b"!$%&'()*+,-.:;=[]_~".contains(&octet));
    assert_eq!(accepted(":authority", &|octet| vec![b'a', octet]), authority);
    let host = octets(|octet| raw_verdict(b"host", &[b'a', octet]).unwrap().to_drop.is_empty());
    assert_eq!(host, authority);
}

#[test]
fn requests_need_their_pseudo_headers_once_and_first() {
    assert!(request(&GET).is_ok());
    for absent in 0..4 {
        let mut fields = GET.to_vec();
        let (name, value) = fields.remove(absent);
        assert_eq!(request(&fields), Err(Malformed::MissingPseudo), "without {name}");
        assert_eq!(get_with(&[(name, value)]), Err(Malformed::DuplicatePseudo), "twice {name}");
        assert_eq!(get_but(name, ""), Err(Malformed::PseudoValue), "empty {name}");
        fields.extend([("foo", "v"), (name, value)]);
        assert_eq!(request(&fields), Err(Malformed::PseudoAfterRegular));
        fields[3] = ("f o", "v");
        assert_eq!(request(&fields), Err(Malformed::PseudoAfterRegular), "a dropped field counts");
    }
    assert_eq!(request(&[]), Err(Malformed::MissingPseudo));
    assert_eq!(request(&[("foo", "v")]), Err(Malformed::MissingPseudo));
    assert_eq!(get_with(&[OK]), Err(Malformed::MisplacedPseudo));
    for name in [":foo", ":", ":Method", ":path2"] {
        assert_eq!(request(&[(name, "v"), METHOD, SCHEME, AUTHORITY, PATH]), Err(Malformed::UnknownPseudo));
    }
}

#[test]
fn host_stands_in_for_authority() {
    let without = |fields: Pairs| request(&[&[METHOD, SCHEME, PATH][..], fields].concat());
    assert!(without(&[("host", "x")]).is_ok());
    assert_eq!(without(&[("host", "x y")]), Err(Malformed::MissingPseudo), "dropped");
    assert_eq!(without(&[("host", "x y"), ("host", "x")]).unwrap().to_drop, [3]);
    assert_eq!(without(&[("host", "")]), Err(Malformed::Host));
    assert_eq!(without(&[("host", "x"), ("host", "x")]), Err(Malformed::Host));
    assert!(get_with(&[("host", "y")]).is_ok(), "it may differ from :authority");
    assert_eq!(get_with(&[("host", "")]), Err(Malformed::Host));
    assert_eq!(get_but(":authority", "user@x"), Err(Malformed::PseudoValue));
    for authority in ["x:80", "[::1]:80", "%41", "*", "x,y"] {
        assert!(get_but(":authority", authority).is_ok(), "{authority}");
    }
}

#[test]
fn the_form_of_paths() {
    let judge = |method, scheme, path| request(&[(":method", method), (":scheme", scheme), AUTHORITY, (":path", path)]);
    for scheme in ["http", "https", "HTTP"] {
        for path in ["/", "//", "/a#b", "/%zz", "/\u{e9}"] {
            assert!(judge("GET", scheme, path).is_ok(), "{path}");
        }
        for path in ["*", "x", "http://x/", "?", "**", "#"] {
            assert_eq!(judge("GET", scheme, path), Err(Malformed::Path), "{path}");
        }
        assert!(judge("OPTIONS", scheme, "*").is_ok());
        assert_eq!(judge("options", scheme, "*"), Err(Malformed::Path));
        assert_eq!(judge("OPTIONS", scheme, "*x"), Err(Malformed::Path));
    }
    assert!(judge("GET", "ftp", "x").is_ok() && judge("GET", "ws", "*").is_ok());
    assert!(request(&[(":path", "*"), SCHEME, AUTHORITY, (":method", "OPTIONS")]).is_ok());
}

#[test]
fn connect() {
    let verdict = request(&[CONNECT, AUTHORITY, ("content-length", "5")]).unwrap();
    assert_eq!((verdict.method, verdict.has_protocol, verdict.content_length), (Some(Method::Connect), false, None));
    assert!(request(&[AUTHORITY, CONNECT]).is_ok());
    assert_eq!(request(&[CONNECT]), Err(Malformed::MissingPseudo));
    assert_eq!(request(&[CONNECT, ("host", "x")]), Err(Malformed::MissingPseudo));
    assert_eq!(request(&[CONNECT, AUTHORITY, SCHEME]), Err(Malformed::ForbiddenPseudo));
    assert_eq!(request(&[CONNECT, AUTHORITY, PATH]), Err(Malformed::ForbiddenPseudo));
    assert_eq!(request(&[CONNECT, AUTHORITY, ("content-length", "x")]), Err(Malformed::ContentLength));
    assert_eq!(request(&[(":method", "connect"), AUTHORITY]), Err(Malformed::MissingPseudo));
}

#[test]
fn extended_connect() {
    let extended = [CONNECT, SCHEME, AUTHORITY, PATH, PROTOCOL];
    let verdict = request(&extended).unwrap();
    assert_eq!((verdict.method, verdict.has_protocol), (Some(Method::Connect), true));
    for absent in 1..4 {
        let mut fields = extended.to_vec();
        fields.remove(absent);
        fields.push(("host", "x"));
        assert_eq!(request(&fields), Err(Malformed::MissingPseudo), "host is no substitute here");
    }
    assert_eq!(get_with(&[PROTOCOL]), Err(Malformed::ForbiddenPseudo));
    assert_eq!(request(&[CONNECT, SCHEME, AUTHORITY, PATH, (":protocol", "")]), Err(Malformed::PseudoValue));
    assert_eq!(request(&[CONNECT, SCHEME, AUTHORITY, (":path", "*"), PROTOCOL]), Err(Malformed::Path));
    let unasked = Rules { connect_protocol: false, ..RULES };
    assert_eq!(validate(&block(&extended), Kind::Request, false, unasked), Err(Malformed::ForbiddenPseudo));
}

#[test]
fn connection_specific_fields() {
    for name in ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"] {
        for value in ["close", "", "trailers", "bad\0"] {
            assert_eq!(get_with(&[(name, value)]), Err(Malformed::ConnectionSpecific), "{name}: {value}");
            assert_eq!(ok_with(&[(name, value)]), Err(Malformed::ConnectionSpecific), "{name}: {value}");
            let head = request(&GET).unwrap();
            assert_eq!(trailers_after(&head, &[(name, value)]), Err(Malformed::ConnectionSpecific));
        }
    }
    for value in ["trailers", "TRAILERS", "Trailers"] {
        assert!(get_with(&[("te", value), ("te", value)]).is_ok() && ok_with(&[("te", value)]).is_ok());
    }
    for value in ["", "gzip", "trailers, deflate", "trailers;q=1", " trailers", "trailers\0"] {
        assert_eq!(get_with(&[("te", value)]), Err(Malformed::Te));
        assert_eq!(ok_with(&[("te", value)]), Err(Malformed::Te));
    }
    assert!(get_with(&[("http2-settings", "x"), ("trailer", "x"), ("expect", "100-continue")]).is_ok());
}

#[test]
fn content_length() {
    let length = |value| get_with(&[("content-length", value)]).map(|verdict| verdict.content_length);
    for (value, expected) in [
        ("0", 0),
        ("00", 0),
        ("5", 5),
        ("05", 5),
        ("00000000000000000000000000000000000000005", 5),
        ("9223372036854775807", i64::MAX as u64),
    ] {
        assert_eq!(length(value), Ok(Some(expected)), "{value}");
    }
    for value in
        ["", "+5", "-5", "5 ", " 5", "5,5", "0x5", "5.0", "1e1", "9223372036854775808", "18446744073709551616", "5\0"]
    {
        assert_eq!(length(value), Err(Malformed::ContentLength), "{value:?}");
    }
    for second in ["5", "6", "x"] {
        let twice = get_with(&[("content-length", "5"), ("content-length", second)]);
        assert_eq!(twice, Err(Malformed::ContentLength));
    }
    let ended = |kind, fields: Pairs| validate(&block(fields), kind, true, RULES);
    let five = [&GET[..], &[("content-length", "5")]].concat();
    assert_eq!(ended(Kind::Request, &five), Err(Malformed::EndBeforeContent));
    assert!(ended(Kind::Request, &[&GET[..], &[("content-length", "0")]].concat()).is_ok());
    assert!(ended(Kind::Request, &[CONNECT, AUTHORITY, ("content-length", "5")]).is_ok());
    assert_eq!(ended(TO_GET, &[OK, ("content-length", "5")]), Err(Malformed::EndBeforeContent));
}

#[test]
fn content_length_of_responses() {
    let length = |method, status, value| {
        judge(Kind::Response { method }, &[(":status", status), ("content-length", value)])
            .map(|verdict| (verdict.content_length, verdict.to_drop.len()))
    };
    assert_eq!(length(Method::Other, "200", "5"), Ok((Some(5), 0)));
    assert_eq!(length(Method::Head, "200", "5"), Ok((Some(0), 0)));
    assert_eq!(length(Method::Other, "304", "5"), Ok((Some(0), 0)));
    assert_eq!(length(Method::Other, "204", "0"), Ok((Some(0), 1)));
    for value in ["5", "00", "", "x"] {
        assert_eq!(length(Method::Other, "204", value), Err(Malformed::ContentLength));
    }
    for value in ["0", "5", "x"] {
        assert_eq!(length(Method::Other, "103", value), Err(Malformed::ContentLength));
        assert_eq!(length(Method::Connect, "200", value), Ok((None, 1)));
    }
    assert_eq!(length(Method::Connect, "404", "5"), Ok((None, 0)));
    assert_eq!(response(&[(":status", "204")]).unwrap().content_length, Some(0));
    let twice = [(":status", "204"), ("content-length", "0"), ("content-length", "0")];
    assert_eq!(response(&twice), Err(Malformed::ContentLength));
}

#[test]
fn responses_need_a_status_and_nothing_else() {
    for (value, status) in [("100", 100), ("199", 199), ("200", 200), ("599", 599), ("999", 999)] {
        let verdict = response(&[(":status", value)]).unwrap();
        assert_eq!((verdict.status, verdict.is_informational()), (Some(status), status < 200));
    }
    for value in ["", "20", "2000", "2x0", "099", "000", "101", "+20", " 200", "200 "] {
        assert_eq!(response(&[(":status", value)]), Err(Malformed::PseudoValue), "{value:?}");
    }
    assert_eq!(response(&[]), Err(Malformed::MissingPseudo));
    assert_eq!(response(&[("foo", "v")]), Err(Malformed::MissingPseudo));
    assert_eq!(response(&[OK, OK]), Err(Malformed::DuplicatePseudo));
    assert_eq!(response(&[("foo", "v"), OK]), Err(Malformed::PseudoAfterRegular));
    for name in [":method", ":scheme", ":authority", ":path", ":protocol"] {
        assert_eq!(ok_with(&[(name, "x")]), Err(Malformed::MisplacedPseudo), "{name}");
    }
    assert!(ok_with(&[("host", "x y"), ("host", ""), ("set-cookie", "a")]).unwrap().to_drop.is_empty());
    assert_eq!(ok_with(&[("foo", "x\0"), ("a b", "x"), ("bar", "")]).unwrap().to_drop, [1, 2]);
}

#[test]
fn informational_answers_come_before_the_final_one() {
    let early = response(&[(":status", "103")]).unwrap();
    assert_eq!(early.next, TO_GET);
    let last = judge(early.next, &[OK]).unwrap();
    assert_eq!(judge(last.next, &[OK]), Err(Malformed::MisplacedPseudo));
    assert_eq!(validate(&block(&[(":status", "103")]), TO_GET, true, RULES), Err(Malformed::InformationalEnd));
}

#[test]
fn trailers() {
    let head = request(&GET).unwrap();
    assert!(trailers_after(&head, &[("a", "b"), ("cookie", "x")]).unwrap().to_drop.is_empty());
    assert!(trailers_after(&head, &[]).is_ok());
    assert_eq!(trailers_after(&head, &[("a b", "b"), ("c", "d"), ("e", "\0")]).unwrap().to_drop, [0, 2]);
    assert_eq!(trailers_after(&head, &[("A", "b")]), Err(Malformed::UppercaseName));
    assert_eq!(trailers_after(&head, &[PATH]), Err(Malformed::MisplacedPseudo));
    assert_eq!(trailers_after(&head, &[OK]), Err(Malformed::MisplacedPseudo));
    assert_eq!(trailers_after(&head, &[(":foo", "v")]), Err(Malformed::UnknownPseudo));
    assert_eq!(judge(head.next, &[("a", "b")]), Err(Malformed::TrailersWithoutEnd));
    assert_eq!(trailers_after(&head, &[("content-length", "7")]).unwrap().content_length, Some(7));
    assert_eq!(trailers_after(&head, &[("host", "x y")]).unwrap().to_drop, [0]);
    assert_eq!(trailers_after(&head, &[("host", "")]), Err(Malformed::Host));
    let head = get_with(&[("host", "x"), ("content-length", "2")]).unwrap();
    assert_eq!(trailers_after(&head, &[("host", "x")]), Err(Malformed::Host));
    assert_eq!(trailers_after(&head, &[("content-length", "2")]), Err(Malformed::ContentLength));
}

#[test]
fn trailers_of_responses() {
    let trailers = |method, status, fields: Pairs| {
        let head = judge(Kind::Response { method }, &[(":status", status)]).unwrap();
        trailers_after(&head, fields).map(|verdict| (verdict.content_length, verdict.to_drop.len()))
    };
    let length = [("content-length", "5")];
    assert_eq!(trailers(Method::Other, "200", &length), Ok((Some(5), 0)));
    for (method, status) in
        [(Method::Head, "200"), (Method::Other, "204"), (Method::Other, "304"), (Method::Connect, "204")]
    {
        assert_eq!(trailers(method, status, &length), Err(Malformed::ContentLength), "{method:?} {status}");
    }
    assert_eq!(trailers(Method::Connect, "200", &length), Ok((None, 1)));
    assert_eq!(trailers(Method::Connect, "404", &length), Ok((Some(5), 0)));
    assert_eq!(trailers(Method::Other, "200", &[("host", ""), ("host", "x y")]), Ok((None, 0)));
}

#[test]
fn promised_requests() {
    let promise = |fields: Pairs| judge(Kind::PushPromise, fields);
    for method in ["GET", "HEAD", "POST", "get"] {
        let verdict = promise(&[(":method", method), SCHEME, AUTHORITY, PATH]).unwrap();
        assert_eq!(verdict.next, Kind::Response { method: Method::of(method.as_bytes()) });
    }
    assert!(promise(&[METHOD, SCHEME, PATH, ("host", "x")]).is_ok());
    let with_length = [&GET[..], &[("content-length", "5")]].concat();
    assert_eq!(promise(&with_length).unwrap().content_length, None);
    assert_eq!(promise(&[CONNECT, AUTHORITY]), Err(Malformed::PromisedConnect));
    assert_eq!(promise(&[CONNECT, SCHEME, AUTHORITY, PATH, PROTOCOL]), Err(Malformed::PromisedConnect));
    assert_eq!(promise(&[&GET[..], &[PROTOCOL]].concat()), Err(Malformed::ForbiddenPseudo));
    assert_eq!(promise(&GET[..3]), Err(Malformed::MissingPseudo));
    assert_eq!(promise(&[]), Err(Malformed::MissingPseudo));
}

#[test]
fn what_is_dropped_leaves_the_list_and_the_mirror() {
    use crate::wire::hpack::Limits;
    let mut decoder = Decoder::new();
    let mut fields = FieldBlock::new();
    // GET http x /, then "a b: 1" and "ok: 2", both added to the table.
    let encoded = b"\x82\x86\x84\x01\x01x\x40\x03a b\x011\x40\x02ok\x012";
    decoder.decode(encoded, Limits::NONE, &mut fields).unwrap();
    let verdict = validate(&fields, Kind::Request, true, RULES).unwrap();
    verdict.purge(&mut fields, &mut decoder);
    assert_eq!(fields.len(), 5);
    assert_eq!(fields.value_of(b"a b"), None);
    let mut again = FieldBlock::new();
    decoder.decode(b"\xbe\xbf", Limits::NONE, &mut again).unwrap();
    assert!(matches!(again.field(0).unwrap().mirror, Mirror::Indexed(_)));
    assert!(matches!(again.field(1).unwrap().mirror, Mirror::Added(_)), "the mirror was never told of it");
}
