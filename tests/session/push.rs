//! Promised streams, both ways.

use crate::support::*;
use http2_rs::wire::{Config, ErrorCode, LibraryError, Setting, SettingId};

#[test]
fn a_promise_is_kept() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.told();
    pair.server.respond(1, "200", BODY);
    assert_eq!(pair.server.session.push_promise(id(1), get("/pushed")), Ok(id(2)));
    pair.server.respond(2, "200", BODY);
    pair.server.write(2, &octets(100));
    pair.server.end(2);
    pair.server.write(1, &octets(50));
    pair.server.end(1);
    pair.run();
    let told = pair.client.told();
    assert!(told.contains(&"1 promise 2 /pushed".to_owned()), "{told:?}");
    let promise = told.iter().position(|line| line.contains("promise"));
    let response = told.iter().position(|line| line == "2 push response :status=200");
    assert!(promise < response, "{told:?}");
    assert!(told.contains(&"2 close NO_ERROR".to_owned()));
    assert!(told.contains(&"1 close NO_ERROR".to_owned()));
    assert_eq!(pair.client.body(2).len(), 100);
    assert_eq!(pair.client.body(1).len(), 50);
    let told = pair.server.told();
    assert!(told.contains(&"2 close NO_ERROR".to_owned()), "{told:?}");
}

#[test]
fn a_promise_may_be_answered_after_its_parent_ended() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.respond(1, "200", BODY);
    for n in 1..=20u32 {
        assert_eq!(pair.server.session.push_promise(id(1), get(&format!("/{n}"))), Ok(id(2 * n)));
    }
    pair.server.end(1);
    pair.run();
    let told = pair.client.told();
    assert_eq!(told.iter().filter(|line| line.contains("promise")).count(), 20);
    assert_eq!(told.last().unwrap(), "1 close NO_ERROR");
    for n in (1..=20u32).rev() {
        pair.server.respond(2 * n, "200", BODY);
        pair.server.write(2 * n, &octets(n as usize));
        pair.server.end(2 * n);
    }
    pair.run();
    for n in 1..=20u32 {
        assert_eq!(pair.client.body(2 * n).len(), n as usize);
    }
    assert_eq!(pair.client.told().iter().filter(|line| line.ends_with("close NO_ERROR")).count(), 20);
}

#[test]
fn a_client_may_want_no_promises() {
    let config = Config { settings: vec![Setting::new(SettingId::ENABLE_PUSH, 0)], ..Config::default() };
    let mut pair = Pair::with(config, Config::default());
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    assert_eq!(pair.server.session.push_promise(id(1), get("/")), Err(LibraryError::PUSH_DISABLED));
}

#[test]
fn a_parent_that_ended_promises_nothing() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.respond(1, "200", NO_BODY);
    assert_eq!(pair.server.session.push_promise(id(1), get("/")), Err(LibraryError::STREAM_CLOSED));
}

#[test]
fn a_client_refuses_a_promise_with_a_code_of_its_choice() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(get("/"), NO_BODY);
    raw.received();
    let promise = [&[0, 0, 0, 2], get_block("/pushed").as_slice()].concat();
    raw.send(&[Frame::new(PUSH_PROMISE, END_HEADERS, 1, promise)]);
    assert_eq!(raw.end.told(), ["1 promise 2 /pushed"]);
    raw.end.reset(2, ErrorCode::REFUSED_STREAM);
    assert_eq!(raw.received(), ["RST_STREAM 2 REFUSED_STREAM"]);
    assert_eq!(raw.end.told(), ["2 close REFUSED_STREAM"]);
    // What the server had under way is no offence.
    raw.send(&[headers(2, 0, block(&[(":status", "200")])), data(2, END_STREAM, b"late")]);
    assert_eq!(raw.end.told(), [""; 0]);
    raw.send(&[headers(1, END_STREAM, block(&[(":status", "200")]))]);
    assert_eq!(raw.end.told(), ["1 response end :status=200", "1 end", "1 close NO_ERROR"]);
    assert_eq!(raw.received(), [""; 0]);
}

#[test]
fn a_server_takes_a_promise_back() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.told();
    pair.server.session.push_promise(id(1), get("/pushed")).unwrap();
    pair.run();
    pair.server.reset(2, ErrorCode::CANCEL);
    pair.run();
    assert_eq!(pair.client.told(), ["1 promise 2 /pushed", "2 close CANCEL"]);
    assert_eq!(pair.server.told(), ["2 close CANCEL"]);
    pair.server.respond(1, "200", NO_BODY);
    pair.run();
    assert_eq!(pair.client.told().last().unwrap(), "1 close NO_ERROR");
}

#[test]
fn a_promise_on_a_stream_that_the_client_has_reset_is_no_offence() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(get("/"), NO_BODY);
    raw.received();
    raw.end.reset(1, ErrorCode::CANCEL);
    assert_eq!(raw.received(), ["RST_STREAM 1 CANCEL"]);
    let promise = [&[0, 0, 0, 2], get_block("/pushed").as_slice()].concat();
    raw.send(&[
        Frame::new(PUSH_PROMISE, END_HEADERS, 1, promise),
        headers(2, 0, block(&[(":status", "200")])),
        data(2, END_STREAM, b"late"),
    ]);
    assert_eq!(raw.end.told(), ["1 close CANCEL"]);
    assert!(raw.received().iter().all(|frame| !frame.starts_with("GOAWAY")));
    raw.end.request(get("/"), NO_BODY);
    assert_eq!(raw.received(), ["HEADERS 3 end"]);
    raw.send(&[headers(3, END_STREAM, block(&[(":status", "200")]))]);
    assert_eq!(raw.end.told(), ["3 response end :status=200", "3 end", "3 close NO_ERROR"]);
}

#[test]
fn odd_promises_arrive_as_they_were_sent() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    let mut head = get("//?%5c%5e=");
    let long = "v".repeat(10_000);
    head.push(b"x-long", long.as_bytes(), false);
    head.push(b"x-long", long.as_bytes(), false);
    pair.server.session.push_promise(id(1), head).unwrap();
    pair.run();
    let told = pair.client.events.iter().find_map(|event| match event {
        http2_rs::session::Event::PushPromise { fields, .. } => Some(fields.clone()),
        _ => None,
    });
    let told = told.expect("a promise");
    assert_eq!(told.pseudo(b":path"), Some(&b"//?%5c%5e="[..]));
    assert_eq!(told.iter().filter(|field| field.value == long.as_bytes()).count(), 2);
}

#[test]
fn informational_answers_of_a_promised_stream() {
    let mut raw = Raw::client(Config::default());
    raw.end.request(get("/"), NO_BODY);
    raw.received();
    let promise = [&[0, 0, 0, 2], get_block("/pushed").as_slice()].concat();
    raw.send(&[
        Frame::new(PUSH_PROMISE, END_HEADERS, 1, promise),
        headers(2, 0, block(&[(":status", "103")])),
        headers(2, 0, block(&[(":status", "200")])),
        data(2, END_STREAM, b"body"),
    ]);
    assert_eq!(
        raw.end.told(),
        [
            "1 promise 2 /pushed",
            "2 informational :status=103",
            "2 push response :status=200",
            "2 data 4",
            "2 end",
            "2 close NO_ERROR"
        ]
    );
}

#[test]
fn informational_answers_on_a_promised_stream_follow_its_promise() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.session.push_promise(id(1), get("/pushed")).unwrap();
    pair.server.session.info(id(2), status("103")).unwrap();
    pair.server.respond(2, "200", NO_BODY);
    assert!(pair.server.session.info(id(2), status("103")).is_err());
    pair.run();
    assert_eq!(
        pair.client.told(),
        [
            "1 promise 2 /pushed",
            "2 informational :status=103",
            "2 push response end :status=200",
            "2 end",
            "2 close NO_ERROR"
        ]
    );
}

#[test]
fn promises_leave_in_the_order_of_their_ids() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/")), headers(3, END_STREAM, get_block("/"))]);
    // h2 sends for one stream after the other, and would send the second promise last.
    for (parent, promised) in [(3, 2), (1, 4), (3, 6), (1, 8)] {
        assert_eq!(raw.end.session.push_promise(id(parent), get("/")), Ok(id(promised)));
    }
    assert_eq!(raw.received(), ["PUSH_PROMISE 3 2", "PUSH_PROMISE 1 4", "PUSH_PROMISE 3 6", "PUSH_PROMISE 1 8"]);
}

#[test]
fn a_promise_dies_with_a_parent_that_is_reset_before_it_left() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.session.push_promise(id(1), get("/")).unwrap();
    raw.end.respond(2, "200", BODY);
    raw.end.write(2, &octets(10));
    raw.end.told();
    raw.send(&[rst(1, ErrorCode::CANCEL)]);
    let told = raw.end.told();
    assert!(told.contains(&"1 close CANCEL".to_owned()), "{told:?}");
    // Polling may have let the promise go already. Then the pushed stream goes on; else it is closed with its parent.
    let sent = raw.received();
    match sent.first() {
        Some(promise) => assert_eq!((promise.as_str(), sent.len()), ("PUSH_PROMISE 1 2", 3)),
        None => assert!(told.contains(&"2 close CANCEL".to_owned()), "{told:?}"),
    }
}

#[test]
fn a_promised_stream_that_waits_for_its_turn_may_be_refused() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(&[(3, 1)])), headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", BODY);
    for promised in [2, 4, 6] {
        assert_eq!(raw.end.session.push_promise(id(1), get("/")), Ok(id(promised)));
        raw.end.respond(promised, "200", BODY);
        raw.end.write(promised, &octets(100_000));
        raw.end.end(promised);
    }
    let sent = raw.received();
    assert!(sent.contains(&"HEADERS 2".to_owned()), "{sent:?}");
    assert!(!sent.contains(&"HEADERS 4".to_owned()), "one at a time: {sent:?}");
    raw.end.told();
    raw.send(&[window_update(4, 1000), rst(4, ErrorCode::REFUSED_STREAM), rst(2, ErrorCode::CANCEL)]);
    let told = raw.end.told();
    assert_eq!(told.iter().filter(|line| line.contains("close")).count(), 2, "{told:?}");
    raw.send(&[window_update(0, 200_000), window_update(6, 100_000)]);
    let sent = raw.receive();
    assert!(sent.iter().all(|frame| frame.stream == 6 || frame.stream == 0), "{sent:?}");
    let body: usize = sent.iter().filter(|frame| frame.kind == DATA).map(|frame| frame.payload.len()).sum();
    assert_eq!(body, 100_000);
}
