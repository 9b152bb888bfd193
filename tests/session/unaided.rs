//! A client's requests, which go out without h2 until one of them needs it.

use crate::support::*;
use http2_rs::wire::{Config, ErrorCode, LibraryError};

/// Heads of the requests that the peer gets now.
fn asked(raw: &mut Raw) -> Vec<String> {
    let mut received = raw.received();
    received.retain(|line| line != "SETTINGS ack");
    received
}

/// Ends a stream with an answer without a body.
fn answer(raw: &mut Raw, stream: u32) {
    raw.send(&[headers(stream, END_STREAM, block(&[(":status", "200")]))]);
    assert_eq!(
        raw.end.told(),
        [format!("{stream} response end :status=200"), format!("{stream} end"), format!("{stream} close NO_ERROR")]
    );
}

#[test]
fn a_body_after_requests_without_one_finds_its_stream() {
    let mut pair = Pair::new();
    let plain = [pair.client.request(get("/1"), NO_BODY), pair.client.request(get("/2"), NO_BODY)];
    pair.run();
    // The first request of all is answered after h2 has begun, the second one before.
    pair.server.respond(3, "200", NO_BODY);
    pair.run();
    assert_eq!(plain, [id(1), id(3)]);
    assert_eq!(pair.client.request(post("/3"), BODY), id(5));
    pair.client.write(5, &octets(100_000));
    pair.client.end(5);
    assert_eq!(pair.client.request(get("/4"), NO_BODY), id(7));
    pair.run();
    assert_eq!(pair.server.body(5), octets(100_000));
    pair.client.told();
    for stream in [1, 5, 7] {
        pair.server.respond(stream, "200", BODY);
        pair.server.write(stream, &octets(70_000 + stream as usize));
        pair.server.end(stream);
    }
    pair.run();
    for stream in [1, 5, 7] {
        assert_eq!(pair.client.body(stream), octets(70_000 + stream as usize));
    }
    let told = pair.client.told();
    assert_eq!(told.iter().filter(|line| line.ends_with("close NO_ERROR")).count(), 3, "{told:?}");
}

#[test]
fn what_went_out_without_h2_counts_against_the_limit() {
    let mut raw = Raw::client_with(Config::default(), &[(3, 3)]);
    raw.end.request(get("/"), NO_BODY);
    raw.end.request(get("/"), NO_BODY);
    assert_eq!(asked(&mut raw), ["HEADERS 1 end", "HEADERS 3 end"]);
    for _ in 0..4 {
        raw.end.request(post("/"), BODY);
    }
    assert_eq!(asked(&mut raw), ["HEADERS 5"]);
    answer(&mut raw, 3);
    assert_eq!(asked(&mut raw), ["HEADERS 7"], "one is gone, one may come");
    raw.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(&[(3, 4)]))]);
    assert_eq!(asked(&mut raw), ["HEADERS 9"], "three and the one of before");
    raw.end.told();
    answer(&mut raw, 1);
    assert_eq!(asked(&mut raw), ["HEADERS 11"]);
}

#[test]
fn until_settings_come_the_limit_is_the_one_assumed() {
    let mut end =
        End::new(http2_rs::wire::Role::Client, Config { peer_max_concurrent_streams: 2, ..Config::default() });
    for _ in 0..4 {
        end.request(get("/"), NO_BODY);
    }
    let sent = |end: &mut End| {
        let output = end.output();
        let frames = output.strip_prefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap_or(&output).to_vec();
        let (mut rest, mut kinds) = (&frames[..], Vec::new());
        while let Some((head, after)) = rest.split_first_chunk::<9>() {
            kinds.push((head[3], head[8]));
            rest = &after[usize::from(head[2])..];
        }
        kinds
    };
    assert_eq!(sent(&mut end), [(SETTINGS, 0), (HEADERS, 1), (HEADERS, 3)]);
    // An empty SETTINGS: there is no limit.
    end.input(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]);
    assert_eq!(sent(&mut end), [(SETTINGS, 0), (HEADERS, 5), (HEADERS, 7)]);
}

#[test]
fn a_request_that_never_went_out_leaves_a_gap_that_h2_does_not_see() {
    let mut raw = Raw::client(Config::default());
    let value = "~".repeat(40_000);
    let long = fields(&[(":method", "GET"), (":scheme", "http"), (":path", "/"), ("x", &value)]);
    // More than the transport and the session together have room for.
    for _ in 0..9 {
        raw.end.request(long.clone(), NO_BODY);
    }
    for stream in [19, 21, 23] {
        assert_eq!(raw.end.request(get("/"), NO_BODY), id(stream));
    }
    raw.end.reset(21, ErrorCode::CANCEL);
    raw.end.collect();
    assert_eq!(raw.end.told(), ["21 close CANCEL"]);
    assert_eq!(raw.end.request(post("/"), BODY), id(25));
    raw.end.write(25, &octets(3));
    raw.end.end(25);
    let opened: Vec<_> = raw.receive().iter().filter(|frame| frame.kind == HEADERS).map(|frame| frame.stream).collect();
    assert_eq!(opened, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 23, 25]);
    assert_eq!(raw.end.told(), ["25 written", "25 shutdown"]);
    for stream in [25, 1, 23] {
        answer(&mut raw, stream);
    }
}

#[test]
fn frames_that_come_late_for_what_h2_never_had_are_no_errors() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(get("/"), NO_BODY);
    raw.end.request(get("/"), NO_BODY);
    raw.received();
    answer(&mut raw, 1);
    raw.end.request(post("/"), BODY);
    assert_eq!(raw.received(), ["HEADERS 5"]);
    raw.send(&[window_update(1, 10), rst(1, ErrorCode::NO_ERROR), window_update(3, 10)]);
    raw.end.reset(3, ErrorCode::CANCEL);
    assert_eq!(raw.received(), ["RST_STREAM 3 CANCEL"]);
    raw.send(&[headers(3, END_STREAM, block(&[(":status", "200")])), rst(5, ErrorCode::REFUSED_STREAM)]);
    assert_eq!(raw.end.told(), ["3 close CANCEL", "5 close REFUSED_STREAM"]);
    assert_eq!(raw.received(), [""; 0]);
}

#[test]
fn no_request_follows_a_goaway() {
    let mut raw = Raw::client(Config::default());
    for _ in 0..3 {
        raw.end.request(get("/"), NO_BODY);
    }
    raw.received();
    raw.send(&[goaway(3, ErrorCode::NO_ERROR)]);
    assert_eq!(raw.end.told(), ["goaway NO_ERROR 3 ", "5 close REFUSED_STREAM"]);
    for options in [NO_BODY, BODY] {
        let refused = raw.end.session.request(get("/"), options, None);
        assert_eq!(refused, Err(LibraryError::START_STREAM_NOT_ALLOWED));
    }
    answer(&mut raw, 3);
    answer(&mut raw, 1);
}

#[test]
fn ids_may_be_chosen_before_and_after_h2_begins() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(get("/"), NO_BODY);
    assert!(raw.end.session.set_next_stream_id(101));
    raw.end.request(get("/"), NO_BODY);
    raw.end.request(post("/"), BODY);
    assert!(raw.end.session.set_next_stream_id(201));
    raw.end.request(get("/"), NO_BODY);
    let mut received = raw.received();
    received.sort();
    assert_eq!(received, ["HEADERS 1 end", "HEADERS 101 end", "HEADERS 103", "HEADERS 201 end"]);
    for stream in [1, 101, 201] {
        answer(&mut raw, stream);
    }
    raw.send(&[window_update(99, 1)]);
    assert!(raw.end.told().iter().any(|line| line.starts_with("session error")), "an id that was skipped is idle");
}

#[test]
fn a_connection_that_fails_takes_no_request() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(get("/"), NO_BODY);
    raw.send(&[data(0, 0, b"")]);
    let told = raw.end.told();
    assert!(told.iter().any(|line| line.starts_with("session error")), "{told:?}");
    for options in [NO_BODY, BODY] {
        let refused = raw.end.session.request(get("/"), options, None);
        assert_eq!(refused, Err(LibraryError::START_STREAM_NOT_ALLOWED));
    }
}
