//! Requests that h2 is not told of at first, and answers that pass it by.

use super::script::Script;
use super::*;

/// A server that keeps requests from h2, and a part of a window for its answers.
fn keeping() -> Script {
    Script::server()
        .act(Wire::keep_requests)
        .peer(&[window_update(0, 1000)])
        .h2_reads(&["WINDOW_UPDATE #0 500"])
        .forget()
}

fn introduced(wire: &mut Wire) -> Vec<u32> {
    let mut told = Vec::new();
    wire.introduce(|stream| told.push(stream.value()));
    assert!(!wire.has_strangers());
    told
}

/// Answers with so many octets, if that can be done now.
fn answer(stream: u32, octets: usize) -> impl Fn(&mut Wire) {
    move |wire| {
        wire.push_list(id(stream), list(OK)).unwrap();
        assert!(wire.can_answer(id(stream), octets));
        wire.push_body(id(stream), vec![7; octets].into());
        wire.send_answer_list(id(stream), false);
        wire.send_answer_body(id(stream), octets, true);
    }
}

fn cannot_answer(stream: u32, octets: usize) -> impl Fn(&mut Wire) {
    move |wire| {
        wire.push_list(id(stream), list(OK)).unwrap();
        assert!(!wire.can_answer(id(stream), octets));
    }
}

#[test]
fn a_complete_answer_goes_out_without_h2() {
    keeping()
        .peer(&[headers(1, flag::END_STREAM, GET)])
        .h2_reads(&[])
        .forget()
        .act(answer(1, 12))
        .sent(&["HEADERS #1 :status=200", "DATA #1 12 END"])
        .events(&["head sent #1", "data sent #1 12", "end sent #1", "closed #1 NO_ERROR"])
        .act(|wire| {
            assert_eq!(wire.session_state().remote_window_size, 65_535 + 1000 - 12);
            assert!(introduced(wire).is_empty());
        })
        .h2_reads(&[])
        .run();
}

#[test]
fn an_answer_may_be_a_head_alone_or_come_before_the_end_of_the_request() {
    keeping()
        .peer(&[headers(1, flag::END_STREAM, GET), headers(3, 0, POST), data(3, b"so far", false)])
        .forget()
        .act(|wire| {
            wire.push_list(id(1), list(OK)).unwrap();
            wire.send_answer_list(id(1), true);
        })
        .act(answer(3, 1))
        .sent(&["HEADERS #1 END :status=200", "HEADERS #3 :status=200", "DATA #3 1 END"])
        .forget()
        .peer(&[data(3, b"more", true)])
        .events(&["data #3 4", "end #3", "closed #3 NO_ERROR"])
        .h2_reads(&[])
        .run();
}

#[test]
fn h2_is_told_of_what_is_left_in_the_order_of_ids() {
    keeping()
        .peer(&[
            headers(1, flag::END_STREAM, GET),
            headers(3, 0, POST),
            headers(5, flag::END_STREAM, GET),
            headers(7, 0, POST),
            window_update(3, 10),
            data(7, b"", true),
            rst(5, ErrorCode::CANCEL),
        ])
        .h2_reads(&[])
        .act(answer(1, 3))
        .act(|wire| assert_eq!(introduced(wire), [3, 7]))
        .act(|wire| {
            let read = super::script::render_frames(&read_all(wire), &mut crate::wire::hpack::Decoder::new());
            assert_eq!(read.len(), 3);
            assert!(read[0].starts_with("HEADERS #3 :"), "{}", read[0]);
            assert_eq!(read[1], "WINDOW_UPDATE #3 10");
            assert!(read[2].starts_with("HEADERS #7 END"), "{}", read[2]);
        })
        .peer(&[window_update(3, 5), data(3, b"", true), rst(7, ErrorCode::CANCEL)])
        .h2_reads(&["WINDOW_UPDATE #3 5", "DATA #3 0 END", "RST_STREAM #7 CANCEL"])
        .run();
}

#[test]
fn h2_does_not_hear_of_resets_of_what_it_does_not_know() {
    keeping()
        .peer(&[headers(1, 0, POST), headers(3, 0, POST), headers(5, 0, POST), headers(7, 0, POST)])
        .forget()
        .peer(&[rst(1, ErrorCode::CANCEL), frame(kind::WINDOW_UPDATE, 0, 3, &[0; 4])])
        .act(|wire| wire.rst_stream(id(5), ErrorCode::INTERNAL_ERROR))
        .act(|wire| wire.goaway(ErrorCode::NO_ERROR, Some(id(5)), b""))
        .act(|wire| assert!(introduced(wire).is_empty()))
        .h2_reads(&[])
        .run();
}

#[test]
fn windows_and_sizes_decide() {
    let small = || Config { padding: crate::wire::Padding::Max, ..Config::default() };
    Script::up(Role::Server, small)
        .act(Wire::keep_requests)
        .peer(&[window_update(0, 100_000), headers(1, flag::END_STREAM, GET)])
        .act(cannot_answer(1, 1))
        .run();
    // Before the peer's first credit h2 has all of the connection's window.
    Script::server().act(Wire::keep_requests).peer(&[headers(1, flag::END_STREAM, GET)]).act(cannot_answer(1, 1)).run();
    Script::up_with(Role::Server, Config::default, &[(4, 10)])
        .act(Wire::keep_requests)
        .peer(&[window_update(0, 100_000), headers(1, flag::END_STREAM, GET), headers(3, flag::END_STREAM, GET)])
        .act(cannot_answer(1, 11))
        .act(answer(3, 10))
        .run();
    keeping()
        .peer(&[window_update(0, 1_000_000), headers(1, flag::END_STREAM, GET), headers(3, flag::END_STREAM, GET)])
        .act(cannot_answer(1, 16_385))
        .act(answer(3, 16_384))
        .run();
}

#[test]
fn h2_gets_what_was_kept_when_it_has_nothing_else() {
    keeping()
        .uncut()
        .peer(&[headers(1, flag::END_STREAM, GET)])
        .peer(&[window_update(1, 1_000_000)])
        .forget()
        .act(|wire| assert_eq!(introduced(wire), [1]))
        .forget()
        .list(1, OK)
        .h2(&[h2_headers(1, false)])
        .h2(&[data(1, &[0; 16_384], false), data(1, &[0; 16_384], false), data(1, &[0; 16_384], false)])
        .h2_reads(&[])
        .h2(&[data(1, &[0; 16_383], false), data(1, &[0; 500], false)])
        .h2_reads(&["WINDOW_UPDATE #0 500"])
        .peer(&[headers(3, flag::END_STREAM, GET)])
        .act(cannot_answer(3, 1))
        .peer(&[window_update(0, 300)])
        .act(cannot_answer(3, 151))
        .h2_reads(&["WINDOW_UPDATE #0 150"])
        .run();
}

#[test]
fn h2_gets_a_large_part_in_halves() {
    Script::server()
        .act(Wire::keep_requests)
        .uncut()
        .peer(&[window_update(0, 1_000_000), headers(1, flag::END_STREAM, GET), window_update(1, 10_000_000)])
        .h2_reads(&["WINDOW_UPDATE #0 500000"])
        .forget()
        .act(|wire| assert_eq!(introduced(wire), [1]))
        .forget()
        .list(1, OK)
        .h2(&[h2_headers(1, false)])
        .act(|wire| {
            let mut released = Vec::new();
            let mut visible = 565_535u32;
            let mut sent = 0;
            while visible > 0 {
                let length = visible.min(16_384);
                h2_writes(wire, &[data(1, &vec![0; length as usize], false)]);
                visible -= length;
                sent += length;
                for frame in read_all(wire).chunks(13) {
                    let increment = u32::from_be_bytes(frame[9..].try_into().unwrap());
                    visible += increment;
                    released.push(increment);
                }
            }
            assert_eq!(released, [250_000, 125_000, 65_536, 59_464]);
            assert_eq!(sent, 1_065_535);
        })
        .run();
}

#[test]
fn pushed_bodies_take_the_place_of_what_h2_writes() {
    keeping()
        .peer(&[headers(1, flag::END_STREAM, GET)])
        .act(|wire| assert_eq!(introduced(wire), [1]))
        .forget()
        .list(1, OK)
        .act(|wire| {
            wire.set_lending(true);
            wire.push_body(id(1), Bytes::from_static(b"in two "));
            wire.push_body(id(1), vec![7; 5000].into());
        })
        .h2(&[h2_headers(1, false), data(1, &[0; 100], false), data(1, &[0; 4907], true)])
        .act(|wire| {
            let mut out = Vec::new();
            wire.flush(&mut out).unwrap();
            let (_, rest) = out.split_at(out.len() - 5007 - 2 * HEAD_LENGTH);
            assert_eq!(&rest[HEAD_LENGTH..HEAD_LENGTH + 7], b"in two ");
            assert!(rest[HEAD_LENGTH + 7..HEAD_LENGTH + 100].iter().all(|&octet| octet == 7));
            assert!(rest[rest.len() - 4907..].iter().all(|&octet| octet == 7));
        })
        .run();
}

#[test]
fn h2_begins_with_the_first_request_that_is_left() {
    let at_once = |wire: &mut Wire| {
        wire.keep_requests();
        assert!(wire.is_asleep());
    };
    Script::bare(Role::Server, Config::default)
        .act(at_once)
        .forget()
        .peer(&[CLIENT_PREFACE.to_vec(), settings(&[(4, 100_000), (3, 7)]), settings_ack()])
        .sent(&["SETTINGS ACK"])
        .peer(&[settings(&[(5, 20_000)]), window_update(0, 1000), headers(1, flag::END_STREAM, GET)])
        .sent(&["SETTINGS ACK"])
        .h2_reads(&[])
        .act(answer(1, 200))
        .peer(&[headers(3, flag::END_STREAM, GET), rst(3, ErrorCode::CANCEL), headers(5, flag::END_STREAM, GET)])
        .h2_reads(&[])
        .forget()
        .act(|wire| {
            assert_eq!(introduced(wire), [5]);
            assert!(!wire.is_asleep());
            let read = super::script::render_frames(&read_all(wire), &mut crate::wire::hpack::Decoder::new());
            let expected = ["preface", "SETTINGS ACK", "SETTINGS 2=1 3=7 4=100000 5=20000", "WINDOW_UPDATE #0 500"];
            assert_eq!(read[..4], expected);
            assert!(read[4].starts_with("HEADERS #5 END") && read.len() == 5);
        })
        // Its own SETTINGS, and its word on those it was given, which the peer has had.
        .h2(&[h2_settings(), settings_ack()])
        .sent(&[])
        .peer(&[settings(&[(4, 9)])])
        .h2_reads(&["SETTINGS 4=9"])
        .h2(&[settings_ack()])
        .sent(&["SETTINGS ACK"])
        .run();
}

#[test]
fn a_fault_needs_no_h2() {
    Script::bare(Role::Server, Config::default)
        .act(Wire::keep_requests)
        .forget()
        .peer(&[CLIENT_PREFACE.to_vec(), settings(&[]), headers(1, flag::END_STREAM, GET), data(0, b"", false)])
        .act(|wire| assert!(!wire.has_strangers() && !wire.readable()))
        .sent(&["SETTINGS ACK", "GOAWAY #1 PROTOCOL_ERROR DATA on stream 0"])
        .run();
}
