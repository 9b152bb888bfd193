//! What goes out: blocks of any length, payload of any length, a transport that takes little.

use std::io::{self, Write};

use super::script::Script;
use super::*;
use crate::wire::out::OUT_LIMIT;

#[test]
fn long_blocks_are_continued() {
    fn long() -> FieldBlock {
        let values: Vec<_> = (0..40).map(|number| format!("{number}{}", "\u{1}".repeat(1000))).collect();
        values.iter().map(|value| ("x", &value[..])).collect()
    }
    Script::client()
        .uncut()
        .act(|wire| wire.push_list(id(1), long()).unwrap())
        .h2(&[h2_headers(1, true)])
        .act(|wire| {
            let mut out = Vec::new();
            wire.flush(&mut out).unwrap();
        })
        .run();
    // What arrives at the other end is what was sent.
    let mut client = Wire::new(Role::Client, Config::default());
    h2_writes(&mut client, &[CLIENT_PREFACE.to_vec(), h2_settings()]);
    client.push_list(id(1), long()).unwrap();
    let octets = h2_writes(&mut client, &[h2_headers(1, true)]);
    let heads: Vec<_> = frames_in(&octets).collect();
    assert_eq!(
        heads.iter().map(|head| head.kind).collect::<Vec<_>>(),
        [kind::HEADERS, kind::CONTINUATION, kind::CONTINUATION]
    );
    assert_eq!((heads[0].flags, heads[1].flags, heads[2].flags), (END, 0, flag::END_HEADERS));
    assert!(heads.iter().all(|head| head.length <= 16_384));
}

#[test]
fn a_larger_frame_size_counts_from_our_acknowledgement() {
    let mut client = Wire::new(Role::Client, Config::default());
    h2_writes(&mut client, &[CLIENT_PREFACE.to_vec(), h2_settings()]);
    client.receive(settings(&[(5, 100_000)]).into(), Duration::ZERO);
    let value = "\u{1}".repeat(20_000);
    let send = |client: &mut Wire, stream| {
        client.push_list(id(stream), list(&[("x", &value)])).unwrap();
        frames_in(&h2_writes(client, &[h2_headers(stream, true)])).count()
    };
    assert_eq!(send(&mut client, 1), 2);
    h2_writes(&mut client, &[settings_ack()]);
    assert_eq!(send(&mut client, 3), 1);
}

#[test]
fn the_encoders_table_follows_the_peer_from_our_acknowledgement() {
    let mut client = Wire::new(Role::Client, Config::default());
    h2_writes(&mut client, &[CLIENT_PREFACE.to_vec(), h2_settings()]);
    client.receive([settings(&[(1, 0)]), settings(&[(1, 4096)])].concat().into(), Duration::ZERO);
    let send = |client: &mut Wire, stream| {
        client.push_list(id(stream), list(&[("name", "value")])).unwrap();
        h2_writes(client, &[h2_headers(stream, true)])[HEAD_LENGTH..].to_vec()
    };
    assert_eq!(send(&mut client, 1)[0], 0x40, "a literal for the table");
    h2_writes(&mut client, &[settings_ack()]);
    assert_eq!(send(&mut client, 3)[0], 0x20, "the table is emptied");
    h2_writes(&mut client, &[settings_ack()]);
    assert_eq!(send(&mut client, 5)[..4], [0x3f, 0xe1, 0x1f, 0x40], "and used again");
}

fn frames_in(octets: &[u8]) -> impl Iterator<Item = FrameHead> + '_ {
    let mut rest = octets;
    std::iter::from_fn(move || {
        let (head, after) = rest.split_first_chunk::<HEAD_LENGTH>()?;
        let head = FrameHead::parse(head);
        rest = &after[head.length as usize..];
        Some(head)
    })
}

/// Takes as much as it is allowed, then blocks.
#[derive(Default)]
struct Narrow {
    room: usize,
    taken: Vec<u8>,
    calls: usize,
}

impl Write for Narrow {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.calls += 1;
        let length = octets.len().min(self.room);
        self.room -= length;
        self.taken.extend_from_slice(&octets[..length]);
        Ok(length)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let joined: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(self.room).collect();
        self.write(&joined)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A client with an open request, and h2's output for a body of that many frames.
fn uploading() -> Wire {
    let mut client = Wire::new(Role::Client, Config::default());
    client.push_list(id(1), request_list("POST")).unwrap();
    h2_writes(&mut client, &[CLIENT_PREFACE.to_vec(), h2_settings(), h2_headers(1, false)]);
    drain_events(&mut client);
    client
}

#[test]
fn a_blocked_transport_bounds_the_buffer() {
    let mut client = uploading();
    let mut to = Narrow::default();
    let body = [data(1, &[1; 16_384], false), data(1, &[2; 16_384], false)].concat();
    let mut written = 0;
    let mut expected = Vec::new();
    loop {
        let from = &body[written % body.len()..];
        match client.write(&[IoSlice::new(from)], &mut to) {
            Ok(octets) => {
                expected.extend_from_slice(&from[..octets]);
                written += octets;
            }
            Err(error) => break assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }
    assert!(client.buffered() <= OUT_LIMIT + 16_384);
    // Own frames find room, at frame boundaries.
    assert!(client.ping(*b"12345678"));
    assert_eq!(client.flush(&mut to).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    to.room = usize::MAX;
    while written < body.len() * 4 {
        let from = &body[written % body.len()..];
        let octets = client.write(&[IoSlice::new(from)], &mut to).unwrap();
        expected.extend_from_slice(&from[..octets]);
        written += octets;
    }
    client.flush(&mut to).unwrap();
    let pings: Vec<_> = frames_in(&to.taken).filter(|head| head.kind == kind::PING).collect();
    assert_eq!(pings.len(), 1);
    assert_eq!(to.taken.len(), expected.len() + HEAD_LENGTH + 8);
    assert_eq!(client.counters().data_sent, 8 * 16_384);
}

#[test]
fn every_amount_the_transport_may_take() {
    let body = [data(1, &[1; 70_000], false), data(1, &[2; 300], false), data(1, &[3; 5000], true)].concat();
    for step in [97, 4096, 65_000, 100_000] {
        let mut client = uploading();
        let mut to = Narrow::default();
        let mut rest = &body[..];
        let mut guard = 0;
        loop {
            to.room = step;
            match client
                .write(&[IoSlice::new(&rest[..rest.len().min(9)]), IoSlice::new(&rest[rest.len().min(9)..])], &mut to)
            {
                Ok(octets) => rest = &rest[octets..],
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
            match client.flush(&mut to) {
                Ok(()) if rest.is_empty() => break,
                Ok(()) => {}
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
            guard += 1;
            assert!(guard < 200_000);
        }
        assert!(to.taken == body, "steps of {step}");
        assert_eq!(
            drain_events(&mut client),
            [
                Event::DataSent { stream: id(1), octets: 70_000 },
                Event::DataSent { stream: id(1), octets: 300 },
                Event::DataSent { stream: id(1), octets: 5000 },
                Event::EndStreamSent { stream: id(1) },
            ]
        );
    }
}

#[test]
fn a_broken_transport_is_reported() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut client = uploading();
    let large = data(1, &[1; 100_000], false);
    assert_eq!(client.write(&[IoSlice::new(&large)], &mut Broken).unwrap(), HEAD_LENGTH);
    let error = client.write(&[IoSlice::new(&large[HEAD_LENGTH..])], &mut Broken).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn many_small_answers_are_one_write() {
    let mut server = Wire::new(Role::Server, Config::default());
    let requests = (0..100).map(|number| headers(1 + 2 * number, END, GET));
    let input: Vec<_> = [CLIENT_PREFACE.to_vec(), settings(&[]), settings_ack()].into_iter().chain(requests).collect();
    server.receive(input.concat().into(), Duration::ZERO);
    let mut answers = Vec::new();
    for number in 0..100 {
        let stream = 1 + 2 * number;
        server.push_list(id(stream), list(&[(":status", "200"), ("server", "x")])).unwrap();
        answers.extend([h2_headers(stream, false), data(stream, b"hello world!", true)].concat());
    }
    let mut to = Narrow { room: usize::MAX, ..Narrow::default() };
    assert_eq!(server.write(&[IoSlice::new(&answers)], &mut to).unwrap(), answers.len());
    assert_eq!(to.calls, 0);
    server.flush(&mut to).unwrap();
    assert_eq!(to.calls, 1);
    assert_eq!(server.counters().streams, 100);
    assert_eq!(server.counters().max_concurrent_streams, 100);
    assert_eq!(server.counters().bytes_sent, to.taken.len() as u64);
}

#[test]
fn headers_without_a_list_become_a_reset() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .forget()
        .h2(&[h2_headers(1, true)])
        .events(&["closed #1 INTERNAL_ERROR"])
        .sent(&["RST_STREAM #1 INTERNAL_ERROR"])
        .h2_reads(&["RST_STREAM #1 INTERNAL_ERROR"])
        .run();
}

#[test]
fn altsvc_origin_and_priority_out() {
    Script::server()
        .act(|wire| {
            wire.altsvc(id(0), b"https://a", b"h2=x").unwrap();
            wire.altsvc(id(1), b"", b"h2=y").unwrap();
            assert_eq!(wire.altsvc(id(0), b"", b"v"), Err(LibraryError::INVALID_ARGUMENT));
            assert_eq!(wire.altsvc(id(1), b"o", b"v"), Err(LibraryError::INVALID_ARGUMENT));
            assert_eq!(wire.altsvc(id(1), b"", &[b'v'; 20_000]), Err(LibraryError::INVALID_ARGUMENT));
            wire.origin([&b"https://a"[..], b"https://b"].into_iter()).unwrap();
            assert_eq!(wire.origin([&[b'o'; 20_000][..]].into_iter()), Err(LibraryError::INVALID_ARGUMENT));
        })
        .sent(&[
            "type 0xa #0 \\x00\\thttps://ah2=x",
            "type 0xa #1 \\x00\\x00h2=y",
            "type 0xc #0 \\x00\\thttps://a\\x00\\thttps://b",
        ])
        .run();
    Script::client()
        .act(|wire| {
            assert_eq!(wire.altsvc(id(0), b"https://a", b"x"), Err(LibraryError::INVALID_STATE));
            assert_eq!(wire.origin([].into_iter()), Err(LibraryError::INVALID_STATE));
            wire.priority(id(5), id(3), 256, true);
            wire.priority(id(5), id(5), 256, true);
            wire.priority(id(0), id(5), 1, false);
        })
        .sent(&["PRIORITY #5 80000003 255"])
        .run();
}

#[test]
fn own_frames_wait_for_the_end_of_a_data_frame() {
    Script::client()
        .request(1, "POST", false)
        .forget()
        .h2(&[data(1, b"half and half", false)[..15].to_vec()])
        .act(|wire| assert!(wire.ping(*b"12345678")))
        .h2(&[b"nd half".to_vec()])
        .sent(&["DATA #1 13", "PING 12345678"])
        .run();
}
