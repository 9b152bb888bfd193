//! A mindless h2 and a careless session at one wire, and a peer who answers anything: what goes out stays a sequence of
//! whole frames, and its header blocks can be read.

use std::collections::HashSet;
use std::io::IoSlice;
use std::time::Duration;

use arbitrary::Arbitrary;
use bytes::Bytes;
use http2_rs::wire::hpack::{Decoded, Decoder, Limits};
use http2_rs::wire::{Config, ErrorCode, Event, FieldBlock, Padding, Role, Setting, SettingId, StreamId, Wire};

use super::reader::{Frame, PREFACE, SETTINGS};

#[derive(Debug, Arbitrary)]
pub struct Input {
    server: bool,
    padding: u8,
    steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
enum Step {
    H2(Frame),
    Peer(Frame),
    List(u8, Vec<(Vec<u8>, Vec<u8>)>),
    Body(u8, u16),
    Info(u8, Vec<(Vec<u8>, Vec<u8>)>),
    Consume(u8, u16),
    Settings(u8, u32),
    Ping,
    Priority(u8, u8, u8),
    AltSvc(u8, Vec<u8>, Vec<u8>),
    Origin(Vec<Vec<u8>>),
    Reset(u8, u32),
    GoAway(u32, i32, Vec<u8>),
    Window(u32),
    NextStream(u8),
    Lend(bool),
    Later(u16),
}

fn id(stream: u8) -> StreamId {
    StreamId::new(u32::from(stream % 16))
}

pub fn run(input: Input) {
    let role = if input.server { Role::Server } else { Role::Client };
    let padding = [Padding::None, Padding::Aligned, Padding::Max][usize::from(input.padding) % 3];
    let mut wire = Wire::new(role, Config { padding, ..Config::default() });
    let mut out = Vec::new();
    let mut checker = Checker::new(role);
    let mut now = Duration::ZERO;
    if role == Role::Server {
        wire.receive(Bytes::from_static(PREFACE), now);
    } else {
        write(&mut wire, PREFACE, &mut out);
    }
    wire.receive(Bytes::from_static(SETTINGS), now);
    let mut closed = HashSet::new();
    for step in input.steps {
        match step {
            Step::H2(frame) => write(&mut wire, &frame.octets(), &mut out),
            Step::Peer(frame) => {
                // A table smaller than the default is the checker's to know of, too.
                if frame.is_settings() {
                    checker.decodes = false;
                }
                wire.receive(frame.octets().into(), now);
            }
            Step::List(stream, fields) => {
                let _ = wire.push_list(id(stream), fields.into_iter().collect::<FieldBlock>());
            }
            Step::Body(stream, octets) => wire.push_body(id(stream), vec![b'x'; octets.into()].into()),
            Step::Info(stream, fields) => {
                let _ = wire.inform(id(stream), &fields.into_iter().collect::<FieldBlock>());
            }
            Step::Consume(stream, octets) => wire.consume(id(stream), octets.into()),
            Step::Settings(setting, value) => {
                let _ = wire.settings(&[Setting::new(SettingId(setting.into()), value)]);
            }
            Step::Ping => drop(wire.ping([7; 8])),
            Step::Priority(stream, parent, weight) => {
                wire.priority(id(stream), id(parent), u16::from(weight) + 1, weight % 2 == 0);
            }
            Step::AltSvc(stream, origin, value) => drop(wire.altsvc(id(stream), &origin, &value)),
            Step::Origin(origins) => drop(wire.origin(origins.iter().map(|origin| &origin[..]))),
            Step::Reset(stream, code) => wire.rst_stream(id(stream), ErrorCode(code)),
            Step::GoAway(code, last, data) => {
                wire.goaway(ErrorCode(code), u32::try_from(last).ok().map(StreamId::new), &data)
            }
            Step::Window(size) => drop(wire.set_local_window_size(size)),
            Step::NextStream(stream) => drop(wire.set_next_stream_id(stream.into())),
            Step::Lend(lending) => wire.set_lending(lending),
            Step::Later(milliseconds) => now += Duration::from_millis(milliseconds.into()),
        }
        wire.flush(&mut out).expect("a Vec takes everything");
        checker.check(&out);
        out.clear();
        while wire.readable() {
            wire.read(wire.to_read().len().min(64));
        }
        while let Some(event) = wire.next_event() {
            if let Event::Closed { stream, .. } = event {
                assert!(closed.insert(stream), "{stream:?} closed twice");
            }
        }
    }
}

fn write(wire: &mut Wire, octets: &[u8], out: &mut Vec<u8>) {
    let mut rest = octets;
    while !rest.is_empty() {
        let taken = wire.write(&[IoSlice::new(rest)], out).expect("a Vec takes everything");
        assert!(taken > 0);
        rest = &rest[taken..];
    }
}

/// The peer, as far as it can be sure of what it is sent by a side that speaks at random.
struct Checker {
    preface: usize,
    decoder: Decoder,
    /// Unless it has said what would change how blocks are to be read.
    decodes: bool,
    block: Option<(u32, Vec<u8>)>,
}

impl Checker {
    fn new(role: Role) -> Checker {
        let preface = if role == Role::Client { PREFACE.len() } else { 0 };
        Checker { preface, decoder: Decoder::new(), decodes: true, block: None }
    }

    fn check(&mut self, mut octets: &[u8]) {
        octets = octets.get(std::mem::take(&mut self.preface).min(octets.len())..).unwrap_or_default();
        while let Some((head, rest)) = octets.split_first_chunk::<9>() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            assert!(rest.len() >= length, "half a frame: {head:?}");
            let (payload, rest) = rest.split_at(length);
            self.frame(head[3], head[4], stream, payload);
            octets = rest;
        }
        assert!(octets.is_empty(), "half a head: {octets:?}");
    }

    fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        const CONTINUATION: u8 = 9;
        match (kind, self.block.take()) {
            (CONTINUATION, Some((of, mut block))) => {
                assert_eq!(of, stream);
                block.extend_from_slice(payload);
                self.block_part(flags, stream, block);
            }
            (CONTINUATION, None) => panic!("CONTINUATION of nothing"),
            (_, Some(_)) => panic!("frame {kind} inside of a header block"),
            (1 | 5, None) => {
                let padding = if flags & 0x08 != 0 { 1 + usize::from(payload[0]) } else { 0 };
                let promised = if kind == 5 { 4 } else { 0 };
                let priority = if kind == 1 && flags & 0x20 != 0 { 5 } else { 0 };
                let begin = usize::from(padding > 0) + promised + priority;
                let end = payload.len() - padding.saturating_sub(1);
                self.block_part(flags, stream, payload[begin..end].to_vec());
            }
            (3 | 8, None) => assert_eq!(payload.len(), 4),
            (4, None) => assert_eq!(payload.len() % 6, 0),
            (6, None) => assert_eq!(payload.len(), 8),
            (7, None) => assert!(payload.len() >= 8),
            _ => {}
        }
    }

    fn block_part(&mut self, flags: u8, stream: u32, block: Vec<u8>) {
        if flags & 0x04 == 0 {
            self.block = Some((stream, block));
        } else if self.decodes {
            let mut fields = FieldBlock::new();
            assert_eq!(self.decoder.decode(&block, Limits::NONE, &mut fields), Ok(Decoded::Complete));
        }
    }
}
