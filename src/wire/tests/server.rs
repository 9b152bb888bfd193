//! A server's streams, as a client's frames make them.

use super::script::{Script, block};
use super::*;

const REQUEST_GET: &str = "Request #1 END !:method=GET !:scheme=https !:authority=a.example !:path=/";
const REQUEST_POST: &str = "Request #1 !:method=POST !:scheme=https !:authority=a.example !:path=/";

/// A request, and then what is an error of the connection.
fn dies(frames: &[Vec<u8>], event: &str, goaway: &str) {
    Script::server()
        .peer(frames)
        .act(|wire| {
            // The streams opened on the way are not what this is about.
            let events = drain_events(wire);
            assert!(matches!(events.last(), Some(Event::ConnectionError { .. })), "{events:?}");
            let read = read_all(wire);
            assert!(read.ends_with(&[0, 0, 0, 0, 0, 0, 0, 0, 0]), "h2 reads the poison");
        })
        .run();
    let last = event.to_string();
    Script::server()
        .peer(frames)
        .act(move |wire| {
            let events = drain_events(wire);
            let Some(Event::ConnectionError { error, code, .. }) = events.last() else { panic!("{events:?}") };
            assert_eq!(format!("{} {code:?}", error.0), last);
        })
        .sent(&[goaway])
        .peer(&[headers(99, END, GET), ping(0, b"anything")])
        .events(&[])
        .sent(&[])
        .run();
}

/// A stream error: RST_STREAM, and the connection lives.
fn resets(frames: &[Vec<u8>], before: &[&str], code: &str) {
    let rst_line = format!("RST_STREAM #1 {code}");
    let opened = !before.is_empty();
    let closed = format!("closed #1 {code}");
    let mut events = before.to_vec();
    if opened {
        events.push(&closed);
    }
    Script::server()
        .peer(frames)
        .events(&events)
        .sent(&[&rst_line])
        .peer(&[ping(0, b"still on")])
        .events(&["ping still on"])
        .run();
}

#[test]
fn a_request_without_a_body() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .events(&[REQUEST_GET, "end #1"])
        .h2_reads(&["HEADERS #1 END :method=GET :scheme=http :path=/"])
        .list(1, &[(":status", "204"), ("a", "b"), ("c", "d"), ("a", "e")])
        .h2(&[h2_headers(1, true)])
        .events(&["head sent #1 END", "end sent #1", "closed #1 NO_ERROR"])
        .sent(&["HEADERS #1 END :status=204 a=b c=d a=e"])
        .run();
}

#[test]
fn a_request_with_a_body_in_frames_of_any_size() {
    Script::server()
        .peer(&[headers(1, 0, POST), data(1, b"one", false), data(1, b"", false), data(1, b"three", true)])
        .events(&[REQUEST_POST, "data #1 8", "end #1"])
        .h2_reads(&["HEADERS #1 :method=GET :scheme=http :path=/", "DATA #1 0 END"])
        .run();
}

#[test]
fn an_answer_before_the_request_is_complete() {
    Script::server()
        .peer(&[headers(1, 0, POST), data(1, b"x", false)])
        .list(1, OK)
        .h2(&[h2_headers(1, false), data(1, b"early", true)])
        .events(&[REQUEST_POST, "data #1 1", "head sent #1", "data sent #1 5", "end sent #1"])
        .sent(&["HEADERS #1 :status=200", "DATA #1 5 END"])
        .peer(&[data(1, b"yy", true)])
        .events(&["data #1 2", "end #1", "closed #1 NO_ERROR"])
        .run();
}

#[test]
fn trailers_both_ways() {
    Script::server()
        .peer(&[headers(1, 0, POST), data(1, b"x", false), headers(1, END, &[("t", "1")])])
        .events(&[REQUEST_POST, "data #1 1", "Trailers #1 END !t=1", "end #1"])
        .h2_reads(&["HEADERS #1 :method=GET :scheme=http :path=/", "DATA #1 0 END"])
        .list(1, OK)
        .list(1, &[("u", "2")])
        .h2(&[h2_headers(1, false), data(1, b"body", false), h2_headers(1, true)])
        .sent(&["HEADERS #1 :status=200", "DATA #1 4", "HEADERS #1 END u=2"])
        .run();
}

#[test]
fn informational_answers_come_first() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .forget()
        .list(1, &[(":status", "103"), ("link", "<a>")])
        .list(1, OK)
        .h2(&[h2_headers(1, false), h2_headers(1, true)])
        .sent(&["HEADERS #1 :status=103 link=<a>", "HEADERS #1 END :status=200"])
        .events(&["head sent #1", "head sent #1 END", "end sent #1", "closed #1 NO_ERROR"])
        .run();
}

#[test]
fn padding_is_stripped_and_credited() {
    let padded =
        frame(kind::HEADERS, END | flag::END_HEADERS | flag::PADDED, 1, &[&[3][..], &block(GET), &[0; 3]].concat());
    Script::server().peer(&[padded]).events(&[REQUEST_GET, "end #1"]).run();
    let body = frame(kind::DATA, flag::PADDED | END, 1, &[&[5][..], b"body", &[0; 5]].concat());
    Script::server()
        .peer(&[headers(1, 0, POST), body])
        .events(&[REQUEST_POST, "data #1 4", "end #1"])
        .act(|wire| assert_eq!(wire.session_state().effective_recv_data_length, 10))
        .run();
    let all_padding = frame(kind::DATA, flag::PADDED, 1, &[3, 0, 0, 0]);
    Script::server().peer(&[headers(1, 0, POST), all_padding]).events(&[REQUEST_POST]).run();
}

#[test]
fn priority_in_headers_is_skipped() {
    let payload = [&[0x80, 0, 0, 5, 200][..], &block(GET)].concat();
    Script::server()
        .peer(&[frame(kind::HEADERS, END | flag::END_HEADERS | flag::PRIORITY, 1, &payload)])
        .events(&[REQUEST_GET, "end #1"])
        .run();
    let on_itself = [&[0, 0, 0, 1, 200][..], &block(GET)].concat();
    resets(&[frame(kind::HEADERS, END | flag::END_HEADERS | flag::PRIORITY, 1, &on_itself)], &[], "PROTOCOL_ERROR");
}

#[test]
fn continuation_joins_a_block() {
    let whole = block(GET);
    let (a, rest) = whole.split_at(5);
    let (b, c) = rest.split_at(1);
    Script::server()
        .peer(&[
            frame(kind::HEADERS, END, 1, a),
            frame(kind::CONTINUATION, 0, 1, b),
            frame(kind::CONTINUATION, 0, 1, b""),
            frame(kind::CONTINUATION, flag::END_HEADERS, 1, c),
        ])
        .events(&[REQUEST_GET, "end #1"])
        .run();
}

#[test]
fn the_peer_resets_a_stream() {
    Script::server()
        .peer(&[headers(1, 0, POST), rst(1, ErrorCode::CANCEL)])
        .events(&[REQUEST_POST, "closed #1 CANCEL"])
        .h2_reads(&["HEADERS #1 :method=GET :scheme=http :path=/", "RST_STREAM #1 CANCEL"])
        .list(1, OK)
        .h2(&[h2_headers(1, false), data(1, b"too late", true), rst(1, ErrorCode::CANCEL)])
        .events(&[])
        .sent(&[])
        .run();
}

#[test]
fn we_reset_a_stream() {
    Script::server()
        .peer(&[headers(1, 0, POST)])
        .h2(&[rst(1, ErrorCode(77))])
        .events(&[REQUEST_POST, "closed #1 0x4d"])
        .sent(&["RST_STREAM #1 0x4d"])
        .peer(&[
            data(1, b"on its way", false),
            window_update(1, 5),
            headers(1, END, &[("t", "1")]),
            rst(1, ErrorCode::CANCEL),
        ])
        .events(&[])
        .sent(&[])
        .run();
}

#[test]
fn a_second_reset_is_left_out() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .act(|wire| wire.rst_stream(id(1), ErrorCode::REFUSED_STREAM))
        .h2(&[rst(1, ErrorCode::CANCEL)])
        .events(&[REQUEST_GET, "end #1", "closed #1 REFUSED_STREAM"])
        .h2_reads(&["HEADERS #1 END :method=GET :scheme=http :path=/", "RST_STREAM #1 REFUSED_STREAM"])
        .sent(&["RST_STREAM #1 REFUSED_STREAM"])
        .run();
}

#[test]
fn late_frames_are_judged_by_how_the_stream_ended() {
    let done = || Script::server().peer(&[headers(1, END, GET)]).list(1, OK).h2(&[h2_headers(1, true)]).forget();
    done().peer(&[headers(1, END, GET)]).events(&["error -510 STREAM_CLOSED"]).run();
    done().peer(&[data(1, b"x", false)]).events(&["error -505 STREAM_CLOSED"]).run();
    done().peer(&[window_update(1, 5), rst(1, ErrorCode::CANCEL)]).events(&[]).sent(&[]).run();
    let reset = || Script::server().peer(&[headers(1, 0, POST), rst(1, ErrorCode::CANCEL)]).forget();
    reset().peer(&[headers(1, END, GET)]).events(&[]).sent(&["RST_STREAM #1 STREAM_CLOSED"]).run();
    reset().peer(&[data(1, b"x", false)]).events(&[]).sent(&["RST_STREAM #1 STREAM_CLOSED"]).run();
    reset().peer(&[rst(1, ErrorCode::CANCEL), window_update(1, 1)]).events(&[]).sent(&[]).run();
}

#[test]
fn frames_after_end_stream_on_a_live_stream() {
    dies(
        &[headers(1, END, GET), data(1, b"x", false)],
        "-505 STREAM_CLOSED",
        "GOAWAY #1 STREAM_CLOSED DATA after END_STREAM",
    );
    dies(
        &[headers(1, END, GET), headers(1, END, GET)],
        "-510 STREAM_CLOSED",
        "GOAWAY #1 STREAM_CLOSED HEADERS after END_STREAM",
    );
}

#[test]
fn streams_that_cannot_be() {
    dies(&[headers(0, END, GET)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR wrong stream for the frame's type");
    dies(&[headers(2, END, GET)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR HEADERS on an idle stream");
    dies(
        &[headers(5, END, GET), headers(3, END, GET)],
        "-505 PROTOCOL_ERROR",
        "GOAWAY #5 PROTOCOL_ERROR stream ids must ascend",
    );
    dies(&[data(0, b"x", false)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR DATA on stream 0");
    dies(&[data(1, b"x", false)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR DATA on an idle stream");
    dies(&[data(2, b"x", false)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR DATA on an idle stream");
    dies(&[rst(1, ErrorCode::CANCEL)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR RST_STREAM on an idle stream");
    dies(&[rst(2, ErrorCode::CANCEL)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR RST_STREAM on an idle stream");
    dies(&[window_update(1, 1)], "-505 PROTOCOL_ERROR", "GOAWAY #0 PROTOCOL_ERROR WINDOW_UPDATE on an idle stream");
    dies(
        &[push_promise(1, 2, GET)],
        "-505 PROTOCOL_ERROR",
        "GOAWAY #0 PROTOCOL_ERROR PUSH_PROMISE where pushes are disabled",
    );
}

#[test]
fn bad_padding_and_short_payloads() {
    let headers_with = |flags, payload: &[u8]| frame(kind::HEADERS, flag::END_HEADERS | flags, 1, payload);
    let padding = "GOAWAY #0 PROTOCOL_ERROR padding exceeds the frame";
    dies(&[headers_with(flag::PADDED, &[200, 0x82])], "-505 PROTOCOL_ERROR", padding);
    dies(&[headers_with(flag::PADDED, b"")], "-505 PROTOCOL_ERROR", padding);
    dies(
        &[headers_with(flag::PRIORITY, b"abc")],
        "-505 FRAME_SIZE_ERROR",
        "GOAWAY #0 FRAME_SIZE_ERROR HEADERS without its priority",
    );
    let padding = "GOAWAY #1 PROTOCOL_ERROR padding exceeds the frame";
    dies(&[headers(1, 0, POST), frame(kind::DATA, flag::PADDED, 1, &[5, 1, 2])], "-505 PROTOCOL_ERROR", padding);
    dies(&[headers(1, 0, POST), frame(kind::DATA, flag::PADDED, 1, b"")], "-505 PROTOCOL_ERROR", padding);
}

#[test]
fn blocks_that_do_not_decode() {
    for bad in [&[0x80][..], &[0xff, 0xff, 1], &[0, 5, 1], &[0x82, 0x20], &[0x3f, 0xff, 0xff, 1]] {
        dies(
            &[frame(kind::HEADERS, END | flag::END_HEADERS, 1, bad)],
            "-523 COMPRESSION_ERROR",
            "GOAWAY #1 COMPRESSION_ERROR header block does not decode",
        );
    }
}

#[test]
fn strings_that_are_too_long() {
    let parts = |whole: Vec<u8>| {
        let mut frames: Vec<_> = whole.chunks(16_384).map(|part| frame(kind::CONTINUATION, 0, 1, part)).collect();
        frames[0][3..5].copy_from_slice(&[kind::HEADERS, END]);
        frames.last_mut().unwrap()[4] = flag::END_HEADERS;
        frames
    };
    let accepted = |frames: &[Vec<u8>]| {
        Script::server().uncut().peer(frames).act(|wire| assert_eq!(drain_events(wire).len(), 2)).run();
    };
    // Not Huffman-coded: the length with a prefix of seven bits.
    let plain = |length: usize| {
        let rest = length - 127;
        let octets = [0, 1, b'n', 127, rest as u8 | 0x80, (rest >> 7) as u8 | 0x80, (rest >> 14) as u8];
        [&script::block(GET)[..], &octets, &vec![b'x'; length]].concat()
    };
    accepted(&parts(plain(65_536)));
    Script::server().uncut().peer(&parts(plain(65_537))).events(&["error -523 COMPRESSION_ERROR"]).run();
    // What counts is the length of the code.
    let long = "a".repeat(100_000);
    accepted(&parts(script::block(&[GET, &[("n", &long)]].concat())));
}

#[test]
fn blocks_out_of_place() {
    let begun = || frame(kind::HEADERS, END, 1, b"");
    dies(
        &[frame(kind::CONTINUATION, 4, 1, b"")],
        "-505 PROTOCOL_ERROR",
        "GOAWAY #0 PROTOCOL_ERROR CONTINUATION of nothing",
    );
    let interrupted = "GOAWAY #0 PROTOCOL_ERROR header block interrupted";
    dies(&[begun(), frame(kind::CONTINUATION, 4, 3, b"")], "-505 PROTOCOL_ERROR", interrupted);
    dies(&[begun(), ping(0, b"12345678")], "-505 PROTOCOL_ERROR", interrupted);
    dies(&[begun(), frame(0xee, 0, 1, b"")], "-505 PROTOCOL_ERROR", interrupted);
    dies(&[begun(), headers(1, END, GET)], "-505 PROTOCOL_ERROR", interrupted);
}

#[test]
fn malformed_requests_are_reset_and_never_told() {
    for fields in [&[("a", "b")][..], &[(":method", "GET"), (":scheme", "https")], &[], &[(":status", "200")]] {
        resets(&[headers(1, END, fields)], &[], "PROTOCOL_ERROR");
    }
    let upper: Vec<_> = GET.iter().copied().chain([("A", "b")]).collect();
    resets(
        &[headers(1, 0, &upper), data(1, b"ignored", false), window_update(1, 1), rst(1, ErrorCode::CANCEL)],
        &[],
        "PROTOCOL_ERROR",
    );
}

#[test]
fn fields_that_node_drops_are_dropped() {
    let fields: Vec<_> = GET.iter().copied().chain([("a b", "c"), ("kept", "1"), ("x", "\u{1}")]).collect();
    Script::server().peer(&[headers(1, END, &fields)]).events(&[&format!("{REQUEST_GET} !kept=1"), "end #1"]).run();
}

#[test]
fn malformed_trailers_reset_an_open_stream() {
    let reset = |trailers: Vec<u8>| resets(&[headers(1, 0, POST), trailers], &[REQUEST_POST], "PROTOCOL_ERROR");
    reset(headers(1, 0, &[("t", "1")]));
    reset(headers(1, END, &[(":path", "/")]));
    reset(headers(1, END, &[("T", "1")]));
}

#[test]
fn a_body_has_the_length_that_was_said() {
    let post = |length| {
        let fields: Vec<_> = POST.iter().copied().chain([("content-length", length)]).collect();
        headers(1, 0, &fields)
    };
    let told = format!("{REQUEST_POST} !content-length=5");
    Script::server()
        .peer(&[post("5"), data(1, b"123", false), data(1, b"45", true)])
        .events(&[&told, "data #1 5", "end #1"])
        .run();
    resets(&[post("5"), data(1, b"123", true)], &[&told, "data #1 3"], "PROTOCOL_ERROR");
    resets(
        &[post("5"), data(1, b"123", false), headers(1, END, &[("t", "1")])],
        &[&told, "data #1 3"],
        "PROTOCOL_ERROR",
    );
    for bad in ["x", "-1", "1, 1", "99999999999999999999"] {
        resets(&[post(bad)], &[], "PROTOCOL_ERROR");
    }
    let end = [POST, &[("content-length", "5")]].concat();
    resets(&[headers(1, END, &end)], &[], "PROTOCOL_ERROR");
}

#[test]
fn too_long_a_body_is_cut_where_it_exceeds() {
    let fields: Vec<_> = POST.iter().copied().chain([("content-length", "5")]).collect();
    Script::server()
        .peer(&[headers(1, 0, &fields), data(1, b"12345678", false), data(1, b"more", true)])
        .act(|wire| {
            let events = drain_events(wire);
            let told: usize =
                events.iter().map(|event| if let Event::Data { data, .. } = event { data.len() } else { 0 }).sum();
            assert!(told <= 5);
            assert_eq!(events.last(), Some(&Event::Closed { stream: id(1), code: ErrorCode::PROTOCOL_ERROR }));
        })
        .sent(&["RST_STREAM #1 PROTOCOL_ERROR"])
        .run();
}

#[test]
fn connect_is_a_tunnel() {
    Script::server()
        .peer(&[
            headers(1, 0, &[(":method", "CONNECT"), (":authority", "a:1"), ("content-length", "3")]),
            data(1, b"tunnel", true),
        ])
        .events(&["Request #1 !:method=CONNECT !:authority=a:1 !content-length=3", "data #1 6", "end #1"])
        .run();
}

#[test]
fn extended_connect_as_soon_as_it_was_offered() {
    let request = &[
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", "/"),
        (":authority", "a"),
    ];
    resets(&[headers(1, 0, request)], &[], "PROTOCOL_ERROR");
    let told = "Request #1 !:method=CONNECT !:protocol=websocket !:scheme=https !:path=/ !:authority=a";
    Script::server()
        .act(|wire| wire.settings(&[Setting::new(SettingId::ENABLE_CONNECT_PROTOCOL, 1)]).unwrap())
        .peer(&[headers(1, 0, request)])
        .events(&[told])
        .run();
}

#[test]
fn concurrency_is_limited_by_what_was_last_said() {
    let config = || Config { settings: vec![Setting::new(SettingId::MAX_CONCURRENT_STREAMS, 1)], ..Config::default() };
    Script::up(Role::Server, config)
        .peer(&[headers(1, 0, POST), headers(3, 0, POST), data(3, b"ignored", true)])
        .events(&[REQUEST_POST])
        .sent(&["RST_STREAM #3 REFUSED_STREAM"])
        .peer(&[rst(1, ErrorCode::CANCEL), headers(5, END, GET)])
        .events(&["closed #1 CANCEL", &REQUEST_GET.replace("#1", "#5"), "end #5"])
        .run();
}

#[test]
fn lists_beyond_the_limits_reset_their_stream_only() {
    let config = || Config {
        settings: vec![Setting::new(SettingId::MAX_HEADER_LIST_SIZE, 300)],
        max_header_list_pairs: 6,
        ..Config::default()
    };
    let long = "v".repeat(300);
    let large: Vec<_> = GET.iter().copied().chain([("a", &long[..])]).collect();
    let many: Vec<_> = GET.iter().copied().chain([("a", "b"); 3]).collect();
    Script::up(Role::Server, config)
        .peer(&[headers(1, END, &large), headers(3, END, &many), headers(5, END, GET)])
        .events(&["limit headerListSize #1", "limit headerListSize #3", &REQUEST_GET.replace("#1", "#5"), "end #5"])
        .sent(&["RST_STREAM #1 ENHANCE_YOUR_CALM", "RST_STREAM #3 ENHANCE_YOUR_CALM"])
        .run();
}

#[test]
fn the_pseudo_headers_of_a_request_fit_into_any_limit_of_pairs() {
    let config = || Config { max_header_list_pairs: 0, ..Config::default() };
    let more: Vec<_> = GET.iter().copied().chain([("a", "b")]).collect();
    Script::up(Role::Server, config)
        .peer(&[headers(1, END, GET), headers(3, END, &more)])
        .events(&[REQUEST_GET, "end #1", "limit headerListSize #3"])
        .sent(&["RST_STREAM #3 ENHANCE_YOUR_CALM"])
        .run();
}

#[test]
fn lists_that_wait_and_half_frames_are_memory() {
    let config = || Config { max_session_memory: 40_000, ..Config::default() };
    let up = || Script::up(Role::Server, config).uncut().peer(&[headers(1, END, GET)]);
    let refused = |wire: &mut Wire| {
        wire.receive(headers(3, END, GET).into(), Duration::ZERO);
        drain_events(wire).contains(&Event::Limit { limit: Limit::SessionMemory, stream: id(3) })
    };
    let long: &'static str = "v".repeat(39_000).leak();
    let lists = move |wire: &mut Wire| wire.push_list(id(1), list(&[(":status", "200"), ("long", long)])).unwrap();
    up().act(move |wire| assert!(!refused(wire))).run();
    up().act(lists).act(move |wire| assert!(refused(wire))).run();
    // What has been sent, or never will be, is no memory.
    up().act(lists)
        .h2(&[h2_headers(1, false)])
        .act(|wire| wire.flush(&mut Vec::new()).unwrap())
        .act(move |wire| assert!(!refused(wire)))
        .run();
    up().act(lists).peer(&[rst(1, ErrorCode::CANCEL)]).act(move |wire| assert!(!refused(wire))).run();
}

#[test]
fn memory_is_limited() {
    let config = || Config { max_session_memory: 2700, max_session_rejected_streams: 2, ..Config::default() };
    let open = |stream| headers(stream, 0, POST);
    Script::up(Role::Server, config)
        .peer(&[open(1), open(3), open(5), open(7)])
        .forget()
        .peer(&[open(9), open(11), rst(1, ErrorCode::CANCEL), open(13), open(15), open(17)])
        .sent(&[
            "RST_STREAM #9 ENHANCE_YOUR_CALM",
            "RST_STREAM #11 ENHANCE_YOUR_CALM",
            "RST_STREAM #15 ENHANCE_YOUR_CALM",
            "RST_STREAM #17 ENHANCE_YOUR_CALM",
        ])
        .peer(&[open(19)])
        .sent(&["GOAWAY #13 ENHANCE_YOUR_CALM too many rejected streams"])
        .run();
}

#[test]
fn queued_bodies_count_as_memory() {
    let config = || Config { max_session_memory: 10_000, ..Config::default() };
    Script::up(Role::Server, config)
        .peer(&[headers(1, END, GET)])
        .list(1, OK)
        .h2(&[h2_headers(1, false)])
        .forget()
        .act(|wire| wire.queued(id(1), 9800))
        .peer(&[headers(3, END, GET)])
        .sent(&["RST_STREAM #3 ENHANCE_YOUR_CALM"])
        .h2(&[data(1, &[0; 500], false)])
        .forget()
        .peer(&[headers(5, END, GET)])
        .sent(&["RST_STREAM #5 ENHANCE_YOUR_CALM"])
        .h2(&[data(1, &[0; 600], false)])
        .forget()
        .peer(&[headers(7, END, GET), rst(1, ErrorCode::CANCEL), headers(9, END, GET)])
        .sent(&[])
        .run();
}

#[test]
fn a_push_out() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .forget()
        .list(2, &[(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/odd path")])
        .list(1, OK)
        .h2(&[frame(kind::PUSH_PROMISE, flag::END_HEADERS, 1, &[0, 0, 0, 2, 0x82, 0x86, 0x84]), h2_headers(1, true)])
        .events(&["head sent #1 END", "end sent #1", "closed #1 NO_ERROR"])
        .sent(&[
            "PUSH_PROMISE #1 #2 :method=GET :scheme=https :authority=a :path=/odd path",
            "HEADERS #1 END :status=200",
        ])
        .list(2, OK)
        .peer(&[window_update(2, 7)])
        .h2_reads(&[])
        .h2(&[h2_headers(2, false), data(2, b"pushed", true)])
        .h2_reads(&["WINDOW_UPDATE #2 7"])
        .events(&["window #2 7", "head sent #2", "data sent #2 6", "end sent #2", "closed #2 NO_ERROR"])
        .sent(&["HEADERS #2 :status=200", "DATA #2 6 END"])
        .run();
}

#[test]
fn a_push_that_the_client_refuses() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .forget()
        .list(2, GET)
        .list(2, OK)
        .h2(&[frame(kind::PUSH_PROMISE, flag::END_HEADERS, 1, &[0, 0, 0, 2, 0x82, 0x86, 0x84])])
        .sent(&["PUSH_PROMISE #1 #2 :method=GET :scheme=https :authority=a.example :path=/"])
        .peer(&[rst(2, ErrorCode::REFUSED_STREAM)])
        .events(&["closed #2 REFUSED_STREAM"])
        .h2_reads(&[])
        .h2(&[h2_headers(2, true)])
        .sent(&[])
        .run();
}

#[test]
fn a_push_after_its_parent_is_gone() {
    Script::server()
        .peer(&[headers(1, END, GET), rst(1, ErrorCode::CANCEL)])
        .forget()
        .list(2, GET)
        .h2(&[frame(kind::PUSH_PROMISE, flag::END_HEADERS, 1, &[0, 0, 0, 2, 0x82, 0x86, 0x84])])
        .events(&["closed #2 CANCEL"])
        .h2_reads(&[])
        .sent(&[])
        .run();
}

#[test]
fn a_stream_opened_after_goaway_is_ignored() {
    Script::server()
        .peer(&[headers(1, 0, POST)])
        .forget()
        .act(|wire| wire.goaway(ErrorCode::NO_ERROR, None, b"bye"))
        .sent(&["GOAWAY #1 NO_ERROR bye"])
        .peer(&[headers(3, 0, POST), data(3, b"x", true), rst(3, ErrorCode::CANCEL), data(1, b"y", true)])
        .events(&["data #1 1", "end #1"])
        .sent(&[])
        .run();
}

#[test]
fn goaway_below_open_streams_refuses_them() {
    Script::server()
        .peer(&[headers(1, 0, POST), headers(3, 0, POST), headers(5, 0, POST)])
        .forget()
        .act(|wire| wire.goaway(ErrorCode::ENHANCE_YOUR_CALM, Some(id(1)), b""))
        .events(&["closed #3 REFUSED_STREAM", "closed #5 REFUSED_STREAM"])
        .h2_reads(&["RST_STREAM #3 REFUSED_STREAM", "RST_STREAM #5 REFUSED_STREAM"])
        .act(|wire| wire.goaway(ErrorCode::NO_ERROR, Some(id(5)), b""))
        .sent(&["GOAWAY #1 ENHANCE_YOUR_CALM ", "GOAWAY #1 NO_ERROR "])
        .run();
}
