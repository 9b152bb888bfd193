//! Bodies: flow control, back-pressure, large and many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::support::*;
use bytes::Bytes;
use http2_rs::session::Event;
use http2_rs::transport::Pipe;
use http2_rs::transport::pipe::OUTPUT_HIGH_WATER;
use http2_rs::wire::{Config, Setting, SettingId};

#[test]
fn large_bodies_go_both_ways() {
    let mut pair = Pair::new();
    let (up, down) = (octets(1_000_003), octets(2_000_001));
    pair.client.request(post("/"), BODY);
    pair.client.write(1, &up);
    pair.client.end(1);
    pair.run();
    pair.server.respond(1, "200", BODY);
    for piece in down.chunks(70_001) {
        pair.server.write(1, &Bytes::copy_from_slice(piece));
    }
    pair.server.end(1);
    pair.run();
    assert!(pair.server.body(1) == up);
    assert!(pair.client.body(1) == down);
    assert_eq!(pair.server.told().last().unwrap(), "1 close NO_ERROR");
    assert_eq!(pair.client.told().last().unwrap(), "1 close NO_ERROR");
}

#[test]
fn two_that_send_and_cannot_go_on_read_all_the_same() {
    let window =
        || Config { settings: vec![Setting::new(SettingId::INITIAL_WINDOW_SIZE, 8_000_000)], ..Config::default() };
    let mut pair = Pair::with(window(), window());
    for end in [&mut pair.client, &mut pair.server] {
        end.session.set_local_window_size(8_000_000).unwrap();
    }
    pair.run();
    let body = octets(4_000_000);
    pair.client.request(post("/"), BODY);
    pair.run();
    pair.server.respond(1, "200", BODY);
    for end in [&mut pair.client, &mut pair.server] {
        end.write(1, &body);
        // What the transport takes is stuck there, and the rest in the session.
        while end.session.with_transport(|pipe| pipe.output_len()) < OUTPUT_HIGH_WATER && !end.session.flush() {}
        end.session.flush();
    }
    let stuck = pair.client.session.with_transport(Pipe::take_output).unwrap();
    pair.server.input(&stuck);
    pair.server.collect();
    assert!(pair.server.session.wants_flush(), "it cannot get rid of its own");
    assert!(pair.server.body(1).len() > 200_000);
}

#[test]
fn a_reader_that_stops_stops_its_sender() {
    let mut pair = Pair::new();
    pair.client.reads = false;
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.told();
    pair.server.respond(1, "200", BODY);
    pair.server.write(1, &octets(100_000));
    pair.server.write(1, &octets(100_000));
    pair.server.end(1);
    pair.run();
    assert_eq!(pair.client.body(1).len(), 65_535, "a default window");
    assert_eq!(pair.server.told(), [""; 0], "no write is answered before it left");
    pair.client.session.read_start(id(1)).unwrap();
    pair.run();
    assert_eq!(pair.client.body(1).len(), 200_000);
    assert_eq!(pair.server.told(), ["1 written", "1 written", "1 shutdown", "1 close NO_ERROR"]);
}

#[test]
fn a_paused_reader_stops_nobody_else() {
    let mut pair = Pair::new();
    pair.client.reads = false;
    pair.client.request(get("/"), NO_BODY);
    pair.client.request(get("/"), NO_BODY);
    pair.client.session.read_start(id(3)).unwrap();
    pair.run();
    for stream in [1, 3] {
        pair.server.respond(stream, "200", BODY);
        pair.server.write(stream, &octets(500_000));
        pair.server.end(stream);
    }
    pair.run();
    assert_eq!(pair.client.body(1).len(), 65_535);
    assert_eq!(pair.client.body(3).len(), 500_000);
}

#[test]
fn pausing_in_the_middle_holds_the_window() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.respond(1, "200", BODY);
    pair.server.write(1, &octets(10_000));
    pair.run();
    pair.client.session.read_stop(id(1)).unwrap();
    pair.server.write(1, &octets(200_000));
    pair.run();
    let received = pair.client.body(1).len();
    assert!((65_535..=75_535).contains(&received), "{received}");
    pair.client.session.read_start(id(1)).unwrap();
    pair.run();
    assert_eq!(pair.client.body(1).len(), 210_000);
}

#[test]
fn a_peer_that_does_not_read_its_socket_is_not_buffered_for() {
    let windows = vec![Setting::new(SettingId::INITIAL_WINDOW_SIZE, 100_000_000)];
    let mut pair = Pair::with(Config { settings: windows, ..Config::default() }, Config::default());
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    // The client gives the server all the window it may want, and then the server's transport is stuck.
    pair.client.session.set_local_window_size(100_000_000).unwrap();
    pair.run();
    let server = &mut pair.server;
    server.told();
    server.respond(1, "200", BODY);
    for _ in 0..4 {
        server.write(1, &octets(4_000_000));
    }
    while server.session.with_transport(Pipe::take_output).is_some() {}
    assert!(!server.session.flush());
    assert!(!server.session.flush(), "and still");
    assert!(server.session.wants_flush());
    server.collect();
    assert_eq!(server.told(), [""; 0]);
    let held = server.session.with_transport(|pipe| pipe.output_len());
    assert!(held <= http2_rs::transport::pipe::OUTPUT_HIGH_WATER, "{held}");
}

#[test]
fn input_that_waited_for_room_is_asked_for_again() {
    // What waits to be sent is all the memory there is.
    let config = Config { max_session_memory: 2000, max_session_rejected_streams: 10_000, ..Config::default() };
    let mut raw = Raw::server(config);
    let windows = settings_payload(&[(4, 100_000_000)]);
    raw.send(&[Frame::new(SETTINGS, 0, 0, windows), window_update(0, 100_000_000)]);
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.receive();
    raw.end.respond(1, "200", BODY);
    // Small pieces, which are copied between the frames. Bodies do not keep a session from reading: a peer that is in the same
    // plight would wait for ever.
    for _ in 0..1000 {
        raw.end.write(1, &octets(1000));
    }
    for _ in 0..3 {
        raw.end.session.flush();
    }
    assert!(raw.end.session.wants_read());
    // A reset has 13 octets.
    let refused: Vec<_> = (1..2600).map(|index| headers(2 * index + 1, END_STREAM, get_block("/refused"))).collect();
    raw.send(&refused);
    assert!(!raw.end.session.wants_read());
    raw.end.told();
    raw.send(&[headers(6001, END_STREAM, get_block("/late"))]);
    let is_late = |line: &String| line.contains("/late");
    assert!(!raw.end.told().iter().any(is_late), "not while the answer to the first is stuck");
    assert!(!raw.end.session.wants_poll());
    let resets = raw.received().iter().filter(|line| line.starts_with("RST_STREAM")).count();
    assert_eq!(resets, refused.len());
    assert!(raw.end.session.wants_poll());
    raw.end.poll();
    assert!(raw.end.told().iter().any(is_late));
    assert!(!raw.end.session.wants_poll());
}

#[test]
fn streams_share_the_connection() {
    // A window for the connection of 65535, and two bodies of ten times that: neither may starve.
    let mut raw = Raw::client_with(Config::default(), &[(4, 10_000_000)]);
    for _ in 0..2 {
        raw.end.request(post("/"), BODY);
    }
    raw.end.write(1, &octets(650_000));
    raw.end.write(3, &octets(650_000));
    let mut sent = [0, 0];
    for _ in 0..8 {
        for frame in raw.receive() {
            if frame.kind == DATA {
                sent[usize::from(frame.stream == 3)] += frame.payload.len();
            }
        }
        raw.send(&[window_update(0, 65_535)]);
    }
    assert!(sent.iter().all(|sent| *sent >= 3 * 60_000), "{sent:?}");
    assert!(sent[0] + sent[1] <= 8 * 65_535);
}

#[test]
fn frames_are_no_larger_than_the_peer_allows() {
    let mut raw = Raw::client_with(Config::default(), &[(5, 20_000)]);
    raw.end.request(post("/"), BODY);
    raw.end.write(1, &octets(50_000));
    raw.end.end(1);
    let frames = raw.receive();
    let sizes: Vec<_> = frames.iter().filter(|frame| frame.kind == DATA).map(|frame| frame.payload.len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 50_000);
    assert!(sizes.iter().all(|size| *size <= 20_000), "{sizes:?}");
    let body: Vec<u8> =
        frames.iter().filter(|frame| frame.kind == DATA).flat_map(|frame| frame.payload.clone()).collect();
    assert!(body == octets(50_000));
}

#[test]
fn bodies_are_not_copied_before_they_are_sent() {
    struct Shared(Vec<u8>, Arc<AtomicU32>);
    impl AsRef<[u8]> for Shared {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    impl Drop for Shared {
        fn drop(&mut self) {
            self.1.fetch_add(1, Relaxed);
        }
    }
    let dropped = Arc::new(AtomicU32::new(0));
    let mut pair = Pair::new();
    pair.client.reads = false;
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.respond(1, "200", BODY);
    let body = Bytes::from_owner(Shared(vec![7; 100_000], dropped.clone()));
    pair.server.write(1, &body);
    drop(body);
    pair.run();
    assert_eq!(dropped.load(Relaxed), 0, "part of it is still to be sent");
    pair.client.session.read_start(id(1)).unwrap();
    pair.run();
    assert_eq!(dropped.load(Relaxed), 1);
    assert_eq!(pair.client.body(1).len(), 100_000);
}

#[test]
fn data_arrives_as_slices_of_what_was_read() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, 0, post_block("/")), data(1, 0, b"one"), data(1, END_STREAM, b"two")]);
    let parts: Vec<_> = raw
        .end
        .events
        .iter()
        .filter_map(|event| if let Event::Data { data, .. } = event { Some(data.clone()) } else { None })
        .collect();
    assert_eq!(parts, ["one", "two"]);
}

#[test]
fn a_thousand_streams_at_once() {
    let config = Config { peer_max_concurrent_streams: 1000, ..Config::default() };
    let mut pair = Pair::with(config, Config::default());
    for n in 0..1000u32 {
        assert_eq!(pair.client.request(post(&format!("/{n}")), BODY), id(2 * n + 1));
        pair.client.write(2 * n + 1, &octets(n as usize));
        pair.client.end(2 * n + 1);
    }
    pair.run();
    for n in 0..1000u32 {
        assert_eq!(pair.server.body(2 * n + 1).len(), n as usize);
        pair.server.respond(2 * n + 1, "200", BODY);
        pair.server.write(2 * n + 1, &octets(2 * n as usize));
        pair.server.end(2 * n + 1);
    }
    pair.run();
    for n in 0..1000u32 {
        assert!(pair.client.body(2 * n + 1) == octets(2 * n as usize));
    }
    let closed = |lines: Vec<String>| lines.iter().filter(|line| line.ends_with("close NO_ERROR")).count();
    assert_eq!(closed(pair.client.told()), 1000);
    assert_eq!(closed(pair.server.told()), 1000);
}
