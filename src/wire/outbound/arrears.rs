//! What h2 takes for sent while the peer's windows had no room for it.
//!
//! Padding goes out on credit where [`padding`](super::padding) has no reserve yet, and then h2 believes in a larger window of
//! the connection than there is. Of a stream's it does when a smaller SETTINGS_INITIAL_WINDOW_SIZE shrinks a reserve that has
//! been spent. Without padding it does so of both after answers that began [without it](super::direct). Nearly always a
//! WINDOW_UPDATE comes in time to set that right. Else the last octets wait here for it, with
//! whatever h2 sends on their streams after them; all else goes on.

use super::{FrameHead, Life, Padding, Wire, flag, kind, put_data_head};
use crate::wire::code::StreamId;

#[derive(Debug, Clone, Copy)]
pub(in crate::wire) enum Late {
    /// Octets that are in the stream's body still.
    Data { stream: StreamId, octets: u32, end_stream: bool },
    /// As h2 wrote it.
    Trailers { stream: StreamId, head: FrameHead },
}

impl Late {
    fn stream(&self) -> StreamId {
        match *self {
            Late::Data { stream, .. } | Late::Trailers { stream, .. } => stream,
        }
    }

    fn octets(&self) -> u32 {
        match *self {
            Late::Data { octets, .. } => octets,
            Late::Trailers { .. } => 0,
        }
    }
}

impl Wire {
    /// Octets that h2 has spent of the connection's window, and the peer knows nothing of.
    pub(super) fn owed(&self) -> i64 {
        self.late.iter().map(|late| i64::from(late.octets())).sum()
    }

    /// The same of a stream's window.
    pub(super) fn owed_on(&self, stream: StreamId) -> i64 {
        self.late.iter().filter(|late| late.stream() == stream).map(|late| i64::from(late.octets())).sum()
    }

    /// Whether what h2 sends on that stream has to wait.
    pub(super) fn is_late(&self, stream: StreamId) -> bool {
        self.late.iter().any(|late| late.stream() == stream)
    }

    /// Whether DATA has to wait, all or a part of it.
    pub(super) fn overdraws(&mut self, head: FrameHead) -> bool {
        let on_credit = self.held < 0 || self.streams.find(head.stream).is_some_and(|stream| stream.held < 0);
        if self.config.padding == Padding::None && !on_credit && self.late.is_empty() {
            return false;
        }
        let waits = self.is_late(head.stream) || self.room_for(head.stream, head.length) < head.length;
        // Only what was pushed can wait.
        waits && self.streams.find(head.stream).is_some_and(|stream| stream.body.len() >= head.length as usize)
    }

    /// Sends what the windows have room for, and keeps the rest.
    pub(super) fn defer(&mut self, head: FrameHead) {
        let room = if self.is_late(head.stream) { 0 } else { self.room_for(head.stream, head.length) };
        let rest = head.length - room;
        self.late.push_back(Late::Data { stream: head.stream, octets: rest, end_stream: head.has(flag::END_STREAM) });
        if room > 0 {
            self.send_data(FrameHead::new(kind::DATA, 0, head.stream, room as usize));
        }
    }

    pub(super) fn defer_trailers(&mut self, stream: StreamId, head: FrameHead) {
        self.late.push_back(Late::Trailers { stream, head });
    }

    /// Sends what has waited, as far as the windows go now.
    pub(in crate::wire) fn pay_arrears(&mut self) {
        let mut at = 0;
        while self.life == Life::Open
            && self.out.takes_frames()
            && let Some(&late) = self.late.get(at)
        {
            // One stream's must not hold up another's, nor overtake what is before it on its own.
            if self.late.iter().take(at).any(|before| before.stream() == late.stream()) || !self.pay(at, late) {
                at += 1;
            }
        }
    }

    /// Sends the one at that place. False if it, or a part of it, stays.
    fn pay(&mut self, at: usize, late: Late) -> bool {
        let (stream, octets, end_stream) = match late {
            Late::Trailers { head, .. } => {
                self.late.remove(at);
                self.send_headers(head);
                return true;
            }
            Late::Data { stream, octets, end_stream } => (stream, octets, end_stream),
        };
        if self.streams.find(stream).is_none() {
            self.late.remove(at);
            // The peer will never see it, and h2 has paid for it: it makes up for padding.
            self.held += i64::from(octets);
            self.release_reserve(stream);
            return true;
        }
        let room = self.room_for(stream, octets);
        let paid = room == octets;
        if paid {
            self.late.remove(at);
        } else if let Some(late) = self.late.get_mut(at) {
            *late = Late::Data { stream, octets: octets - room, end_stream };
        }
        if paid || room > 0 {
            let flags = if end_stream && paid { flag::END_STREAM } else { 0 };
            self.send_data(FrameHead::new(kind::DATA, flags, stream, room as usize));
        }
        paid
    }

    /// What of so many octets the windows have room for.
    fn room_for(&mut self, stream: StreamId, octets: u32) -> u32 {
        let growth = self.remote.unacknowledged_growth();
        let window = self.streams.find(stream).map_or(0, |stream| stream.send_window - growth);
        u32::try_from(window.min(self.send_window).max(0)).unwrap_or(u32::MAX).min(octets)
    }

    fn send_data(&mut self, head: FrameHead) {
        put_data_head(self.out.buffer(), head, 0);
        self.put_body(head.stream, head.length as usize);
        self.data_passed(head, 0);
    }
}
