//! The scripts: what the peer sends, what h2 writes, and what comes of it, as text.
//!
//! Every script runs with its input whole, octet by octet, and cut in two at every place.

use super::*;
use crate::wire::field::Mirror;
use crate::wire::hpack::{Decoder, Encoder, Limits};

type Action = Box<dyn Fn(&mut Wire)>;

enum Step {
    Peer(Vec<u8>),
    Eof,
    H2(Vec<u8>),
    Do(Action),
    At(Duration),
    Events(Vec<String>),
    Sent(Vec<String>),
    H2Reads(Vec<String>),
}

/// How input is cut.
#[derive(Debug, Clone, Copy)]
enum Cut {
    Whole,
    Octets,
    At(usize),
}

pub(super) struct Script {
    role: Role,
    config: fn() -> Config,
    steps: Vec<Step>,
    /// Steps that bring the connection up, and are never cut.
    setup: usize,
    /// Scripts of thousands of frames are not cut at every place.
    cuts: bool,
}

impl Script {
    /// Nothing has been exchanged.
    pub(super) fn bare(role: Role, config: fn() -> Config) -> Script {
        Script { role, config, steps: Vec::new(), setup: 0, cuts: true }
    }

    /// Preface and SETTINGS were exchanged and acknowledged.
    pub(super) fn up(role: Role, config: fn() -> Config) -> Script {
        Script::up_with(role, config, &[])
    }

    /// The same, with settings of the peer's.
    pub(super) fn up_with(role: Role, config: fn() -> Config, settings: &[(u16, u32)]) -> Script {
        let preface: &[u8] = if role == Role::Server { CLIENT_PREFACE } else { b"" };
        let mut h2 = if role == Role::Client { CLIENT_PREFACE.to_vec() } else { Vec::new() };
        h2.extend(h2_settings());
        h2.extend(frame(kind::SETTINGS, flag::ACK, 0, b""));
        let mut script = Script::bare(role, config);
        script.steps.push(Step::Peer([preface, &super::settings(settings), &settings_ack()].concat()));
        script.steps.push(Step::H2(h2));
        script.steps.push(Step::Do(Box::new(|wire| {
            drain_events(wire);
            read_all(wire);
            // The client's preface is no frame, so the first octets are not to be shown.
            wire.flush(&mut Vec::new()).unwrap();
        })));
        script.setup = script.steps.len();
        script
    }

    pub(super) fn server() -> Script {
        Script::up(Role::Server, Config::default)
    }

    pub(super) fn client() -> Script {
        Script::up(Role::Client, Config::default)
    }

    fn step(mut self, step: Step) -> Script {
        self.steps.push(step);
        self
    }

    pub(super) fn uncut(mut self) -> Script {
        self.cuts = false;
        self
    }

    pub(super) fn peer(self, frames: &[Vec<u8>]) -> Script {
        self.step(Step::Peer(frames.concat()))
    }

    pub(super) fn eof(self) -> Script {
        self.step(Step::Eof)
    }

    pub(super) fn h2(self, frames: &[Vec<u8>]) -> Script {
        self.step(Step::H2(frames.concat()))
    }

    pub(super) fn act(self, action: impl Fn(&mut Wire) + 'static) -> Script {
        self.step(Step::Do(Box::new(action)))
    }

    /// The peer sends from now on at that time, in milliseconds.
    pub(super) fn at(self, milliseconds: u64) -> Script {
        self.step(Step::At(Duration::from_millis(milliseconds)))
    }

    /// A list for h2's next HEADERS.
    pub(super) fn list(self, stream: u32, fields: &'static [(&'static str, &'static str)]) -> Script {
        self.act(move |wire| wire.push_list(id(stream), list(fields)).unwrap())
    }

    /// The client sends a request.
    pub(super) fn request(self, stream: u32, method: &'static str, end_stream: bool) -> Script {
        self.act(move |wire| wire.push_list(id(stream), request_list(method)).unwrap())
            .h2(&[h2_headers(stream, end_stream)])
    }

    /// All events since the last look.
    pub(super) fn events(self, lines: &[&str]) -> Script {
        self.step(Step::Events(lines.iter().map(ToString::to_string).collect()))
    }

    /// All frames that went out since the last look.
    pub(super) fn sent(self, lines: &[&str]) -> Script {
        self.step(Step::Sent(lines.iter().map(ToString::to_string).collect()))
    }

    /// All that h2 gets to read since the last look.
    pub(super) fn h2_reads(self, lines: &[&str]) -> Script {
        self.step(Step::H2Reads(lines.iter().map(ToString::to_string).collect()))
    }

    /// Leaves earlier events, frames and octets for h2 out of the next look.
    pub(super) fn forget(self) -> Script {
        self.act(|wire| {
            drain_events(wire);
            read_all(wire);
        })
        .step(Step::Sent(Vec::new()))
    }

    pub(super) fn run(self) {
        let longest = self.steps[self.setup..].iter().map(Step::input).max().unwrap_or_default();
        let stride = if longest <= 600 { 1 } else { longest / 300 };
        let cuts = (1..longest).step_by(stride).map(Cut::At);
        for cut in [Cut::Whole, Cut::Octets].into_iter().chain(cuts) {
            self.play(cut);
            if !self.cuts {
                break;
            }
        }
    }

    fn play(&self, cut: Cut) {
        let mut wire = Wire::new(self.role, (self.config)());
        let mut sent = Vec::new();
        let mut decoder = Decoder::new();
        let mut now = Duration::ZERO;
        for (number, step) in self.steps.iter().enumerate() {
            let cut = if number < self.setup { Cut::Whole } else { cut };
            match step {
                Step::Peer(octets) => {
                    pieces(octets, cut, |piece| {
                        assert_eq!(wire.receive(Bytes::copy_from_slice(piece), now), "", "all is taken");
                    });
                }
                Step::Eof => wire.receive_eof(),
                Step::H2(octets) => pieces(octets, cut, |piece| write_all(&mut wire, piece, &mut sent)),
                Step::Do(action) => action(&mut wire),
                Step::At(time) => now = *time,
                Step::Events(expected) => {
                    assert_eq!(render_events(drain_events(&mut wire)), *expected, "step {number}, {cut:?}");
                }
                Step::Sent(expected) => {
                    wire.flush(&mut sent).unwrap();
                    let frames = render_frames(&std::mem::take(&mut sent), &mut decoder);
                    // An empty expectation that follows another kind of look is `forget`.
                    if !expected.is_empty() || !matches!(self.steps.get(number - 1), Some(Step::Do(_))) {
                        assert_eq!(frames, *expected, "step {number}, {cut:?}");
                    }
                }
                Step::H2Reads(expected) => {
                    let read = read_all(&mut wire);
                    assert_eq!(render_frames(&read, &mut Decoder::new()), *expected, "step {number}, {cut:?}");
                }
            }
        }
    }
}

impl Step {
    fn input(&self) -> usize {
        match self {
            Step::Peer(octets) | Step::H2(octets) => octets.len(),
            _ => 0,
        }
    }
}

fn pieces(octets: &[u8], cut: Cut, mut take: impl FnMut(&[u8])) {
    match cut {
        Cut::Whole => take(octets),
        Cut::Octets => octets.chunks(1).for_each(take),
        Cut::At(place) => {
            let (first, second) = octets.split_at(place.min(octets.len()));
            take(first);
            take(second);
        }
    }
}

fn write_all(wire: &mut Wire, mut octets: &[u8], out: &mut Vec<u8>) {
    while !octets.is_empty() {
        let written = wire.write(&[IoSlice::new(octets)], out).unwrap();
        assert!(written > 0);
        octets = &octets[written..];
    }
}

fn text(octets: &[u8]) -> String {
    octets.escape_ascii().to_string().replace("\\'", "'")
}

fn render_list(fields: &FieldBlock) -> String {
    let mut rendered = String::new();
    for field in fields {
        let sensitive = if field.mirror == Mirror::NeverIndexed { "!" } else { "" };
        rendered += &format!(" {sensitive}{}={}", text(field.name), text(field.value));
    }
    rendered
}

pub(super) fn render_events(events: Vec<Event>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut data: Option<(StreamId, usize)> = None;
    for event in events {
        // How much comes at a time depends on how the input was cut.
        if let Event::Data { stream, data: octets } = &event {
            assert!(!octets.is_empty());
            match &mut data {
                Some((before, length)) if before == stream => {
                    *length += octets.len();
                    lines.pop();
                    lines.push(format!("data {stream:?} {length}"));
                }
                _ => {
                    data = Some((*stream, octets.len()));
                    lines.push(format!("data {stream:?} {}", octets.len()));
                }
            }
            continue;
        }
        data = None;
        lines.push(match event {
            Event::Head { stream, kind, end_stream, fields } => {
                let end = if end_stream { " END" } else { "" };
                format!("{kind:?} {stream:?}{end}{}", render_list(&fields))
            }
            Event::EndStream { stream } => format!("end {stream:?}"),
            Event::PushPromise { parent, promised, fields } => {
                format!("promise {parent:?} {promised:?}{}", render_list(&fields))
            }
            Event::Closed { stream, code } => format!("closed {stream:?} {code:?}"),
            Event::HeadSent { stream, end_stream } => {
                format!("head sent {stream:?}{}", if end_stream { " END" } else { "" })
            }
            Event::DataSent { stream, octets } => format!("data sent {stream:?} {octets}"),
            Event::EndStreamSent { stream } => format!("end sent {stream:?}"),
            Event::GoAway { code, last_stream, data } => format!("goaway {code:?} {last_stream:?} {}", text(&data)),
            Event::AltSvc { stream, origin, value } => format!("altsvc {stream:?} {} {}", text(&origin), text(&value)),
            Event::Origin { origins } => {
                format!("origin {}", origins.iter().map(|o| text(o)).collect::<Vec<_>>().join(" "))
            }
            Event::Priority { stream, parent, weight, exclusive } => {
                format!("priority {stream:?} {parent:?} {weight}{}", if exclusive { " exclusive" } else { "" })
            }
            Event::WindowUpdate { stream, increment } => format!("window {stream:?} {increment}"),
            Event::Ping { payload } => format!("ping {}", text(&payload)),
            Event::PingAcked { payload } => format!("ping acked {}", text(&payload)),
            Event::Limit { limit, stream } => format!("limit {} {stream:?}", limit.name()),
            Event::ConnectionError { error, code, custom } => {
                let custom = custom.map(|custom| format!(" {custom:?}")).unwrap_or_default();
                format!("error {} {code:?}{custom}", error.0)
            }
            Event::SettingsReceived { .. } => "SettingsReceived".to_owned(),
            Event::SettingsAcked { .. } => "SettingsAcked".to_owned(),
            event => format!("{event:?}"),
        });
    }
    lines
}

/// One line for each frame. CONTINUATION is joined to what it continues, so that lists can be shown.
pub(super) fn render_frames(mut octets: &[u8], decoder: &mut Decoder) -> Vec<String> {
    let mut lines = Vec::new();
    let mut block: Option<(String, Vec<u8>)> = None;
    if let Some(rest) = octets.strip_prefix(CLIENT_PREFACE) {
        lines.push("preface".into());
        octets = rest;
    }
    while !octets.is_empty() {
        let (head, rest) = octets.split_first_chunk::<HEAD_LENGTH>().expect("whole frames");
        let head = FrameHead::parse(head);
        let (payload, rest) = rest.split_at(head.length as usize);
        octets = rest;
        let stream = head.stream;
        let number = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        let ack = if head.has(flag::ACK) { " ACK" } else { "" };
        let end = if head.has(flag::END_STREAM) { " END" } else { "" };
        let (payload, padding) = match head.kind {
            kind::DATA | kind::HEADERS | kind::PUSH_PROMISE if head.has(flag::PADDED) => {
                let padding = usize::from(payload[0]);
                (&payload[1..payload.len() - padding], format!(" +{}", padding + 1))
            }
            _ => (payload, String::new()),
        };
        match head.kind {
            kind::DATA => lines.push(format!("DATA {stream:?} {}{end}{padding}", payload.len())),
            kind::HEADERS => block = Some((format!("HEADERS {stream:?}{end}{padding}"), payload.to_vec())),
            kind::PUSH_PROMISE => {
                let promised = u32::from_be_bytes(payload[..4].try_into().unwrap());
                block = Some((format!("PUSH_PROMISE {stream:?} #{promised}{padding}"), payload[4..].to_vec()));
            }
            kind::CONTINUATION => {
                let (line, fragments) = block.as_mut().expect("something to continue");
                *line += " ..";
                fragments.extend_from_slice(payload);
            }
            kind::PRIORITY => lines.push(format!("PRIORITY {stream:?} {:x} {}", number(0), payload[4])),
            kind::RST_STREAM => lines.push(format!("RST_STREAM {stream:?} {:?}", ErrorCode(number(0)))),
            kind::SETTINGS => {
                let mut line = format!("SETTINGS{ack}");
                for entry in payload.chunks(6) {
                    let value = u32::from_be_bytes(entry[2..].try_into().unwrap());
                    line += &format!(" {}={value}", u16::from_be_bytes([entry[0], entry[1]]));
                }
                lines.push(line);
            }
            kind::PING => lines.push(format!("PING{ack} {}", text(payload))),
            kind::GOAWAY => {
                lines.push(format!("GOAWAY #{} {:?} {}", number(0), ErrorCode(number(4)), text(&payload[8..])))
            }
            kind::WINDOW_UPDATE => lines.push(format!("WINDOW_UPDATE {stream:?} {}", number(0))),
            _ => lines.push(format!("type {:#x} {stream:?} {}", head.kind, text(payload))),
        }
        if head.has(flag::END_HEADERS)
            && matches!(head.kind, kind::HEADERS | kind::PUSH_PROMISE | kind::CONTINUATION)
            && let Some((line, fragments)) = block.take()
        {
            let mut fields = FieldBlock::new();
            decoder.decode(&fragments, Limits::NONE, &mut fields).expect("a block that decodes");
            lines.push(line + &render_list(&fields));
        }
    }
    lines
}

/// A block for the peer's HEADERS, without the dynamic table.
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = FieldBlock::new();
    for (name, value) in fields {
        block.push(name.as_bytes(), value.as_bytes(), true);
    }
    let mut out = bytes::BytesMut::new();
    Encoder::new(0).encode(&block, &mut out);
    // The encoder tells that its table is empty, which is not of interest here.
    out.strip_prefix(&[0x20]).unwrap_or(&out).to_vec()
}
