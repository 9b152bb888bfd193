//! The peer's concurrency limit, and our own.

use crate::support::*;
use http2_rs::session::Event;
use http2_rs::wire::{Config, ErrorCode, LibraryError, Setting, SettingId};

fn one_stream() -> Config {
    Config { settings: vec![Setting::new(SettingId::MAX_CONCURRENT_STREAMS, 1)], ..Config::default() }
}

#[test]
fn requests_over_the_limit_wait() {
    let mut pair = Pair::with(Config::default(), one_stream());
    for n in 0..5u32 {
        assert_eq!(pair.client.request(post(&format!("/{n}")), BODY), id(2 * n + 1));
        pair.client.write(2 * n + 1, &octets(10));
        pair.client.end(2 * n + 1);
    }
    for n in 0..5u32 {
        let stream = 2 * n + 1;
        pair.run();
        let told = pair.server.told();
        assert_eq!(told.len(), 3, "one at a time: {told:?}");
        assert!(told[0].ends_with(&format!(":path=/{n}")));
        assert_eq!(told[1..], [format!("{stream} data 10"), format!("{stream} end")]);
        pair.server.respond(stream, "200", BODY);
        pair.server.write(stream, &octets(3));
        pair.server.end(stream);
        // The client's next request comes in the same exchange as the answer.
        pair.server.collect();
        let down = pair.server.output();
        pair.client.input(&down);
        pair.server.told();
    }
}

#[test]
fn a_waiting_request_can_be_taken_back() {
    let mut pair = Pair::with(Config::default(), one_stream());
    for _ in 0..3 {
        pair.client.request(get("/"), NO_BODY);
    }
    pair.run();
    pair.client.reset(3, ErrorCode::CANCEL);
    pair.client.collect();
    assert_eq!(pair.client.told(), ["3 close CANCEL"], "at once");
    pair.run();
    assert_eq!(pair.server.told().len(), 2, "the request and its end");
    pair.server.respond(1, "200", NO_BODY);
    pair.run();
    assert_eq!(pair.client.told(), ["1 response end :status=200", "1 end", "1 close NO_ERROR"]);
    let told = pair.server.told();
    assert!(told.iter().any(|line| line.starts_with("5 request")), "{told:?}");
    assert!(!told.iter().any(|line| line.starts_with('3')), "the server never hears of it: {told:?}");
    pair.server.respond(5, "200", NO_BODY);
    pair.run();
    assert_eq!(pair.client.told(), ["5 response end :status=200", "5 end", "5 close NO_ERROR"]);
}

#[test]
fn a_higher_limit_lets_the_waiting_go() {
    let mut raw = Raw::client_with(Config::default(), &[(3, 1)]);
    for _ in 0..4 {
        raw.end.request(get("/"), NO_BODY);
    }
    assert_eq!(raw.received(), ["HEADERS 1 end"]);
    raw.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(&[(3, 3)]))]);
    let mut received = raw.received();
    received.sort();
    assert_eq!(received, ["HEADERS 3 end", "HEADERS 5 end", "SETTINGS ack"]);
}

#[test]
fn a_limit_of_zero_holds_everything() {
    let mut raw = Raw::client_with(Config::default(), &[(3, 0)]);
    raw.end.request(get("/"), NO_BODY);
    assert_eq!(raw.received(), [""; 0]);
    raw.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(&[(3, 100)]))]);
    let mut received = raw.received();
    received.sort();
    assert_eq!(received, ["HEADERS 1 end", "SETTINGS ack"]);
}

#[test]
fn streams_over_our_own_limit_are_refused() {
    let mut raw = Raw::server(one_stream());
    raw.send(&[headers(1, END_STREAM, get_block("/")), headers(3, 0, post_block("/")), data(3, END_STREAM, b"body")]);
    let told = raw.end.told();
    assert_eq!(told.iter().filter(|line| line.contains("request")).count(), 1, "{told:?}");
    assert_eq!(raw.received(), ["RST_STREAM 3 REFUSED_STREAM"]);
    raw.end.respond(1, "200", NO_BODY);
    raw.received();
    raw.send(&[headers(5, END_STREAM, get_block("/"))]);
    raw.end.respond(5, "200", NO_BODY);
    assert_eq!(raw.received(), ["HEADERS 5 end"]);
}

#[test]
fn a_list_that_is_too_long_is_a_frame_error() {
    let mut pair = Pair::new();
    let mut long = get("/");
    long.push(b"x", "y".repeat(200_000).as_bytes(), false);
    let stream = pair.client.session.request(long.clone(), NO_BODY, None).unwrap();
    assert_eq!(stream, id(1));
    pair.client.collect();
    assert_eq!(pair.client.told(), ["1 frame error 1 -522", "1 close REFUSED_STREAM"]);
    // The id is spent, and the connection works.
    assert_eq!(pair.client.request(get("/"), NO_BODY), id(3));
    pair.run();
    assert!(pair.server.told()[0].starts_with("3 request"));
    let mut answer = status("200");
    answer.push(b"x", "y".repeat(200_000).as_bytes(), false);
    pair.server.session.respond(id(3), answer, NO_BODY).unwrap();
    pair.server.collect();
    assert_eq!(pair.server.told(), ["3 frame error 1 -522"]);
    pair.server.reset(3, ErrorCode::INTERNAL_ERROR);
    pair.run();
    assert_eq!(pair.client.told(), ["3 close INTERNAL_ERROR"]);
}

#[test]
fn ids_run_out() {
    let mut pair = Pair::new();
    assert!(pair.client.session.set_next_stream_id(0x7fff_fffd));
    assert!(!pair.client.session.set_next_stream_id(5), "behind");
    assert!(!pair.client.session.set_next_stream_id(0x7fff_fffe), "the server's");
    assert_eq!(pair.client.request(get("/"), NO_BODY), id(0x7fff_fffd));
    assert_eq!(pair.client.request(get("/"), NO_BODY), id(0x7fff_ffff));
    assert_eq!(pair.client.session.request(get("/"), NO_BODY, None), Err(LibraryError::STREAM_ID_NOT_AVAILABLE));
    pair.run();
    for stream in [0x7fff_fffd, 0x7fff_ffff] {
        pair.server.respond(stream, "200", NO_BODY);
    }
    pair.run();
    let told = pair.client.told();
    assert!(told.contains(&"2147483645 close NO_ERROR".to_owned()), "{told:?}");
    assert!(told.contains(&"2147483647 close NO_ERROR".to_owned()), "{told:?}");
}

/// Requests of some 60 KiB each, but for the first in a few octets: all stand in the table (RFC 7541 section 6.1).
fn bombs(count: u32) -> Vec<Frame> {
    // A literal that enters the table: a name of one octet, and a value whose length takes two more (0x7f, 3900 - 127 = 3773).
    let mut entry = vec![0x40, 1, b'x', 0x7f, 0xbd, 0x1d];
    entry.extend_from_slice(&[b'y'; 3900]);
    let first = [get_block("/"), entry].concat();
    let other = [get_block("/"), vec![0x80 | 62; 15]].concat();
    (0..count).map(|index| headers(2 * index + 1, END_STREAM, if index == 0 { &first } else { &other })).collect()
}

#[test]
fn lists_that_nobody_was_told_of_are_bounded() {
    const BOUND: usize = 1024 * 1024;
    let mut raw = Raw::server(Config::default());
    let mut octets = Vec::new();
    for frame in bombs(2000) {
        frame.encode(&mut octets);
    }
    raw.end.session.with_transport(|pipe| pipe.push(octets.into()));
    let mut requests = 0;
    loop {
        let more = raw.end.session.poll(NOW);
        // Again and again, until it was told of them it takes no more.
        assert_eq!(raw.end.session.poll(NOW), more);
        let mut held = 0;
        while let Some(event) = raw.end.session.next_event() {
            if let Event::Headers { fields, .. } = event {
                held += fields.list_size();
                requests += 1;
            }
        }
        assert!(held < BOUND + 65_536, "{held}");
        if !more {
            break;
        }
    }
    assert_eq!(requests, 2000);
}
