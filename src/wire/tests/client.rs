//! A client's streams, as a server's frames answer them.

use super::script::Script;
use super::*;

/// A request on stream 1 has gone out, all of it.
fn asked(method: &'static str) -> Script {
    Script::client().request(1, method, true).forget()
}

fn resets(method: &'static str, frames: &[Vec<u8>], before: &[&str]) {
    let mut events = before.to_vec();
    events.push("closed #1 PROTOCOL_ERROR");
    asked(method).peer(frames).events(&events).sent(&["RST_STREAM #1 PROTOCOL_ERROR"]).run();
}

fn dies(script: Script, frames: &[Vec<u8>], error: &str, reason: &'static str) {
    let error = format!("error {error}");
    script
        .peer(frames)
        .events(&[&error])
        .act(move |wire| {
            let mut out = Vec::new();
            wire.flush(&mut out).unwrap();
            assert!(out.ends_with(reason.as_bytes()), "{}", out.escape_ascii());
        })
        .run();
}

#[test]
fn a_request_and_its_answer() {
    Script::client()
        .request(1, "GET", true)
        .events(&["head sent #1 END", "end sent #1"])
        .sent(&["HEADERS #1 END :method=GET :scheme=https :authority=a.example :path=/x"])
        .peer(&[headers(1, 0, &[(":status", "200"), ("b", "1"), ("a", "2"), ("b", "3")]), data(1, b"body", true)])
        .events(&["Response #1 !:status=200 !b=1 !a=2 !b=3", "data #1 4", "end #1", "closed #1 NO_ERROR"])
        .h2_reads(&["HEADERS #1 :status=200", "DATA #1 0 END"])
        .run();
}

#[test]
fn an_answer_before_the_request_is_complete() {
    Script::client()
        .request(1, "POST", false)
        .peer(&[headers(1, END, OK)])
        .h2(&[data(1, b"rest", true)])
        .events(&[
            "head sent #1",
            "Response #1 END !:status=200",
            "end #1",
            "data sent #1 4",
            "end sent #1",
            "closed #1 NO_ERROR",
        ])
        .run();
}

#[test]
fn informational_answers_are_no_business_of_h2() {
    asked("GET")
        .peer(&[
            headers(1, 0, &[(":status", "103"), ("link", "<a>")]),
            headers(1, 0, &[(":status", "100")]),
            headers(1, END, OK),
        ])
        .events(&[
            "Informational #1 !:status=103 !link=<a>",
            "Informational #1 !:status=100",
            "Response #1 END !:status=200",
            "end #1",
            "closed #1 NO_ERROR",
        ])
        .h2_reads(&["HEADERS #1 END :status=200"])
        .run();
}

#[test]
fn informational_answers_that_are_wrong() {
    resets("GET", &[headers(1, END, &[(":status", "103")])], &[]);
    resets("GET", &[headers(1, 0, &[(":status", "101")])], &[]);
    resets("GET", &[headers(1, 0, &[(":status", "103"), ("content-length", "1")])], &[]);
    resets("GET", &[headers(1, 0, &[(":status", "100")]), data(1, b"x", false)], &["Informational #1 !:status=100"]);
}

#[test]
fn trailers_of_an_answer() {
    asked("GET")
        .peer(&[headers(1, 0, OK), data(1, b"x", false), headers(1, END, &[("t", "1")])])
        .events(&["Response #1 !:status=200", "data #1 1", "Trailers #1 END !t=1", "end #1", "closed #1 NO_ERROR"])
        .h2_reads(&["HEADERS #1 :status=200", "DATA #1 0 END"])
        .run();
    asked("GET")
        .peer(&[headers(1, 0, OK), frame(kind::HEADERS, END | flag::END_HEADERS, 1, b"")])
        .events(&["Response #1 !:status=200", "Trailers #1 END", "end #1", "closed #1 NO_ERROR"])
        .run();
}

#[test]
fn answers_without_a_body_may_tell_its_length() {
    let length: &[(&str, &str)] = &[(":status", "200"), ("content-length", "10")];
    asked("HEAD")
        .peer(&[headers(1, END, length)])
        .events(&["Response #1 END !:status=200 !content-length=10", "end #1", "closed #1 NO_ERROR"])
        .run();
    resets("HEAD", &[headers(1, 0, length), data(1, b"x", true)], &["Response #1 !:status=200 !content-length=10"]);
    asked("HEAD")
        .peer(&[headers(1, 0, length), data(1, b"", true)])
        .events(&["Response #1 !:status=200 !content-length=10", "end #1", "closed #1 NO_ERROR"])
        .run();
    resets("GET", &[headers(1, 0, &[(":status", "204")]), data(1, b"x", true)], &["Response #1 !:status=204"]);
    asked("GET")
        .peer(&[headers(1, END, &[(":status", "304"), ("content-length", "10")])])
        .events(&["Response #1 END !:status=304 !content-length=10", "end #1", "closed #1 NO_ERROR"])
        .run();
}

#[test]
fn the_length_of_an_answer_is_checked() {
    let length: &[(&str, &str)] = &[(":status", "200"), ("content-length", "2")];
    let told = "Response #1 !:status=200 !content-length=2";
    resets("GET", &[headers(1, END, length)], &[]);
    resets("GET", &[headers(1, 0, length), data(1, b"x", true)], &[told, "data #1 1"]);
    asked("GET")
        .peer(&[headers(1, 0, length), data(1, b"xx", true)])
        .events(&[told, "data #1 2", "end #1", "closed #1 NO_ERROR"])
        .run();
}

#[test]
fn connect_opens_a_tunnel() {
    Script::client()
        .list(1, &[(":method", "CONNECT"), (":authority", "a:1")])
        .h2(&[h2_headers(1, false)])
        .sent(&["HEADERS #1 :method=CONNECT :authority=a:1"])
        .peer(&[headers(1, 0, &[(":status", "200"), ("content-length", "1")]), data(1, b"tunnel", true)])
        .events(&["head sent #1", "Response #1 !:status=200", "data #1 6", "end #1"])
        .run();
}

#[test]
fn frames_on_streams_that_do_not_exist() {
    let idle = "on an idle stream";
    dies(Script::client(), &[headers(1, END, OK)], "-505 PROTOCOL_ERROR", idle);
    dies(Script::client(), &[headers(2, END, OK)], "-505 PROTOCOL_ERROR", idle);
    dies(Script::client(), &[data(1, b"x", false)], "-505 PROTOCOL_ERROR", idle);
    dies(Script::client(), &[rst(1, ErrorCode::CANCEL)], "-505 PROTOCOL_ERROR", idle);
    dies(asked("GET"), &[data(1, b"x", false)], "-505 PROTOCOL_ERROR", "before HEADERS");
    // A list is here, but h2 has not sent it: a request that waits is idle to the peer.
    dies(Script::client().list(1, GET), &[headers(1, END, OK)], "-505 PROTOCOL_ERROR", idle);
}

#[test]
fn a_request_waits_and_is_given_up() {
    Script::client()
        .list(1, GET)
        .list(3, GET)
        .act(|wire| wire.rst_stream(id(1), ErrorCode::CANCEL))
        .events(&["closed #1 CANCEL"])
        .h2_reads(&[])
        .h2(&[h2_headers(1, false), rst(1, ErrorCode::CANCEL), h2_headers(3, true)])
        .events(&["head sent #3 END", "end sent #3"])
        .sent(&["HEADERS #3 END :method=GET :scheme=https :authority=a.example :path=/"])
        .run();
}

#[test]
fn a_reset_request() {
    asked("GET")
        .h2(&[rst(1, ErrorCode::CANCEL)])
        .events(&["closed #1 CANCEL"])
        .sent(&["RST_STREAM #1 CANCEL"])
        .peer(&[headers(1, 0, OK), data(1, b"x", true)])
        .events(&[])
        .sent(&[])
        .run();
}

#[test]
fn goaway_closes_what_the_server_will_not_process() {
    Script::client()
        .request(1, "GET", true)
        .request(3, "GET", true)
        .list(5, GET)
        .forget()
        .peer(&[goaway(1, ErrorCode::NO_ERROR, b"restart"), headers(1, END, OK)])
        .events(&[
            "goaway NO_ERROR #1 restart",
            "closed #3 REFUSED_STREAM",
            "closed #5 REFUSED_STREAM",
            "Response #1 END !:status=200",
            "end #1",
            "closed #1 NO_ERROR",
        ])
        .h2_reads(&["GOAWAY #1 NO_ERROR ", "HEADERS #1 END :status=200"])
        .run();
    let invalid = "invalid last stream in GOAWAY";
    dies(Script::client(), &[goaway(2, ErrorCode::NO_ERROR, b"")], "-505 PROTOCOL_ERROR", invalid);
    Script::client()
        .peer(&[goaway(1, ErrorCode::NO_ERROR, b""), goaway(3, ErrorCode::NO_ERROR, b"")])
        .events(&["goaway NO_ERROR #1 ", "error -505 PROTOCOL_ERROR"])
        .run();
}

#[test]
fn a_push_in_is_between_wire_and_session() {
    asked("GET")
        .peer(&[
            push_promise(1, 2, GET),
            headers(1, END, OK),
            headers(2, 0, &[(":status", "103")]),
            headers(2, 0, OK),
            data(2, b"pushed", true),
        ])
        .events(&[
            "promise #1 #2 !:method=GET !:scheme=https !:authority=a.example !:path=/",
            "Response #1 END !:status=200",
            "end #1",
            "closed #1 NO_ERROR",
            "Informational #2 !:status=103",
            "PushResponse #2 !:status=200",
            "data #2 6",
            "end #2",
            "closed #2 NO_ERROR",
        ])
        .h2_reads(&["HEADERS #1 END :status=200"])
        .run();
}

#[test]
fn a_push_is_reset_by_either_side() {
    let pushed = || asked("GET").peer(&[push_promise(1, 2, GET)]).forget();
    pushed()
        .act(|wire| wire.rst_stream(id(2), ErrorCode::CANCEL))
        .sent(&["RST_STREAM #2 CANCEL"])
        .peer(&[headers(2, 0, OK), data(2, b"x", true)])
        .events(&["closed #2 CANCEL"])
        .h2_reads(&[])
        .run();
    pushed().peer(&[rst(2, ErrorCode::INTERNAL_ERROR)]).events(&["closed #2 INTERNAL_ERROR"]).h2_reads(&[]).run();
}

#[test]
fn pushes_that_are_wrong() {
    let cannot = "cannot be promised";
    let idle = "PUSH_PROMISE on an idle stream";
    dies(asked("GET"), &[push_promise(1, 3, GET)], "-505 PROTOCOL_ERROR", cannot);
    dies(asked("GET"), &[push_promise(1, 0, GET)], "-505 PROTOCOL_ERROR", cannot);
    dies(asked("GET"), &[push_promise(3, 2, GET)], "-505 PROTOCOL_ERROR", idle);
    dies(asked("GET"), &[push_promise(2, 4, GET)], "-505 PROTOCOL_ERROR", idle);
    dies(asked("GET"), &[frame(kind::PUSH_PROMISE, 4, 1, b"xx")], "-505 FRAME_SIZE_ERROR", "without its stream");
    let ended = || Script::client().request(1, "POST", false).peer(&[headers(1, END, OK)]).forget();
    dies(ended(), &[push_promise(1, 2, GET)], "-505 PROTOCOL_ERROR", "after END_STREAM");
    let twice = || asked("GET").peer(&[push_promise(1, 4, GET)]).forget();
    dies(twice(), &[push_promise(1, 4, GET)], "-505 PROTOCOL_ERROR", cannot);
    dies(twice(), &[push_promise(1, 2, GET)], "-505 PROTOCOL_ERROR", cannot);
    dies(twice(), &[data(4, b"x", false)], "-505 PROTOCOL_ERROR", "not open");
    dies(twice(), &[window_update(4, 1)], "-505 PROTOCOL_ERROR", "only the peer sends on");
}

#[test]
fn malformed_promises_reset_the_promised_stream_only() {
    asked("GET")
        .peer(&[push_promise(1, 2, &[(":method", "GET")]), data(2, b"x", false), push_promise(1, 4, GET)])
        .events(&["promise #1 #4 !:method=GET !:scheme=https !:authority=a.example !:path=/"])
        .sent(&["RST_STREAM #2 PROTOCOL_ERROR"])
        .run();
}

#[test]
fn promises_under_way_when_their_parent_is_reset() {
    asked("GET")
        .h2(&[rst(1, ErrorCode::CANCEL)])
        .forget()
        .peer(&[push_promise(1, 2, GET), headers(2, END, OK)])
        .events(&[])
        .sent(&["RST_STREAM #2 CANCEL"])
        .run();
}

#[test]
fn pushes_nobody_wants() {
    let off = || Config { settings: vec![Setting::new(SettingId::ENABLE_PUSH, 0)], ..Config::default() };
    let asked_without = Script::up(Role::Client, off).request(1, "GET", true).forget();
    dies(asked_without, &[push_promise(1, 2, GET)], "-505 PROTOCOL_ERROR", "where pushes are disabled");
    // Until the peer has acknowledged, it may not know.
    asked("GET")
        .act(|wire| wire.settings(&[Setting::new(SettingId::ENABLE_PUSH, 0)]).unwrap())
        .forget()
        .peer(&[push_promise(1, 2, GET)])
        .events(&[])
        .sent(&["RST_STREAM #2 CANCEL"])
        .run();
    let one = || Config { max_reserved_remote_streams: 1, ..Config::default() };
    Script::up(Role::Client, one)
        .request(1, "GET", true)
        .peer(&[push_promise(1, 2, GET), push_promise(1, 4, GET), headers(2, 0, OK), push_promise(1, 6, GET)])
        .sent(&["HEADERS #1 END :method=GET :scheme=https :authority=a.example :path=/x", "RST_STREAM #4 CANCEL"])
        .run();
    let none = || Config { settings: vec![Setting::new(SettingId::MAX_CONCURRENT_STREAMS, 0)], ..Config::default() };
    Script::up(Role::Client, none)
        .request(1, "GET", true)
        .forget()
        .peer(&[push_promise(1, 2, GET), headers(2, 0, OK)])
        .sent(&["RST_STREAM #2 REFUSED_STREAM"])
        .run();
}

#[test]
fn promises_in_pieces_and_padded() {
    let whole = push_promise(1, 2, GET);
    let payload = &whole[HEAD_LENGTH..];
    asked("GET")
        .peer(&[
            frame(kind::PUSH_PROMISE, 0, 1, &payload[..6]),
            frame(kind::CONTINUATION, flag::END_HEADERS, 1, &payload[6..]),
        ])
        .events(&["promise #1 #2 !:method=GET !:scheme=https !:authority=a.example !:path=/"])
        .run();
    let padded = [&[2][..], payload, &[0, 0]].concat();
    asked("GET")
        .peer(&[frame(kind::PUSH_PROMISE, flag::END_HEADERS | flag::PADDED, 1, &padded)])
        .events(&["promise #1 #2 !:method=GET !:scheme=https !:authority=a.example !:path=/"])
        .run();
}

#[test]
fn altsvc_and_origin_are_told() {
    let altsvc = |stream, origin: &[u8], value: &[u8]| {
        frame(kind::ALTSVC, 0, stream, &[&(origin.len() as u16).to_be_bytes()[..], origin, value].concat())
    };
    asked("GET")
        .peer(&[
            altsvc(0, b"https://a", b"h2=\":1\""),
            altsvc(1, b"", b"h2=\":2\""),
            // Not to be understood, and so ignored: no origin, two of them, no value, no stream.
            altsvc(0, b"", b"x"),
            altsvc(1, b"https://a", b"x"),
            altsvc(0, b"https://a", b""),
            altsvc(9, b"", b"x"),
        ])
        .events(&["altsvc #0 https://a h2=\\\":1\\\"", "altsvc #1  h2=\\\":2\\\""])
        .run();
    dies(Script::client(), &[frame(kind::ALTSVC, 0, 0, b"x")], "-505 FRAME_SIZE_ERROR", "without its origin");
    dies(Script::client(), &[frame(kind::ALTSVC, 0, 0, b"\x01\x00x")], "-505 FRAME_SIZE_ERROR", "without its origin");
    Script::client()
        .peer(&[
            frame(kind::ORIGIN, 0, 0, b"\x00\x09https://a\x00\x00\x00\x09https://b"),
            frame(kind::ORIGIN, 0, 0, b""),
            frame(kind::ORIGIN, 0, 1, b"\x00\x09https://c"),
            frame(kind::ORIGIN, 1, 0, b"\x00\x09https://c"),
        ])
        .events(&["origin https://a https://b", "origin "])
        .run();
    Script::client().peer(&[frame(kind::ORIGIN, 0, 0, b"\x00\x09http")]).events(&[]).sent(&[]).run();
}

#[test]
fn stream_ids_can_jump() {
    Script::client()
        .request(1, "GET", true)
        .act(|wire| {
            assert!(wire.set_next_stream_id(101));
            assert!(!wire.set_next_stream_id(99), "behind");
            assert!(!wire.set_next_stream_id(102), "the server's");
            assert!(!wire.set_next_stream_id(0));
            assert!(!wire.set_next_stream_id(1 << 31 | 201));
            assert_eq!((wire.outer_id(3), wire.h2_id(id(101))), (id(101), 3));
            assert_eq!(wire.session_state().next_stream_id, 101);
        })
        .list(101, GET)
        .h2(&[h2_headers(3, false), data(3, b"x", false)])
        .forget()
        .peer(&[window_update(101, 9), headers(101, 0, OK), data(101, b"y", true)])
        .h2_reads(&["WINDOW_UPDATE #3 9", "HEADERS #3 :status=200", "DATA #3 0 END"])
        .events(&["window #101 9", "Response #101 !:status=200", "data #101 1", "end #101"])
        .h2(&[rst(3, ErrorCode::CANCEL)])
        .sent(&["RST_STREAM #101 CANCEL"])
        .peer(&[goaway(51, ErrorCode::NO_ERROR, b"")])
        .h2_reads(&["GOAWAY #1 NO_ERROR "])
        .run();
    let jumped = || {
        Script::client()
            .act(|wire| assert!(wire.set_next_stream_id(11)))
            .list(11, GET)
            .h2(&[h2_headers(1, true)])
            .forget()
    };
    dies(jumped(), &[rst(5, ErrorCode::CANCEL)], "-505 PROTOCOL_ERROR", "on an idle stream");
    dies(jumped(), &[headers(1, END, OK)], "-505 PROTOCOL_ERROR", "on an idle stream");
}

#[test]
fn a_list_too_long_to_send() {
    let config = || Config { max_send_header_block_length: 100, ..Config::default() };
    Script::up(Role::Client, config)
        .act(|wire| {
            let long = "x".repeat(80);
            assert_eq!(wire.push_list(id(1), list(&[("a", &long)])), Err(LibraryError::FRAME_SIZE_ERROR));
            assert!(wire.stream_state(id(1)).is_none());
            assert_eq!(wire.push_list(id(1), list(&[("a", "b")])), Ok(()));
        })
        .run();
}

#[test]
fn what_h2_acknowledges_goes_to_whom_it_is_due() {
    Script::bare(Role::Client, Config::default)
        .uncut()
        .act(|wire| {
            wire.keep_requests();
            wire.push_list(id(1), request_list("GET")).unwrap();
            wire.keep_request(id(1));
        })
        .peer(&[settings(&[(3, 100)]), settings_ack()])
        .act(|wire| {
            assert!(wire.send_requests());
            wire.hand_over(3);
        })
        .h2(&[CLIENT_PREFACE.to_vec(), h2_settings(), settings_ack()])
        .forget()
        .peer(&[settings(&[(4, 100_000)])])
        .h2_reads(&["SETTINGS 4=100000"])
        // The peer's limit has room for one more of h2's, which h2 is told before it has answered the peer.
        .peer(&[headers(1, END, OK)])
        .h2_reads(&["SETTINGS 3=100"])
        .forget()
        .h2(&[settings_ack()])
        .sent(&["SETTINGS ACK"])
        .h2(&[settings_ack()])
        .sent(&[])
        .run();
}
