//! Receive flow control: what the peer may still send, on the connection and on each stream.
//!
//! The books are kept as nghttp2 keeps them, since node shows them (`session.state`, `stream.state`) and lets users move
//! them (`setLocalWindowSize`):
//!
//! * `size` is the window we mean to offer;
//! * `received` is what arrived and was not yet credited by a WINDOW_UPDATE (it may be negative, after `size` shrank);
//! * `consumed` is the part of it that was also used up, and may be credited;
//! * `reduction` is what a shrunken `size` withholds: it is paid back before any enlargement reaches the peer.
//!
//! One thing the books do not show: [`Headroom`] on the connection.

use super::config::LARGEST_WINDOW_SIZE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    size: i32,
    received: i32,
    consumed: i32,
    reduction: i32,
    headroom: Headroom,
}

/// What the peer may send beyond the books.
///
/// node credits the connection when DATA arrives, read or not: what bounds the memory of unread bodies is the windows of the
/// streams. With the default of 64 KiB, though, ten streams that send at once stop and wait for a WINDOW_UPDATE every 32 KiB,
/// which costs both sides more in system calls than everything else. So when the first credit shows that bodies are
/// coming, the connection gets more room than its size. Whoever calls `setLocalWindowSize` decides for himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Headroom {
    /// For streams: their windows are theirs who set them.
    Never,
    Possible,
    Given,
}

/// Enough for 16 streams of the default window.
const HEADROOM: i32 = 960 * 1024;

/// The window would leave the range of RFC 9113 section 6.9.1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

const LARGEST: i32 = LARGEST_WINDOW_SIZE as i32;

impl Window {
    pub(crate) const fn new(size: i32) -> Window {
        Window { size, received: 0, consumed: 0, reduction: 0, headroom: Headroom::Never }
    }

    /// A connection's.
    pub(crate) const fn with_headroom(size: i32) -> Window {
        Window { headroom: Headroom::Possible, ..Window::new(size) }
    }

    /// A frame of so many octets, padding included, arrived. One of nothing needs no room, and is right even where the window
    /// is negative (RFC 9113 section 6.9.1): that is how a body ends whose window has shrunk beneath it.
    pub(crate) fn receive(&mut self, octets: u32) -> Result<(), Overflow> {
        let beyond = if self.headroom == Headroom::Given { HEADROOM } else { 0 };
        let room = i64::from(self.size) + i64::from(beyond) - i64::from(self.received);
        if octets > 0 && i64::from(octets) > room {
            return Err(Overflow);
        }
        self.received = self.received.saturating_add_unsigned(octets);
        Ok(())
    }

    /// So much of what arrived was used up. Gives the increment of the WINDOW_UPDATE that is due, or 0.
    pub(crate) fn consume(&mut self, octets: u32) -> u32 {
        self.consumed = self.consumed.saturating_add_unsigned(octets);
        let due = self.consumed.min(self.received);
        // Half a window at a time, as nghttp2 does: often enough to keep a sender going, seldom enough to be cheap.
        if due <= 0 || due < self.size / 2 {
            return 0;
        }
        self.received -= due;
        self.consumed -= due;
        if self.headroom == Headroom::Possible {
            self.headroom = Headroom::Given;
            return (due + HEADROOM).unsigned_abs();
        }
        due.unsigned_abs()
    }

    /// Offers a window of `size` from now on: `setLocalWindowSize`. Gives the increment that tells the peer, or 0.
    pub(crate) fn resize(&mut self, size: i32) -> Result<u32, Overflow> {
        let Some(delta) = size.checked_sub(self.size).filter(|_| size >= 0) else { return Err(Overflow) };
        if self.headroom == Headroom::Given {
            // Kept back from what the peer gets credited later, as the difference is when the window shrinks.
            self.received = self.received.saturating_sub(HEADROOM);
            self.reduction = self.reduction.saturating_add(HEADROOM);
        }
        self.headroom = Headroom::Never;
        if delta > 0 {
            let repaid = self.reduction.min(delta);
            self.size = size;
            self.reduction -= repaid;
            self.received = self.received.saturating_add(repaid);
            Ok((delta - repaid).unsigned_abs())
        } else {
            // The peer is not told: the difference is kept back from what it gets credited later.
            self.size = size;
            self.received = self.received.saturating_add(delta);
            self.reduction = self.reduction.saturating_sub(delta);
            Ok(0)
        }
    }

    /// The peer acknowledged another SETTINGS_INITIAL_WINDOW_SIZE: it moves its window of every stream by the difference.
    /// The window may become negative (RFC 9113 section 6.9.2). Gives the increment that has become due, or 0.
    pub(crate) fn shift(&mut self, delta: i64) -> Result<u32, Overflow> {
        let size = i64::from(self.size) + delta;
        if size > i64::from(LARGEST) {
            return Err(Overflow);
        }
        self.size = i32::try_from(size).map_err(|_| Overflow)?;
        Ok(self.consume(0))
    }

    /// nghttp2's effective local window size.
    pub(crate) fn size(&self) -> i32 {
        self.size
    }

    /// nghttp2's effective received data length.
    pub(crate) fn received(&self) -> i32 {
        self.received.max(0)
    }

    /// What the peer may send before the next credit.
    pub(crate) fn room(&self) -> i32 {
        self.size.saturating_sub(self.received)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_half_a_window_at_a_time() {
        let mut window = Window::new(65_535);
        assert_eq!(window.receive(32_766), Ok(()));
        assert_eq!(window.consume(32_766), 0);
        assert_eq!(window.receive(1), Ok(()));
        assert_eq!(window.consume(1), 32_767);
        assert_eq!(window.room(), 65_535);
    }

    #[test]
    fn unconsumed_data_keeps_the_window_closed() {
        let mut window = Window::new(100);
        assert_eq!(window.receive(100), Ok(()));
        assert_eq!(window.receive(1), Err(Overflow));
        assert_eq!(window.consume(49), 0);
        assert_eq!(window.consume(1), 50);
        assert_eq!(window.room(), 50);
        assert_eq!(window.received(), 50);
    }

    #[test]
    fn never_credits_more_than_arrived() {
        let mut window = Window::new(100);
        assert_eq!(window.receive(60), Ok(()));
        assert_eq!(window.consume(1000), 60);
        assert_eq!(window.room(), 100);
    }

    #[test]
    fn grows_by_telling_the_peer_and_shrinks_in_silence() {
        let mut window = Window::new(65_535);
        assert_eq!(window.resize(100_000), Ok(34_465));
        assert_eq!(window.resize(65_535), Ok(0));
        // The peer believes in 100,000 still, and may use them.
        assert_eq!(window.room(), 100_000);
        // Growing back costs the peer nothing new.
        assert_eq!(window.resize(100_000), Ok(0));
        assert_eq!(window.room(), 100_000);
        assert_eq!(window.resize(-1), Err(Overflow));
    }

    #[test]
    fn shift_can_make_the_window_negative() {
        let mut window = Window::new(65_535);
        assert_eq!(window.receive(60_000), Ok(()));
        assert_eq!(window.shift(-60_000), Ok(0));
        assert_eq!(window.room(), 5_535 - 60_000);
        assert_eq!(window.receive(1), Err(Overflow));
        assert_eq!(window.receive(0), Ok(()), "nothing needs no room");
        assert_eq!(window.consume(60_000), 60_000);
        assert_eq!(window.room(), 5_535);
        assert_eq!(window.shift(i64::from(LARGEST_WINDOW_SIZE)), Err(Overflow));
    }

    #[test]
    fn shrinking_makes_consumed_data_due() {
        let mut window = Window::new(65_535);
        assert_eq!(window.receive(1000), Ok(()));
        assert_eq!(window.consume(1000), 0);
        assert_eq!(window.shift(1500 - 65_535), Ok(1000));
    }

    #[test]
    fn headroom_comes_with_the_first_credit_and_is_in_no_book() {
        let mut window = Window::with_headroom(65_535);
        assert_eq!(window.receive(65_536), Err(Overflow));
        assert_eq!(window.receive(40_000), Ok(()));
        assert_eq!(window.consume(40_000), 40_000 + HEADROOM.unsigned_abs());
        assert_eq!((window.room(), window.received()), (65_535, 0));
        assert_eq!(window.receive(65_535 + HEADROOM.unsigned_abs()), Ok(()));
        assert_eq!(window.receive(1), Err(Overflow));
        assert_eq!(window.consume(100_000), 100_000, "once");
    }

    #[test]
    fn whoever_sizes_the_window_gets_no_headroom() {
        let mut window = Window::with_headroom(65_535);
        assert_eq!(window.resize(65_535), Ok(0));
        assert_eq!(window.receive(40_000), Ok(()));
        assert_eq!(window.consume(40_000), 40_000);
        assert_eq!(window.receive(65_536), Err(Overflow));
    }

    #[test]
    fn headroom_that_was_given_is_kept_back_when_the_window_is_sized() {
        let mut window = Window::with_headroom(65_535);
        assert_eq!(window.receive(40_000), Ok(()));
        assert_eq!(window.consume(40_000), 40_000 + HEADROOM.unsigned_abs());
        assert_eq!(window.resize(100_000), Ok(0));
        // The peer has it, and may use it, once.
        assert_eq!(window.receive(65_535 + HEADROOM.unsigned_abs()), Ok(()));
        assert_eq!(window.receive(1), Err(Overflow));
        assert_eq!(window.consume(65_535 + HEADROOM.unsigned_abs()), 100_000);
        assert_eq!(window.room(), 100_000);
    }

    #[test]
    fn empty_windows_ask_for_no_updates() {
        let mut window = Window::new(0);
        assert_eq!(window.consume(0), 0);
        assert_eq!(window.receive(0), Ok(()));
        assert_eq!(window.receive(1), Err(Overflow));
    }
}
