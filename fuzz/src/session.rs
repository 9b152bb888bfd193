//! Two sessions that talk to each other, and a model of both: whatever their owners ask of them and however the octets between
//! them are cut, neither finds fault with the other, what was written arrives, every write is answered, and every stream
//! ends once.

use std::time::Duration;

use arbitrary::Arbitrary;
use http2_rs::wire::{Config, ErrorCode, Padding, Role};

use super::side::{Fields, Operation, Side};

#[derive(Debug, Arbitrary)]
pub struct Input {
    padding: u8,
    peer_max_concurrent_streams: u8,
    steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
enum Step {
    Client(Operation),
    Server(Operation),
    /// So many octets of what is on its way.
    ToServer(u16),
    ToClient(u16),
    /// Everything, both ways.
    Exchange,
    Later(u16),
}

/// Each round moves what two windows let through; no script writes as much as this would take.
const MOST_ROUNDS: usize = 2000;

pub fn run(input: Input) {
    let padding = [Padding::None, Padding::Aligned, Padding::Max][usize::from(input.padding) % 3];
    let config = Config {
        padding,
        peer_max_concurrent_streams: input.peer_max_concurrent_streams.into(),
        // They are meant to hold enough of what floods: no script is one.
        stream_reset_burst: 1_000_000,
        ..Config::default()
    };
    let mut pair = Pair {
        client: Side::new(Role::Client, config.clone()),
        server: Side::new(Role::Server, config),
        now: Duration::ZERO,
    };
    let mut calm = true;
    for step in &input.steps {
        match step {
            Step::Client(operation) | Step::Server(operation) => {
                calm &= !matches!(operation, Operation::GoAway { .. } | Operation::Close);
                let side = if matches!(step, Step::Client(_)) { &mut pair.client } else { &mut pair.server };
                side.act(operation);
            }
            Step::ToServer(octets) => carry(&mut pair.client, &mut pair.server, (*octets).into(), pair.now),
            Step::ToClient(octets) => carry(&mut pair.server, &mut pair.client, (*octets).into(), pair.now),
            Step::Exchange => pair.exchange(),
            Step::Later(milliseconds) => pair.now += Duration::from_millis((*milliseconds).into()),
        }
        assert!(!pair.client.failed && !pair.server.failed, "one found fault with the other");
    }
    pair.exchange();
    if calm {
        pair.finish();
    }
}

struct Pair {
    client: Side,
    server: Side,
    now: Duration,
}

/// Moves octets from one side to the other.
fn carry(from: &mut Side, to: &mut Side, mut octets: usize, now: Duration) {
    from.flush();
    while octets > 0
        && let Some(mut buffer) = from.output.pop_front()
    {
        let piece = buffer.split_to(octets.min(buffer.len()));
        octets -= piece.len();
        if !buffer.is_empty() {
            from.output.push_front(buffer);
        }
        to.receive(piece, now);
    }
}

impl Pair {
    /// Moves everything until nothing moves any more.
    fn exchange(&mut self) {
        for _ in 0..MOST_ROUNDS {
            self.client.flush();
            self.server.flush();
            self.client.poll(self.now);
            self.server.poll(self.now);
            if self.client.output.is_empty() && self.server.output.is_empty() {
                return;
            }
            carry(&mut self.client, &mut self.server, usize::MAX, self.now);
            carry(&mut self.server, &mut self.client, usize::MAX, self.now);
        }
        panic!("the two never come to rest");
    }

    /// Everything is let through, read, answered and ended, which must then show.
    fn finish(&mut self) {
        for side in [&mut self.client, &mut self.server] {
            side.act(&Operation::Settings {
                table: None,
                window: Some(u16::MAX),
                frame: None,
                concurrent: Some(u8::MAX),
            });
            side.act(&Operation::Window(1 << 20));
        }
        // Ending a request lets one more begin, where only so many may.
        for _ in 0..=self.client.streams.len() {
            self.exchange();
            let open = self.client.open().len();
            self.end_all();
            self.exchange();
            if self.client.open().is_empty() || self.client.open().len() == open {
                break;
            }
        }
        for (side, peer) in [(&self.client, &self.server), (&self.server, &self.client)] {
            assert!(!side.failed);
            for (stream, track) in &side.streams {
                let Some(code) = track.closed else { panic!("{stream:?} never ends: {track:?}") };
                assert_eq!(track.answers, track.writes, "writes to {stream:?} that nobody answered");
                assert_eq!(track.shutdowns, track.ends, "an end of {stream:?} that nobody answered");
                let other = peer.streams.get(stream);
                if track.reset || other.is_none_or(|other| other.reset) {
                    continue;
                }
                assert_eq!(code, ErrorCode::NO_ERROR, "{stream:?}: {track:?}");
                assert_eq!(other.map(|other| other.received), Some(track.written), "lost of {stream:?}");
            }
        }
        for side in [&mut self.client, &mut self.server] {
            side.session.close();
        }
        self.exchange();
        assert!(self.client.done && self.server.done, "closed, and never done");
    }

    fn end_all(&mut self) {
        for side in [&mut self.client, &mut self.server] {
            for place in 0..side.streams.len() {
                let Ok(stream) = u8::try_from(place) else { break };
                side.act(&Operation::ReadStart { stream });
                side.act(&Operation::Respond { stream, fields: Fields::Few, end: false, trailers: false });
                side.act(&Operation::End { stream });
            }
        }
    }
}
