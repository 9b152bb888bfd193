//! Replays what fuzzing found worth keeping (fuzz/corpus), and a little noise, on the stable toolchain and without libFuzzer.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

use arbitrary::{Arbitrary, Unstructured};

/// Inputs made up on the spot, beside the corpus.
const NOISE: u64 = 50;
const NOISE_LENGTH: usize = 800;

fn replay<Input: for<'a> Arbitrary<'a>>(target: &str, run: fn(Input)) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("an entry of the corpus").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus in {}", directory.display());
    for file in files {
        // The harness prints this when the input fails.
        println!("{}", file.display());
        replay_one(&fs::read(&file).expect("a readable file"), run);
    }
    for seed in 1..=NOISE {
        println!("noise {seed}");
        replay_one(&noise(seed), run);
    }
}

fn replay_one<Input: for<'a> Arbitrary<'a>>(octets: &[u8], run: fn(Input)) {
    // As libFuzzer's macro does.
    if let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(octets)) {
        run(input);
    }
}

/// xorshift64*, the same octets for the same seed.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::iter::repeat_with(|| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    })
    .take(NOISE_LENGTH)
    .collect()
}

#[test]
fn hpack_decode() {
    replay("hpack_decode", targets::hpack_decode::run);
}

#[test]
fn hpack_roundtrip() {
    replay("hpack_roundtrip", targets::hpack_roundtrip::run);
}

#[test]
fn reader() {
    replay("reader", targets::reader::run);
}

#[test]
fn inbound() {
    replay("inbound", targets::inbound::run);
}

#[test]
fn outbound() {
    replay("outbound", targets::outbound::run);
}

#[test]
fn session() {
    replay("session", targets::session::run);
}
