//! Flow control, both ways.

use super::script::Script;
use super::*;

fn state(wire: &Wire) -> (i32, i32, i32) {
    let state = wire.session_state();
    (state.effective_local_window_size, state.effective_recv_data_length, state.local_window_size)
}

/// DATA frames of the default maximal size.
fn full_frames(stream: u32, count: usize) -> Vec<Vec<u8>> {
    vec![data(stream, &[7; 16_384], false); count]
}

#[test]
fn the_connection_is_credited_on_receipt_and_a_stream_on_consumption() {
    Script::server()
        .uncut()
        .peer(&[headers(1, 0, POST)])
        .peer(&full_frames(1, 3))
        .forget()
        .act(|wire| assert_eq!(state(wire), (65_535, 16_384, 49_151)))
        .peer(&[data(1, &[7; 16_383], false)])
        .sent(&["WINDOW_UPDATE #0 32767"])
        .act(|wire| {
            assert_eq!(wire.stream_state(id(1)).unwrap().local_window_size, 0);
            wire.consume(id(1), 30_000);
            assert!(!wire.wants_flush());
            wire.consume(id(1), 10_000);
            assert!(wire.wants_flush());
            wire.consume(id(1), 10_000);
            wire.consume(id(9), 10_000);
        })
        .sent(&["WINDOW_UPDATE #1 40000"])
        .run();
}

#[test]
fn updates_of_one_turn_are_one_frame() {
    Script::server()
        .uncut()
        .peer(&[headers(1, 0, POST)])
        .peer(&full_frames(1, 2))
        .act(|wire| wire.consume(id(1), 32_768))
        .peer(&full_frames(1, 2))
        .act(|wire| wire.consume(id(1), 32_768))
        // With the headroom that the first credit brings.
        .sent(&["WINDOW_UPDATE #0 1048576", "WINDOW_UPDATE #1 65536"])
        .run();
}

#[test]
fn too_much_for_a_stream() {
    let config = || Config { settings: vec![Setting::new(SettingId::INITIAL_WINDOW_SIZE, 10)], ..Config::default() };
    Script::up(Role::Server, config)
        .peer(&[
            headers(1, 0, POST),
            data(1, b"0123456789", false),
            headers(3, 0, POST),
            data(3, b"0123456789x", false),
        ])
        .forget()
        .peer(&[data(1, b"", true), data(3, b"still coming", false)])
        .events(&["end #1"])
        .run();
    Script::up(Role::Server, config)
        .peer(&[headers(1, 0, POST), data(1, b"0123456789x", false)])
        .act(|wire| {
            let last = drain_events(wire).pop();
            assert_eq!(last, Some(Event::Closed { stream: id(1), code: ErrorCode::FLOW_CONTROL_ERROR }));
            assert_eq!(state(wire), (65_535, 11, 65_524), "the connection's window is credited all the same");
        })
        .sent(&["RST_STREAM #1 FLOW_CONTROL_ERROR"])
        .run();
}

#[test]
fn too_much_for_the_connection() {
    let config =
        || Config { settings: vec![Setting::new(SettingId::INITIAL_WINDOW_SIZE, 1 << 20)], ..Config::default() };
    Script::up(Role::Server, config)
        .uncut()
        // Shrunk in silence: the peer may use what it has, and no more.
        .act(|wire| wire.set_local_window_size(0).unwrap())
        .peer(&[headers(1, 0, POST)])
        .peer(&full_frames(1, 4))
        .act(|wire| {
            assert!(matches!(
                drain_events(wire).last(),
                Some(Event::ConnectionError { code: ErrorCode::FLOW_CONTROL_ERROR, .. })
            ))
        })
        .sent(&["GOAWAY #1 FLOW_CONTROL_ERROR DATA exceeds the connection's window"])
        .run();
}

#[test]
fn the_connections_window_can_be_set() {
    Script::server()
        .act(|wire| wire.set_local_window_size(1_000_000).unwrap())
        .sent(&["WINDOW_UPDATE #0 934465"])
        .act(|wire| {
            assert_eq!(state(wire), (1_000_000, 0, 1_000_000));
            wire.set_local_window_size(100_000).unwrap();
            assert_eq!(state(wire), (100_000, 0, 1_000_000));
            assert_eq!(wire.set_local_window_size(1 << 31), Err(LibraryError::INVALID_ARGUMENT));
        })
        .sent(&[])
        .run();
}

#[test]
fn another_initial_window_moves_every_stream() {
    let window = |wire: &Wire, stream| wire.stream_state(id(stream)).unwrap().local_window_size;
    Script::server()
        .peer(&[headers(1, 0, POST), headers(3, 0, POST), data(3, &[0; 50], false)])
        .act(|wire| {
            wire.consume(id(3), 50);
            wire.settings(&[Setting::new(SettingId::INITIAL_WINDOW_SIZE, 80)]).unwrap();
        })
        .act(move |wire| assert_eq!(window(wire, 1), 65_535))
        .sent(&["SETTINGS 4=80"])
        .peer(&[settings_ack(), headers(5, 0, POST)])
        .act(move |wire| assert_eq!((window(wire, 1), window(wire, 3), window(wire, 5)), (80, 80, 80)))
        .sent(&["WINDOW_UPDATE #3 50"])
        .run();
}

#[test]
fn nothing_is_credited_after_the_end() {
    Script::server()
        .uncut()
        .peer(&[headers(1, 0, POST)])
        .peer(&full_frames(1, 2))
        .peer(&[data(1, b"", true)])
        .forget()
        .act(|wire| wire.consume(id(1), 32_768))
        .sent(&[])
        .run();
}

#[test]
fn what_is_ignored_is_credited_to_the_connection() {
    Script::server()
        .uncut()
        .peer(&[headers(1, 0, POST)])
        .h2(&[rst(1, ErrorCode::CANCEL)])
        .forget()
        .peer(&full_frames(1, 2))
        .events(&[])
        .sent(&["WINDOW_UPDATE #0 1015808"])
        .run();
}

#[test]
fn nothing_is_credited_on_a_connection_that_is_over() {
    Script::server()
        .uncut()
        .peer(&[headers(1, 0, POST)])
        .h2(&[rst(1, ErrorCode::CANCEL)])
        .act(|wire| wire.goaway(ErrorCode::NO_ERROR, None, b""))
        .forget()
        .peer(&full_frames(1, 3))
        .act(|wire| assert!(!wire.wants_flush()))
        .sent(&[])
        .run();
}

#[test]
fn a_stream_reset_in_the_middle_of_a_frame() {
    let whole = data(1, &[7; 100], true);
    Script::server()
        .peer(&[headers(1, 0, POST), whole[..50].to_vec()])
        .h2(&[rst(1, ErrorCode::CANCEL)])
        .forget()
        .peer(&[whole[50..].to_vec(), ping(0, b"12345678")])
        .events(&["ping 12345678"])
        .act(|wire| assert_eq!(state(wire).1, 100))
        .run();
}

#[test]
fn the_peers_updates_reach_h2_and_the_session() {
    Script::client()
        .request(1, "POST", false)
        .forget()
        .peer(&[window_update(0, 7), window_update(1, 9)])
        .h2_reads(&["WINDOW_UPDATE #0 7", "WINDOW_UPDATE #1 9"])
        .events(&["window #0 7", "window #1 9"])
        .act(|wire| assert_eq!(wire.session_state().remote_window_size, 65_542))
        .h2(&[data(1, b"12345", false)])
        .act(|wire| assert_eq!(wire.session_state().remote_window_size, 65_537))
        .run();
}

#[test]
fn updates_that_are_wrong() {
    let open = || Script::client().request(1, "POST", false).forget();
    open()
        .peer(&[window_update(0, 0)])
        .events(&["error -505 PROTOCOL_ERROR"])
        .sent(&["GOAWAY #0 PROTOCOL_ERROR WINDOW_UPDATE of nothing"])
        .run();
    open()
        .peer(&[window_update(0, 0x7fff_ffff)])
        .events(&["error -524 FLOW_CONTROL_ERROR"])
        .sent(&["GOAWAY #0 FLOW_CONTROL_ERROR WINDOW_UPDATE overflows the connection's window"])
        .run();
    open().peer(&[window_update(1, 0)]).sent(&["RST_STREAM #1 PROTOCOL_ERROR"]).run();
    open()
        .peer(&[window_update(1, 0x7fff_ffff)])
        .events(&["closed #1 FLOW_CONTROL_ERROR"])
        .sent(&["RST_STREAM #1 FLOW_CONTROL_ERROR"])
        .h2_reads(&["RST_STREAM #1 FLOW_CONTROL_ERROR"])
        .run();
    open()
        .peer(&[window_update(1, 0x7fff_ffff - 65_535), settings(&[(4, 65_536)])])
        .events(&["window #1 2147418112", "error -524 FLOW_CONTROL_ERROR"])
        .run();
}
