//! Requests that h2 has not been told of, and answers that go out without it.
//!
//! Most answers are small, and what there is of them when the session is flushed fits every window. For those h2 has nothing
//! to decide, and costs as much as all the rest. So requests are kept from h2, and what comes of their answers is framed
//! here, until there is something that takes h2: a body that is large or has to wait. Then h2 is told of all that are open
//! ([`Wire::introduce`]), in the order of ids, and of the answers that have begun it sends the rest.
//!
//! To pay for such answers h2, which may not overdraw the connection's window, is told of half of each increment only. (Some
//! peers send one at the start and none for the next gigabyte.) What was kept it gets in halves, whenever it has nothing
//! else. What was spent of windows that h2 takes for whole when it hears of them (a stream's, and the connection's first
//! 65,535 octets) it may overdraw: [`arrears`](super::arrears) has what it sends then wait.
//!
//! Until the first introduction there need not even be an h2: its buffers are most of what a connection holds. The wire
//! acknowledges SETTINGS itself till then, and when h2 wakes up it is told what holds. (On a client it sleeps until there is
//! a request with a body: see [`super::requests`].)

use super::{FrameHead, Life, Wire, flag, kind, put_data_head};
use crate::wire::code::StreamId;
use crate::wire::config::{self, DEFAULT_MAX_FRAME_SIZE, Padding, Role, Setting, SettingId};
use crate::wire::placeholder::ToH2;

/// The longest body of such an answer: one frame, as every peer takes it.
const LONGEST: usize = DEFAULT_MAX_FRAME_SIZE as usize;

/// So many strangers are never looked through for those that have ended.
const LEAST_SORTED: usize = 64;

/// What h2 gets at least when its part of the connection's window is used up, if there is so much.
const LEAST_RELEASE: i64 = 64 * 1024;

impl Wire {
    /// Requests are kept from h2 until [`Wire::introduce`]. If nothing has been received yet, h2 need not begin before: see
    /// [`Wire::is_asleep`].
    pub fn keep_requests(&mut self) {
        self.keeps_requests = true;
        let fresh = !self.h2_shook_hands && !self.remote.known;
        if fresh && self.config.padding == Padding::None {
            self.asleep = true;
            self.to_h2 = ToH2::default();
        }
    }

    /// Whether there must not be an h2 yet: it is to begin right before [`Wire::introduce`], or [`Wire::hand_over`].
    pub fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Tells an h2 that begins now how things stand.
    pub(super) fn wake(&mut self) {
        if !std::mem::take(&mut self.asleep) {
            return;
        }
        if self.role == Role::Server {
            self.to_h2.preface();
        }
        self.to_h2.settings_ack();
        if self.remote.known {
            self.tell_h2_of_settings();
        }
        let credit = self.send_window - i64::from(config::DEFAULT_INITIAL_WINDOW_SIZE) - self.kept_window;
        match u32::try_from(credit) {
            Ok(0) => {}
            Ok(credit) => self.to_h2.window_update(0, credit),
            Err(_) => {
                let kept = self.kept_window.min(-credit);
                self.kept_window -= kept;
                self.held += credit + kept;
            }
        }
    }

    fn tell_h2_of_settings(&mut self) {
        let values = &self.remote.values;
        // What only the other side may say.
        let (id, on) = match self.role {
            Role::Server => (SettingId::ENABLE_PUSH, values.enable_push),
            Role::Client => (SettingId::ENABLE_CONNECT_PROTOCOL, values.enable_connect_protocol),
        };
        let settings = [
            Setting::new(id, on.into()),
            Setting::new(SettingId::MAX_CONCURRENT_STREAMS, self.concurrency_of_h2(values.max_concurrent_streams)),
            Setting::new(SettingId::INITIAL_WINDOW_SIZE, values.initial_window_size),
            Setting::new(SettingId::MAX_FRAME_SIZE, values.max_frame_size),
        ];
        self.to_h2.settings(settings.into_iter());
        // They have been acknowledged.
        self.remote.make_up();
    }

    /// Whether there are requests that were kept from h2.
    pub fn has_strangers(&self) -> bool {
        !self.strangers.is_empty() && self.life == Life::Open
    }

    /// Tells h2 of the requests that were kept from it, and gives them to `told`.
    pub fn introduce(&mut self, mut told: impl FnMut(StreamId)) {
        self.wake();
        let mut strangers = std::mem::take(&mut self.strangers);
        for id in strangers.drain(..) {
            let Some(stream) = self.streams.find(id).filter(|stream| stream.stranger) else { continue };
            stream.stranger = false;
            let credit = std::mem::take(&mut stream.early_credit);
            // h2 takes its window for whole.
            let spent = credit.min(stream.spent);
            stream.held -= i64::from(stream.spent - spent);
            let credit = credit - spent;
            let ended = !stream.receives();
            self.to_h2.request(id.value(), ended);
            if credit > 0 {
                self.to_h2.window_update(id.value(), credit);
            }
            told(id);
        }
        self.strangers = strangers;
    }

    /// Whether so many octets of the answer to a request can go out now, without h2; a list that was pushed goes before them.
    pub fn can_answer(&mut self, id: StreamId, octets: usize) -> bool {
        let length = octets as i64;
        // What h2 was told of is h2's.
        let window = if self.asleep { self.send_window } else { self.kept_window.min(self.send_window) };
        let possible = self.life == Life::Open
            && self.config.padding == Padding::None
            && octets <= LONGEST
            && (octets == 0 || length <= window)
            && self.out.takes_frames();
        let growth = self.remote.unacknowledged_growth();
        possible
            && self.streams.find(id).is_some_and(|stream| {
                let fits = octets == 0 || length <= stream.send_window - growth;
                stream.stranger && stream.sends() && fits && (stream.begun || stream.lists.waits())
            })
    }

    /// Sends the list that was pushed for an answer that [`Wire::can_answer`] spoke of, its head or its trailers.
    pub fn send_answer_list(&mut self, id: StreamId, end_stream: bool) {
        if let Some(stream) = self.streams.find(id) {
            stream.begun = true;
        }
        self.send_list(id, end_stream);
    }

    /// Sends the body that was pushed for an answer that [`Wire::can_answer`] spoke of, after its head.
    pub fn send_answer_body(&mut self, id: StreamId, octets: usize, end_stream: bool) {
        let head = FrameHead::new(kind::DATA, if end_stream { flag::END_STREAM } else { 0 }, id, octets);
        put_data_head(self.out.buffer(), head, 0);
        self.put_body(id, octets);
        self.kept_window -= self.kept_window.min(octets as i64);
        if let Some(stream) = self.streams.find(id) {
            stream.spent = stream.spent.saturating_add(head.length);
        }
        self.data_passed(head, 0);
    }

    /// h2 is not told of a request of the peer's before [`Wire::introduce`].
    pub(in crate::wire) fn keep_stranger(&mut self, id: StreamId) {
        // Those that have ended are sorted out when they are half of all.
        if self.strangers.len() >= LEAST_SORTED.max(2 * self.streams.len()) {
            let streams = &self.streams;
            self.strangers.retain(|id| streams.peek(*id).is_some());
        }
        self.strangers.push(id);
    }

    /// Keeps a part of an increment of the connection's window, which has been added to it, from h2. Gives the rest.
    pub(in crate::wire) fn keep_window(&mut self, increment: u32) -> u32 {
        if self.role == Role::Client || !self.keeps_requests || self.config.padding != Padding::None {
            return increment;
        }
        let before = self.send_window - i64::from(increment) - self.kept_window;
        if before <= 0 {
            return increment;
        }
        let kept = increment / 2;
        self.kept_window += i64::from(kept);
        increment - kept
    }

    /// h2 has spent some of the connection's window. If that was the last of its part, it gets more of the other one.
    pub(super) fn release_kept_window(&mut self) {
        if self.kept_window > 0 && self.send_window <= self.kept_window && !self.asleep {
            let released = (self.kept_window / 2).max(LEAST_RELEASE).min(self.kept_window);
            self.kept_window -= released;
            self.to_h2.window_update(0, u32::try_from(released).unwrap_or_default());
        }
    }
}
