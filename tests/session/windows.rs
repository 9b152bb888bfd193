//! A peer that keeps strict books of its windows, and finds every octet too much that it has not granted: its settings count from
//! their acknowledgement on, updates from when they were sent. It changes its mind at any moment, and reads when it likes.

use std::collections::{BTreeMap, VecDeque};

use crate::random::{Random, seeds};
use crate::support::*;
use bytes::Bytes;
use http2_rs::session::{Event, SendOptions};
use http2_rs::transport::Pipe;
use http2_rs::wire::{Config, ErrorCode, HeadKind, Padding, Role};

const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;
const LARGEST: i64 = 0x7fff_ffff;

/// Each round of the end moves what two windows let through; no script writes as much as this would take.
const MOST_ROUNDS: usize = 1000;

/// What the peer knows of a stream.
#[derive(Debug, Default)]
struct Book {
    window: i64,
    received: usize,
    ended: bool,
    reset: bool,
    /// Of the peer's own part.
    answered: bool,
    complete: bool,
}

/// What the session was asked to send on it.
#[derive(Debug, Default)]
struct Order {
    written: usize,
    headed: bool,
    ended: bool,
    closed: bool,
}

struct Strict {
    end: End,
    role: Role,
    seed: u64,
    unparsed: Vec<u8>,
    connection: i64,
    /// As acknowledged.
    initial: i64,
    /// What SETTINGS said that were not, None for those that said nothing about windows.
    said: VecDeque<Option<i64>>,
    books: BTreeMap<u32, Book>,
    orders: BTreeMap<u32, Order>,
    next: u32,
}

impl Strict {
    fn new(role: Role, config: Config, seed: u64) -> Strict {
        let mut end = End::new(role, config);
        if role == Role::Server {
            end.input(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        }
        let mut strict = Strict {
            end,
            role,
            seed,
            unparsed: Vec::new(),
            connection: 65_535,
            initial: 65_535,
            said: VecDeque::new(),
            books: BTreeMap::new(),
            orders: BTreeMap::new(),
            next: 1,
        };
        strict.settings(&[(MAX_CONCURRENT_STREAMS, 100)]);
        strict
    }

    fn send(&mut self, frames: &[Frame]) {
        let mut octets = Vec::new();
        for frame in frames {
            frame.encode(&mut octets);
        }
        self.end.input(&octets);
        self.listen();
    }

    fn settings(&mut self, settings: &[(u16, u32)]) {
        let window = settings.iter().rev().find(|(id, _)| *id == INITIAL_WINDOW_SIZE).map(|(_, size)| i64::from(*size));
        self.said.push_back(window);
        self.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(settings))]);
    }

    /// What the session has to say to its owner.
    fn listen(&mut self) {
        self.end.collect();
        for event in std::mem::take(&mut self.end.events) {
            match event {
                Event::Headers { stream, kind: HeadKind::Request, .. } => {
                    self.orders.insert(stream.value(), Order::default());
                }
                Event::StreamClose { stream, .. } => self.orders.entry(stream.value()).or_default().closed = true,
                Event::SessionError { .. } | Event::TransportError { .. } => panic!("seed {}: {event:?}", self.seed),
                _ => {}
            }
        }
    }

    /// Flushes, and perhaps takes what there is. The rest waits, first in h2 and in the session, then in the pipe.
    fn carry(&mut self) -> bool {
        self.end.session.flush();
        if self.end.session.wants_poll() {
            self.end.poll();
        }
        self.listen();
        let output = self.end.session.with_transport(|pipe: &mut Pipe| {
            let output = pipe.take_output();
            pipe.output_done();
            output
        });
        let Some(output) = output else { return false };
        self.unparsed.extend_from_slice(&output);
        if self.role == Role::Client && self.unparsed.starts_with(b"PRI") {
            self.unparsed.drain(..24);
        }
        let (frames, rest) = Frame::parse_all(&self.unparsed);
        self.unparsed = rest;
        for frame in frames {
            self.judge(&frame);
        }
        true
    }

    fn judge(&mut self, frame: &Frame) {
        let seed = self.seed;
        match frame.kind {
            SETTINGS if frame.flags & ACK != 0 => {
                let said =
                    self.said.pop_front().unwrap_or_else(|| panic!("seed {seed}: acknowledged what was not said"));
                let Some(size) = said else { return };
                let delta = size - std::mem::replace(&mut self.initial, size);
                for book in self.books.values_mut() {
                    book.window += delta;
                }
            }
            HEADERS => {
                let window = self.initial;
                let book = self.books.entry(frame.stream).or_insert_with(|| Book { window, ..Book::default() });
                book.ended |= frame.flags & END_STREAM != 0;
            }
            DATA => {
                let octets = frame.payload.len() as i64;
                let padding = if frame.flags & 8 == 0 { 0 } else { 1 + usize::from(frame.payload[0]) };
                let book = self.books.get_mut(&frame.stream).expect("an open stream");
                assert!(!book.ended, "seed {seed}: {} goes on", frame.stream);
                book.ended = frame.flags & END_STREAM != 0;
                book.received += frame.payload.len() - padding;
                book.window -= octets;
                self.connection -= octets;
                // Nothing may be sent where there is no room.
                let fits = octets == 0 || book.window >= 0 && self.connection >= 0;
                assert!(
                    fits,
                    "seed {seed}: {} {octets}, which left {} of {}",
                    frame.stream, book.window, self.connection
                );
            }
            RST_STREAM => {
                let code = u32::from_be_bytes(frame.payload[..4].try_into().unwrap());
                assert_eq!(code, ErrorCode::CANCEL.0, "seed {seed}: {} was reset", frame.stream);
                self.books.get_mut(&frame.stream).expect("an open stream").reset = true;
            }
            GOAWAY => panic!("seed {seed}: {}", frame.brief()),
            _ => {}
        }
    }

    fn all(&self, of: impl Fn(&Book) -> bool) -> Vec<u32> {
        self.books.iter().filter(|(_, book)| of(book)).map(|(stream, _)| *stream).collect()
    }

    fn pick(&self, random: &mut Random, of: impl Fn(&Book) -> bool) -> Option<u32> {
        random.pick(&self.all(of))
    }

    /// Grants room, on the connection (stream 0) or a stream.
    fn grant(&mut self, stream: u32, increment: i64) {
        let window = match self.books.get_mut(&stream) {
            Some(book) => &mut book.window,
            None => &mut self.connection,
        };
        // Neither may pass the largest there is, whatever SETTINGS come.
        if *window + increment < LARGEST / 2 {
            *window += increment;
            self.send(&[window_update(stream, increment as u32)]);
        }
    }

    /// One thing that the peer does.
    fn act(&mut self, random: &mut Random) {
        match random.below(12) {
            0..3 => {
                let sizes = [0, 1, random.below(3000), 16_384, random.below(70_000), random.below(200_000)];
                let mut settings = vec![(INITIAL_WINDOW_SIZE, random.pick(&sizes).unwrap_or_default() as u32)];
                if random.chance(4) {
                    settings.push((INITIAL_WINDOW_SIZE, random.below(70_000) as u32));
                }
                self.settings(&settings);
            }
            3 => self.settings(&[(MAX_CONCURRENT_STREAMS, 1 + random.below(100) as u32)]),
            4..6 => self.grant(0, 1 + random.below(100_000) as i64),
            6..9 => {
                if let Some(stream) = self.pick(random, |book| !book.reset && !book.complete) {
                    let most = if random.chance(2) { 2_000 } else { 100_000 };
                    self.grant(stream, 1 + random.below(most) as i64);
                }
            }
            9 if random.chance(4) => {
                if let Some(stream) = self.pick(random, |book| !book.reset && !book.complete) {
                    self.books.get_mut(&stream).expect("picked").reset = true;
                    self.send(&[rst(stream, ErrorCode::CANCEL)]);
                }
            }
            _ => self.say(random),
        }
    }

    /// The peer's own part: a request, an answer, an end.
    fn say(&mut self, random: &mut Random) {
        if self.role == Role::Server && random.chance(2) {
            let stream = self.next;
            self.next += 2;
            let complete = random.chance(2);
            self.books.insert(stream, Book { window: self.initial, answered: true, complete, ..Book::default() });
            let flags = if complete { END_STREAM } else { 0 };
            return self.send(&[headers(stream, flags, post_block("/"))]);
        }
        if let Some(stream) = self.pick(random, |book| !book.reset && !book.complete) {
            self.complete(stream);
        }
    }

    /// Ends the peer's part of a stream.
    fn complete(&mut self, stream: u32) {
        let book = self.books.get_mut(&stream).expect("a stream");
        book.complete = true;
        let ends = match std::mem::replace(&mut book.answered, true) {
            true => data(stream, END_STREAM, []),
            false => headers(stream, END_STREAM, block(&[(":status", "200")])),
        };
        self.send(&[ends]);
    }

    /// One thing that the owner of the session does.
    fn order(&mut self, random: &mut Random) {
        let options = SendOptions { end_stream: false, want_trailers: false };
        if self.role == Role::Client && random.chance(4) {
            let bodiless = random.chance(2);
            let options = SendOptions { end_stream: bodiless, ..options };
            if let Ok(stream) = self.end.session.request(post("/"), options, None) {
                self.orders.insert(stream.value(), Order { headed: true, ended: bodiless, ..Order::default() });
            }
            return self.listen();
        }
        let open: Vec<u32> =
            self.orders.iter().filter(|(_, order)| !order.closed && !order.ended).map(|(stream, _)| *stream).collect();
        let Some(stream) = random.pick(&open) else { return };
        let order = self.orders.get_mut(&stream).expect("picked");
        let session = &mut self.end.session;
        match random.below(8) {
            _ if !order.headed => {
                order.headed = true;
                session.respond(id(stream), status("200"), options).expect("an answer");
            }
            0 | 1 => {
                order.ended = true;
                session.end(id(stream)).expect("an end");
            }
            2 if random.chance(4) => {
                order.ended = true;
                session.rst_stream(id(stream), ErrorCode::CANCEL).expect("a reset");
            }
            _ => {
                let most = random.pick(&[100, 3000, 30_000, 100_000]).unwrap_or_default();
                let length = 1 + random.below(most);
                order.written += length;
                session.write(id(stream), [Bytes::from(vec![7; length])]).expect("a write");
            }
        }
        self.listen();
    }

    fn end_orders(&mut self) {
        let session = &mut self.end.session;
        for (stream, order) in self.orders.iter_mut().filter(|(_, order)| !order.closed && !order.ended) {
            order.ended = true;
            if !std::mem::replace(&mut order.headed, true) {
                session.respond(id(*stream), status("200"), BODY).expect("an answer");
            }
            session.end(id(*stream)).expect("an end");
        }
    }

    /// Whatever was ordered gets its room in the end, and comes.
    fn finish(&mut self) {
        self.settings(&[(MAX_CONCURRENT_STREAMS, 100), (INITIAL_WINDOW_SIZE, 100_000)]);
        let mut rounds = 0;
        let mut idle = 0;
        while idle < 3 {
            rounds += 1;
            assert!(rounds < MOST_ROUNDS, "seed {}: never done: {:?} {:?}", self.seed, self.books, self.orders);
            self.end_orders();
            idle = if self.carry() { 0 } else { idle + 1 };
            self.grant(0, 100_000);
            let waiting = self.all(|book| !book.reset && !book.ended);
            // Those that have ended make room for requests that wait.
            let done = self.all(|book| !book.reset && book.ended && !book.complete);
            if !waiting.is_empty() || !done.is_empty() {
                idle = 0;
            }
            for stream in waiting {
                self.grant(stream, 50_000);
            }
            for stream in done {
                self.complete(stream);
            }
        }
        assert!(self.said.is_empty(), "seed {}: {} SETTINGS without acknowledgement", self.seed, self.said.len());
        for (stream, book) in &self.books {
            let order = &self.orders[stream];
            assert!(
                book.reset || book.ended && book.received == order.written,
                "seed {}: {stream} {book:?} {order:?}",
                self.seed
            );
        }
    }
}

fn play(role: Role, seed: u64, steps: usize) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let padding = [Padding::None, Padding::None, Padding::Max, Padding::Aligned][random.below(4)];
    let mut strict = Strict::new(role, Config { padding, ..Config::default() }, seed);
    for _ in 0..steps {
        match random.below(5) {
            0 | 1 => strict.act(&mut random),
            2 | 3 => strict.order(&mut random),
            _ => drop(strict.carry()),
        }
    }
    strict.finish();
}

#[test]
fn a_server_sends_nothing_that_was_not_granted() {
    for seed in seeds(1..300) {
        play(Role::Server, seed, 200);
    }
}

#[test]
fn a_client_sends_nothing_that_was_not_granted() {
    for seed in seeds(1..300) {
        play(Role::Client, seed, 200);
    }
}
