//! What is fuzzed, one module a target: an `Input`, and `run`, which panics when something is wrong with it. The targets
//! themselves, in fuzz_targets/, only tie these to libFuzzer; tests/corpora.rs replays what it found worth keeping, without it.
//!
//! ```text
//! cargo +nightly fuzz run session -- -max_total_time=600
//! ```
//!
//! Layout: [`hpack_decode`] and [`hpack_roundtrip`] are the header blocks; [`reader`] is how frames are cut; [`outbound`] is
//! one wire with a mindless h2 behind it; [`inbound`] is one session and a hostile peer; [`session`] is two sessions and a
//! model of both. The last two drive `side`, a session with what is remembered of it.

pub mod hpack_decode;
pub mod hpack_roundtrip;
pub mod inbound;
pub mod outbound;
pub mod reader;
pub mod session;
mod side;
