//! The end of a connection: graceful, abrupt, and by an offence of the peer.

use std::io::{self, Write};
use std::time::Duration;

use crate::support::*;
use bytes::Bytes;
use http2_rs::session::{Event, Session};
use http2_rs::transport::{Broken, Pipe, Transport};
use http2_rs::wire::{Config, ErrorCode, Role, Setting, SettingId};

#[test]
fn closing_an_idle_session_is_done_at_once() {
    let mut pair = Pair::new();
    pair.client.session.close();
    pair.client.session.close();
    pair.run();
    assert_eq!(pair.client.told(), ["done"]);
    assert_eq!(pair.server.told(), ["goaway NO_ERROR 0 "]);
}

#[test]
fn closing_lets_streams_finish() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.told();
    pair.server.session.close();
    pair.run();
    assert_eq!(pair.client.told(), ["goaway NO_ERROR 1 "]);
    pair.server.respond(1, "200", BODY);
    pair.server.write(1, &octets(1_000_000));
    pair.server.end(1);
    pair.run();
    assert_eq!(pair.client.body(1).len(), 1_000_000);
    assert_eq!(pair.client.told().last().unwrap(), "1 close NO_ERROR");
    assert_eq!(pair.server.told(), ["1 written", "1 shutdown", "1 close NO_ERROR", "done"]);
}

#[test]
fn a_client_that_closes_gets_its_answers() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.client.request(get("/"), NO_BODY);
    pair.client.session.close();
    pair.run();
    assert_eq!(pair.client.told(), [""; 0]);
    for stream in [1, 3] {
        pair.server.respond(stream, "200", BODY);
        pair.server.write(stream, &octets(10));
        pair.server.end(stream);
    }
    pair.run();
    let told = pair.client.told();
    assert_eq!(told.iter().filter(|line| line.ends_with("close NO_ERROR")).count(), 2);
    assert_eq!(told.last().unwrap(), "done");
}

#[test]
fn a_goaway_says_what_it_was_given() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.session.goaway(ErrorCode::ENHANCE_YOUR_CALM, 1, b"slow down");
    pair.run();
    assert_eq!(pair.client.told(), ["goaway ENHANCE_YOUR_CALM 1 slow down"]);
    pair.server.respond(1, "200", NO_BODY);
    pair.run();
    assert_eq!(pair.client.told(), ["1 response end :status=200", "1 end", "1 close NO_ERROR"]);
}

#[test]
fn streams_that_a_goaway_leaves_out_are_refused() {
    let mut raw = Raw::client(Config::default());
    for _ in 0..3 {
        raw.end.request(get("/"), NO_BODY);
    }
    raw.received();
    raw.send(&[goaway(1, ErrorCode::NO_ERROR)]);
    let told = raw.end.told();
    assert_eq!(told[0], "goaway NO_ERROR 1 ");
    assert!(told.contains(&"3 close REFUSED_STREAM".to_owned()), "{told:?}");
    assert!(told.contains(&"5 close REFUSED_STREAM".to_owned()), "{told:?}");
    assert!(raw.end.session.request(get("/"), NO_BODY, None).is_err());
    raw.send(&[headers(1, END_STREAM, block(&[(":status", "200")]))]);
    assert_eq!(raw.end.told(), ["1 response end :status=200", "1 end", "1 close NO_ERROR"]);
}

#[test]
fn waiting_requests_die_with_a_goaway() {
    let mut raw = Raw::client_with(Config::default(), &[(3, 1)]);
    for _ in 0..3 {
        raw.end.request(get("/"), NO_BODY);
    }
    raw.received();
    raw.send(&[goaway(1, ErrorCode::NO_ERROR)]);
    let told = raw.end.told();
    assert!(told.contains(&"3 close REFUSED_STREAM".to_owned()), "{told:?}");
    assert!(told.contains(&"5 close REFUSED_STREAM".to_owned()), "{told:?}");
    raw.end.session.close();
    raw.send(&[headers(1, END_STREAM, block(&[(":status", "200")]))]);
    assert_eq!(raw.end.told().last().unwrap(), "1 close NO_ERROR");
    raw.received();
    assert_eq!(raw.end.told(), ["done"]);
}

#[test]
fn destroying_sends_what_a_reset_gave_away_and_says_goodbye() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/")), headers(3, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", BODY);
    raw.end.write(1, &octets(10));
    assert!(raw.end.session.ping([1; 8]));
    raw.end.session.settings(&[Setting::new(SettingId::ENABLE_PUSH, 0)]).unwrap();
    raw.end.session.rst_stream(id(1), ErrorCode::CANCEL).unwrap();
    raw.end.session.rst_stream(id(3), ErrorCode::CANCEL).unwrap();
    assert!(raw.end.session.ping([2; 8]));
    raw.end.session.settings(&[Setting::new(SettingId::ENABLE_PUSH, 1)]).unwrap();
    raw.end.session.destroy(ErrorCode::CANCEL);
    raw.end.session.destroy(ErrorCode::CANCEL);
    assert!(raw.end.session.is_destroyed());
    assert_eq!(
        raw.received(),
        ["PING", "SETTINGS", "HEADERS 1", "DATA 1 10", "RST_STREAM 1 CANCEL", "SETTINGS", "GOAWAY 3 CANCEL"]
    );
    raw.end.events.clear();
    raw.send(&[headers(3, END_STREAM, get_block("/"))]);
    assert_eq!(raw.end.told(), [""; 0]);
    assert_eq!(raw.received(), [""; 0]);
    raw.end.respond(1, "200", BODY);
    raw.end.write(1, &octets(1));
    raw.end.end(1);
    assert_eq!(raw.end.told(), [""; 0]);
    assert!(!raw.end.session.wants_flush());
}

#[test]
fn requests_that_the_owner_has_not_heard_of_do_not_count_as_processed() {
    for heard in [0, 1, 3] {
        let mut raw = Raw::server(Config::default());
        raw.send(&[headers(1, END_STREAM, get_block("/")), headers(3, END_STREAM, get_block("/"))]);
        raw.end.session.heard(id(heard));
        raw.end.session.destroy(ErrorCode::NO_ERROR);
        assert_eq!(raw.received(), [format!("GOAWAY {heard} NO_ERROR")]);
    }
}

#[test]
fn after_goaway_with_no_stream_open_nothing_is_read_until_the_session_closes() {
    let mut raw = Raw::server(Config::default());
    raw.end.session.goaway(ErrorCode::NO_ERROR, 0, b"");
    assert!(raw.end.session.wants_read(), "it has not been said");
    assert_eq!(raw.received(), ["GOAWAY 0 NO_ERROR"]);
    assert!(!raw.end.session.wants_read());
    raw.send(&[Frame::new(PING, 0, 0, [0; 8])]);
    assert_eq!(raw.end.told(), [""; 0]);
    raw.end.session.close();
    assert!(raw.end.session.wants_read());
}

#[test]
fn sessions_may_be_dropped_or_destroyed_in_any_state() {
    for destroy in [true, false] {
        let config = Config { peer_max_concurrent_streams: 3, ..Config::default() };
        let mut pair = Pair::with(config, Config::default());
        for n in 0..6u32 {
            let stream = pair.client.request(post("/"), if n % 2 == 0 { BODY } else { TRAILERS }).value();
            pair.client.write(stream, &octets(200_000));
        }
        pair.run();
        pair.client.request(get("/"), NO_BODY);
        pair.run();
        pair.server.respond(1, "200", BODY);
        pair.server.write(1, &octets(500_000));
        if let Ok(promised) = pair.server.session.push_promise(id(1), get("/")) {
            pair.server.respond(promised.value(), "200", BODY);
        }
        pair.run();
        if destroy {
            pair.server.session.destroy(ErrorCode::NO_ERROR);
            pair.client.session.destroy(ErrorCode::NO_ERROR);
        }
    }
}

#[test]
fn an_offence_ends_the_connection() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.told();
    // DATA on stream 0.
    raw.send(&[data(0, 0, b"x")]);
    let told = raw.end.told();
    assert_eq!(told[0], "session error -505 PROTOCOL_ERROR", "{told:?}");
    assert_eq!(raw.received(), ["GOAWAY 1 PROTOCOL_ERROR"]);
    raw.send(&[headers(3, END_STREAM, get_block("/"))]);
    assert!(raw.end.told().iter().all(|line| !line.starts_with('3')));
    raw.end.session.destroy(ErrorCode::PROTOCOL_ERROR);
    assert_eq!(raw.received(), [""; 0], "it has been said");
}

#[test]
fn offences_that_h2_finds_end_the_connection_too() {
    // A WINDOW_UPDATE on a stream that is idle.
    let mut raw = Raw::server(Config::default());
    raw.send(&[window_update(7, 1)]);
    assert_eq!(raw.end.told(), ["session error -505 PROTOCOL_ERROR"]);
    assert_eq!(raw.received(), ["GOAWAY 0 PROTOCOL_ERROR"]);
    // The connection's window, made larger than any can be.
    let mut raw = Raw::server(Config::default());
    raw.send(&[window_update(0, 0x7fff_ffff)]);
    let told = raw.end.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ends_with("FLOW_CONTROL_ERROR"), "{told:?}");
    assert_eq!(raw.received(), ["GOAWAY 0 FLOW_CONTROL_ERROR"]);
}

#[test]
fn what_is_not_http2_is_told_apart() {
    let mut end = End::new(Role::Server, Config::default());
    end.input(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(end.told(), ["session error -903 PROTOCOL_ERROR"]);
}

#[test]
fn a_peer_that_closed_its_half_still_gets_its_answers() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.session.with_transport(Pipe::end_input);
    raw.end.poll();
    assert_eq!(raw.end.told().last().unwrap(), "transport end");
    raw.end.poll();
    raw.end.respond(1, "200", BODY);
    raw.end.write(1, &octets(100));
    raw.end.end(1);
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 100 end"]);
    assert_eq!(raw.end.told(), ["1 written", "1 shutdown", "1 close NO_ERROR"]);
}

/// A connection that is lost both ways.
struct Lost;

impl Transport for Lost {
    fn read(&mut self) -> io::Result<Option<Bytes>> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl Write for Lost {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_broken_transport_is_told_once() {
    let mut session = Session::new(Role::Server, Config::default(), Lost);
    session.poll(Duration::ZERO);
    let told = session.next_event();
    assert!(
        matches!(&told, Some(Event::TransportError(Broken { error, writing: false })) if error.kind() == io::ErrorKind::ConnectionReset),
        "{told:?}"
    );
    session.ping([0; 8]);
    session.flush();
    session.poll(Duration::ZERO);
    let told = session.next_event();
    assert!(told.is_none(), "{told:?}");
    assert!(!session.wants_flush());
    session.destroy(ErrorCode::CANCEL);
}

#[test]
fn a_peer_that_hears_nothing_is_still_heard() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/")), window_update(0, 1 << 20), window_update(1, 1 << 20)]);
    raw.end.told();
    raw.end.session.with_transport(Pipe::stop_output);
    raw.end.respond(1, "200", BODY);
    raw.end.write(1, &octets(1 << 20));
    raw.end.end(1);
    raw.received();
    assert_eq!(raw.end.told(), ["1 written", "1 shutdown", "1 close NO_ERROR"]);
    raw.send(&[headers(3, END_STREAM, get_block("/"))]);
    assert_eq!(raw.end.told().len(), 2);
    assert!(!raw.end.session.wants_flush());
}

#[test]
fn a_connection_may_break_in_the_preface() {
    for part in 0..24 {
        let mut end = End::new(Role::Server, Config::default());
        end.input(&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..part]);
        end.session.with_transport(Pipe::end_input);
        end.poll();
        assert_eq!(end.told(), ["transport end"]);
        end.session.destroy(ErrorCode::NO_ERROR);
    }
}
