//! Trailers, sent and received.

use crate::support::*;
use bytes::Bytes;
use http2_rs::wire::{Config, LibraryError};

#[test]
fn trailers_are_asked_for_when_the_body_is_out() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.told();
    pair.server.respond(1, "200", TRAILERS);
    pair.server.write(1, &Bytes::from_static(b"body"));
    pair.run();
    assert_eq!(pair.server.told(), ["1 written"]);
    pair.server.end(1);
    pair.server.collect();
    assert_eq!(pair.server.told(), ["1 want trailers"], "at once: nothing is in its way");
    pair.run();
    assert_eq!(pair.server.told(), [""; 0]);
    pair.server.session.trailers(id(1), fields(&[("x-sum", "1"), ("x-sum", "2")])).unwrap();
    pair.run();
    assert_eq!(pair.server.told(), ["1 shutdown", "1 close NO_ERROR"]);
    assert_eq!(
        pair.client.told(),
        ["1 response :status=200", "1 data 4", "1 trailers end x-sum=1 x-sum=2", "1 end", "1 close NO_ERROR"]
    );
}

#[test]
fn head_body_and_trailers_of_one_turn_leave_together() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", TRAILERS);
    raw.end.write(1, &octets(10));
    raw.end.session.trailers(id(1), fields(&[("a", "b")])).unwrap();
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 10", "HEADERS 1 end"]);
}

#[test]
fn empty_trailers_are_an_empty_data_frame() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", TRAILERS);
    raw.end.write(1, &octets(10));
    raw.end.end(1);
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 10"]);
    assert!(raw.end.told().contains(&"1 want trailers".to_owned()));
    raw.end.session.trailers(id(1), fields(&[])).unwrap();
    assert_eq!(raw.received(), ["DATA 1 0 end"]);
}

#[test]
fn trailers_wait_for_a_body_that_waits_for_its_window() {
    let mut pair = Pair::new();
    pair.client.reads = false;
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.told();
    pair.server.respond(1, "200", TRAILERS);
    pair.server.write(1, &octets(300_000));
    pair.server.end(1);
    pair.run();
    assert_eq!(pair.server.told(), [""; 0]);
    pair.client.session.read_start(id(1)).unwrap();
    pair.run();
    assert_eq!(pair.server.told().first().unwrap(), "1 want trailers");
    pair.server.session.trailers(id(1), fields(&[("a", "b")])).unwrap();
    pair.run();
    assert_eq!(pair.client.body(1).len(), 300_000);
    assert!(pair.client.told().contains(&"1 trailers end a=b".to_owned()));
}

#[test]
fn requests_have_trailers_too() {
    let mut pair = Pair::new();
    pair.client.request(post("/"), TRAILERS);
    pair.client.write(1, &octets(5));
    pair.client.end(1);
    pair.run();
    assert!(pair.client.told().contains(&"1 want trailers".to_owned()));
    pair.client.session.trailers(id(1), fields(&[("sum", "5")])).unwrap();
    pair.run();
    let told = pair.server.told();
    assert_eq!(told[1..], ["1 data 5", "1 trailers end sum=5", "1 end"]);
    pair.server.respond(1, "200", NO_BODY);
    pair.run();
    assert_eq!(pair.client.told().last().unwrap(), "1 close NO_ERROR");
}

#[test]
fn a_stream_has_one_set_of_trailers() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    assert_eq!(
        pair.server.session.trailers(id(1), fields(&[("a", "b")])),
        Err(LibraryError::INVALID_STREAM_STATE),
        "before the head"
    );
    pair.server.respond(1, "200", TRAILERS);
    pair.server.session.trailers(id(1), fields(&[("a", "b")])).unwrap();
    assert_eq!(pair.server.session.trailers(id(1), fields(&[("a", "b")])), Err(LibraryError::INVALID_STREAM_STATE));
    pair.run();
    pair.client.told();
}

#[test]
fn received_empty_trailers_are_told() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, 0, post_block("/")), data(1, 0, b"x"), headers(1, END_STREAM, [])]);
    assert_eq!(raw.end.told()[1..], ["1 data 1", "1 trailers end ", "1 end"]);
    raw.end.respond(1, "200", NO_BODY);
    assert_eq!(raw.received(), ["HEADERS 1 end"]);
    assert_eq!(raw.end.told(), ["1 close NO_ERROR"]);
}
