//! Floods: what a peer may do, and not without end. Scripts of so many frames that cutting them everywhere would take forever.

use super::script::Script;
use super::*;

fn flood(frames: Vec<Vec<u8>>) -> Script {
    Script::server().uncut().peer(&frames)
}

/// The connection ends, and for which limit.
fn ends(limit: Limit, error: LibraryError) -> impl Fn(&mut Wire) {
    move |wire| {
        let events = drain_events(wire);
        let [.., Event::Limit { limit: told, stream }, Event::ConnectionError { error: nghttp2, code, custom }] =
            &events[..]
        else {
            panic!("{:?}", events.last());
        };
        assert_eq!((*told, stream.value(), *nghttp2, *code), (limit, 0, error, ErrorCode::ENHANCE_YOUR_CALM));
        assert_eq!(*custom, (limit == Limit::InvalidFrames).then_some(CustomError::TooManyInvalidFrames));
    }
}

/// `count` frames are too many: one less is not, the rate lets `rate` more pass each second, and an operator who tolerates twice
/// as much gets that.
fn is_limited(
    role: Role,
    before: &[Vec<u8>],
    frames: &[Vec<u8>],
    limit: Limit,
    error: LibraryError,
    (count, rate): (usize, usize),
) {
    let tolerant = || Config { flood_tolerance: 2.0, ..Config::default() };
    let started = |config| {
        let mut script = Script::up(role, config).uncut();
        if role == Role::Client {
            script = script.request(1, "GET", false).request(3, "POST", false);
        }
        script.peer(before)
    };
    // Answers are written before too many wait.
    let sends = |mut script: Script, count: usize| {
        let frames: Vec<_> = frames.iter().cycle().take(count).cloned().collect();
        for some in frames.chunks(500) {
            script = script.peer(some).h2(&vec![settings_ack(); 500]).act(|wire| wire.flush(&mut Vec::new()).unwrap());
        }
        script
    };
    let alive = move |wire: &mut Wire| {
        let broken = drain_events(wire).into_iter().find(|event| matches!(event, Event::ConnectionError { .. }));
        assert_eq!(broken, None, "{limit:?}");
    };
    sends(sends(started(Config::default), count - 1).act(alive), 1).act(ends(limit, error)).run();
    let rested = sends(started(Config::default), count - 1).at(3000);
    let rested = sends(rested, (3 * rate).min(count - 1)).act(alive);
    sends(rested, 1 + count.saturating_sub(3 * rate)).act(ends(limit, error)).run();
    sends(sends(started(tolerant), count).act(alive), count).act(ends(limit, error)).run();
}

fn is_limited_everywhere(frame: &[u8], limit: Limit, error: LibraryError, numbers: (usize, usize)) {
    for role in [Role::Server, Role::Client] {
        is_limited(role, &[], &[frame.to_vec()], limit, error, numbers);
    }
}

#[test]
fn frames_of_the_connection() {
    is_limited_everywhere(&ping(0, b"12345678"), Limit::Pings, LibraryError::FLOODED, (10_001, 1000));
    // The first came with the preface.
    is_limited_everywhere(&settings(&[]), Limit::Settings, LibraryError::FLOODED, (1000, 250));
    is_limited_everywhere(&goaway(0, ErrorCode::NO_ERROR, b""), Limit::Goaways, LibraryError::FLOODED, (101, 1));
    is_limited_everywhere(&frame(0xee, 0, 0, b"x"), Limit::UnknownFrames, LibraryError::PROTO, (10_001, 1000));
}

#[test]
fn window_updates_of_streams_that_are_there_or_were() {
    let (flooded, numbers) = (LibraryError::FLOODED, (10_001, 1000));
    is_limited_everywhere(&window_update(0, 1), Limit::WindowUpdates, flooded, numbers);
    let over = [headers(1, 0, POST), rst(1, ErrorCode::CANCEL)];
    is_limited(Role::Server, &over, &[window_update(1, 1)], Limit::WindowUpdates, flooded, numbers);
}

#[test]
fn priorities() {
    let priority = |stream: u32| frame(kind::PRIORITY, 0, stream, &[0, 0, 0, 0, 1]);
    let frames: Vec<_> = (1..100).map(priority).collect();
    is_limited(Role::Server, &[], &frames, Limit::Priorities, LibraryError::PROTO, (1001, 100));
    is_limited(Role::Client, &[], &frames, Limit::Priorities, LibraryError::PROTO, (1001, 100));
}

#[test]
fn what_a_server_announces() {
    let altsvc = frame(kind::ALTSVC, 0, 0, b"\0\x01ovalue");
    let origin = frame(kind::ORIGIN, 0, 0, b"\0\x09https://a");
    is_limited(Role::Client, &[], &[altsvc, origin], Limit::Announcements, LibraryError::FLOODED, (1001, 10));
    let config = || Config { settings: vec![Setting::new(SettingId::MAX_FRAME_SIZE, 1 << 20)], ..Config::default() };
    Script::up(Role::Client, config)
        .uncut()
        .peer(&[frame(kind::ORIGIN, 0, 0, &b"\0\x01x".repeat(4096))])
        .act(|wire| assert_eq!(drain_events(wire).len(), 1))
        .peer(&[frame(kind::ORIGIN, 0, 0, &b"\0\x01x".repeat(4097))])
        .act(ends(Limit::Announcements, LibraryError::FLOODED))
        .run();
}

#[test]
fn answers_that_are_none() {
    let early = headers(1, 0, &[(":status", "103")]);
    // The first of a request is none too many.
    let first = [early.clone()];
    is_limited(Role::Client, &first, &[early], Limit::InformationalHeaders, LibraryError::FLOODED, (1001, 100));
}

#[test]
fn what_comes_too_late() {
    let flooded = LibraryError::FLOODED;
    let reset_by_us =
        || Script::server().uncut().peer(&[headers(1, 0, POST)]).h2(&[rst(1, ErrorCode::CANCEL)]).forget();
    for late in [headers(1, END, &[("t", "1")]), rst(1, ErrorCode::CANCEL), data(1, b"", false)] {
        reset_by_us()
            .peer(&vec![late.clone(); 10_000])
            .events(&[])
            .peer(&[late])
            .act(ends(Limit::LateFrames, flooded))
            .run();
    }
    // Requests after our GOAWAY.
    let requests: Vec<_> = (0..10_001).map(|number| headers(1 + 2 * number, END, GET)).collect();
    Script::server()
        .uncut()
        .act(|wire| wire.goaway(ErrorCode::NO_ERROR, None, b""))
        .peer(&requests)
        .act(ends(Limit::LateFrames, flooded))
        .run();
    // Data that is under way is bounded by the windows, and credited.
    reset_by_us().peer(&vec![data(1, &[0; 1000], false); 50_000]).events(&[]).run();
}

#[test]
fn pushes_that_are_refused() {
    let config = || Config { max_reserved_remote_streams: 0, ..Config::default() };
    let promises: Vec<_> = (1..1002).map(|number| push_promise(1, 2 * number, GET)).collect();
    Script::up(Role::Client, config)
        .uncut()
        .request(1, "GET", true)
        .peer(&promises)
        .act(ends(Limit::RefusedPushes, LibraryError::FLOODED))
        .run();
}

#[test]
fn an_honest_peer_may_go_on_for_ever() {
    // A download: two WINDOW_UPDATEs for each DATA frame, a PING now and then, without a moment's rest.
    let mut script = Script::server().uncut().peer(&[headers(1, END, GET)]).list(1, OK).h2(&[h2_headers(1, false)]);
    let mut turn = vec![window_update(0, 10), window_update(1, 10)];
    turn.extend([window_update(0, 10), window_update(1, 10), ping(0, b"12345678")]);
    for _ in 0..12_000 {
        script = script.h2(&[data(1, &[0; 10], false), data(1, &[0; 10], false)]).peer(&turn).act(|wire| {
            read_all(wire);
            wire.flush(&mut Vec::new()).unwrap();
        });
    }
    let broken = |event: &Event| matches!(event, Event::ConnectionError { .. });
    script.act(move |wire| assert!(!drain_events(wire).iter().any(broken))).run();
}

#[test]
fn answers_that_nobody_reads() {
    flood(vec![ping(0, b"12345678"); 1000]).act(|wire| assert_eq!(drain_events(wire).len(), 1000)).run();
    flood(vec![ping(0, b"12345678"); 1001]).act(ends(Limit::Acknowledgements, LibraryError::FLOODED)).run();
    let tolerant = || Config { flood_tolerance: f64::INFINITY, ..Config::default() };
    let flood = |count| Script::up(Role::Server, tolerant).uncut().peer(&vec![settings(&[]); count]);
    flood(1001).act(ends(Limit::Acknowledgements, LibraryError::FLOODED)).run();
}

#[test]
fn continuation_without_end() {
    let continued = |count: usize| {
        let mut frames = vec![frame(kind::HEADERS, END, 1, b"")];
        frames.extend(vec![frame(kind::CONTINUATION, 0, 1, b""); count]);
        frames
    };
    let mut fine = continued(7);
    fine.push(frame(kind::CONTINUATION, flag::END_HEADERS, 1, &script::block(GET)));
    flood(fine).act(|wire| assert_eq!(drain_events(wire).len(), 2)).run();
    flood(continued(9)).act(ends(Limit::Continuations, LibraryError::TOO_MANY_CONTINUATIONS)).run();
    let config = || Config { settings: vec![Setting::new(SettingId::MAX_FRAME_SIZE, 200_000)], ..Config::default() };
    Script::up(Role::Server, config)
        .uncut()
        .peer(&[frame(kind::HEADERS, END, 1, &[0; 150_000])])
        .peer(&vec![frame(kind::CONTINUATION, 0, 1, &[0; 150_000]); 6])
        .act(ends(Limit::HeaderBlockSize, LibraryError::TOO_MANY_CONTINUATIONS))
        .run();
}

#[test]
fn resets_as_fast_as_requests() {
    let pairs = |first: u32, count: u32| -> Vec<Vec<u8>> {
        let ids = (0..count).map(move |number| first + 2 * number);
        ids.flat_map(|stream| [headers(stream, END, GET), rst(stream, ErrorCode::CANCEL)]).collect()
    };
    flood(pairs(1, 1001)).act(ends(Limit::StreamResets, LibraryError::PROTO)).run();
    // At the allowed rate there is no end to it.
    let mut script = flood(pairs(1, 1000)).forget();
    for second in 1..20u32 {
        script = script.at(u64::from(second) * 1000).peer(&pairs(2001 + second * 66, 33)).forget();
    }
    script.peer(&[ping(0, b"12345678")]).events(&["ping 12345678"]).run();
}

#[test]
fn resets_that_the_peer_provokes() {
    let bad = |count: u32| (0..count).map(|number| headers(1 + 2 * number, END, &[("a", "b")])).collect::<Vec<_>>();
    flood(bad(1002)).act(ends(Limit::InvalidFrames, LibraryError::CALLBACK_FAILURE)).run();
    let strict = || Config { max_session_invalid_frames: 10, ..Config::default() };
    Script::up(Role::Server, strict).uncut().peer(&bad(11)).act(|wire| assert!(drain_events(wire).is_empty())).run();
    Script::up(Role::Server, strict)
        .uncut()
        .peer(&bad(12))
        .act(ends(Limit::InvalidFrames, LibraryError::CALLBACK_FAILURE))
        .run();
}

#[test]
fn empty_data_without_end() {
    let mut frames = vec![headers(1, 0, POST)];
    frames.extend(vec![data(1, b"", false); 1002]);
    flood(frames).act(ends(Limit::InvalidFrames, LibraryError::CALLBACK_FAILURE)).run();
}

#[test]
fn padding_instead_of_data() {
    let mut frames = vec![headers(1, 0, POST)];
    frames.extend(vec![frame(kind::DATA, flag::PADDED, 1, &[3, 0, 0, 0]); 1002]);
    flood(frames).act(ends(Limit::InvalidFrames, LibraryError::CALLBACK_FAILURE)).run();
}

#[test]
fn frames_that_h2_does_not_read() {
    let tolerant = || Config { flood_tolerance: f64::INFINITY, ..Config::default() };
    let mut frames = vec![headers(1, 0, POST)];
    frames.extend(vec![window_update(1, 1); 90_000]);
    Script::up(Role::Server, tolerant).uncut().peer(&frames).act(ends(Limit::Backlog, LibraryError::FLOODED)).run();
}
