//! Random scripts: whatever the two sides do, nothing panics, nothing is lost on streams that end well, every stream ends,
//! and every write is answered.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::support::*;
use bytes::Bytes;
use http2_rs::session::{Event, Outcome, SendOptions};
use http2_rs::transport::Pipe;
use http2_rs::wire::{Config, ErrorCode, HeadKind, Padding, Role, Setting, SettingId, StreamId};

/// xorshift64*: the same script for the same seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit.max(1)
    }

    pub fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).copied()
    }

    fn size(&mut self) -> usize {
        match self.below(10) {
            0 => 0,
            1..7 => self.below(300),
            7 | 8 => self.below(20_000),
            _ => self.below(200_000),
        }
    }
}

/// What one side did and saw on one stream.
#[derive(Default)]
struct Record {
    sent: Vec<u8>,
    received: Vec<u8>,
    writes: usize,
    answers: usize,
    headed: bool,
    ended: bool,
    promised: bool,
    got_end: bool,
    closed: Option<ErrorCode>,
}

struct Player {
    end: End,
    role: Role,
    streams: BTreeMap<u32, Record>,
    counter: u8,
}

impl Player {
    fn new(role: Role, config: Config) -> Player {
        let mut end = End::new(role, config);
        end.reads = false;
        Player { end, role, streams: BTreeMap::new(), counter: 0 }
    }

    fn open(&self) -> Vec<u32> {
        self.streams.iter().filter(|(_, record)| record.closed.is_none()).map(|(id, _)| *id).collect()
    }

    fn digest(&mut self, seed: u64) {
        for event in std::mem::take(&mut self.end.events) {
            match event {
                Event::Headers { stream, kind: HeadKind::Request, .. } => {
                    assert!(self.streams.insert(stream.value(), Record::default()).is_none());
                }
                Event::PushPromise { promised, .. } => {
                    let record = Record { promised: true, ended: true, ..Record::default() };
                    assert!(self.streams.insert(promised.value(), record).is_none());
                }
                Event::Headers { stream, .. } => assert!(self.record(stream).closed.is_none()),
                Event::Data { stream, data } => {
                    let record = self.record(stream);
                    assert!(record.closed.is_none() && !record.got_end, "seed {seed}");
                    record.received.extend_from_slice(&data);
                }
                Event::End { stream } => assert!(!std::mem::replace(&mut self.record(stream).got_end, true)),
                Event::Written { stream, outcome } => {
                    let record = self.record(stream);
                    record.answers += 1;
                    assert_eq!(outcome == Outcome::Canceled, record.closed.is_some(), "seed {seed}");
                }
                Event::StreamClose { stream, code } => {
                    assert_ne!(code, ErrorCode::FLOW_CONTROL_ERROR, "seed {seed}: {:?} {stream}", self.role);
                    assert!(self.record(stream).closed.replace(code).is_none(), "seed {seed}: {stream} closed twice");
                }
                Event::SessionError { .. } | Event::TransportError { .. } => {
                    let reason = self.end.output();
                    panic!("seed {seed}: {:?} {event:?}: {}", self.role, reason.escape_ascii())
                }
                _ => {}
            }
        }
    }

    fn record(&mut self, stream: StreamId) -> &mut Record {
        self.streams.get_mut(&stream.value()).expect("a known stream")
    }

    fn act(&mut self, random: &mut Random) {
        let open = self.open();
        let session = &mut self.end.session;
        let options = || SendOptions { end_stream: false, want_trailers: false };
        match random.below(20) {
            0..4 if self.role == Role::Client => {
                let end_stream = random.chance(3);
                let options = SendOptions { end_stream, want_trailers: random.chance(4) };
                if let Ok(stream) = session.request(post("/random"), options, None) {
                    let record = Record { headed: true, ended: end_stream, ..Record::default() };
                    assert!(self.streams.insert(stream.value(), record).is_none());
                }
            }
            0..4 => {
                let Some(stream) = random.pick(&open) else { return };
                let Some(record) = self.streams.get_mut(&stream) else { return };
                if !record.headed {
                    if random.chance(4) {
                        session.info(id(stream), status("103")).ok();
                    }
                    record.headed = true;
                    record.ended |= random.chance(4) && record.sent.is_empty();
                    let options = SendOptions { end_stream: record.ended, want_trailers: random.chance(4) };
                    session.respond(id(stream), status("200"), options).ok();
                }
            }
            4..9 => {
                let Some(stream) = random.pick(&open) else { return };
                let Some(record) = self.streams.get_mut(&stream) else { return };
                if !record.ended {
                    let chunks: Vec<Bytes> = (0..1 + random.below(3))
                        .map(|_| {
                            self.counter = self.counter.wrapping_add(1);
                            Bytes::from(vec![self.counter; random.size()])
                        })
                        .collect();
                    let all = chunks.concat();
                    if session.write(id(stream), chunks).is_ok() {
                        record.sent.extend_from_slice(&all);
                        record.writes += 1;
                    }
                }
            }
            9..12 => {
                let Some(stream) = random.pick(&open) else { return };
                let Some(record) = self.streams.get_mut(&stream) else { return };
                if record.headed && !record.ended {
                    record.ended = true;
                    session.end(id(stream)).unwrap();
                    // Those that want trailers get them; the others refuse.
                    session.trailers(id(stream), fields(&[("t", "1")])).ok();
                }
            }
            12 | 13 => {
                if let Some(stream) = random.pick(&open) {
                    session.read_start(id(stream)).unwrap();
                }
            }
            14 => {
                if let Some(stream) = random.pick(&open) {
                    session.read_stop(id(stream)).unwrap();
                }
            }
            15 if random.chance(3) => {
                if let Some(stream) = random.pick(&open) {
                    // None that a side would use to complain about the other.
                    let code = random.pick(&[ErrorCode::CANCEL, ErrorCode::INTERNAL_ERROR, ErrorCode::REFUSED_STREAM]);
                    session.rst_stream(id(stream), code.unwrap_or(ErrorCode::CANCEL)).unwrap();
                }
            }
            16 => {
                let setting = match random.below(4) {
                    0 => Setting::new(SettingId::INITIAL_WINDOW_SIZE, 2_000 + random.below(200_000) as u32),
                    1 => Setting::new(SettingId::MAX_FRAME_SIZE, 16_384 + random.below(50_000) as u32),
                    2 => Setting::new(SettingId::HEADER_TABLE_SIZE, random.below(9_000) as u32),
                    _ => Setting::new(SettingId::MAX_CONCURRENT_STREAMS, 1 + random.below(20) as u32),
                };
                session.settings(&[setting]).ok();
            }
            17 => {
                session.ping([random.next() as u8; 8]);
                if random.chance(5) {
                    let next = session.state().next_stream_id + 2 * random.below(5) as u32;
                    session.set_next_stream_id(next);
                }
            }
            18 if self.role == Role::Server => {
                let Some(parent) = random.pick(&open) else { return };
                if let Ok(promised) = session.push_promise(id(parent), get("/pushed")) {
                    let record = Record { got_end: true, ..Record::default() };
                    assert!(self.streams.insert(promised.value(), record).is_none());
                }
            }
            19 => {
                session.set_local_window_size(65_535 + random.below(200_000) as u32).ok();
            }
            _ => drop(options()),
        }
    }

    /// Ends everything that is still under way.
    fn finish(&mut self) {
        for stream in self.open() {
            let Some(record) = self.streams.get_mut(&stream) else { continue };
            let session = &mut self.end.session;
            session.read_start(id(stream)).unwrap();
            if !record.headed && !record.promised {
                record.headed = true;
                record.ended = true;
                session.respond(id(stream), status("200"), BODY).unwrap();
                session.end(id(stream)).unwrap();
            } else if !record.ended {
                record.ended = true;
                session.end(id(stream)).unwrap();
            }
            session.trailers(id(stream), fields(&[("t", "1")])).ok();
        }
    }
}

/// Carries some of what one side has to say to the other, cut anywhere.
fn carry(from: &mut Player, to: &mut Player, random: &mut Random, seed: u64) -> bool {
    from.end.session.flush();
    if from.end.session.wants_poll() {
        from.end.poll();
    }
    from.end.collect();
    from.digest(seed);
    let output = from.end.session.with_transport(|pipe| {
        let output = pipe.take_output();
        pipe.output_done();
        output
    });
    let Some(mut output) = output else { return false };
    while !output.is_empty() {
        let piece = output.split_to(1 + random.below(output.len()));
        to.end.session.with_transport(|pipe: &mut Pipe| pipe.push(piece));
        if random.chance(2) {
            to.end.poll();
            to.digest(seed);
        }
    }
    to.end.poll();
    to.digest(seed);
    true
}

fn play(seed: u64, steps: usize) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let config = |random: &mut Random| Config {
        settings: vec![Setting::new(SettingId::INITIAL_WINDOW_SIZE, 2_000 + random.below(100_000) as u32)],
        peer_max_concurrent_streams: 1 + random.below(100) as u32,
        padding: [Padding::None, Padding::None, Padding::Max, Padding::Aligned][random.below(4)],
        ..Config::default()
    };
    let mut client = Player::new(Role::Client, config(&mut random));
    let mut server = Player::new(Role::Server, config(&mut random));
    for _ in 0..steps {
        match random.below(8) {
            0..3 => client.act(&mut random),
            3..6 => server.act(&mut random),
            6 => drop(carry(&mut client, &mut server, &mut random, seed)),
            _ => drop(carry(&mut server, &mut client, &mut random, seed)),
        }
    }
    for _ in 0..10_000 {
        client.finish();
        server.finish();
        let up = carry(&mut client, &mut server, &mut random, seed);
        let down = carry(&mut server, &mut client, &mut random, seed);
        if !up && !down && client.open().is_empty() && server.open().is_empty() {
            break;
        }
    }
    assert_eq!(client.open(), [0; 0], "seed {seed}: the client's streams end");
    assert_eq!(server.open(), [0; 0], "seed {seed}: the server's streams end");
    for (from, to) in [(&client, &server), (&server, &client)] {
        for (stream, record) in &from.streams {
            assert_eq!(record.answers, record.writes, "seed {seed}: stream {stream}: every write is answered");
            let Some(received) = to.streams.get(stream) else {
                // A promise may have met the reset of its parent.
                if stream % 2 == 0 {
                    continue;
                }
                assert_ne!(record.closed, Some(ErrorCode::NO_ERROR), "seed {seed}: stream {stream} was never seen");
                continue;
            };
            if received.got_end && received.closed == Some(ErrorCode::NO_ERROR) && !received.promised {
                assert!(received.received == record.sent, "seed {seed}: stream {stream}: the body is whole");
            }
            assert!(record.sent.starts_with(&received.received), "seed {seed}: stream {stream}: nothing is made up");
        }
    }
    client.end.session.close();
    server.end.session.close();
    while carry(&mut client, &mut server, &mut random, seed) | carry(&mut server, &mut client, &mut random, seed) {}
    client.end.collect();
    assert!(!client.end.session.wants_flush());
}

/// Other scripts than the usual: `SEEDS=5000..6000 cargo test --test session random`
pub fn seeds(usual: Range<u64>) -> Range<u64> {
    let given = std::env::var("SEEDS").ok();
    let parsed = given.as_deref().and_then(|given| given.split_once(".."));
    match parsed.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?))) {
        Some((from, to)) => from..to,
        None => usual,
    }
}

#[test]
fn short_scripts() {
    for seed in seeds(1..400) {
        play(seed, 60);
    }
}

#[test]
fn long_scripts() {
    for seed in seeds(1000..1020) {
        play(seed, 1500);
    }
}
