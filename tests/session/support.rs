//! What the scripts are written with.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http2_rs::session::{Event, Outcome, SendOptions, Session};
use http2_rs::transport::Pipe;
use http2_rs::wire::{Config, ErrorCode, FieldBlock, HeadKind, Role, StreamId};

pub const NOW: Duration = Duration::ZERO;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;

pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;

pub const BODY: SendOptions = SendOptions { end_stream: false, want_trailers: false };
pub const NO_BODY: SendOptions = SendOptions { end_stream: true, want_trailers: false };
pub const TRAILERS: SendOptions = SendOptions { end_stream: false, want_trailers: true };

pub fn id(stream: u32) -> StreamId {
    StreamId::new(stream)
}

pub fn fields(list: &[(&str, &str)]) -> FieldBlock {
    list.iter().copied().collect()
}

pub fn get(path: &str) -> FieldBlock {
    fields(&[(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", path)])
}

pub fn post(path: &str) -> FieldBlock {
    fields(&[(":method", "POST"), (":scheme", "http"), (":authority", "localhost"), (":path", path)])
}

pub fn status(code: &str) -> FieldBlock {
    fields(&[(":status", code)])
}

/// A body of `len` octets of which no two neighbouring pieces look alike.
pub fn octets(len: usize) -> Bytes {
    (0..len).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

/// One line for each event, for scripts that compare whole histories.
pub fn line(event: &Event) -> String {
    match event {
        Event::Headers { stream, kind, end_stream, fields } => {
            let kind = match kind {
                HeadKind::Request => "request",
                HeadKind::Response => "response",
                HeadKind::PushResponse => "push response",
                HeadKind::Informational => "informational",
                HeadKind::Trailers => "trailers",
            };
            let end = if *end_stream { " end" } else { "" };
            let fields: Vec<_> = fields
                .iter()
                .map(|field| format!("{}={}", field.name.escape_ascii(), field.value.escape_ascii()))
                .collect();
            format!("{stream} {kind}{end} {}", fields.join(" "))
        }
        Event::PushPromise { parent, promised, fields } => {
            format!("{parent} promise {promised} {}", fields.pseudo(b":path").unwrap_or_default().escape_ascii())
        }
        Event::Data { stream, data } => format!("{stream} data {}", data.len()),
        Event::End { stream } => format!("{stream} end"),
        Event::Written { stream, outcome } => format!("{stream} written{}", canceled(*outcome)),
        Event::Shutdown { stream, outcome } => format!("{stream} shutdown{}", canceled(*outcome)),
        Event::WantTrailers { stream } => format!("{stream} want trailers"),
        Event::StreamClose { stream, code } => format!("{stream} close {code:?}"),
        Event::FrameError { stream, frame_type, error } => format!("{stream} frame error {frame_type} {}", error.0),
        Event::Priority { stream, parent, weight, exclusive } => {
            format!("{stream} priority {parent} {weight} {exclusive}")
        }
        Event::Settings { .. } => "settings".into(),
        Event::SettingsAck { .. } => "settings ack".into(),
        Event::Ping { payload } => format!("ping {}", payload.escape_ascii()),
        Event::PingAck { payload } => format!("ping ack {}", payload.escape_ascii()),
        Event::Goaway { code, last_stream, data } => format!("goaway {code:?} {last_stream} {}", data.escape_ascii()),
        Event::AltSvc { stream, origin, value } => {
            format!("{stream} altsvc {} {}", origin.escape_ascii(), value.escape_ascii())
        }
        Event::Origin { origins } => format!("origin {}", origins.len()),
        Event::Limit { limit, stream } => format!("{stream} limit {}", limit.name()),
        Event::SessionError { error, code, .. } => format!("session error {} {code:?}", error.0),
        Event::Done => "done".into(),
        Event::TransportEnd => "transport end".into(),
        Event::TransportError(broken) => format!("transport error {:?}", broken.error.kind()),
    }
}

fn canceled(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Sent => "",
        Outcome::Canceled => " canceled",
    }
}

/// One end of a connection, with all it has told so far.
pub struct End {
    pub session: Session<Pipe>,
    /// Told since [`End::take`].
    pub events: Vec<Event>,
    /// All received DATA of each stream.
    pub bodies: BTreeMap<u32, Vec<u8>>,
    /// Streams start reading by themselves, as those of an application that reads do.
    pub reads: bool,
}

impl End {
    pub fn new(role: Role, config: Config) -> End {
        End {
            session: Session::new(role, config, Pipe::new()),
            events: Vec::new(),
            bodies: BTreeMap::new(),
            reads: true,
        }
    }

    /// Polls, and collects what that brings.
    pub fn poll(&mut self) {
        while self.session.poll(NOW) {
            self.collect();
        }
        self.collect();
    }

    pub fn collect(&mut self) {
        while let Some(event) = self.session.next_event() {
            match &event {
                Event::Headers { stream, kind: HeadKind::Request | HeadKind::PushResponse, .. } if self.reads => {
                    let _ = self.session.read_start(*stream);
                }
                Event::Data { stream, data } => {
                    self.bodies.entry(stream.value()).or_default().extend_from_slice(data);
                }
                _ => {}
            }
            self.events.push(event);
        }
    }

    /// Flushes, and takes what there is for the peer.
    pub fn output(&mut self) -> Vec<u8> {
        let mut output = Vec::new();
        loop {
            let all_out = self.session.flush();
            self.collect();
            while let Some(bytes) = self.session.with_transport(Pipe::take_output) {
                output.extend_from_slice(&bytes);
                self.session.with_transport(Pipe::output_done);
            }
            if all_out && !self.session.wants_flush() {
                return output;
            }
        }
    }

    pub fn input(&mut self, bytes: &[u8]) {
        self.session.with_transport(|pipe| pipe.push(Bytes::copy_from_slice(bytes)));
        self.poll();
    }

    /// What was told since the last call, a line each, without the events of the connection itself.
    pub fn told(&mut self) -> Vec<String> {
        let lines = self.events.iter().map(line).filter(|line| !line.starts_with("settings")).collect();
        self.events.clear();
        lines
    }

    pub fn body(&self, stream: u32) -> &[u8] {
        self.bodies.get(&stream).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn request(&mut self, head: FieldBlock, options: SendOptions) -> StreamId {
        let stream = self.session.request(head, options, None).expect("a request");
        if self.reads {
            self.session.read_start(stream).expect("an open stream");
        }
        stream
    }

    pub fn respond(&mut self, stream: u32, code: &str, options: SendOptions) {
        self.session.respond(id(stream), status(code), options).expect("a response");
    }

    pub fn write(&mut self, stream: u32, data: &Bytes) {
        self.session.write(id(stream), [data.clone()]).expect("a write");
    }

    pub fn end(&mut self, stream: u32) {
        self.session.end(id(stream)).expect("an end");
    }

    pub fn reset(&mut self, stream: u32, code: ErrorCode) {
        self.session.rst_stream(id(stream), code).expect("a reset");
    }
}

/// A client and a server session, joined.
pub struct Pair {
    pub client: End,
    pub server: End,
}

impl Pair {
    pub fn new() -> Pair {
        Pair::with(Config::default(), Config::default())
    }

    /// A pair whose SETTINGS have been exchanged and acknowledged.
    pub fn with(client: Config, server: Config) -> Pair {
        let mut pair = Pair { client: End::new(Role::Client, client), server: End::new(Role::Server, server) };
        pair.run();
        assert_eq!(pair.client.told(), [""; 0]);
        assert_eq!(pair.server.told(), [""; 0]);
        pair
    }

    /// Carries bytes both ways until neither side has any.
    pub fn run(&mut self) {
        loop {
            let up = self.client.output();
            self.server.input(&up);
            let down = self.server.output();
            self.client.input(&down);
            if up.is_empty() && down.is_empty() {
                return;
            }
        }
    }
}

/// A frame as the hand-written peer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    pub fn new(kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Frame {
        Frame { kind, flags, stream, payload: payload.as_ref().to_vec() }
    }

    pub fn encode(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&(self.payload.len() as u32).to_be_bytes()[1..]);
        into.extend_from_slice(&[self.kind, self.flags]);
        into.extend_from_slice(&self.stream.to_be_bytes());
        into.extend_from_slice(&self.payload);
    }

    /// The frames that there are, and the octets of one that is not complete.
    pub fn parse_all(mut octets: &[u8]) -> (Vec<Frame>, Vec<u8>) {
        let mut frames = Vec::new();
        while let Some((head, after)) = octets.split_first_chunk::<9>() {
            let len = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let Some((payload, after)) = after.split_at_checked(len) else { break };
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            frames.push(Frame::new(head[3], head[4], stream, payload));
            octets = after;
        }
        (frames, octets.to_vec())
    }

    /// Type and stream, and the flags that matter to a script.
    pub fn brief(&self) -> String {
        let name = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY"];
        let name = match self.kind {
            WINDOW_UPDATE => "WINDOW_UPDATE".to_owned(),
            kind => name.get(usize::from(kind)).map_or_else(|| kind.to_string(), |name| (*name).to_owned()),
        };
        let code = |at: usize| u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap());
        match self.kind {
            DATA => format!("{name} {} {}{}", self.stream, self.payload.len(), self.mark(END_STREAM, " end")),
            HEADERS => format!("{name} {}{}", self.stream, self.mark(END_STREAM, " end")),
            RST_STREAM => format!("{name} {} {:?}", self.stream, ErrorCode(code(0))),
            SETTINGS | PING => format!("{name}{}", self.mark(ACK, " ack")),
            PUSH_PROMISE => format!("{name} {} {}", self.stream, code(0)),
            GOAWAY => format!("{name} {} {:?}", code(0), ErrorCode(code(4))),
            WINDOW_UPDATE => format!("{name} {} {}", self.stream, code(0)),
            _ => format!("{name} {}", self.stream),
        }
    }

    fn mark(&self, flag: u8, mark: &'static str) -> &'static str {
        if self.flags & flag == 0 { "" } else { mark }
    }
}

/// A header block in which every field is spelled out (RFC 7541 section 6.2.2).
pub fn block(list: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in list {
        block.push(0);
        for text in [name, value] {
            assert!(text.len() < 127);
            block.push(text.len() as u8);
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

pub fn get_block(path: &str) -> Vec<u8> {
    block(&[(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", path)])
}

pub fn post_block(path: &str) -> Vec<u8> {
    block(&[(":method", "POST"), (":scheme", "http"), (":authority", "localhost"), (":path", path)])
}

/// A peer that writes its frames by hand, and the session across from it.
pub struct Raw {
    pub end: End,
    unparsed: Vec<u8>,
}

impl Raw {
    /// A server session whose peer has sent its preface and an empty SETTINGS and has acknowledged the session's.
    pub fn server(config: Config) -> Raw {
        let mut raw = Raw { end: End::new(Role::Server, config), unparsed: Vec::new() };
        raw.end.input(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        raw.greet(&[]);
        raw
    }

    /// The same around a client session.
    pub fn client(config: Config) -> Raw {
        Raw::client_with(config, &[])
    }

    /// A client session whose server begins with these settings.
    pub fn client_with(config: Config, settings: &[(u16, u32)]) -> Raw {
        let mut raw = Raw { end: End::new(Role::Client, config), unparsed: Vec::new() };
        let output = raw.end.output();
        let rest = output.strip_prefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("a client's preface");
        raw.unparsed.extend_from_slice(rest);
        raw.greet(settings);
        raw
    }

    fn greet(&mut self, settings: &[(u16, u32)]) {
        self.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(settings)), Frame::new(SETTINGS, ACK, 0, [])]);
        let greeting: Vec<_> = self.receive().iter().map(Frame::brief).collect();
        assert_eq!(greeting, ["SETTINGS", "SETTINGS ack"]);
        assert_eq!(self.end.told(), [""; 0]);
    }

    pub fn send(&mut self, frames: &[Frame]) {
        let mut bytes = Vec::new();
        for frame in frames {
            frame.encode(&mut bytes);
        }
        self.end.input(&bytes);
    }

    /// The frames that the session sends now.
    pub fn receive(&mut self) -> Vec<Frame> {
        let output = self.end.output();
        self.unparsed.extend_from_slice(&output);
        let (frames, rest) = Frame::parse_all(&self.unparsed);
        self.unparsed = rest;
        frames
    }

    /// [`Raw::receive`], a line each.
    pub fn received(&mut self) -> Vec<String> {
        self.receive().iter().map(Frame::brief).collect()
    }
}

pub fn settings_payload(settings: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (setting, value) in settings {
        payload.extend_from_slice(&setting.to_be_bytes());
        payload.extend_from_slice(&value.to_be_bytes());
    }
    payload
}

pub fn headers(stream: u32, flags: u8, block: impl AsRef<[u8]>) -> Frame {
    Frame::new(HEADERS, END_HEADERS | flags, stream, block)
}

pub fn data(stream: u32, flags: u8, payload: impl AsRef<[u8]>) -> Frame {
    Frame::new(DATA, flags, stream, payload)
}

pub fn rst(stream: u32, code: ErrorCode) -> Frame {
    Frame::new(RST_STREAM, 0, stream, code.0.to_be_bytes())
}

pub fn window_update(stream: u32, increment: u32) -> Frame {
    Frame::new(WINDOW_UPDATE, 0, stream, increment.to_be_bytes())
}

pub fn goaway(last: u32, code: ErrorCode) -> Frame {
    Frame::new(GOAWAY, 0, 0, [last.to_be_bytes(), code.0.to_be_bytes()].concat())
}
