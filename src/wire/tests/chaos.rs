//! Whatever comes, in whatever order: nothing panics, what is held stays bounded, and how the input was cut makes no
//! difference. The seeds are fixed, so that a failure can be had again.

use std::collections::HashSet;

use super::*;
use crate::wire::hpack::Decoder;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }

    fn stream(&mut self) -> u32 {
        self.roll(8) as u32
    }

    fn octets(&mut self, most: u64) -> Vec<u8> {
        let length = self.roll(most);
        (0..length).map(|_| self.roll(256) as u8).collect()
    }
}

/// What a peer remembers that mostly keeps the rules.
#[derive(Default)]
struct Peer {
    /// Of the wire that it talks to.
    role: Option<Role>,
    next: u32,
    /// Streams on which it may send a head, and a body.
    awaited: Vec<u32>,
    open: Vec<u32>,
}

impl Peer {
    fn frame(&mut self, dice: &mut Dice) -> Vec<u8> {
        if dice.roll(60) == 0 {
            return bad_frame(dice);
        }
        let end = dice.roll(3) == 0;
        let flags = u8::from(end);
        let open = self.open.get(dice.roll(self.open.len().max(1) as u64) as usize).copied();
        match (dice.roll(14), open) {
            (0..3, _) if self.role == Some(Role::Server) => {
                self.next += 2;
                if !end {
                    self.open.push(self.next - 1);
                }
                headers(self.next - 1, flags, if end { GET } else { POST })
            }
            (0..4, _) if !self.awaited.is_empty() => {
                let stream = self.awaited.remove(dice.roll(self.awaited.len() as u64) as usize);
                if !end {
                    self.open.push(stream);
                }
                headers(stream, flags, OK)
            }
            (4..9, Some(stream)) => {
                if end {
                    self.open.retain(|open| *open != stream);
                }
                match dice.roll(4) {
                    0 if end => headers(stream, END, &[("t", "1")]),
                    1 => {
                        frame(kind::DATA, flags | flag::PADDED, stream, &[&[2][..], &dice.octets(20), &[0; 2]].concat())
                    }
                    _ => data(stream, &dice.octets(40), end),
                }
            }
            (9, Some(stream)) => {
                self.open.retain(|open| *open != stream);
                rst(stream, ErrorCode::CANCEL)
            }
            (10, Some(stream)) => window_update(stream, 1 + dice.roll(5000) as u32),
            (11, _) => settings(&[(4, dice.roll(70_000) as u32), (1, dice.roll(5000) as u32)]),
            (12, Some(stream)) if self.role == Some(Role::Client) => {
                self.next += 2;
                self.awaited.push(self.next);
                push_promise(stream, self.next, GET)
            }
            (13, _) => window_update(0, 1 + dice.roll(5000) as u32),
            _ => ping(0, b"12345678"),
        }
    }
}

/// A frame that is probably wrong.
fn bad_frame(dice: &mut Dice) -> Vec<u8> {
    let stream = dice.stream();
    let flags = dice.roll(2) as u8;
    let small = dice.roll(4) as u32;
    match dice.roll(16) {
        0 => headers(stream, flags, [GET, POST, OK, &[("t", "1")]][small as usize]),
        1 => data(stream, &dice.octets(40), flags == 1),
        2 => frame(kind::DATA, flags | flag::PADDED, stream, &dice.octets(20)),
        3 => frame(kind::HEADERS, flags | flag::PADDED | flag::PRIORITY | flag::END_HEADERS, stream, &dice.octets(20)),
        4 => frame(kind::HEADERS, flags, stream, &script::block(GET)[..small as usize]),
        5 => frame(kind::CONTINUATION, flag::END_HEADERS * flags, stream, &script::block(GET)[small as usize..]),
        6 => rst(stream, ErrorCode(small)),
        7 => window_update(stream, small * 0x2fff_ffff),
        8 => settings(&[(small as u16 + 1, dice.roll(70_000) as u32)]),
        9 => settings_ack(),
        10 => ping(flags, b"12345678"),
        11 => push_promise(stream, stream + small, GET),
        12 => goaway(stream, ErrorCode(small), b"x"),
        13 => headers(stream, flags, &[("content-length", "7"), ("A", "b")]),
        _ => frame(dice.roll(20) as u8, dice.roll(256) as u8, stream, &dice.octets(30)),
    }
}

/// What the session and h2 may do, whatever happened.
fn ours(wire: &mut Wire, dice: &mut Dice, peer: &mut Peer, out: &mut Vec<u8>) {
    let stream = dice.stream();
    let end = dice.roll(2) == 1;
    let frames = match dice.roll(14) {
        12.. if wire.role() == Role::Client => {
            let stream = wire.session_state().next_stream_id;
            let _ = wire.push_list(id(stream), request_list("POST"));
            peer.awaited.push(stream);
            h2_headers(wire.h2_id(id(stream)), end)
        }
        0 | 1 => {
            let _ = wire.push_list(id(stream), list(OK));
            h2_headers(stream, end)
        }
        2 | 3 => data(stream, &dice.octets(40), end),
        4 => rst(stream, ErrorCode::CANCEL),
        5 => settings_ack(),
        6 => {
            let _ = wire.push_list(id(stream + 2), request_list("GET"));
            frame(kind::PUSH_PROMISE, flag::END_HEADERS, stream, &(stream + 2).to_be_bytes())
        }
        7 => {
            wire.consume(id(stream), dice.roll(100) as usize);
            let _ = wire.settings(&[Setting::new(SettingId::INITIAL_WINDOW_SIZE, dice.roll(70_000) as u32)]);
            Vec::new()
        }
        8 => {
            wire.rst_stream(id(stream), ErrorCode::CANCEL);
            wire.ping(*b"12345678");
            Vec::new()
        }
        9 => {
            let _ = wire.set_local_window_size(dice.roll(1 << 31) as u32);
            let next = wire.session_state().next_stream_id;
            wire.set_next_stream_id(next + dice.roll(5) as u32);
            Vec::new()
        }
        10 => {
            if dice.roll(10) == 0 {
                wire.goaway(ErrorCode::NO_ERROR, Some(StreamId::new(dice.roll(9) as u32)), b"x");
            }
            wire.priority(id(stream), id(0), 3, end);
            Vec::new()
        }
        _ => window_update(stream, 5),
    };
    let mut rest = &frames[..];
    while !rest.is_empty() {
        let taken = wire.write(&[IoSlice::new(rest)], out).unwrap();
        rest = &rest[taken..];
    }
    wire.flush(out).unwrap();
}

/// A stream that was closed is not heard of again.
fn check_end(event: &Event, closed: &mut HashSet<StreamId>) {
    let (Event::Head { stream, .. }
    | Event::Data { stream, .. }
    | Event::EndStream { stream }
    | Event::PushPromise { promised: stream, .. }
    | Event::HeadSent { stream, .. }
    | Event::DataSent { stream, .. }
    | Event::EndStreamSent { stream }
    | Event::WindowUpdate { stream, .. }
    | Event::Closed { stream, .. }) = event
    else {
        return;
    };
    assert!(!closed.contains(stream), "{event:?}");
    if matches!(event, Event::Closed { .. }) {
        closed.insert(*stream);
    }
}

/// Runs one story and gives all that can be observed of it.
fn story(seed: u64, role: Role, piece: impl Fn(&mut Dice) -> usize) -> (String, Vec<u8>, Vec<u8>) {
    let config = || Config {
        padding: [crate::wire::Padding::None, crate::wire::Padding::Aligned, crate::wire::Padding::Max]
            [seed as usize % 3],
        ..Config::default()
    };
    let mut wire = Wire::new(role, config());
    let mut dice = Dice(seed * 0x9e37_79b9 + 1);
    let mut cutter = Dice(seed + 77);
    let mut closed = HashSet::new();
    let mut peer = Peer { role: Some(role), ..Peer::default() };
    let (mut events, mut out, mut read) = (String::new(), Vec::new(), Vec::new());
    let preface: &[u8] = if role == Role::Server { CLIENT_PREFACE } else { b"" };
    wire.receive([preface, &settings(&[]), &settings_ack()].concat().into(), Duration::ZERO);
    if role == Role::Client {
        wire.write(&[IoSlice::new(CLIENT_PREFACE)], &mut out).unwrap();
    }
    for _ in 0..60 {
        if dice.roll(3) == 0 {
            ours(&mut wire, &mut dice, &mut peer, &mut out);
        } else {
            let frame = peer.frame(&mut dice);
            let mut rest = &frame[..];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(piece(&mut cutter).clamp(1, rest.len()));
                wire.receive(Bytes::copy_from_slice(now), Duration::ZERO);
                rest = later;
            }
            wire.flush(&mut out).unwrap();
        }
        let told = drain_events(&mut wire);
        for event in &told {
            check_end(event, &mut closed);
        }
        for event in script::render_events(told) {
            events += &event;
            events.push('\n');
        }
        read.extend(read_all(&mut wire));
        assert!(wire.buffered() < 1000);
    }
    (events, out, read)
}

#[test]
fn any_frames_in_any_order_and_cut_anywhere() {
    let (mut failed, mut closed) = (0, 0);
    for seed in 1..3000u64 {
        for role in [Role::Server, Role::Client] {
            let whole = story(seed, role, |_| usize::MAX);
            failed += usize::from(whole.0.contains("error -"));
            closed += whole.0.matches("closed").count();
            script::render_frames(&whole.1, &mut Decoder::new());
            let cut = story(seed, role, |cutter| cutter.roll(6) as usize);
            // Where a body is cut short for its length, how much of it was told before depends on the cut.
            assert!(whole == cut, "seed {seed}, {role:?}:\n{}\n-- cut:\n{}", whole.0, cut.0);
        }
    }
    // The stories are worth something only if many get somewhere.
    assert!(failed > 500 && failed < 5500, "{failed}");
    assert!(closed > 10_000, "{closed}");
}

#[test]
fn any_octets_at_all() {
    for seed in 1..2000u64 {
        let mut dice = Dice(seed * 7919);
        for role in [Role::Server, Role::Client] {
            let mut wire = Wire::new(role, Config::default());
            let preface: &[u8] = if role == Role::Server { CLIENT_PREFACE } else { b"" };
            wire.receive([preface, &settings(&[])].concat().into(), Duration::ZERO);
            let mut noise = dice.octets(400);
            // Lengths of three octets would make one frame of nearly everything.
            noise.iter_mut().step_by(9).for_each(|octet| *octet = 0);
            wire.receive(noise.into(), Duration::ZERO);
            let mut out = Vec::new();
            let written = wire.write(&[IoSlice::new(&dice.octets(400))], &mut out).unwrap();
            assert!(written <= 400);
            wire.flush(&mut out).unwrap();
            drain_events(&mut wire);
            read_all(&mut wire);
        }
    }
}
