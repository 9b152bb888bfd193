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

/// h2 as it sends: no more than it knows of, as soon as it can.
struct Sender {
    wire: Wire,
    connection: i64,
    stream: i64,
    initial: i64,
    left: i64,
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

    /// Sends all it may, and gives what the peer sees of the windows used.
    fn send(&mut self) -> i64 {
        let mut used = 0;
        loop {
            self.read();
            let length = self.connection.min(self.stream).min(self.left).min(1000);
            if length <= 0 {
                return used;
            }
            let out = h2_writes(&mut self.wire, &[data(1, &vec![1; length as usize], false)]);
            used += (out.len() - HEAD_LENGTH) as i64;
            (self.connection, self.stream, self.left) =
                (self.connection - length, self.stream - length, self.left - length);
        }
    }
}

#[test]
fn padding_neither_overruns_a_window_nor_starves_one() {
    for strategy in [aligned, max] {
        for window in [1, 7, 100, 1000, 5000, 20_000, 65_535, 200_000] {
            for (every, share) in [(1, 1), (2, 1), (1, 3)] {
                let wire = Wire::new(Role::Client, strategy());
                let mut h2 = Sender {
                    wire,
                    connection: 65_535,
                    stream: 65_535,
                    initial: 65_535,
                    left: 300_000.min(i64::from(window) * 300),
                };
                h2_writes(&mut h2.wire, &[CLIENT_PREFACE.to_vec(), h2_settings()]);
                h2.wire.receive(settings(&[(4, window)]).into(), Duration::ZERO);
                h2.wire.push_list(id(1), request_list("POST")).unwrap();
                h2_writes(&mut h2.wire, &[h2_headers(1, false)]);
                let (mut connection, mut stream) = (65_535i64, i64::from(window));
                let mut rounds = 0;
                while h2.left > 0 {
                    let used = h2.send();
                    connection -= used;
                    stream -= used;
                    assert!(connection >= 0 && stream >= 0, "{connection} {stream} of {window}");
                    // The peer gives back what was used: all of it, in parts, or only when there is nothing left.
                    rounds += 1;
                    assert!(rounds < 700_000, "no progress with {window}");
                    if rounds % every != 0 {
                        continue;
                    }
                    let due = (i64::from(window) - stream + share - 1) / share;
                    let due_connection = (65_535 - connection + share - 1) / share;
                    assert!(due > 0 || h2.left == 0, "{window}: nothing was sent, nothing is due");
                    for (on, due) in [(0, due_connection), (1, due)] {
                        if due > 0 {
                            h2.wire.receive(window_update(on, due as u32).into(), Duration::ZERO);
                        }
                    }
                    (connection, stream) = (connection + due_connection, stream + due);
                }
            }
        }
    }
}
