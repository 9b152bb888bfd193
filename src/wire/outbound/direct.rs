//! Requests that h2 has not been told of, and answers that go out without it.
//!
//! Most answers are there as a whole before anything is flushed, are small, and fit every window. For those h2 has nothing
//! to decide, and costs as much as all the rest. So a request is kept from h2 until the session's next flush: an answer
//! that is complete by then is framed here, and of what is left h2 is told then ([`Wire::introduce`]), in the order of ids.
//!
//! To pay for such answers h2, which may not overdraw the connection's window, is told of half of each increment only. (Some
//! peers send one at the start and none for the next gigabyte.) What was kept it gets in halves, whenever it has nothing
//! else.
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
        if let Ok(credit @ 1..) = u32::try_from(credit) {
            self.to_h2.window_update(0, credit);
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
        self.idle_acks += 1;
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
            let ended = !stream.receives();
            self.to_h2.request(id.value(), ended);
            if credit > 0 {
                self.to_h2.window_update(id.value(), credit);
            }
            told(id);
        }
        self.strangers = strangers;
    }

    /// Whether a complete answer with so many octets of body can go out now, without h2.
    pub fn can_answer(&mut self, id: StreamId, octets: usize) -> bool {
        let length = octets as i64;
        let possible = self.life == Life::Open
            && self.config.padding == Padding::None
            && octets <= LONGEST
            && length <= self.kept_window
            && self.out.takes_frames();
        possible
            && self.streams.find(id).is_some_and(|stream| {
                stream.stranger && stream.sends() && length <= stream.send_window && stream.lists.waits()
            })
    }

    /// Sends the answer that [`Wire::can_answer`] spoke of: the list that was pushed and, unless the stream ends with that,
    /// the body that was pushed.
    pub fn send_answer(&mut self, id: StreamId, octets: usize, ends_with_head: bool) {
        self.send_list(id, ends_with_head);
        if ends_with_head {
            return;
        }
        let head = FrameHead::new(kind::DATA, flag::END_STREAM, id, octets);
        put_data_head(self.out.buffer(), head, 0);
        self.put_body(id, octets);
        self.kept_window -= octets as i64;
        self.data_passed(head, 0);
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
        if self.kept_window > 0 && self.send_window <= self.kept_window {
            let released = (self.kept_window / 2).max(LEAST_RELEASE).min(self.kept_window);
            self.kept_window -= released;
            self.to_h2.window_update(0, u32::try_from(released).unwrap_or_default());
        }
    }
}
