//! What a peer may do how often, and how much of it. Frequencies are judged by rates: a lifetime counter would end long
//! connections that do nothing wrong, only a lot of it. Where honest peers do something because of what we do (credit what
//! we send, prioritise what they open), what we do earns it.
//!
//! SECURITY.md has all of it in a table, for operators.

use core::time::Duration;

use super::config::Config;

/// The limit that a peer has run into: what operators are told, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Answers to PING and SETTINGS wait, and the peer reads none: [`MAX_WAITING_ACKS`].
    Acknowledgements,
    /// ALTSVC and ORIGIN: [`ANNOUNCEMENTS`].
    Announcements,
    /// Our output is stuck, and the peer goes on: [`MAX_BACKLOG`].
    Backlog,
    /// [`MAX_CONTINUATIONS`]
    Continuations,
    /// GOAWAY: [`GOAWAYS`].
    Goaways,
    /// A header block that grows and grows: [`header_block_size`].
    HeaderBlockSize,
    /// `maxHeaderListSize` and `maxHeaderListPairs`. It costs the stream only.
    HeaderListSize,
    /// 1xx answers: [`INFORMATIONAL`].
    InformationalHeaders,
    /// `maxSessionInvalidFrames`, forgiven at `streamResetRate`.
    InvalidFrames,
    /// Frames on streams that are over: [`LATE_FRAMES`].
    LateFrames,
    /// PING: [`PINGS`].
    Pings,
    /// PRIORITY: [`PRIORITIES`].
    Priorities,
    /// PUSH_PROMISE that was refused: [`REFUSED_PUSHES`].
    RefusedPushes,
    /// `maxSessionRejectedStreams`
    RejectedStreams,
    /// `maxSessionMemory`. It costs the stream only.
    SessionMemory,
    /// SETTINGS: [`SETTINGS`].
    Settings,
    /// `maxSettings`
    SettingsEntries,
    /// `streamResetBurst` and `streamResetRate`
    StreamResets,
    /// Frames of types that we do not know: [`UNKNOWN_FRAMES`].
    UnknownFrames,
    /// WINDOW_UPDATE: [`WINDOW_UPDATES`].
    WindowUpdates,
}

impl Limit {
    /// As it stands in `error.limit`, in the messages of the channel `http2-rs.limit`, and in SECURITY.md.
    pub const fn name(self) -> &'static str {
        match self {
            Limit::Acknowledgements => "acknowledgements",
            Limit::Announcements => "announcements",
            Limit::Backlog => "backlog",
            Limit::Continuations => "continuations",
            Limit::Goaways => "goaways",
            Limit::HeaderBlockSize => "headerBlockSize",
            Limit::HeaderListSize => "headerListSize",
            Limit::InformationalHeaders => "informationalHeaders",
            Limit::InvalidFrames => "invalidFrames",
            Limit::LateFrames => "lateFrames",
            Limit::Pings => "pings",
            Limit::Priorities => "priorities",
            Limit::RefusedPushes => "refusedPushes",
            Limit::RejectedStreams => "rejectedStreams",
            Limit::SessionMemory => "sessionMemory",
            Limit::Settings => "settings",
            Limit::SettingsEntries => "settingsEntries",
            Limit::StreamResets => "streamResets",
            Limit::UnknownFrames => "unknownFrames",
            Limit::WindowUpdates => "windowUpdates",
        }
    }
}

/// The acknowledgements of PING and SETTINGS that may wait in the out buffer: a peer that asks and never reads the
/// answers is stopped here (CVE-2019-9512, CVE-2019-9515). nghttp2's number.
pub(crate) const MAX_WAITING_ACKS: u32 = 1000;

/// CONTINUATION frames in one header block (CVE-2024-27983, CVE-2024-28182). nghttp2's number; with frames of the default
/// size it leaves room for twice the default `maxHeaderListSize`.
pub(crate) const MAX_CONTINUATIONS: u32 = 8;

/// The longest header list where SETTINGS_MAX_HEADER_LIST_SIZE was never said. node:http2 has no such limit, but what
/// fits into [`MAX_CONTINUATIONS`] frames of the default size is less.
const HEADER_LIST_SIZE: u32 = 256 * 1024;

/// And whatever was said: a list is held in memory as a whole.
const LARGEST_HEADER_LIST_SIZE: u32 = 16 * 1024 * 1024;

/// How many times longer than the list that it becomes a header block can be: a Huffman code that its sender chose badly
/// takes up to 30 bits an octet.
const HEADER_BLOCK_EXPANSION: usize = 4;

/// The limit of lists, from the setting.
pub(crate) fn header_list_size(setting: u32) -> usize {
    let size = if setting == u32::MAX { HEADER_LIST_SIZE } else { setting.min(LARGEST_HEADER_LIST_SIZE) };
    size as usize
}

/// The limit of a block that is gathered: one of any less could be a legal list.
pub(crate) fn header_block_size(setting: u32) -> usize {
    header_list_size(setting).saturating_mul(HEADER_BLOCK_EXPANSION).max(HEADER_LIST_SIZE as usize)
}

/// What header lists that have been received and not told may hold; then the rest of the input waits. Some 30 octets of input
/// can stand for a list of 64 KiB, so what bounds the input of a turn does not bound its lists.
pub(crate) const MAX_UNTOLD_LISTS: usize = 1024 * 1024;

/// Translated bytes that h2 has not read, because its own output is stuck. The peer sends control frames and reads
/// nothing: as good as a flood.
pub(crate) const MAX_BACKLOG: usize = 1024 * 1024;

/// So many at once, and so many a second from then on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    burst: u64,
    /// A second.
    rate: u64,
}

/// SETTINGS: each is acknowledged, told, and shifts the windows of all streams (CVE-2019-9515). Peers change their mind a few
/// times in the life of a connection.
const SETTINGS: Rate = Rate { burst: 1000, rate: 250 };

/// PING: each is answered and told (CVE-2019-9512). gRPC measures the round trip again and again while a body is received,
/// so each DATA frame that we send earns one.
const PINGS: Rate = Rate { burst: 10_000, rate: 1000 };

/// PRIORITY, which nobody heeds any more (CVE-2019-9513). Browsers built trees of it, some frames for each stream.
const PRIORITIES: Rate = Rate { burst: 1000, rate: 100 };
const PRIORITIES_A_STREAM: u64 = 10;

/// WINDOW_UPDATE: honest peers send one or two for each DATA frame that they get, and one when they open a stream.
const WINDOW_UPDATES: Rate = Rate { burst: 10_000, rate: 1000 };
const WINDOW_UPDATES_A_FRAME: u64 = 10;
const WINDOW_UPDATES_A_STREAM: u64 = 10;

/// 1xx answers but the first of each request: each is an event of its request, and no number of them is an answer.
const INFORMATIONAL: Rate = Rate { burst: 1000, rate: 100 };
const INFORMATIONAL_A_STREAM: u64 = 10;

/// ALTSVC and ORIGIN: what a server has to announce it says at the start, and again when it changes (CVE-2026-48619).
const ANNOUNCEMENTS: Rate = Rate { burst: 1000, rate: 10 };

/// GOAWAY: the first says that the end is near, another where it is.
const GOAWAYS: Rate = Rate { burst: 100, rate: 1 };

/// Header blocks, resets and empty DATA on streams that are over: what crosses with our own reset or GOAWAY is honest, and
/// as much as was under way.
const LATE_FRAMES: Rate = Rate { burst: 10_000, rate: 1000 };
const LATE_FRAMES_A_STREAM: u64 = 2;

/// PUSH_PROMISE that is answered by a reset: too many at a time, no memory, or switched off just now.
const REFUSED_PUSHES: Rate = Rate { burst: 1000, rate: 100 };
const REFUSED_PUSHES_A_STREAM: u64 = 10;

/// Frames that have to be ignored (RFC 9113 section 4.1): GREASE sends few, extensions that we do not know maybe more.
const UNKNOWN_FRAMES: Rate = Rate { burst: 10_000, rate: 1000 };

/// Origins in one frame. One of the default size holds about a third as many that are any use.
pub(crate) const MAX_ORIGINS: usize = 4096;

/// A bucket that leaks: what goes in is kept, less what has leaked out since, and must not exceed the burst.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    level: u32,
    /// When it last leaked, in whole seconds.
    leaked: u32,
}

impl Bucket {
    /// Puts one in. False if it is full.
    fn fill(&mut self, rate: Rate, now: Duration) -> bool {
        let seconds = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
        let elapsed = seconds.saturating_sub(self.leaked);
        if elapsed > 0 {
            self.empty(u64::from(elapsed).saturating_mul(rate.rate));
            self.leaked = seconds;
        }
        if u64::from(self.level) >= rate.burst.min(u64::from(u32::MAX)) {
            return false;
        }
        self.level += 1;
        true
    }

    /// Takes so many out.
    fn empty(&mut self, count: u64) {
        self.level = self.level.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
    }
}

/// What the peer of one connection has done of late.
#[derive(Debug)]
pub(crate) struct Limits {
    tolerance: f64,
    stream_resets: Rate,
    invalid_frames: Rate,
    buckets: Buckets,
}

#[derive(Debug, Default)]
struct Buckets {
    stream_resets: Bucket,
    invalid_frames: Bucket,
    settings: Bucket,
    pings: Bucket,
    priorities: Bucket,
    window_updates: Bucket,
    informational: Bucket,
    announcements: Bucket,
    goaways: Bucket,
    late_frames: Bucket,
    refused_pushes: Bucket,
    unknown_frames: Bucket,
}

impl Limits {
    pub(crate) fn new(config: &Config) -> Limits {
        Limits {
            tolerance: config.flood_tolerance,
            // CVE-2023-44487
            stream_resets: Rate { burst: config.stream_reset_burst, rate: config.stream_reset_rate },
            // CVE-2025-8671, CVE-2019-9518. node lets one more than the limit pass. It never forgives; here the rate of
            // resets does.
            invalid_frames: Rate {
                burst: u64::from(config.max_session_invalid_frames) + 1,
                rate: config.stream_reset_rate,
            },
            buckets: Buckets::default(),
        }
    }

    /// The peer did once more what `limit` is about. False if that was once too often. Limits that are not of frequencies
    /// are judged elsewhere.
    pub(crate) fn allow(&mut self, limit: Limit, now: Duration) -> bool {
        let buckets = &mut self.buckets;
        let (bucket, rate) = match limit {
            Limit::StreamResets => return buckets.stream_resets.fill(self.stream_resets, now),
            Limit::InvalidFrames => return buckets.invalid_frames.fill(self.invalid_frames, now),
            Limit::Settings => (&mut buckets.settings, SETTINGS),
            Limit::Pings => (&mut buckets.pings, PINGS),
            Limit::Priorities => (&mut buckets.priorities, PRIORITIES),
            Limit::WindowUpdates => (&mut buckets.window_updates, WINDOW_UPDATES),
            Limit::InformationalHeaders => (&mut buckets.informational, INFORMATIONAL),
            Limit::Announcements => (&mut buckets.announcements, ANNOUNCEMENTS),
            Limit::Goaways => (&mut buckets.goaways, GOAWAYS),
            Limit::LateFrames => (&mut buckets.late_frames, LATE_FRAMES),
            Limit::RefusedPushes => (&mut buckets.refused_pushes, REFUSED_PUSHES),
            Limit::UnknownFrames => (&mut buckets.unknown_frames, UNKNOWN_FRAMES),
            _ => return true,
        };
        bucket.fill(rate.times(self.tolerance), now)
    }

    /// A stream was opened, by either side.
    pub(crate) fn stream_opened(&mut self) {
        self.buckets.priorities.empty(PRIORITIES_A_STREAM);
        self.buckets.window_updates.empty(WINDOW_UPDATES_A_STREAM);
        self.buckets.late_frames.empty(LATE_FRAMES_A_STREAM);
        self.buckets.informational.empty(INFORMATIONAL_A_STREAM);
        self.buckets.refused_pushes.empty(REFUSED_PUSHES_A_STREAM);
    }

    /// We have sent a DATA frame.
    pub(crate) fn data_sent(&mut self) {
        self.buckets.window_updates.empty(WINDOW_UPDATES_A_FRAME);
        self.buckets.pings.empty(1);
    }
}

impl Rate {
    fn times(self, tolerance: f64) -> Rate {
        // Saturates; so does what is not a number, at 0.
        let times = |number: u64| (number as f64 * tolerance) as u64;
        Rate { burst: times(self.burst), rate: times(self.rate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_bucket_takes_its_burst_and_then_its_rate() {
        let rate = Rate { burst: 3, rate: 2 };
        let mut bucket = Bucket::default();
        assert!((0..3).all(|_| bucket.fill(rate, at(100))));
        assert!(!bucket.fill(rate, at(999)));
        assert!((0..2).all(|_| bucket.fill(rate, at(1000))));
        assert!(!bucket.fill(rate, at(1999)));
        assert!((0..3).all(|_| bucket.fill(rate, at(1_000_000))), "a long rest empties it");
        assert!(!bucket.fill(rate, at(1_000_000)));
        assert!(!bucket.fill(rate, at(0)), "a clock that goes back gives nothing");
        bucket.empty(1);
        assert!(bucket.fill(rate, at(1_000_000)), "what was earned counts at once");
    }

    #[test]
    fn a_bucket_without_burst_takes_nothing() {
        assert!(!Bucket::default().fill(Rate { burst: 0, rate: 5 }, at(100_000)));
    }

    #[test]
    fn tolerance_multiplies_what_node_has_no_option_for() {
        let count = |limit, tolerance| {
            let config = Config { flood_tolerance: tolerance, stream_reset_burst: 7, ..Config::default() };
            let mut limits = Limits::new(&config);
            (0..50_000).take_while(|_| limits.allow(limit, at(0))).count()
        };
        assert_eq!(count(Limit::Settings, 1.0), 1000);
        assert_eq!(count(Limit::Settings, 2.5), 2500);
        assert_eq!(count(Limit::Settings, f64::INFINITY), 50_000);
        assert_eq!(count(Limit::Settings, f64::NAN), 0);
        assert_eq!(count(Limit::StreamResets, 2.5), 7);
    }

    #[test]
    fn what_we_do_earns_what_peers_do_because_of_it() {
        let mut limits = Limits::new(&Config::default());
        for _ in 0..100_000 {
            limits.data_sent();
            limits.stream_opened();
            for limit in
                [Limit::WindowUpdates, Limit::WindowUpdates, Limit::Pings, Limit::Priorities, Limit::LateFrames]
            {
                assert!(limits.allow(limit, at(0)), "{limit:?}");
            }
        }
    }
}
