//! What h2 takes for sent while the connection's window had no room for it.
//!
//! Padding goes out on credit where [`padding`](super::padding) has no reserve yet, and then h2 believes in a larger window
//! than there is. Nearly always a WINDOW_UPDATE comes in time to set that right. Else the last octets wait here for it,
//! with whatever h2 sends on their streams after them; all else goes on.

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
        if self.config.padding == Padding::None {
            return false;
        }
        let no_room = !self.late.is_empty() || i64::from(head.length) > self.send_window;
        let waits = if head.length > 0 { no_room } else { self.is_late(head.stream) };
        // Only what was pushed can wait.
        waits && self.streams.find(head.stream).is_some_and(|stream| stream.body.len() >= head.length as usize)
    }

    /// Sends what the window has room for, and keeps the rest.
    pub(super) fn defer(&mut self, head: FrameHead) {
        let room = if self.late.is_empty() { self.room_for(head.length) } else { 0 };
        let rest = head.length - room;
        self.late.push_back(Late::Data { stream: head.stream, octets: rest, end_stream: head.has(flag::END_STREAM) });
        if room > 0 {
            self.send_data(FrameHead::new(kind::DATA, 0, head.stream, room as usize));
        }
    }

    pub(super) fn defer_trailers(&mut self, stream: StreamId, head: FrameHead) {
        self.late.push_back(Late::Trailers { stream, head });
    }

    /// Sends what has waited, as far as the connection's window goes now.
    pub(in crate::wire) fn pay_arrears(&mut self) {
        while self.life == Life::Open
            && self.out.takes_frames()
            && let Some(late) = self.late.front_mut()
        {
            let (stream, octets, end_stream) = match *late {
                Late::Trailers { head, .. } => {
                    self.late.pop_front();
                    self.send_headers(head);
                    continue;
                }
                Late::Data { stream, octets, end_stream } => (stream, octets, end_stream),
            };
            if self.streams.find(stream).is_none() {
                self.late.pop_front();
                // The peer will never see it, and h2 has paid for it: it makes up for padding.
                self.held += i64::from(octets);
                self.release_reserve(stream);
                continue;
            }
            let room = self.room_for(octets);
            if room < octets {
                if room == 0 {
                    return;
                }
                self.late.pop_front();
                self.late.push_front(Late::Data { stream, octets: octets - room, end_stream });
            } else {
                self.late.pop_front();
            }
            let flags = if end_stream && room == octets { flag::END_STREAM } else { 0 };
            self.send_data(FrameHead::new(kind::DATA, flags, stream, room as usize));
        }
    }

    fn room_for(&self, octets: u32) -> u32 {
        u32::try_from(self.send_window.max(0)).unwrap_or(u32::MAX).min(octets)
    }

    fn send_data(&mut self, head: FrameHead) {
        put_data_head(self.out.buffer(), head, 0);
        self.put_body(head.stream, head.length as usize);
        self.data_passed(head, 0);
    }
}
