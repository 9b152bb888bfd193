//! SETTINGS, PING, and the other frames of the connection.

use crate::support::*;
use http2_rs::session::Priority;
use http2_rs::wire::{Config, LibraryError, Setting, SettingId};

#[test]
fn settings_are_told_and_acknowledged() {
    let mut pair = Pair::new();
    let custom = SettingId(0x1234);
    pair.client
        .session
        .settings(&[Setting::new(SettingId::INITIAL_WINDOW_SIZE, 100_000), Setting::new(custom, 7)])
        .unwrap();
    pair.run();
    let lines = |end: &mut End| end.events.drain(..).map(|event| line(&event)).collect::<Vec<_>>();
    assert!(lines(&mut pair.client).contains(&"settings ack".to_owned()));
    assert!(lines(&mut pair.server).contains(&"settings".to_owned()));
    assert_eq!(pair.client.session.local_settings().initial_window_size, 100_000);
    assert_eq!(pair.server.session.remote_settings().initial_window_size, 100_000);
}

#[test]
fn a_window_that_shrinks_and_grows_under_a_body() {
    let mut pair = Pair::new();
    pair.client.reads = false;
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.respond(1, "200", BODY);
    pair.server.write(1, &octets(1_000_000));
    pair.server.end(1);
    pair.run();
    assert_eq!(pair.client.body(1).len(), 65_535);
    for window in [1_000, 200_000, 0, 65_535] {
        pair.client.session.settings(&[Setting::new(SettingId::INITIAL_WINDOW_SIZE, window)]).unwrap();
        pair.run();
    }
    assert_eq!(pair.client.body(1).len(), 200_000);
    pair.client.session.read_start(id(1)).unwrap();
    pair.run();
    assert!(pair.client.body(1) == octets(1_000_000));
}

#[test]
fn settings_change_under_load() {
    let mut pair = Pair::new();
    for round in 0..200u32 {
        let stream = 2 * round + 1;
        pair.client.request(post("/"), BODY);
        pair.client.write(stream, &octets(3000));
        pair.client.end(stream);
        let size = 4096 * (round % 3);
        pair.client.session.settings(&[Setting::new(SettingId::HEADER_TABLE_SIZE, size)]).unwrap();
        let window = 1000 + 1000 * (round % 70);
        pair.server.session.settings(&[Setting::new(SettingId::INITIAL_WINDOW_SIZE, window)]).unwrap();
        pair.run();
        pair.server.respond(stream, "200", BODY);
        pair.server.write(stream, &octets(2000));
        pair.server.end(stream);
        pair.run();
        assert_eq!(pair.server.body(stream).len(), 3000);
        assert_eq!(pair.client.body(stream).len(), 2000);
    }
    assert_eq!(pair.client.told().iter().filter(|line| line.ends_with("close NO_ERROR")).count(), 200);
}

#[test]
fn pings_are_answered_and_bounded() {
    let mut pair = Pair::new();
    assert!(pair.client.session.ping(*b"12345678"));
    pair.run();
    assert_eq!(pair.server.told(), ["ping 12345678"]);
    assert_eq!(pair.client.told(), ["ping ack 12345678"]);
    let sent = (0..20u8).filter(|n| pair.client.session.ping([*n; 8])).count();
    assert_eq!(sent, 10, "node's maxOutstandingPings");
    pair.run();
    assert_eq!(pair.client.told().len(), 10);
    assert!(pair.client.session.ping([0; 8]));
}

#[test]
fn frames_of_the_connection_reach_the_other_side() {
    let mut pair = Pair::new();
    pair.client.request(post("/"), BODY);
    pair.run();
    pair.server.told();
    pair.server.session.altsvc(id(0), b"https://example.org", b"h2=\":8000\"").unwrap();
    pair.server.session.altsvc(id(1), b"", b"h2=\":9000\"").unwrap();
    pair.server.session.origin([&b"https://a.example"[..], b"https://b.example"].into_iter()).unwrap();
    pair.run();
    assert_eq!(
        pair.client.told(),
        ["0 altsvc https://example.org h2=\\\":8000\\\"", "1 altsvc  h2=\\\":9000\\\"", "origin 2"]
    );
    let priority = Priority { parent: id(0), weight: 17, exclusive: true };
    pair.client.session.priority(id(1), priority).unwrap();
    assert_eq!(
        pair.client.session.priority(id(1), Priority { parent: id(1), ..priority }),
        Err(LibraryError::INVALID_ARGUMENT)
    );
    pair.run();
    assert_eq!(pair.server.told(), ["1 priority 0 17 true"]);
}

#[test]
fn states_are_those_of_node() {
    let mut pair = Pair::new();
    let state = pair.client.session.state();
    assert_eq!(state.next_stream_id, 1);
    assert_eq!(state.local_window_size, 65_535);
    assert_eq!(state.remote_window_size, 65_535);
    pair.client.request(post("/"), BODY);
    pair.client.write(1, &octets(1000));
    pair.run();
    assert_eq!(pair.client.session.state().next_stream_id, 3);
    assert_eq!(pair.client.session.state().remote_window_size, 64_535);
    assert_eq!(pair.server.session.state().last_proc_stream_id, 1);
    let stream = pair.client.session.stream_state(id(1)).expect("an open stream");
    assert_eq!((stream.state, stream.local_close, stream.remote_close), (2, false, false));
    pair.client.end(1);
    pair.run();
    let stream = pair.client.session.stream_state(id(1)).expect("a half-closed stream");
    assert_eq!((stream.state, stream.local_close, stream.remote_close), (5, true, false));
    let stream = pair.server.session.stream_state(id(1)).expect("a half-closed stream");
    assert_eq!((stream.state, stream.local_close, stream.remote_close), (6, false, true));
    let counters = pair.server.session.counters();
    assert_eq!(counters.data_received, 1000);
    assert_eq!(counters.streams, 1);
    pair.client.session.set_local_window_size(1_000_000).unwrap();
    assert_eq!(pair.client.session.state().effective_local_window_size, 1_000_000);
}

#[test]
fn settings_in_flight_are_bounded() {
    let mut raw = Raw::server(Config::default());
    let change = [Setting::new(SettingId::MAX_CONCURRENT_STREAMS, 5)];
    let sent = (0..20).take_while(|_| raw.end.session.settings(&change).is_ok()).count();
    assert_eq!(sent, 10, "node's maxOutstandingSettings");
    assert_eq!(raw.end.session.settings(&change), Err(LibraryError::TOO_MANY_INFLIGHT_SETTINGS));
    raw.received();
    raw.send(&[Frame::new(SETTINGS, ACK, 0, [])]);
    assert_eq!(raw.end.session.settings(&change), Ok(()));
}
