//! A hostile peer at one session, whose owner goes on as if nothing were: no panic, no event out of order, and what is held for
//! the peer stays bounded.

use std::time::Duration;

use arbitrary::Arbitrary;
use bytes::{Bytes, BytesMut};
use http2_rs::transport::pipe::OUTPUT_HIGH_WATER;
use http2_rs::wire::hpack::Encoder;
use http2_rs::wire::{Config, FieldBlock, Role};

use super::reader::{Frame, PREFACE, SETTINGS};
use super::side::{Operation, Side};

#[derive(Debug, Arbitrary)]
pub struct Input {
    server: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
enum Step {
    /// The frame comes in pieces of so many octets.
    Frame(Frame, u8),
    Octets(Vec<u8>),
    /// A header block that is well-formed, whatever may be said of the list.
    Headers {
        stream: u8,
        flags: u8,
        list: List,
        more: Vec<(Name, Vec<u8>)>,
    },
    Promise {
        stream: u8,
        promised: u8,
        list: List,
    },
    Owner(Operation),
    Flush,
    /// The peer reads: the session's output has room again.
    Read,
    End,
    Later(u16),
}

#[derive(Debug, Arbitrary)]
enum List {
    Get,
    Post,
    Head,
    Connect,
    Ok,
    Continue,
    Empty,
}

#[derive(Debug, Arbitrary)]
enum Name {
    ContentLength,
    Cookie,
    Te,
    Status,
    Own(Vec<u8>),
}

impl List {
    fn fields(&self) -> FieldBlock {
        let request = |method| vec![(":method", method), (":scheme", "http"), (":authority", "a"), (":path", "/")];
        match self {
            List::Get => request("GET"),
            List::Post => request("POST"),
            List::Head => request("HEAD"),
            List::Connect => vec![(":method", "CONNECT"), (":authority", "a")],
            List::Ok => vec![(":status", "200")],
            List::Continue => vec![(":status", "100")],
            List::Empty => vec![],
        }
        .into_iter()
        .collect()
    }
}

impl Name {
    fn octets(&self) -> &[u8] {
        match self {
            Name::ContentLength => b"content-length",
            Name::Cookie => b"cookie",
            Name::Te => b"te",
            Name::Status => b":status",
            Name::Own(name) => name,
        }
    }
}

/// A frame of the peer's, with the whole of a header block.
fn frame(kind: u8, flags: u8, stream: u8, before: &[u8], encoder: &mut Encoder, fields: &FieldBlock) -> Bytes {
    let mut block = BytesMut::new();
    encoder.encode(fields, &mut block);
    let mut octets = ((before.len() + block.len()) as u32).to_be_bytes()[1..].to_vec();
    octets.extend_from_slice(&[kind, flags, 0, 0, 0, stream % 16]);
    octets.extend_from_slice(before);
    octets.extend_from_slice(&block);
    octets.into()
}

pub fn run(input: Input) {
    let role = if input.server { Role::Server } else { Role::Client };
    let mut side = Side::new(role, Config::default());
    side.trusts = false;
    let mut encoder = Encoder::new(4096);
    let mut now = Duration::ZERO;
    if input.server {
        side.receive(Bytes::from_static(PREFACE), now);
    }
    side.receive(Bytes::from_static(SETTINGS), now);
    for step in input.steps {
        match step {
            Step::Frame(frame, piece) => {
                for piece in frame.octets().chunks(usize::from(piece).max(1)) {
                    side.receive(Bytes::copy_from_slice(piece), now);
                }
            }
            Step::Octets(octets) => side.receive(octets.into(), now),
            Step::Headers { stream, flags, list, more } => {
                let mut fields = list.fields();
                for (name, value) in &more {
                    fields.push(name.octets(), value, false);
                }
                // END_STREAM is the peer's choice; END_HEADERS stands mostly.
                let flags = if flags == 0xff { 0 } else { 0x04 | flags & 0x01 };
                side.receive(frame(1, flags, stream, &[], &mut encoder, &fields), now);
            }
            Step::Promise { stream, promised, list } => {
                let before = [0, 0, 0, promised % 16];
                side.receive(frame(5, 0x04, stream, &before, &mut encoder, &list.fields()), now);
            }
            Step::Owner(operation) => side.act(&operation),
            Step::Flush => drop(side.session.flush()),
            Step::Read => {
                side.flush();
                side.output.clear();
            }
            Step::End => {
                side.session.with_transport(|pipe| pipe.end_input());
                side.poll(now);
            }
            Step::Later(milliseconds) => now += Duration::from_millis(milliseconds.into()),
        }
        assert!(side.session.with_transport(|pipe| pipe.output_len()) <= OUTPUT_HIGH_WATER);
    }
}
