//! HPACK and validation by themselves: nanoseconds for a header block of 7 fields.
//!
//! `cargo run --release --no-default-features --example hpack`

use std::hint::black_box;
use std::time::Instant;

use bytes::BytesMut;
use http2_rs::wire::field::FieldBlock;
use http2_rs::wire::hpack::{DEFAULT_TABLE_SIZE, Decoder, Encoder, Limits};
use http2_rs::wire::validate::{Kind, Rules, validate};

const ROUNDS: u32 = 1_000_000;
const LIMITS: Limits = Limits { list_size: 65536, pairs: 128 };

const REQUEST: [(&str, &str); 7] = [
    (":method", "GET"),
    (":scheme", "https"),
    (":authority", "www.example.com:8443"),
    (":path", "/api/v1/items?page=12&order=desc"),
    ("user-agent", "benchmark/1.0 (linux; x86_64)"),
    ("accept", "application/json, text/plain, */*"),
    ("accept-encoding", "gzip, deflate, br"),
];

/// What changes from block to block.
enum Varying {
    /// Nothing: all but :path come from the table.
    Nothing,
    /// One value that is added to the table each time.
    OneField,
    /// The connection: every block is the first one.
    Everything,
}

fn main() {
    for (name, varying) in [
        ("repeated block", Varying::Nothing),
        ("one new value a block", Varying::OneField),
        ("first block of a connection", Varying::Everything),
    ] {
        let blocks: Vec<FieldBlock> = (0..64u64)
            .map(|round| {
                let mut fields: FieldBlock = REQUEST.into_iter().collect();
                if matches!(varying, Varying::OneField) {
                    fields.retain(|position, _| position != 6);
                    fields.push(b"x-request-id", format!("{:032x}", u128::from(round) * 0x9e37_79b9).as_bytes(), false);
                }
                fields
            })
            .collect();
        let fresh = matches!(varying, Varying::Everything);
        run(name, &blocks, fresh);
    }
}

fn run(name: &str, blocks: &[FieldBlock], fresh: bool) {
    let mut encoder = Encoder::new(DEFAULT_TABLE_SIZE);
    let mut decoder = Decoder::new();
    let mut fields = FieldBlock::new();
    let mut out = BytesMut::new();

    let mut encoded = Vec::new();
    let start = Instant::now();
    for block in blocks.iter().cycle().take(ROUNDS as usize) {
        if fresh {
            encoder = Encoder::new(DEFAULT_TABLE_SIZE);
        }
        out.clear();
        encoder.encode(black_box(block), &mut out);
    }
    let encoding = start.elapsed() / ROUNDS;

    // The same blocks again, kept, so that the decoder can be timed alone.
    encoder = Encoder::new(DEFAULT_TABLE_SIZE);
    for block in blocks.iter().cycle().take(ROUNDS as usize / 8) {
        if fresh {
            encoder = Encoder::new(DEFAULT_TABLE_SIZE);
        }
        out.clear();
        encoder.encode(block, &mut out);
        encoded.push(out.to_vec());
    }
    let start = Instant::now();
    for block in &encoded {
        if fresh {
            decoder = Decoder::new();
        }
        fields.clear();
        let decoded = decoder.decode(black_box(block), LIMITS, &mut fields);
        assert!(decoded.is_ok());
        black_box(&fields);
    }
    let decoding = start.elapsed() / (ROUNDS / 8);

    let rules = Rules { connect_protocol: false, strict_whitespace: true };
    let start = Instant::now();
    for block in blocks.iter().cycle().take(ROUNDS as usize) {
        assert!(black_box(validate(black_box(block), Kind::Request, true, rules)).is_ok());
    }
    let judging = start.elapsed() / ROUNDS;
    println!("{name}: encode {encoding:?}, decode {decoding:?}, validate {judging:?}, {} octets", out.len());
}
