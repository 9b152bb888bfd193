//! What concerns the connection: its start, SETTINGS, PING, GOAWAY, frame sizes, floods.

use super::script::Script;
use super::*;

fn dies(frames: &[Vec<u8>], error: &str, goaway: &str) {
    Script::server().peer(frames).events(&[&format!("error {error}")]).sent(&[goaway]).h2_reads(&["DATA #0 0"]).run();
}

fn protocol_error(frames: &[Vec<u8>], reason: &str) {
    dies(frames, "-505 PROTOCOL_ERROR", &format!("GOAWAY #0 PROTOCOL_ERROR {reason}"));
}

#[test]
fn a_connection_begins() {
    let config = || Config {
        settings: vec![Setting::new(SettingId::ENABLE_PUSH, 0), Setting::new(SettingId(0x77), 5)],
        ..Config::default()
    };
    Script::bare(Role::Client, config).sent(&["preface", "SETTINGS 2=0 119=5"]).h2_reads(&["SETTINGS ACK"]).run();
    Script::bare(Role::Server, config).sent(&["SETTINGS 2=0 119=5"]).h2_reads(&["preface", "SETTINGS ACK"]).run();
    Script::bare(Role::Server, config)
        .peer(&[CLIENT_PREFACE.to_vec(), settings(&[(3, 9), (1, 100), (4, 70_000), (6, 5), (0x99, 1)])])
        .events(&["SettingsReceived"])
        .h2_reads(&["preface", "SETTINGS ACK", "SETTINGS 3=9 4=70000"])
        .h2(&[h2_settings(), frame(kind::SETTINGS, flag::ACK, 0, b"")])
        .sent(&["SETTINGS 2=0 119=5", "SETTINGS ACK"])
        .peer(&[settings_ack()])
        .events(&["SettingsAcked"])
        .act(|wire| {
            assert_eq!(wire.local_settings().custom, [Setting::new(SettingId(0x77), 5)]);
            assert!(!wire.local_settings().enable_push);
            let remote = wire.remote_settings();
            assert_eq!((remote.max_concurrent_streams, remote.initial_window_size), (9, 70_000));
            assert_eq!(remote.custom, []);
        })
        .run();
}

#[test]
fn no_preface() {
    for wrong in [&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], b"PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n", b"\0"] {
        Script::bare(Role::Server, Config::default)
            .peer(&[wrong.to_vec()])
            .events(&["error -903 PROTOCOL_ERROR"])
            .sent(&["SETTINGS", "GOAWAY #0 PROTOCOL_ERROR not an HTTP/2 client preface"])
            .h2_reads(&["preface", "SETTINGS ACK", "DATA #0 0"])
            .run();
    }
}

#[test]
fn settings_come_first() {
    for frames in [vec![headers(1, END, GET)], vec![settings_ack()], vec![ping(0, b"12345678")]] {
        Script::bare(Role::Server, Config::default)
            .peer(&[vec![CLIENT_PREFACE.to_vec()], frames.clone()].concat())
            .events(&["error -505 PROTOCOL_ERROR"])
            .sent(&["SETTINGS", "GOAWAY #0 PROTOCOL_ERROR the first frame is not SETTINGS"])
            .run();
        Script::bare(Role::Client, Config::default)
            .peer(&frames)
            .events(&["error -505 PROTOCOL_ERROR"])
            .sent(&["preface", "SETTINGS", "GOAWAY #0 PROTOCOL_ERROR the first frame is not SETTINGS"])
            .run();
    }
}

#[test]
fn half_a_frame_before_the_end_is_dropped() {
    Script::server()
        .peer(&[headers(1, 0, POST), data(1, b"whole", false)])
        .peer(&[data(1, b"half", false)[..11].to_vec()])
        .eof()
        .peer(&[b"lf".to_vec()])
        .act(|wire| {
            let data = drain_events(wire).into_iter().filter_map(|event| match event {
                Event::Data { data, .. } => Some(data.to_vec()),
                _ => None,
            });
            assert_eq!(data.flatten().collect::<Vec<_>>(), b"wholeha");
        })
        .run();
}

#[test]
fn lengths_and_streams_of_frames() {
    let size = "wrong length for the frame's type";
    for (kind, flags, stream, payload) in [
        (kind::PRIORITY, 0, 1, &b"xxx"[..]),
        (kind::RST_STREAM, 0, 1, b"xxx"),
        (kind::SETTINGS, 0, 0, b"xxx"),
        (kind::SETTINGS, flag::ACK, 0, b"xxxxxx"),
        (kind::PING, 0, 0, b"xxx"),
        (kind::GOAWAY, 0, 0, b"xxxx"),
        (kind::WINDOW_UPDATE, 0, 0, b"xxx"),
    ] {
        let goaway = format!("GOAWAY #0 FRAME_SIZE_ERROR {size}");
        dies(&[frame(kind, flags, stream, payload)], "-505 FRAME_SIZE_ERROR", &goaway);
    }
    let place = "wrong stream for the frame's type";
    for (kind, stream, payload) in [
        (kind::PRIORITY, 0, &b"xxxxx"[..]),
        (kind::RST_STREAM, 0, b"xxxx"),
        (kind::SETTINGS, 1, b""),
        (kind::PING, 1, b"12345678"),
        (kind::GOAWAY, 1, b"xxxxxxxx"),
    ] {
        protocol_error(&[frame(kind, 0, stream, payload)], place);
    }
}

#[test]
fn frames_beyond_the_agreed_size() {
    let goaway = "GOAWAY #0 FRAME_SIZE_ERROR frame exceeds SETTINGS_MAX_FRAME_SIZE";
    for kind in [kind::DATA, kind::HEADERS, kind::PING, 0xee] {
        dies(&[frame(kind, 4, 1, &[0; 16_385])[..20].to_vec()], "-505 FRAME_SIZE_ERROR", goaway);
    }
    let config = || Config { settings: vec![Setting::new(SettingId::MAX_FRAME_SIZE, 20_000)], ..Config::default() };
    Script::up(Role::Server, config).peer(&[frame(0xee, 0, 1, &[0; 20_000])]).events(&[]).sent(&[]).run();
}

#[test]
fn frames_of_no_known_type_are_ignored() {
    Script::server()
        .peer(&[
            frame(0xee, 0xff, 1, b"whatever"),
            frame(0x10, 0, 0, b"\0\0\0\x01u=1"),
            frame(kind::ALTSVC, 0, 0, b"x"),
            frame(kind::ORIGIN, 0, 0, b"x"),
            ping(0, b"12345678"),
        ])
        .events(&["ping 12345678"])
        .sent(&["PING ACK 12345678"])
        .run();
}

#[test]
fn settings_that_are_wrong() {
    protocol_error(&[settings(&[(2, 2)])], "invalid SETTINGS_ENABLE_PUSH");
    protocol_error(&[settings(&[(5, 16_383)])], "invalid SETTINGS_MAX_FRAME_SIZE");
    protocol_error(&[settings(&[(5, 1 << 24)])], "invalid SETTINGS_MAX_FRAME_SIZE");
    protocol_error(&[settings(&[(8, 2)])], "invalid SETTINGS_ENABLE_CONNECT_PROTOCOL");
    protocol_error(&[settings_ack()], "SETTINGS acknowledged that were not sent");
    dies(
        &[settings(&[(4, 1 << 31)])],
        "-524 FLOW_CONTROL_ERROR",
        "GOAWAY #0 FLOW_CONTROL_ERROR invalid SETTINGS_INITIAL_WINDOW_SIZE",
    );
    Script::server()
        .peer(&[settings(&[(3, 1); 33])])
        .events(&["limit settingsEntries #0", "error -505 ENHANCE_YOUR_CALM"])
        .sent(&["GOAWAY #0 ENHANCE_YOUR_CALM too many settings in one frame"])
        .run();
    Script::client()
        .peer(&[settings(&[(2, 1)])])
        .events(&["error -505 PROTOCOL_ERROR"])
        .sent(&["GOAWAY #0 PROTOCOL_ERROR invalid SETTINGS_ENABLE_PUSH"])
        .run();
    Script::client()
        .peer(&[settings(&[(8, 1)]), settings(&[(8, 0)])])
        .events(&["SettingsReceived", "error -505 PROTOCOL_ERROR"])
        .run();
}

#[test]
fn several_settings_of_ours_are_acknowledged_in_order() {
    Script::server()
        .act(|wire| {
            wire.settings(&[Setting::new(SettingId::MAX_FRAME_SIZE, 20_000)]).unwrap();
            wire.settings(&[Setting::new(SettingId::MAX_FRAME_SIZE, 30_000), Setting::new(SettingId(99), 1)]).unwrap();
        })
        .sent(&["SETTINGS 5=20000", "SETTINGS 5=30000 99=1"])
        .act(|wire| assert_eq!(wire.local_settings().max_frame_size, 16_384))
        .peer(&[settings_ack()])
        .act(|wire| assert_eq!(wire.local_settings().max_frame_size, 20_000))
        .peer(&[settings_ack()])
        .act(|wire| {
            assert_eq!(wire.local_settings().max_frame_size, 30_000);
            assert_eq!(wire.local_settings().custom, [Setting::new(SettingId(99), 1)]);
        })
        .events(&["SettingsAcked", "SettingsAcked"])
        .h2_reads(&[])
        .run();
}

#[test]
fn settings_that_await_an_answer_are_limited() {
    let config = || Config { max_outstanding_settings: 2, ..Config::default() };
    Script::up(Role::Client, config)
        .act(|wire| {
            assert_eq!(wire.settings(&[]), Ok(()));
            assert_eq!(wire.settings(&[]), Ok(()));
            assert_eq!(wire.settings(&[]), Err(LibraryError::TOO_MANY_INFLIGHT_SETTINGS));
        })
        .run();
}

#[test]
fn custom_settings_of_the_peer_are_kept_on_demand() {
    let config = || Config { remote_custom_settings: vec![SettingId(55)], ..Config::default() };
    Script::up(Role::Client, config)
        .peer(&[settings(&[(55, 1), (56, 2), (55, 3)])])
        .act(|wire| assert_eq!(wire.remote_settings().custom, [Setting::new(SettingId(55), 3)]))
        .run();
}

#[test]
fn what_h2_says_for_itself_is_left_out() {
    Script::server()
        .h2(&[
            window_update(0, 5),
            window_update(1, 5),
            settings(&[(4, 5)]),
            ping(0, b"shutdown"),
            goaway(0, ErrorCode::NO_ERROR, b""),
            frame(kind::PRIORITY, 0, 1, b"xxxxx"),
        ])
        .sent(&[])
        .events(&[])
        .h2_reads(&["SETTINGS ACK", "PING ACK shutdown"])
        .run();
}

#[test]
fn an_error_that_only_h2_finds_is_told() {
    Script::server()
        .h2(&[goaway(0, ErrorCode::FRAME_SIZE_ERROR, b"h2 says")])
        .events(&["error -505 FRAME_SIZE_ERROR"])
        .sent(&["GOAWAY #0 FRAME_SIZE_ERROR protocol violation"])
        .run();
}

#[test]
fn after_an_error_h2_is_not_heard() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .list(1, OK)
        .h2(&[h2_headers(1, false), data(1, b"half of it", false)[..12].to_vec()])
        .peer(&[ping(flag::ACK, b"unasked!")])
        .act(|wire| drop(drain_events(wire)))
        .h2(&[b"f of it".to_vec(), data(1, b"more", true), goaway(1, ErrorCode::PROTOCOL_ERROR, b"")])
        .events(&["data sent #1 10"])
        .sent(&["HEADERS #1 :status=200", "DATA #1 10", "GOAWAY #1 PROTOCOL_ERROR PING acknowledged that was not sent"])
        .run();
}

#[test]
fn pings_are_answered_and_matched() {
    Script::client()
        .act(|wire| {
            assert!(wire.ping(*b"first..."));
            assert!(wire.ping(*b"second.."));
        })
        .peer(&[ping(0, b"theirs.."), ping(flag::ACK, b"first..."), ping(flag::ACK, b"second..")])
        .events(&["ping theirs..", "ping acked first...", "ping acked second.."])
        .sent(&["PING first...", "PING second..", "PING ACK theirs.."])
        .peer(&[ping(flag::ACK, b"second..")])
        .events(&["error -505 PROTOCOL_ERROR"])
        .sent(&["GOAWAY #0 PROTOCOL_ERROR PING acknowledged that was not sent"])
        .run();
    let one = || Config { max_outstanding_pings: 1, ..Config::default() };
    Script::up(Role::Client, one).act(|wire| assert!(wire.ping([0; 8]) && !wire.ping([0; 8]))).run();
}

#[test]
fn goaway_is_told_with_its_data() {
    Script::server()
        .peer(&[goaway(0, ErrorCode(500), b"see you"), headers(1, END, GET)])
        .act(|wire| assert_eq!(drain_events(wire).len(), 3))
        .run();
    protocol_error(&[goaway(1, ErrorCode::NO_ERROR, b"")], "invalid last stream in GOAWAY");
}

#[test]
fn goaway_refuses_pushes_that_the_client_will_not_take() {
    Script::server()
        .peer(&[headers(1, END, GET)])
        .forget()
        .list(2, GET)
        .h2(&[frame(kind::PUSH_PROMISE, flag::END_HEADERS, 1, &[0, 0, 0, 2, 0x82])])
        .peer(&[goaway(0, ErrorCode::NO_ERROR, b"")])
        .events(&["goaway NO_ERROR #0 ", "closed #2 REFUSED_STREAM"])
        .h2_reads(&[])
        .run();
}

#[test]
fn priority_is_told() {
    Script::server()
        .peer(&[frame(kind::PRIORITY, 0, 7, &[0x80, 0, 0, 3, 255]), frame(kind::PRIORITY, 0, 9, &[0, 0, 0, 0, 0])])
        .events(&["priority #7 #3 256 exclusive", "priority #9 #0 1"])
        .h2_reads(&[])
        .run();
    Script::server()
        .peer(&[frame(kind::PRIORITY, 0, 7, &[0, 0, 0, 7, 1])])
        .sent(&["RST_STREAM #7 PROTOCOL_ERROR"])
        .run();
}
