//! Two wires talk, and a caricature of h2 stands behind each.

use super::super::event::HeadKind;
use super::*;

struct Pair {
    client: Wire,
    server: Wire,
    /// Input reaches either side in pieces of this many octets.
    piece: usize,
}

fn is_acked(event: &Event) -> bool {
    matches!(event, Event::SettingsAcked { .. })
}

impl Pair {
    fn new(client: Config, server: Config, piece: usize) -> Pair {
        let mut pair = Pair { client: Wire::new(Role::Client, client), server: Wire::new(Role::Server, server), piece };
        let mut preface = CLIENT_PREFACE.to_vec();
        preface.extend_from_slice(&h2_settings());
        let first = h2_writes(&mut pair.client, &[preface]);
        let second = h2_writes(&mut pair.server, &[h2_settings()]);
        pair.server_gets(&first);
        pair.client_gets(&second);
        pair.settle();
        assert!(drain_events(&mut pair.client).iter().any(is_acked));
        assert!(drain_events(&mut pair.server).iter().any(is_acked));
        pair
    }

    fn server_gets(&mut self, octets: &[u8]) {
        for piece in octets.chunks(self.piece) {
            self.server.receive(Bytes::copy_from_slice(piece), Duration::ZERO);
        }
    }

    fn client_gets(&mut self, octets: &[u8]) {
        for piece in octets.chunks(self.piece) {
            self.client.receive(Bytes::copy_from_slice(piece), Duration::ZERO);
        }
    }

    /// Both sides' h2 acknowledge SETTINGS, as long as there are any.
    fn settle(&mut self) {
        for _ in 0..4 {
            let acks = settings_in(&read_all(&mut self.client));
            let octets = h2_writes(&mut self.client, &vec![frame(kind::SETTINGS, flag::ACK, 0, b""); acks]);
            self.server_gets(&octets);
            let acks = settings_in(&read_all(&mut self.server));
            let octets = h2_writes(&mut self.server, &vec![frame(kind::SETTINGS, flag::ACK, 0, b""); acks]);
            self.client_gets(&octets);
        }
    }

    fn client_writes(&mut self, frames: &[Vec<u8>]) {
        let octets = h2_writes(&mut self.client, frames);
        self.server_gets(&octets);
    }

    fn server_writes(&mut self, frames: &[Vec<u8>]) {
        let octets = h2_writes(&mut self.server, frames);
        self.client_gets(&octets);
    }
}

/// Counts SETTINGS without ACK in what h2 reads.
fn settings_in(mut octets: &[u8]) -> usize {
    let mut count = 0;
    if let Some(rest) = octets.strip_prefix(CLIENT_PREFACE) {
        octets = rest;
    }
    while let Some((head, rest)) = octets.split_first_chunk::<HEAD_LENGTH>() {
        let head = FrameHead::parse(head);
        count += usize::from(head.kind == kind::SETTINGS && !head.has(flag::ACK));
        octets = &rest[head.length as usize..];
    }
    count
}

/// Joins runs of DATA, which depend on how the input was cut.
fn joined(events: Vec<Event>) -> Vec<Event> {
    let mut joined: Vec<Event> = Vec::new();
    for event in events {
        match (joined.last_mut(), event) {
            (Some(Event::Data { stream: before, data: first }), Event::Data { stream, data }) if *before == stream => {
                *first = [&first[..], &data[..]].concat().into();
            }
            (_, event) => joined.push(event),
        }
    }
    joined
}

#[test]
fn a_request_and_its_answer_with_bodies_and_trailers() {
    for piece in [1, 2, 3, 5, 8, 13, 100, 1 << 20] {
        let mut pair = Pair::new(Config::default(), Config::default(), piece);
        let request = request_list("POST");
        pair.client.push_list(id(1), request.clone()).unwrap();
        pair.client_writes(&[h2_headers(1, false), data(1, b"hello ", false), data(1, b"world", true)]);
        assert_eq!(
            drain_events(&mut pair.client),
            [
                Event::HeadSent { stream: id(1), end_stream: false },
                Event::DataSent { stream: id(1), octets: 6 },
                Event::DataSent { stream: id(1), octets: 5 },
                Event::EndStreamSent { stream: id(1) },
            ]
        );
        let events = joined(drain_events(&mut pair.server));
        let [Event::Head { stream, kind: HeadKind::Request, end_stream: false, fields }, rest @ ..] = &events[..]
        else {
            panic!("{events:?}");
        };
        assert_eq!((*stream, pairs(fields)), (id(1), pairs(&request)));
        assert_eq!(
            rest,
            [Event::Data { stream: id(1), data: b"hello world"[..].into() }, Event::EndStream { stream: id(1) }]
        );
        assert_eq!(
            read_all(&mut pair.server),
            [frame(kind::HEADERS, 4, 1, &[0x82, 0x86, 0x84]), data(1, b"", true)].concat(),
            "h2 hears where the message begins and ends"
        );

        let response = list(&[(":status", "200"), ("set-cookie", "a"), ("x", "y"), ("set-cookie", "b")]);
        let trailers = list(&[("checksum", "1")]);
        pair.server.push_list(id(1), response.clone()).unwrap();
        pair.server.push_list(id(1), trailers.clone()).unwrap();
        pair.server_writes(&[h2_headers(1, false), data(1, b"answer", false), h2_headers(1, true)]);
        assert_eq!(
            drain_events(&mut pair.server),
            [
                Event::HeadSent { stream: id(1), end_stream: false },
                Event::DataSent { stream: id(1), octets: 6 },
                Event::HeadSent { stream: id(1), end_stream: true },
                Event::EndStreamSent { stream: id(1) },
                Event::Closed { stream: id(1), code: ErrorCode::NO_ERROR },
            ]
        );
        let events = joined(drain_events(&mut pair.client));
        let [head, body, tail, end, closed] = &events[..] else { panic!("{events:?}") };
        assert!(
            matches!(head, Event::Head { kind: HeadKind::Response, fields, .. } if pairs(fields) == pairs(&response))
        );
        assert_eq!(*body, Event::Data { stream: id(1), data: b"answer"[..].into() });
        assert!(
            matches!(tail, Event::Head { kind: HeadKind::Trailers, fields, end_stream: true, .. } if pairs(fields) == pairs(&trailers))
        );
        assert_eq!(*end, Event::EndStream { stream: id(1) });
        assert_eq!(*closed, Event::Closed { stream: id(1), code: ErrorCode::NO_ERROR });
        assert_eq!(read_all(&mut pair.client), [frame(kind::HEADERS, 4, 1, &[0x88]), data(1, b"", true)].concat());
        assert!(pair.client.stream_state(id(1)).is_none());
        assert_eq!(pair.server.stream_state(id(1)), None);
    }
}

fn pairs(block: &FieldBlock) -> Vec<(String, String)> {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    block.iter().map(|field| (text(field.name), text(field.value))).collect()
}
