//! What the wire costs by itself, h2's part being played by ready-made frames:
//!
//! ```text
//! cargo run --release --no-default-features --example wire
//! ```

use std::error::Error;
use std::hint::black_box;
use std::io::{self, IoSlice, Write};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http2_rs::wire::hpack::Encoder;
use http2_rs::wire::{Config, Event, FieldBlock, Role, StreamId, Wire};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

const REQUESTS: usize = 200_000;
/// Requests that arrive in one turn.
const BATCH: usize = 10;
const FULL_FRAMES: u32 = 50_000;

/// Takes everything at once.
struct Sink;

impl Write for Sink {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(black_box(octets).len())
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(slices.iter().map(|slice| black_box(slice).len()).sum())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

fn write(wire: &mut Wire, mut frames: &[u8]) -> io::Result<()> {
    while !frames.is_empty() {
        let taken = wire.write(&[IoSlice::new(frames)], &mut Sink)?;
        frames = &frames[taken..];
    }
    Ok(())
}

fn request() -> FieldBlock {
    [
        (":method", "GET"),
        (":path", "/"),
        (":scheme", "http"),
        (":authority", "localhost:8080"),
        ("user-agent", "h2load nghttp2/1.52.0"),
    ]
    .into_iter()
    .collect()
}

fn response() -> FieldBlock {
    [
        (":status", "200"),
        ("content-type", "text/plain"),
        ("date", "Mon, 23 Nov 2026 10:00:00 GMT"),
        ("content-length", "12"),
    ]
    .into_iter()
    .collect()
}

fn connected() -> io::Result<Wire> {
    let mut wire = Wire::new(Role::Server, Config::default());
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [&frame(SETTINGS, 0, 0, b"")[..], &frame(SETTINGS, ACK, 0, b"")].concat();
    wire.receive([&preface[..], &settings].concat().into(), Duration::ZERO);
    write(&mut wire, &settings)?;
    Ok(wire)
}

fn headers(encoder: &mut Encoder, stream: u32, flags: u8) -> Vec<u8> {
    let mut block = BytesMut::new();
    encoder.encode(&request(), &mut block);
    frame(HEADERS, flags | END_HEADERS, stream, &block)
}

fn requests() -> Result<(), Box<dyn Error>> {
    let mut wire = connected()?;
    let mut encoder = Encoder::new(4096);
    let streams: Vec<u32> = (0..REQUESTS as u32).map(|number| 1 + 2 * number).collect();
    let mut turns = Vec::new();
    for batch in streams.chunks(BATCH) {
        let mut input = Vec::new();
        let mut output = Vec::new();
        for &stream in batch {
            input.extend(headers(&mut encoder, stream, END_STREAM));
            output.extend(frame(HEADERS, END_HEADERS, stream, &[0x88]));
            output.extend(frame(DATA, END_STREAM, stream, b"hello world!"));
        }
        turns.push((batch, Bytes::from(input), output));
    }
    let response = response();
    let start = Instant::now();
    for (batch, input, output) in turns {
        wire.receive(input, Duration::ZERO);
        while wire.readable() {
            wire.read(wire.to_read().len());
        }
        for &stream in batch {
            wire.push_list(StreamId::new(stream), response.clone()).map_err(|error| format!("{error:?}"))?;
        }
        write(&mut wire, &output)?;
        wire.flush(&mut Sink)?;
        while let Some(event) = wire.next_event() {
            black_box(event);
        }
    }
    println!("a request and its answer: {} ns", start.elapsed().as_nanos() / REQUESTS as u128);
    Ok(())
}

fn bodies() -> Result<(), Box<dyn Error>> {
    let mut wire = connected()?;
    let stream = StreamId::new(1);
    wire.receive(headers(&mut Encoder::new(4096), 1, 0).into(), Duration::ZERO);
    wire.push_list(stream, response()).map_err(|error| format!("{error:?}"))?;
    write(&mut wire, &frame(HEADERS, END_HEADERS, 1, &[0x88]))?;
    let full = frame(DATA, 0, 1, &[7; 16_384]);

    let start = Instant::now();
    for _ in 0..FULL_FRAMES {
        write(&mut wire, &full)?;
        while wire.next_event().is_some() {}
    }
    println!("a 16 KiB frame out: {} ns", start.elapsed().as_nanos() / u128::from(FULL_FRAMES));

    let input = Bytes::from(full);
    let start = Instant::now();
    for _ in 0..FULL_FRAMES {
        wire.receive(input.clone(), Duration::ZERO);
        while let Some(event) = wire.next_event() {
            if let Event::Data { data, .. } = event {
                wire.consume(stream, data.len());
            }
        }
        wire.flush(&mut Sink)?;
    }
    println!("a 16 KiB frame in: {} ns", start.elapsed().as_nanos() / u128::from(FULL_FRAMES));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("a wire: {} octets, an event: {}", size_of::<Wire>(), size_of::<Event>());
    requests()?;
    bodies()
}
