//! Requests and answers.

use crate::support::*;
use bytes::Bytes;
use http2_rs::wire::{Config, LibraryError};

#[test]
fn a_request_without_a_body_and_an_answer_with_one() {
    let mut pair = Pair::new();
    assert_eq!(pair.client.request(get("/a"), NO_BODY), id(1));
    pair.run();
    assert_eq!(pair.server.told(), ["1 request end :method=GET :scheme=http :authority=localhost :path=/a", "1 end"]);
    pair.server.respond(1, "200", BODY);
    pair.server.write(1, &Bytes::from_static(b"hello world\n"));
    pair.server.end(1);
    pair.run();
    assert_eq!(pair.server.told(), ["1 written", "1 shutdown", "1 close NO_ERROR"]);
    assert_eq!(pair.client.told(), ["1 response :status=200", "1 data 12", "1 end", "1 close NO_ERROR"]);
    assert_eq!(pair.client.body(1), b"hello world\n");
}

#[test]
fn head_body_and_end_of_one_turn_leave_in_one_buffer() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/")), headers(3, END_STREAM, get_block("/"))]);
    for stream in [1, 3] {
        raw.end.respond(stream, "200", BODY);
        raw.end.write(stream, &Bytes::from_static(b"hello"));
        raw.end.end(stream);
    }
    assert!(raw.end.session.wants_flush());
    assert!(raw.end.session.flush());
    let output = raw.end.session.with_transport(http2_rs::transport::Pipe::take_output).expect("one buffer");
    raw.end.session.with_transport(http2_rs::transport::Pipe::output_done);
    assert!(!raw.end.session.wants_flush());
    assert_eq!(raw.end.output(), b"", "nothing is left for a second one");
    raw.end.input(&[]);
    // Two heads of some octets and two DATA frames of 9 and 5.
    assert!(output.len() > 2 * (9 + 9 + 5));
    assert!(output.windows(5).filter(|window| window == b"hello").count() == 2);
}

#[test]
fn the_end_stands_on_the_last_data_frame() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", BODY);
    raw.end.write(1, &Bytes::from_static(b"hello"));
    raw.end.end(1);
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 5 end"]);
}

#[test]
fn an_end_after_the_body_left_is_an_empty_frame() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", BODY);
    raw.end.write(1, &Bytes::from_static(b"hello"));
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 5"]);
    raw.end.end(1);
    assert_eq!(raw.received(), ["DATA 1 0 end"]);
}

#[test]
fn a_head_followed_by_an_end_is_not_a_head_that_ends() {
    // node's peers see the difference in the order of their events.
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", BODY);
    raw.end.end(1);
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 0 end"]);
    raw.send(&[headers(3, END_STREAM, get_block("/"))]);
    raw.end.respond(3, "200", NO_BODY);
    raw.end.end(3);
    assert_eq!(raw.received(), ["HEADERS 3 end"]);
    assert!(raw.end.told().contains(&"3 shutdown".to_owned()));
}

#[test]
fn small_writes_of_one_turn_share_a_frame() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.respond(1, "200", BODY);
    for _ in 0..10 {
        raw.end.write(1, &octets(100));
    }
    raw.end.session.write(id(1), [octets(10), octets(10)]).unwrap();
    raw.end.end(1);
    raw.end.told();
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 1020 end"]);
    let told = raw.end.told();
    assert_eq!(told.iter().filter(|line| *line == "1 written").count(), 11, "each write is answered");
}

#[test]
fn lists_arrive_as_they_were_sent() {
    let mut pair = Pair::new();
    let mut head = get("//odd\"path?\u{e9}");
    for (name, value) in [("x", "1"), ("via", "a"), ("x", "2"), ("via", "b"), ("x", "")] {
        head.push(name.as_bytes(), value.as_bytes(), false);
    }
    head.push(b"authorization", b"secret", true);
    let sent: Vec<_> = head.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect();
    pair.client.request(head, NO_BODY);
    pair.run();
    let Some(http2_rs::session::Event::Headers { fields, .. }) =
        pair.server.events.iter().find(|event| matches!(event, http2_rs::session::Event::Headers { .. }))
    else {
        panic!("no request");
    };
    let received: Vec<_> = fields.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect();
    assert_eq!(received, sent);
    let sensitive: Vec<_> = fields.iter().map(|field| field.is_never_indexed()).collect();
    assert_eq!(sensitive.iter().filter(|sensitive| **sensitive).count(), 1);
    assert_eq!(sensitive.last(), Some(&true));
}

#[test]
fn informational_answers_come_before_the_final_one() {
    let mut pair = Pair::new();
    pair.client.request(get("/"), NO_BODY);
    pair.run();
    pair.server.session.info(id(1), fields(&[(":status", "103"), ("link", "</a>")])).unwrap();
    pair.server.session.info(id(1), fields(&[(":status", "102")])).unwrap();
    pair.run();
    assert_eq!(pair.client.told(), ["1 informational :status=103 link=</a>", "1 informational :status=102"]);
    pair.server.respond(1, "200", NO_BODY);
    assert_eq!(pair.server.session.info(id(1), status("103")), Err(LibraryError::INVALID_STREAM_STATE));
    pair.run();
    assert_eq!(pair.client.told(), ["1 response end :status=200", "1 end", "1 close NO_ERROR"]);
}

#[test]
fn a_head_request_is_answered_without_a_body_whatever_its_length() {
    let mut pair = Pair::new();
    let head = fields(&[(":method", "HEAD"), (":scheme", "http"), (":authority", "localhost"), (":path", "/")]);
    pair.client.request(head, NO_BODY);
    pair.run();
    pair.server.session.respond(id(1), fields(&[(":status", "200"), ("content-length", "5000")]), NO_BODY).unwrap();
    pair.run();
    assert_eq!(pair.client.told(), ["1 response end :status=200 content-length=5000", "1 end", "1 close NO_ERROR"]);
}

#[test]
fn an_answer_may_come_before_the_request_has_ended() {
    let mut pair = Pair::new();
    pair.client.request(post("/"), BODY);
    pair.client.write(1, &octets(10));
    pair.run();
    pair.server.respond(1, "200", NO_BODY);
    pair.run();
    assert_eq!(pair.client.told(), ["1 written", "1 response end :status=200", "1 end"]);
    pair.client.write(1, &octets(20));
    pair.client.end(1);
    pair.run();
    assert_eq!(pair.client.told(), ["1 written", "1 shutdown", "1 close NO_ERROR"]);
    assert_eq!(pair.server.body(1).len(), 30);
    assert_eq!(pair.server.told().last().unwrap(), "1 close NO_ERROR");
}

#[test]
fn a_body_may_be_queued_before_its_head() {
    let mut raw = Raw::server(Config::default());
    raw.send(&[headers(1, END_STREAM, get_block("/"))]);
    raw.end.write(1, &octets(7));
    raw.end.end(1);
    assert_eq!(raw.received(), [""; 0]);
    raw.end.respond(1, "200", BODY);
    assert_eq!(raw.received(), ["HEADERS 1", "DATA 1 7 end"]);
}

#[test]
fn commands_on_streams_that_are_gone_do_nothing() {
    let mut pair = Pair::new();
    let session = &mut pair.server.session;
    assert_eq!(session.respond(id(9), status("200"), BODY), Ok(()));
    assert_eq!(session.info(id(9), status("103")), Ok(()));
    assert_eq!(session.write(id(9), [octets(1)]), Ok(()));
    assert_eq!(session.end(id(9)), Ok(()));
    assert_eq!(session.trailers(id(9), fields(&[])), Ok(()));
    assert_eq!(session.read_start(id(9)), Ok(()));
    assert_eq!(session.read_stop(id(9)), Ok(()));
    assert_eq!(session.rst_stream(id(9), http2_rs::wire::ErrorCode::CANCEL), Ok(()));
    assert_eq!(session.push_promise(id(9), get("/")), Err(LibraryError::STREAM_CLOSED));
    assert!(session.stream_state(id(9)).is_none());
    pair.server.collect();
    assert_eq!(pair.server.told(), ["9 written canceled", "9 shutdown canceled"]);
    assert_eq!(pair.server.output(), b"");
    assert!(pair.server.session.request(get("/"), NO_BODY, None).is_err(), "servers send no requests");
    assert!(pair.client.session.push_promise(id(1), get("/")).is_err(), "clients make no promises");
}

#[test]
fn writing_is_over_after_the_end() {
    let mut pair = Pair::new();
    pair.client.request(post("/"), BODY);
    pair.client.end(1);
    assert_eq!(pair.client.session.write(id(1), [octets(1)]), Err(LibraryError::STREAM_SHUT_WR));
    pair.client.end(1);
    pair.run();
    assert_eq!(pair.client.told(), ["1 shutdown"]);
}

#[test]
fn commands_given_in_ignorance_of_a_reset_are_no_errors() {
    let mut raw = Raw::server(Config::default());
    raw.end.session.with_transport(|_| ());
    // The request and its reset arrive together; the application answers before it comes to the second event.
    let mut bytes = Vec::new();
    for frame in [headers(1, END_STREAM, get_block("/")), rst(1, http2_rs::wire::ErrorCode::CANCEL)] {
        bytes.extend_from_slice(&(frame.payload.len() as u32).to_be_bytes()[1..]);
        bytes.extend_from_slice(&[frame.kind, frame.flags]);
        bytes.extend_from_slice(&frame.stream.to_be_bytes());
        bytes.extend_from_slice(&frame.payload);
    }
    let session = &mut raw.end.session;
    session.with_transport(|pipe| pipe.push(bytes.into()));
    session.poll(NOW);
    assert!(matches!(session.next_event(), Some(http2_rs::session::Event::Headers { .. })));
    assert_eq!(session.respond(id(1), status("200"), BODY), Ok(()));
    assert_eq!(session.write(id(1), [octets(5)]), Ok(()));
    assert_eq!(session.end(id(1)), Ok(()));
    assert_eq!(raw.received(), [""; 0]);
    assert_eq!(raw.end.told(), ["1 end", "1 close CANCEL", "1 written canceled", "1 shutdown canceled"]);
}

#[test]
fn an_empty_write_is_answered() {
    let mut pair = Pair::new();
    pair.client.request(post("/"), BODY);
    pair.client.write(1, &Bytes::new());
    pair.client.write(1, &octets(3));
    pair.client.write(1, &Bytes::new());
    pair.client.collect();
    assert_eq!(pair.client.told(), ["1 written"], "nothing was before it");
    pair.run();
    assert_eq!(pair.client.told(), ["1 written", "1 written"]);
}
