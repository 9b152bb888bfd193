//! node's `paddingStrategy`.

use super::script::Script;
use super::*;
use crate::wire::Padding;

fn aligned() -> Config {
    Config { padding: Padding::Aligned, ..Config::default() }
}

fn max() -> Config {
    Config { padding: Padding::Max, ..Config::default() }
}

#[test]
fn headers_are_aligned_or_filled_up() {
    let lengths = |config: fn() -> Config| {
        let mut client = Wire::new(Role::Client, config());
        h2_writes(&mut client, &[CLIENT_PREFACE.to_vec(), h2_settings()]);
        let mut lengths = Vec::new();
        for number in 0..20u32 {
            let value = "\u{1}".repeat(number as usize);
            client.push_list(id(1 + 2 * number), list(&[("x", &value)])).unwrap();
            lengths.push(h2_writes(&mut client, &[h2_headers(1 + 2 * number, true)]).len());
        }
        lengths
    };
    assert!(lengths(aligned).iter().all(|length| length % 8 == 0));
    let plain = lengths(Config::default);
    assert_eq!(lengths(max), plain.iter().map(|length| length + 256).collect::<Vec<_>>());
}

#[test]
fn padded_lists_arrive() {
    for config in [aligned, max] {
        Script::up(Role::Client, config)
            .request(1, "GET", true)
            .act(|wire| {
                let mut server = Wire::new(Role::Server, Config::default());
                let mut out = Vec::new();
                wire.flush(&mut out).unwrap();
                server.receive([&CLIENT_PREFACE[..], &settings(&[]), &out].concat().into(), Duration::ZERO);
                assert!(matches!(drain_events(&mut server)[1], Event::Head { .. }));
            })
            .run();
    }
}

#[test]
fn data_is_padded_from_the_reserve() {
    // Of the first update of the connection a part is kept, and of each stream's initial window.
    Script::up_with(Role::Client, max, &[(4, 100_000)])
        .request(1, "POST", false)
        .forget()
        .peer(&[window_update(0, 10_000)])
        .h2_reads(&["WINDOW_UPDATE #0 7952"])
        .h2(&[data(1, b"hello", false), data(1, b"", true)])
        .sent(&["DATA #1 5 +256", "DATA #1 0 END +256"])
        .events(&["window #0 10000", "data sent #1 5", "end sent #1"])
        .act(|wire| assert_eq!(wire.session_state().remote_window_size, 75_535 - 5 - 512))
        .run();
    Script::up(Role::Client, aligned)
        .request(1, "POST", false)
        .forget()
        .h2(&[data(1, b"no reserve yet", false)])
        .peer(&[window_update(0, 10_000)])
        .h2(&[data(1, b"now", false), data(1, b"1234567", false)])
        .sent(&["DATA #1 14", "DATA #1 3 +4", "DATA #1 7"])
        .run();
}

#[test]
fn h2_is_told_of_smaller_windows() {
    Script::bare(Role::Client, max)
        .peer(&[settings(&[(3, 5)])])
        .h2_reads(&["SETTINGS ACK", "SETTINGS 3=5 4=63487"])
        .peer(&[settings(&[(4, 100)])])
        .h2_reads(&["SETTINGS 4=88"])
        .peer(&[settings(&[(3, 6)])])
        .h2_reads(&["SETTINGS 3=6"])
        .run();
}

#[test]
fn padding_goes_on_credit_before_the_first_update() {
    let pushed = |octets: &'static [u8]| move |wire: &mut Wire| wire.push_body(id(1), Bytes::from_static(octets));
    Script::up(Role::Client, aligned)
        .request(1, "POST", false)
        .forget()
        .act(pushed(b"abc"))
        .h2(&[data(1, b"abc", false)])
        .sent(&["DATA #1 3 +4"])
        .act(pushed(b"1234567"))
        .h2(&[data(1, b"1234567", true)])
        .sent(&["DATA #1 7 END"])
        .run();
}

#[test]
fn what_was_padded_on_credit_is_missing_in_the_end() {
    fn push(stream: u32, length: usize) -> impl Fn(&mut Wire) {
        move |wire| wire.push_body(id(stream), vec![7; length].into())
    }
    let full = |stream: u32| data(stream, &[0; 16_384], false);
    Script::up_with(Role::Client, max, &[(4, 100_000)])
        .uncut()
        .request(1, "POST", false)
        .request(3, "POST", false)
        .forget()
        .act(push(1, 3))
        .h2(&[data(1, b"one", false)])
        .sent(&["DATA #1 3 +256"])
        // h2 knows of 65,532 octets, of which the padding has taken 256.
        .act(push(1, 65_530))
        .h2(&[full(1), full(1), full(1), data(1, &[0; 16_378], false)])
        .sent(&["DATA #1 16384", "DATA #1 16384", "DATA #1 16384", "DATA #1 16124"])
        .act(push(3, 2))
        .list(1, &[("trailer", "t")])
        .h2(&[data(3, b"ab", false), data(3, b"", true), h2_headers(1, true), rst(3, ErrorCode::CANCEL)])
        .sent(&["RST_STREAM #3 CANCEL"])
        .peer(&[window_update(0, 100)])
        .sent(&["DATA #1 100"])
        .peer(&[window_update(0, 1000)])
        .sent(&["DATA #1 154", "HEADERS #1 END +256 trailer=t"])
        .run();
}

/// Stream 3 has used its window up, and stream 1 has padded on credit: 256 octets of stream 3 wait for the connection.
fn in_arrears() -> Script {
    let full = || data(3, &[0; 16_384], false);
    Script::up(Role::Client, max)
        .uncut()
        .request(1, "POST", false)
        .request(3, "POST", false)
        .h2(&[data(1, b"", false)])
        .act(|wire| wire.push_body(id(3), vec![7; 65_535].into()))
        .forget()
        // All that h2 knows of the stream's window, and then what is left of its reserve.
        .h2(&[full(), full(), full(), data(3, &[0; 14_335], false)])
        .sent(&["DATA #3 16384", "DATA #3 16384", "DATA #3 16384", "DATA #3 14335"])
        .h2_reads(&["WINDOW_UPDATE #3 2048"])
        .h2(&[data(3, &[0; 2048], false)])
        .sent(&["DATA #3 1792"])
}

#[test]
fn what_waits_for_the_connection_is_not_given_to_h2_once_more() {
    in_arrears()
        .h2_reads(&[])
        .peer(&[window_update(0, 100_000)])
        .sent(&["DATA #3 256"])
        .h2_reads(&["WINDOW_UPDATE #0 97696"])
        .run();
}

#[test]
fn what_waited_on_a_stream_that_was_reset_makes_up_for_its_padding() {
    in_arrears()
        .h2(&[rst(3, ErrorCode::CANCEL)])
        .sent(&["RST_STREAM #3 CANCEL"])
        .peer(&[window_update(0, 1000)])
        .sent(&[])
        .h2_reads(&["WINDOW_UPDATE #0 875"])
        .run();
}

#[test]
fn what_a_smaller_initial_window_takes_from_h2_too_late_waits() {
    Script::up_with(Role::Client, max, &[(4, 16_384)])
        .uncut()
        .request(1, "POST", false)
        .request(3, "POST", false)
        .peer(&[window_update(0, 100_000)])
        .act(|wire| wire.push_body(id(1), vec![7; 16_384].into()))
        .forget()
        // All that h2 knows of the stream's window, and it gets the rest of the reserve.
        .h2(&[data(1, &[0; 14_336], false)])
        .sent(&["DATA #1 14336 +256"])
        .h2_reads(&["WINDOW_UPDATE #1 1792"])
        // The window is used up now, and to h2 it is not: the reserve would have been smaller by 224.
        .peer(&[settings(&[(4, 14_592)])])
        .h2_reads(&["SETTINGS 4=12768"])
        .h2(&[data(1, &[0; 224], false)])
        .sent(&[])
        // Other streams go on.
        .act(|wire| wire.push_body(id(3), Bytes::from_static(b"other")))
        .h2(&[data(3, b"other", true)])
        .sent(&["DATA #3 5 END +256"])
        .peer(&[window_update(1, 100)])
        .sent(&["DATA #1 100"])
        .peer(&[settings(&[(4, 16_384)])])
        .sent(&[])
        .h2(&[settings_ack(), settings_ack()])
        .sent(&["SETTINGS ACK", "SETTINGS ACK", "DATA #1 124"])
        .run();
}

/// h2 as it sends: no more than it knows of, as soon as it can.
struct Sender {
    wire: Wire,
    connection: i64,
    stream: i64,
    initial: i64,
    left: i64,
    /// Payload is pushed, as the session does it.
    pushes: bool,
    /// Payload that came out.
    sent: i64,
    ended: bool,
}

impl Sender {
    fn read(&mut self) {
        let read = read_all(&mut self.wire);
        let mut octets = &read[..];
        while let Some((head, rest)) = octets.split_first_chunk::<HEAD_LENGTH>() {
            let head = FrameHead::parse(head);
            let (payload, rest) = rest.split_at(head.length as usize);
            octets = rest;
            let value = |at: usize| i64::from(u32::from_be_bytes(payload[at..at + 4].try_into().unwrap()));
            match head.kind {
                kind::WINDOW_UPDATE if head.stream == StreamId::CONNECTION => self.connection += value(0),
                kind::WINDOW_UPDATE => self.stream += value(0),
                kind::SETTINGS => {
                    for at in (0..payload.len()).step_by(6).filter(|at| payload[at + 1] == 4) {
                        self.stream += value(at + 2) - self.initial;
                        self.initial = value(at + 2);
                    }
                }
                _ => {}
            }
        }
    }

    /// What the peer sees of the windows used by frames that went out.
    fn count(&mut self, out: &[u8]) -> i64 {
        let mut used = 0;
        let mut octets = out;
        while let Some((head, rest)) = octets.split_first_chunk::<HEAD_LENGTH>() {
            let head = FrameHead::parse(head);
            let (payload, rest) = rest.split_at(head.length as usize);
            octets = rest;
            assert!(!self.ended, "nothing follows the end");
            self.ended = head.flags & flag::END_STREAM != 0;
            if head.kind == kind::DATA {
                let padding = if head.flags & flag::PADDED == 0 { 0 } else { 1 + i64::from(payload[0]) };
                used += i64::from(head.length);
                self.sent += i64::from(head.length) - padding;
            }
        }
        used
    }

    fn write(&mut self, frame: Vec<u8>) -> i64 {
        if self.pushes {
            self.wire.push_body(id(1), frame[HEAD_LENGTH..].to_vec().into());
        }
        let out = h2_writes(&mut self.wire, &[frame]);
        self.count(&out)
    }

    /// Sends all it may, and gives what the peer sees of the windows used.
    fn send(&mut self) -> i64 {
        let mut used = 0;
        loop {
            self.read();
            let length = self.connection.min(self.stream).min(self.left).min(1000);
            if length <= 0 {
                return used;
            }
            used += self.write(data(1, &vec![1; length as usize], false));
            (self.connection, self.stream, self.left) =
                (self.connection - length, self.stream - length, self.left - length);
            if self.left == 0 {
                self.wire.push_list(id(1), list(&[("x", "y")])).unwrap();
                let out = h2_writes(&mut self.wire, &[h2_headers(1, true)]);
                used += self.count(&out);
            }
        }
    }

    /// The peer enlarges a window.
    fn credit(&mut self, on: u32, increment: i64) -> i64 {
        self.wire.receive(window_update(on, increment as u32).into(), Duration::ZERO);
        let mut out = Vec::new();
        self.wire.flush(&mut out).unwrap();
        self.count(&out)
    }
}

/// Plays a body through windows that start and grow like that.
fn play(config: Config, pushes: bool, window: u32, every: usize, share: i64) {
    let total = 300_000.min(i64::from(window) * 300);
    let mut h2 = Sender {
        wire: Wire::new(Role::Client, config),
        connection: 65_535,
        stream: 65_535,
        initial: 65_535,
        left: total,
        pushes,
        sent: 0,
        ended: false,
    };
    h2_writes(&mut h2.wire, &[CLIENT_PREFACE.to_vec(), h2_settings()]);
    h2.wire.receive(settings(&[(4, window)]).into(), Duration::ZERO);
    h2.wire.push_list(id(1), request_list("POST")).unwrap();
    h2_writes(&mut h2.wire, &[h2_headers(1, false)]);
    let (mut connection, mut stream) = (65_535i64, i64::from(window));
    let mut rounds = 0;
    while !h2.ended {
        let used = h2.send();
        connection -= used;
        stream -= used;
        assert!(connection >= 0 && stream >= 0, "{connection} {stream} of {window}");
        // The peer gives back what was used: all of it, in parts, or only when there is nothing left.
        rounds += 1;
        assert!(rounds < 700_000, "no progress with {window}");
        if rounds % every != 0 || h2.ended {
            continue;
        }
        let due = (i64::from(window) - stream + share - 1) / share;
        let due_connection = (65_535 - connection + share - 1) / share;
        assert!(due > 0 || due_connection > 0, "{window}: nothing was sent, nothing is due");
        for (on, due) in [(0, due_connection), (1, due)] {
            if due > 0 {
                (connection, stream) =
                    (connection + if on == 0 { due } else { 0 }, stream + if on == 1 { due } else { 0 });
                let used = h2.credit(on, due);
                (connection, stream) = (connection - used, stream - used);
                assert!(connection >= 0 && stream >= 0, "{connection} {stream} of {window}");
            }
        }
    }
    assert_eq!(h2.sent, total);
}

#[test]
fn padding_neither_overruns_a_window_nor_starves_one() {
    for strategy in [aligned, max] {
        for window in [1, 7, 100, 1000, 5000, 20_000, 65_535, 200_000] {
            for (every, share) in [(1, 1), (2, 1), (1, 3)] {
                for pushes in [false, true] {
                    play(strategy(), pushes, window, every, share);
                }
            }
        }
    }
}
