//! Answers that begin without h2, and go on without it or with it.

use std::collections::BTreeMap;

use crate::support::*;
use http2_rs::wire::{Config, ErrorCode};

/// A server's peer that counts what it gets of each stream's DATA; stream 0 is the sum.
struct Reader {
    raw: Raw,
    octets: BTreeMap<u32, usize>,
    ended: Vec<u32>,
}

impl Reader {
    fn new() -> Reader {
        Reader { raw: Raw::server(Config::default()), octets: BTreeMap::new(), ended: Vec::new() }
    }

    fn ask(&mut self, streams: &[u32]) {
        let requests: Vec<_> = streams.iter().map(|stream| headers(*stream, END_STREAM, get_block("/"))).collect();
        self.raw.send(&requests);
        self.raw.end.told();
    }

    /// Takes what there is, and returns it but for the payloads.
    fn take(&mut self) -> Vec<String> {
        let frames = self.raw.receive();
        for frame in &frames {
            if frame.kind == DATA {
                *self.octets.entry(frame.stream).or_default() += frame.payload.len();
                *self.octets.entry(0).or_default() += frame.payload.len();
            }
            if matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0 {
                self.ended.push(frame.stream);
            }
        }
        frames.iter().map(Frame::brief).collect()
    }

    fn got(&self, stream: u32) -> usize {
        self.octets.get(&stream).copied().unwrap_or_default()
    }

    fn begin(&mut self, stream: u32, octets: usize) {
        self.raw.end.respond(stream, "200", BODY);
        self.write(stream, octets);
    }

    fn write(&mut self, stream: u32, len: usize) {
        self.raw.end.write(stream, &octets(len));
    }
}

#[test]
fn answers_may_come_whenever_they_like() {
    let mut peer = Reader::new();
    peer.ask(&[1, 3, 5]);
    assert_eq!(peer.take(), [""; 0]);
    peer.begin(5, 10);
    assert_eq!(peer.take(), ["HEADERS 5", "DATA 5 10"]);
    peer.begin(1, 20);
    peer.write(5, 11);
    assert_eq!(peer.take(), ["HEADERS 1", "DATA 1 20", "DATA 5 11"]);
    peer.raw.end.end(5);
    assert_eq!(peer.take(), ["DATA 5 0 end"]);
    peer.raw.end.respond(3, "204", NO_BODY);
    peer.raw.end.end(1);
    assert_eq!(peer.take(), ["HEADERS 3 end", "DATA 1 0 end"]);
    let told = peer.raw.end.told();
    assert_eq!(told.iter().filter(|line| line.ends_with("close NO_ERROR")).count(), 3, "{told:?}");
}

#[test]
fn h2_never_overdraws_what_went_out_before_it() {
    const WINDOW: usize = 65_535;
    let mut peer = Reader::new();
    peer.ask(&[1, 3]);
    peer.begin(1, 1000);
    peer.begin(3, 500);
    peer.take();
    peer.write(1, 100_000);
    peer.raw.end.end(1);
    peer.write(3, 100_000);
    peer.raw.end.end(3);
    peer.take();
    assert_eq!(peer.got(0), WINDOW, "all of the connection's window, and no more");
    // The connection's window is no bound any more, the streams' are.
    peer.raw.send(&[window_update(0, 1_000_000)]);
    peer.take();
    assert_eq!((peer.got(1), peer.got(3)), (WINDOW, WINDOW));
    for step in 1..=10 {
        peer.raw.send(&[window_update(1, 500), window_update(3, 300)]);
        peer.take();
        assert_eq!((peer.got(1), peer.got(3)), (WINDOW + step * 500, WINDOW + step * 300));
    }
    peer.raw.send(&[window_update(1, 100_000), window_update(3, 100_000)]);
    peer.take();
    assert_eq!((peer.got(1), peer.got(3)), (101_000, 100_500));
    peer.ended.sort_unstable();
    assert_eq!(peer.ended, [1, 3]);
    assert_eq!(peer.raw.end.session.state().remote_window_size, 65_535 + 1_000_000 - 201_500);
}

#[test]
fn a_window_that_shrinks_holds_for_what_has_begun() {
    let mut peer = Reader::new();
    peer.ask(&[1, 3]);
    peer.begin(1, 5000);
    peer.take();
    peer.raw.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(&[(4, 2000)]))]);
    peer.write(1, 10_000);
    peer.begin(3, 10_000);
    peer.take();
    assert_eq!((peer.got(1), peer.got(3)), (5000, 2000));
    peer.raw.send(&[window_update(1, 4000)]);
    peer.take();
    assert_eq!(peer.got(1), 6000, "3,000 were owed");
    peer.raw.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(&[(4, 100_000)]))]);
    peer.take();
    assert_eq!((peer.got(1), peer.got(3)), (15_000, 10_000));
}

#[test]
fn a_window_that_grows_is_used_after_its_acknowledgement() {
    let mut peer = Reader::new();
    peer.ask(&[1, 3]);
    peer.begin(1, 1000);
    peer.take();
    peer.raw.send(&[window_update(0, 1_000_000)]);
    peer.write(1, 100_000);
    peer.take();
    assert_eq!(peer.got(1), 65_535);
    // What h2 has sent of stream 1 waits, and stream 3 has an answer that fits the new window only.
    peer.raw.send(&[Frame::new(SETTINGS, 0, 0, settings_payload(&[(4, 66_000)]))]);
    peer.begin(3, 66_000);
    let frames = peer.take();
    assert_eq!(frames.first().map(String::as_str), Some("SETTINGS ack"), "{frames:?}");
    assert_eq!((peer.got(1), peer.got(3)), (66_000, 66_000));
}

#[test]
fn what_is_reset_with_octets_that_waited_gives_them_back() {
    let mut peer = Reader::new();
    peer.ask(&[1, 3]);
    peer.begin(1, 16_000);
    peer.take();
    peer.write(1, 16_000);
    peer.take();
    peer.write(1, 60_000);
    peer.take();
    assert_eq!(peer.got(0), 65_535);
    peer.raw.send(&[rst(1, ErrorCode::CANCEL)]);
    peer.begin(3, 50_000);
    peer.take();
    assert_eq!(peer.got(3), 0);
    for step in 1..=10 {
        peer.raw.send(&[window_update(0, 4000)]);
        peer.take();
        assert_eq!(peer.got(3), step * 4000);
    }
    peer.raw.send(&[window_update(0, 60_000)]);
    peer.take();
    assert_eq!(peer.got(3), 50_000);
}

#[test]
fn trailers_follow_without_h2_and_with_it() {
    for len in [10, 40_000] {
        let mut peer = Reader::new();
        peer.ask(&[1]);
        peer.raw.end.respond(1, "200", TRAILERS);
        peer.write(1, 10);
        peer.take();
        peer.write(1, len);
        peer.raw.end.end(1);
        peer.take();
        assert_eq!(peer.got(1), 10 + len);
        let mut told = peer.raw.end.told();
        told.sort();
        assert_eq!(told, ["1 want trailers", "1 written", "1 written"]);
        peer.raw.end.session.trailers(id(1), fields(&[("a", "b")])).unwrap();
        assert_eq!(peer.take(), ["HEADERS 1 end"]);
        assert_eq!(peer.raw.end.told(), ["1 shutdown", "1 close NO_ERROR"]);
    }
}

#[test]
fn no_trailers_are_the_end_of_the_body() {
    let mut peer = Reader::new();
    peer.ask(&[1]);
    peer.raw.end.respond(1, "200", TRAILERS);
    peer.raw.end.end(1);
    assert_eq!(peer.take(), ["HEADERS 1"]);
    peer.raw.end.session.trailers(id(1), fields(&[])).unwrap();
    assert_eq!(peer.take(), ["DATA 1 0 end"]);
}

#[test]
fn a_stream_is_pushed_on_an_answer_that_has_begun() {
    let mut peer = Reader::new();
    peer.ask(&[1, 3]);
    peer.begin(1, 10);
    peer.take();
    assert_eq!(peer.raw.end.session.push_promise(id(1), get("/pushed")), Ok(id(2)));
    peer.begin(2, 5);
    peer.raw.end.end(2);
    peer.write(1, 7);
    peer.raw.end.end(1);
    let frames = peer.take();
    let at =
        |brief: &str| frames.iter().position(|frame| frame == brief).unwrap_or_else(|| panic!("{brief}: {frames:?}"));
    assert!(at("PUSH_PROMISE 1 2") < at("HEADERS 2"));
    assert!(at("HEADERS 2") < at("DATA 2 5 end"));
    assert_eq!(peer.got(1), 17);
    peer.raw.end.respond(3, "200", NO_BODY);
    assert_eq!(peer.take(), ["HEADERS 3 end"]);
    peer.ended.sort_unstable();
    assert_eq!(peer.ended, [1, 2, 3]);
}

#[test]
fn long_connections_forget_the_streams_that_h2_never_had() {
    let mut peer = Reader::new();
    // One stays open all the time.
    peer.ask(&[1]);
    for n in 1..2000 {
        let stream = 2 * n + 1;
        peer.ask(&[stream]);
        peer.begin(stream, 1);
        peer.raw.end.end(stream);
        peer.take();
    }
    peer.raw.send(&[window_update(0, 1_000_000), window_update(1, 1_000_000)]);
    peer.begin(1, 100_000);
    peer.raw.end.end(1);
    peer.take();
    assert_eq!(peer.got(1), 100_000);
    assert_eq!(peer.ended.len(), 2000);
}
