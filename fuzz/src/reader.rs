//! How the input is cut makes no difference: what comes as one piece, and what comes in pieces of any length, are told alike.

use std::time::Duration;

use arbitrary::Arbitrary;
use bytes::Bytes;
use http2_rs::wire::{Config, Event, Role, StreamId, Wire};

#[derive(Debug, Arbitrary)]
pub struct Input {
    server: bool,
    with_preface: bool,
    parts: Vec<Part>,
    /// The lengths of the pieces, over and over.
    cuts: Vec<u8>,
}

#[derive(Debug, Arbitrary)]
enum Part {
    Frame(Frame),
    Octets(Vec<u8>),
}

/// A frame whose length is right, and perhaps nothing else.
#[derive(Debug, Arbitrary)]
pub(crate) struct Frame {
    kind: u8,
    flags: u8,
    stream: u8,
    payload: Vec<u8>,
}

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty one.
pub(crate) const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

impl Frame {
    pub(crate) fn octets(&self) -> Vec<u8> {
        let mut octets = (self.payload.len() as u32).to_be_bytes()[1..].to_vec();
        octets.extend_from_slice(&[self.kind(), self.flags, 0, 0, 0, self.stream % 16]);
        octets.extend_from_slice(&self.payload);
        octets
    }

    pub(crate) fn is_settings(&self) -> bool {
        self.kind() == 4
    }

    fn kind(&self) -> u8 {
        self.kind % 20
    }
}

pub fn run(input: Input) {
    let role = if input.server { Role::Server } else { Role::Client };
    let mut octets = Vec::new();
    if input.with_preface {
        if input.server {
            octets.extend_from_slice(PREFACE);
        }
        octets.extend_from_slice(SETTINGS);
    }
    for part in &input.parts {
        match part {
            Part::Frame(frame) => octets.extend(frame.octets()),
            Part::Octets(raw) => octets.extend(raw),
        }
    }
    let whole = told(role, std::iter::once(Bytes::from(octets.clone())));
    let mut rest = Bytes::from(octets);
    let mut cuts = input.cuts.iter().cycle();
    let pieces = std::iter::from_fn(|| {
        let length = cuts.next().map_or(1, |cut| usize::from(*cut).max(1));
        (!rest.is_empty()).then(|| rest.split_to(length.min(rest.len())))
    });
    assert_eq!(whole, told(role, pieces));
}

/// All that one can see of a wire that received this.
#[derive(Debug, PartialEq)]
struct Told {
    events: Vec<Event>,
    to_h2: Vec<u8>,
    to_peer: Vec<u8>,
}

fn told(role: Role, pieces: impl Iterator<Item = Bytes>) -> Told {
    let mut wire = Wire::new(role, Config::default());
    for piece in pieces {
        wire.receive(piece, Duration::ZERO);
    }
    let mut events = Vec::new();
    let mut body: Option<(StreamId, Vec<u8>)> = None;
    while let Some(event) = wire.next_event() {
        match event {
            // DATA is told as it arrives, so that only the whole of it can be compared.
            Event::Data { stream, data } => match &mut body {
                Some((of, octets)) if *of == stream => octets.extend_from_slice(&data),
                _ => {
                    events.extend(body.take().map(whole));
                    body = Some((stream, data.to_vec()));
                }
            },
            event => {
                events.extend(body.take().map(whole));
                events.push(event);
            }
        }
    }
    events.extend(body.take().map(whole));
    let mut to_peer = Vec::new();
    wire.flush(&mut to_peer).expect("a Vec takes everything");
    Told { events, to_h2: wire.to_read().to_vec(), to_peer }
}

fn whole((stream, octets): (StreamId, Vec<u8>)) -> Event {
    Event::Data { stream, data: octets.into() }
}
