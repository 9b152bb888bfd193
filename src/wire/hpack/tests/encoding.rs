//! What the encoder chooses where RFC 7541 leaves it a choice.

use super::*;

#[test]
fn the_encoder_announces_sizes_lowest_then_last() {
    let get = block_of(&[(":method", "GET")]);
    let mut encoder = Encoder::new(4096);
    assert_eq!(encode(&mut encoder, &get), hex("82"), "the default needs no announcement");
    encoder.set_peer_max(65536);
    assert_eq!(encode(&mut encoder, &get), hex("82"), "more than it wants changes nothing");
    encoder.set_peer_max(100);
    assert_eq!(encode(&mut encoder, &get), hex("3f45 82"));
    assert_eq!(encode(&mut encoder, &get), hex("82"), "once");
    for size in [200, 50, 10, 4096, 64] {
        encoder.set_peer_max(size);
    }
    assert_eq!(encode(&mut encoder, &get), hex("2a 3f21 82"));
    encoder.set_peer_max(0);
    encoder.set_peer_max(64);
    assert_eq!(encode(&mut encoder, &get), hex("20 3f21 82"), "to 0 and back empties the peer's table");
    assert_eq!(encode(&mut Encoder::new(100), &get), hex("3f45 82"), "less than the default from the start");
    assert_eq!(encode(&mut Encoder::new(0), &get), hex("20 82"));
    let mut eager = Encoder::new(65536);
    assert_eq!(encode(&mut eager, &get), hex("82"), "more only when the peer allows it");
    eager.set_peer_max(8192);
    assert_eq!(encode(&mut eager, &get), hex("3fe1 3f82"));
}

#[test]
fn the_encoder_indexes_what_is_worth_it() {
    let indexed_twice = |name: &str, value: &str, sensitive: bool| {
        let mut encoder = Encoder::new(4096);
        let mut fields = FieldBlock::new();
        fields.push(name.as_bytes(), value.as_bytes(), sensitive);
        let first = encode(&mut encoder, &fields);
        let second = encode(&mut encoder, &fields);
        (first[0] & 0xf0, second == [0xbe])
    };
    for name in ["content-type", "x-own", "date", "user-agent", ":authority", "server"] {
        let (first, again) = indexed_twice(name, "some value", false);
        assert!(first & 0xc0 == 0x40 && again, "{name}");
    }
    for name in
        [":path", "age", "content-length", "etag", "if-modified-since", "if-none-match", "location", "set-cookie"]
    {
        assert_eq!(indexed_twice(name, "12345", false), (0x00, false), "{name}");
    }
    assert_eq!(indexed_twice("authorization", "Basic YTpi", false), (0x10, false));
    assert_eq!(indexed_twice("cookie", "short=1", false), (0x10, false));
    assert!(indexed_twice("cookie", "a-cookie-of-some-length=1", false).1);
    assert_eq!(indexed_twice("x-own", "some value", true), (0x10, false));
    assert_eq!(indexed_twice(":method", "GET", true), (0x10, false), "not even as a static entry");
    assert_eq!(indexed_twice("x-own", &"v".repeat(3070), false), (0x00, false), "too large a part of the table");
}

#[test]
fn names_are_taken_from_either_table() {
    let mut encoder = Encoder::new(4096);
    assert_eq!(encode(&mut encoder, &block_of(&[("x-own", "!!!!!!")]))[0], 0x40);
    assert_eq!(encode(&mut encoder, &block_of(&[("x-own", "!")])), hex("7e01 21"));
    assert_eq!(encode(&mut encoder, &block_of(&[("x-own", "!")])), hex("be"));
    assert_eq!(encode(&mut encoder, &block_of(&[("x-own", "!!!!!!")])), hex("bf"));
    let mut sensitive = FieldBlock::new();
    sensitive.push(b"x-own", b"?", true);
    assert_eq!(encode(&mut encoder, &sensitive), hex("1f2f 013f"));
}

#[test]
fn strings_are_coded_when_that_is_shorter() {
    let literal = |value: &[u8]| {
        let mut encoder = Encoder::new(4096);
        let mut fields = FieldBlock::new();
        fields.push(b":path", value, false);
        encode(&mut encoder, &fields)
    };
    assert_eq!(literal(b"!!!"), hex("0403 2121 21"), "30 bits are no gain over 3 octets");
    assert_eq!(literal(b"aaa"), hex("0482 18c7"));
    assert_eq!(literal(&[0xff; 3]), hex("0403 ffff ff"));
    assert_eq!(literal(b""), hex("0400"));
}
