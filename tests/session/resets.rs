//! RST_STREAM, either way and at every phase of a stream.

use crate::support::*;
use http2_rs::wire::{Config, ErrorCode};

const CODE: ErrorCode = ErrorCode::INTERNAL_ERROR;

/// The phases of a stream on a server.
fn server_in(phase: &str) -> Raw {
    let mut raw = Raw::server(Config::default());
    match phase {
        "request" => raw.send(&[headers(1, 0, post_block("/"))]),
        "request body" => raw.send(&[headers(1, 0, post_block("/")), data(1, 0, b"abc")]),
        "request ended" => raw.send(&[headers(1, END_STREAM, get_block("/"))]),
        "responded" => {
            raw.send(&[headers(1, END_STREAM, get_block("/"))]);
            raw.end.respond(1, "200", BODY);
        }
        "response body" => {
            raw.send(&[headers(1, END_STREAM, get_block("/"))]);
            raw.end.respond(1, "200", BODY);
            raw.end.write(1, &octets(1000));
        }
        "response blocked" => {
            raw.send(&[headers(1, END_STREAM, get_block("/"))]);
            raw.end.respond(1, "200", BODY);
            raw.end.write(1, &octets(100_000));
            raw.end.end(1);
        }
        "response ended early" => {
            raw.send(&[headers(1, 0, post_block("/"))]);
            raw.end.respond(1, "200", NO_BODY);
        }
        "trailers awaited" => {
            raw.send(&[headers(1, END_STREAM, get_block("/"))]);
            raw.end.respond(1, "200", TRAILERS);
            raw.end.end(1);
        }
        other => panic!("no phase {other}"),
    }
    raw.received();
    raw.end.told();
    raw
}

const PHASES: [&str; 8] = [
    "request",
    "request body",
    "request ended",
    "responded",
    "response body",
    "response blocked",
    "response ended early",
    "trailers awaited",
];

/// The connection still works.
fn serves(mut raw: Raw, phase: &str) {
    raw.send(&[window_update(0, 65_535), headers(3, END_STREAM, get_block("/"))]);
    assert_eq!(raw.end.told().first().map(|line| line.starts_with("3 request")), Some(true), "{phase}");
    raw.end.respond(3, "200", BODY);
    raw.end.write(3, &octets(5));
    raw.end.end(3);
    assert_eq!(raw.received(), ["HEADERS 3", "DATA 3 5 end"], "{phase}");
    assert_eq!(raw.end.told(), ["3 written", "3 shutdown", "3 close NO_ERROR"], "{phase}");
}

#[test]
fn a_server_resets() {
    for phase in PHASES {
        let mut raw = server_in(phase);
        raw.end.reset(1, CODE);
        assert_eq!(raw.received(), ["RST_STREAM 1 INTERNAL_ERROR"], "{phase}");
        let told = raw.end.told();
        assert_eq!(told.first().unwrap(), "1 close INTERNAL_ERROR", "{phase}");
        assert!(told[1..].iter().all(|line| line.ends_with("canceled")), "{phase}: {told:?}");
        // What was under way is ignored, and what is said a second time.
        raw.send(&[rst(1, CODE)]);
        raw.end.reset(1, CODE);
        assert_eq!(raw.received(), [""; 0], "{phase}");
        assert_eq!(raw.end.told(), [""; 0], "{phase}");
        serves(raw, phase);
    }
}

#[test]
fn a_client_resets() {
    for phase in PHASES {
        let mut raw = server_in(phase);
        raw.send(&[rst(1, CODE)]);
        let told = raw.end.told();
        assert_eq!(told.first().unwrap(), "1 close INTERNAL_ERROR", "{phase}");
        assert!(told[1..].iter().all(|line| line.ends_with("canceled")), "{phase}: {told:?}");
        if phase == "response blocked" {
            assert_eq!(told[1..], ["1 written canceled", "1 shutdown canceled"]);
        }
        assert_eq!(raw.received(), [""; 0], "{phase}");
        serves(raw, phase);
    }
}

#[test]
fn data_after_our_reset_is_ignored_and_credited() {
    let mut raw = server_in("request body");
    raw.end.reset(1, ErrorCode::CANCEL);
    raw.received();
    raw.end.told();
    for _ in 0..10 {
        raw.send(&[data(1, 0, octets(10_000))]);
        let answers = raw.received();
        assert!(answers.iter().all(|frame| frame.starts_with("WINDOW_UPDATE 0")), "{answers:?}");
    }
    raw.send(&[data(1, END_STREAM, b"")]);
    assert_eq!(raw.end.told(), [""; 0]);
    serves(raw, "late data");
}

#[test]
fn a_reset_overtakes_nothing_that_was_written_before_it() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", BODY);
    raw.end.write(1, &octets(100));
    raw.end.reset(1, ErrorCode::NO_ERROR);
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 100", "RST_STREAM 1 NO_ERROR"]);
}

#[test]
fn a_client_resets_its_request_in_the_turn_it_was_made() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(post("/"), BODY);
    raw.end.reset(1, ErrorCode::CANCEL);
    assert_eq!(raw.received(), ["HEADERS 1", "RST_STREAM 1 CANCEL"]);
    assert_eq!(raw.end.told(), ["1 close CANCEL"]);
    raw.end.request(get("/"), NO_BODY);
    assert_eq!(raw.received(), ["HEADERS 3 end"]);
}

#[test]
fn a_client_resets_a_body_that_waits_for_its_window() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(post("/"), BODY);
    raw.end.write(1, &octets(200_000));
    raw.end.end(1);
    raw.received();
    raw.end.reset(1, ErrorCode::CANCEL);
    assert_eq!(raw.received(), ["RST_STREAM 1 CANCEL"]);
    assert_eq!(raw.end.told(), ["1 close CANCEL", "1 written canceled", "1 shutdown canceled"]);
    // The connection's window was spent on it; the next body waits for the server to credit that, and only for that.
    raw.end.request(post("/"), BODY);
    raw.end.write(3, &octets(100));
    raw.end.end(3);
    assert_eq!(raw.received(), ["HEADERS 3"]);
    raw.send(&[window_update(0, 65_535)]);
    assert_eq!(raw.received(), ["DATA 3 100 end"]);
}

#[test]
fn a_server_resets_an_upload_after_its_answer() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(post("/"), BODY);
    raw.end.write(1, &octets(10));
    raw.received();
    raw.end.told();
    raw.send(&[headers(1, END_STREAM, block(&[(":status", "200")])), rst(1, ErrorCode::NO_ERROR)]);
    assert_eq!(raw.end.told(), ["1 response end :status=200", "1 end", "1 close NO_ERROR"]);
    assert_eq!(raw.received(), [""; 0]);
}

#[test]
fn unknown_codes_arrive_as_they_are() {
    let mut pair = Pair::new();
    pair.client.request(post("/"), BODY);
    pair.run();
    pair.server.told();
    pair.client.reset(1, ErrorCode(0xdead_beef));
    pair.run();
    assert_eq!(pair.server.told(), ["1 close 0xdeadbeef"]);
    assert_eq!(pair.client.told(), ["1 close 0xdeadbeef"]);
}

#[test]
fn many_resets_leave_nothing_behind() {
    let mut pair = Pair::new();
    for round in 0..500u32 {
        let stream = pair.client.request(post("/"), BODY).value();
        pair.client.write(stream, &octets(10));
        pair.run();
        if round % 2 == 0 {
            pair.client.reset(stream, ErrorCode::CANCEL);
        } else {
            pair.server.reset(stream, ErrorCode::CANCEL);
        }
        pair.run();
        assert_eq!(pair.client.told(), ["written", "close CANCEL"].map(|line| format!("{stream} {line}")));
        assert_eq!(pair.server.told().last().unwrap(), &format!("{stream} close CANCEL"));
    }
    pair.client.session.close();
    pair.run();
    assert_eq!(pair.client.told(), ["done"]);
}
