//! What belongs together of a body.

use super::script::Script;
use super::*;

/// Whether each piece that was told goes on.
fn told(wire: &mut Wire) -> Vec<bool> {
    drain_events(wire)
        .iter()
        .filter_map(|event| if let Event::Data { goes_on, .. } = event { Some(*goes_on) } else { None })
        .collect()
}

fn frames(lengths: &[usize], config: fn() -> Config, expected: &'static [bool]) {
    let frames: Vec<_> = lengths.iter().map(|length| data(1, &vec![7; *length], false)).collect();
    Script::up(Role::Server, config)
        .uncut()
        .peer(&[headers(1, 0, POST)])
        .peer(&frames)
        .act(move |wire| assert_eq!(told(wire), expected))
        .run();
}

#[test]
fn a_frame_that_could_be_no_longer_was_cut_there() {
    frames(&[16_384, 16_383, 100], Config::default, &[true, false, false]);
    let longer = || Config { settings: vec![Setting::new(SettingId::MAX_FRAME_SIZE, 20_000)], ..Config::default() };
    frames(&[20_000, 19_999, 16_384], longer, &[true, false, true]);
}

#[test]
fn the_last_frame_goes_nowhere() {
    Script::server()
        .uncut()
        .peer(&[headers(1, 0, POST), data(1, &[7; 16_384], true)])
        .act(|wire| assert_eq!(told(wire), [false]))
        .run();
}

#[test]
fn a_frame_that_has_not_arrived_goes_on() {
    let frame = data(1, b"12345678", false);
    let (first, rest) = frame.split_at(frame.len() - 3);
    let (second, third) = rest.split_at(2);
    Script::server()
        .uncut()
        .peer(&[headers(1, 0, POST), first.to_vec()])
        .peer(&[second.to_vec()])
        .peer(&[third.to_vec()])
        .act(|wire| assert_eq!(told(wire), [true, true, false]))
        .run();
}
