//! A peer that sends whatever comes to its mind: nothing panics, an offence ends the connection once, and what it makes the
//! session hold is bounded.

use crate::random::{Random, seeds};
use crate::support::*;
use http2_rs::session::Event;
use http2_rs::transport::Pipe;
use http2_rs::wire::{Config, ErrorCode, HeadKind, Role};

/// A frame that is often right, often nearly so, and sometimes noise.
fn frame(random: &mut Random, server: bool) -> Frame {
    let stream = match random.below(12) {
        0 => 0,
        1 => random.next() as u32,
        2..4 => 2 * (1 + random.below(6) as u32),
        _ => 2 * random.below(12) as u32 + 1,
    };
    let flags = match random.below(6) {
        0 => random.next() as u8 & 0x2d,
        1 | 2 => END_HEADERS | END_STREAM,
        _ => END_HEADERS,
    };
    let noise = |random: &mut Random, len: usize| (0..len).map(|_| random.next() as u8).collect::<Vec<u8>>();
    let code = |random: &mut Random| (random.below(16) as u32).to_be_bytes().to_vec();
    let mut frame = match random.below(26) {
        0..8 => {
            let block = match random.below(8) {
                0 => block(&[("x", "trailer")]),
                1 => block(&[(":status", "103")]),
                2 => noise(random, 20),
                3 => vec![0x82, 0x84, 0x86, 0xbe, 0xbf],
                4 => block(&[(":method", "HEAD"), (":scheme", "http"), (":path", "/"), ("content-length", "3")]),
                5 => block(&[(":method", "CONNECT"), (":authority", "a:1")]),
                _ if server => post_block("/"),
                _ => block(&[(":status", "200")]),
            };
            Frame::new(HEADERS, flags, stream, block)
        }
        8..13 => {
            let len = if random.chance(4) { random.below(20_000) } else { random.below(50) };
            Frame::new(DATA, flags & END_STREAM, stream, vec![7; len])
        }
        13 | 14 => Frame::new(RST_STREAM, 0, stream, code(random)),
        15 => {
            let setting = (random.below(10) as u16, random.next() as u32 >> random.below(32));
            Frame::new(SETTINGS, 0, 0, settings_payload(&[setting]))
        }
        16 => Frame::new(SETTINGS, ACK, 0, []),
        17 => Frame::new(PING, flags & ACK, 0, noise(random, 8)),
        18 => goaway(random.below(20) as u32, ErrorCode(random.below(14) as u32)),
        19..22 => window_update(if random.chance(2) { 0 } else { stream }, 1 + random.below(70_000) as u32),
        22 => {
            let promised = (2 * (1 + random.below(9) as u32)).to_be_bytes();
            Frame::new(PUSH_PROMISE, END_HEADERS, stream, [&promised, get_block("/").as_slice()].concat())
        }
        23 => Frame::new(9, flags, stream, noise(random, 5)),
        24 => Frame::new(2, 0, stream, noise(random, 5)),
        _ => {
            let len = random.below(40);
            Frame::new(random.next() as u8 & 15, random.next() as u8, stream, noise(random, len))
        }
    };
    if random.chance(40) {
        frame.payload.truncate(random.below(8));
    }
    frame
}

/// The streams on which the peer may still send, with whether it has sent its head.
type Open = Vec<(u32, bool)>;

/// A frame that offends nobody.
fn polite(random: &mut Random, server: bool, next: &mut u32, open: &mut Open) -> Frame {
    let end = if random.chance(3) { END_STREAM } else { 0 };
    if server && random.chance(3) {
        let stream = *next;
        *next += 2;
        if end == 0 {
            open.push((stream, true));
        }
        return headers(stream, end, if random.chance(2) { post_block("/") } else { get_block("/") });
    }
    let at = random.below(open.len());
    let Some((stream, headed)) = open.get_mut(at) else { return Frame::new(PING, 0, 0, [0; 8]) };
    let stream = *stream;
    match random.below(10) {
        0..5 if *headed => {
            if end != 0 {
                open.swap_remove(at);
            }
            data(stream, end, vec![7; random.below(3000)])
        }
        0..5 => {
            *headed = end == 0 && random.chance(2);
            let status = if *headed || end != 0 { "200" } else { "103" };
            if end != 0 {
                open.swap_remove(at);
            }
            headers(stream, end, block(&[(":status", status)]))
        }
        5 if *headed => {
            open.swap_remove(at);
            headers(stream, END_STREAM, block(&[("x", "trailer")]))
        }
        5 | 6 => {
            open.swap_remove(at);
            rst(stream, ErrorCode(random.below(14) as u32))
        }
        7 | 8 => window_update(if random.chance(2) { 0 } else { stream }, 1 + random.below(10_000) as u32),
        _ => Frame::new(SETTINGS, 0, 0, settings_payload(&[(4, random.below(70_000) as u32)])),
    }
}

/// What an application does that takes everything as it comes.
fn serve(raw: &mut Raw, random: &mut Random) {
    for event in std::mem::take(&mut raw.end.events) {
        let Event::Headers { stream, kind: HeadKind::Request, .. } = event else { continue };
        let session = &mut raw.end.session;
        match random.below(6) {
            0 => drop(session.rst_stream(stream, ErrorCode::CANCEL)),
            1 => {}
            2 => drop(session.push_promise(stream, get("/p"))),
            _ => {
                let _ = session.respond(stream, status("200"), if random.chance(2) { BODY } else { TRAILERS });
                let _ = session.write(stream, [octets(random.below(30_000))]);
                let _ = session.end(stream);
            }
        }
    }
}

fn play(seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let server = random.chance(2);
    let config = Config::default();
    let mut raw = if server { Raw::server(config) } else { Raw::client(config) };
    let reads = random.chance(4);
    // How many frames are polite for one that is not.
    let manners = [0, 5, 50, 1000][random.below(4)];
    let (mut next, mut open) = (1, Open::new());
    let mut failed = false;
    for _ in 0..100 {
        if !server && random.chance(3) {
            let options = if random.chance(2) { BODY } else { NO_BODY };
            if let Ok(stream) = raw.end.session.request(post("/"), options, None) {
                let _ = raw.end.session.write(stream, [octets(random.below(30_000))]);
                for frame in raw.receive() {
                    if frame.kind == HEADERS {
                        open.push((frame.stream, false));
                    }
                }
            }
        }
        let frames: Vec<_> = (0..1 + random.below(4))
            .map(|_| match random.below(manners + 1) {
                0 => frame(&mut random, server),
                _ => polite(&mut random, server, &mut next, &mut open),
            })
            .collect();
        raw.send(&frames);
        for event in &raw.end.events {
            assert!(!failed || !matches!(event, Event::Headers { .. } | Event::Data { .. }), "seed {seed}: {event:?}");
            failed |= matches!(event, Event::SessionError { .. });
        }
        serve(&mut raw, &mut random);
        if reads {
            raw.receive();
        } else {
            raw.end.session.flush();
        }
        let held = raw.end.session.with_transport(|pipe: &mut Pipe| pipe.output_len());
        assert!(held <= 2 * http2_rs::transport::pipe::OUTPUT_HIGH_WATER, "seed {seed}: {held}");
    }
    if random.chance(2) {
        raw.end.session.destroy(ErrorCode::NO_ERROR);
    }
}

#[test]
fn frames_without_sense() {
    for seed in seeds(1..600) {
        play(seed);
    }
}

#[test]
fn bytes_without_sense() {
    for seed in seeds(1..200) {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let role = if random.chance(2) { Role::Server } else { Role::Client };
        let mut end = End::new(role, Config::default());
        if role == Role::Server && random.chance(2) {
            end.input(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        }
        for _ in 0..20 {
            let noise: Vec<u8> = (0..random.below(100)).map(|_| random.next() as u8).collect();
            end.input(&noise);
            end.output();
        }
        let errors = end.events.iter().filter(|event| matches!(event, Event::SessionError { .. })).count();
        assert!(errors <= 1, "seed {seed}");
    }
}

#[test]
fn a_flood_of_pings_that_nobody_reads_is_not_answered_for_ever() {
    let mut raw = Raw::server(Config::default());
    let ping = Frame::new(PING, 0, 0, [0; 8]);
    let mut error = false;
    for _ in 0..2000 {
        raw.send(&vec![ping.clone(); 100]);
        raw.end.session.flush();
        error |= raw.end.events.drain(..).any(|event| matches!(event, Event::SessionError { .. }));
        if error || !raw.end.session.wants_read() {
            break;
        }
    }
    assert!(error || !raw.end.session.wants_read(), "the session stops reading or ends");
}
