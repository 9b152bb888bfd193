//! A hostile peer, a careless session and a mindless h2, around one wire.
#![no_main]

use std::io::IoSlice;
use std::time::Duration;

use bytes::Bytes;
use http2_rs::wire::{Config, ErrorCode, Event, FieldBlock, Padding, Role, Setting, SettingId, StreamId, Wire};
use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};

#[derive(Debug, Arbitrary)]
struct Story {
    server: bool,
    padding: u8,
    steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u8,
    payload: Vec<u8>,
}

#[derive(Debug, Arbitrary)]
enum Step {
    /// The frame comes in pieces of so many octets.
    Peer(Frame, u8),
    Raw(Vec<u8>),
    H2(Frame),
    List(u8, Vec<(Vec<u8>, Vec<u8>)>),
    Consume(u8, u16),
    Settings(u8, u32),
    Reset(u8, u32),
    GoAway(i32),
    Window(u32),
    NextStream(u8),
    Later(u16),
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

impl Frame {
    fn octets(&self) -> Vec<u8> {
        let mut octets = (self.payload.len() as u32).to_be_bytes()[1..].to_vec();
        octets.extend_from_slice(&[self.kind % 20, self.flags, 0, 0, 0, self.stream % 16]);
        octets.extend_from_slice(&self.payload);
        octets
    }
}

fn id(stream: u8) -> StreamId {
    StreamId::new(u32::from(stream % 16))
}

fuzz_target!(|story: Story| {
    let role = if story.server { Role::Server } else { Role::Client };
    let padding = [Padding::None, Padding::Aligned, Padding::Max][usize::from(story.padding) % 3];
    let mut wire = Wire::new(role, Config { padding, ..Config::default() });
    let mut out = Vec::new();
    let mut now = Duration::ZERO;
    if role == Role::Server {
        wire.receive(Bytes::from_static(PREFACE), now);
    } else {
        wire.write(&[IoSlice::new(PREFACE)], &mut out).expect("a Vec takes everything");
    }
    wire.receive(Bytes::from_static(SETTINGS), now);
    let mut closed = std::collections::HashSet::new();
    for step in story.steps {
        match step {
            Step::Peer(frame, piece) => {
                for piece in frame.octets().chunks(usize::from(piece).max(1)) {
                    wire.receive(Bytes::copy_from_slice(piece), now);
                }
            }
            Step::Raw(octets) => wire.receive(octets.into(), now),
            Step::H2(frame) => {
                let octets = frame.octets();
                let mut rest = &octets[..];
                while !rest.is_empty() {
                    let taken = wire.write(&[IoSlice::new(rest)], &mut out).expect("a Vec takes everything");
                    assert!(taken > 0);
                    rest = &rest[taken..];
                }
            }
            Step::List(stream, fields) => {
                let _ = wire.push_list(id(stream), fields.into_iter().collect::<FieldBlock>());
            }
            Step::Consume(stream, octets) => wire.consume(id(stream), octets.into()),
            Step::Settings(setting, value) => {
                let _ = wire.settings(&[Setting::new(SettingId(setting.into()), value)]);
            }
            Step::Reset(stream, code) => wire.rst_stream(id(stream), ErrorCode(code)),
            Step::GoAway(last) => wire.goaway(ErrorCode::NO_ERROR, last, b"x"),
            Step::Window(size) => drop(wire.set_local_window_size(size)),
            Step::NextStream(stream) => drop(wire.set_next_stream_id(stream.into())),
            Step::Later(milliseconds) => now += Duration::from_millis(milliseconds.into()),
        }
        wire.flush(&mut out).expect("a Vec takes everything");
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
});
