//! What a peer may do how often. Every limit is a rate: a lifetime counter would end long connections that do nothing
//! wrong, only a lot of it.

use core::time::Duration;

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

/// Translated bytes that h2 has not read, because its own output is stuck. The peer sends control frames and reads
/// nothing: as good as a flood.
pub(crate) const MAX_BACKLOG: usize = 1024 * 1024;

/// A token bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    level: u64,
    burst: u64,
    /// Tokens a second.
    rate: u64,
    filled: Duration,
}

impl Bucket {
    pub(crate) fn new(burst: u64, rate: u64) -> Bucket {
        Bucket { level: burst, burst, rate, filled: Duration::ZERO }
    }

    /// Takes a token. False if there is none.
    pub(crate) fn drain(&mut self, now: Duration) -> bool {
        let seconds = now.saturating_sub(self.filled).as_secs();
        if seconds > 0 {
            self.level = self.level.saturating_add(seconds.saturating_mul(self.rate)).min(self.burst);
            // Only whole seconds were paid out; the rest stays due.
            self.filled += Duration::from_secs(seconds);
        }
        match self.level.checked_sub(1) {
            Some(level) => {
                self.level = level;
                true
            }
            None => false,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Limits {
    /// RST_STREAM received (CVE-2023-44487).
    pub resets_received: Bucket,
    /// Frames that make us reset their stream (CVE-2025-8671), and empty DATA frames that end nothing (CVE-2019-9518).
    pub invalid_frames: Bucket,
}

impl Limits {
    pub(crate) fn new(reset_burst: u64, reset_rate: u64, invalid_frames: u32) -> Limits {
        Limits {
            resets_received: Bucket::new(reset_burst, reset_rate),
            // node lets one more than the limit pass. It never forgives; here the rate of resets does.
            invalid_frames: Bucket::new(u64::from(invalid_frames) + 1, reset_rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(3, 2);
        let at = Duration::from_millis;
        assert!((0..3).all(|_| bucket.drain(at(100))));
        assert!(!bucket.drain(at(999)));
        assert!((0..2).all(|_| bucket.drain(at(1000))));
        assert!(!bucket.drain(at(1999)));
        assert!((0..3).all(|_| bucket.drain(at(1_000_000))), "a long rest fills it up to the burst");
        assert!(!bucket.drain(at(1_000_000)));
        assert!(!bucket.drain(Duration::ZERO), "a clock that goes back gives nothing");
    }

    #[test]
    fn a_bucket_without_burst_gives_nothing() {
        assert!(!Bucket::new(0, 5).drain(Duration::from_secs(100)));
    }
}
