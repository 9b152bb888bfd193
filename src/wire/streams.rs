//! What both directions do to streams: opening, ending, counting, crediting.

use super::Wire;
use super::code::{ErrorCode, StreamId};
use super::config::{LARGEST_WINDOW_SIZE, Role};
use super::event::Event;
use super::flow::Window;
use super::ledger::{End, State, Stream};
use super::validate::Kind;

/// What an open stream is reckoned to cost when `maxSessionMemory` is held against it. Node reckons 636 (Node 20) to 790
/// octets, and as many streams as fit there fit here: clients open as many as they are let.
const STREAM_COST: u64 = 630;

impl Wire {
    /// Whether a stream has not begun (RFC 9113 section 5.1).
    pub(super) fn is_idle(&self, id: StreamId) -> bool {
        if id.is_client_initiated() == (self.role == Role::Client) {
            id > self.last_local || self.ids.skipped(id)
        } else {
            id > self.last_remote
        }
    }

    /// Whether h2 knows the stream, or did. It never hears of pushes received.
    pub(super) fn h2_has(&self, id: StreamId) -> bool {
        self.role == Role::Server || id.is_client_initiated()
    }

    /// Whether h2 would take a frame on the stream for an offence: a request that it has not been told of, or a stream that
    /// we have promised and not begun, or are about to promise. (While that waits for the peer's concurrency limit, h2
    /// takes it for idle, and of its end h2 learns by its handle being dropped.)
    pub(super) fn is_unknown_to_h2(&mut self, id: StreamId) -> bool {
        let server = self.role == Role::Server;
        self.streams.find(id).is_some_and(|stream| match stream.state {
            State::ReservedLocal => true,
            State::Pending => server || stream.stranger,
            _ => stream.stranger,
        })
    }

    /// A stream as it begins.
    pub(super) fn new_stream(&self, id: StreamId, state: State, list: Kind) -> Stream {
        Stream {
            held: self.held_of_new_streams,
            list_limit: self.local.values.max_header_list_size,
            ..Stream::new(id, state, list, self.fresh_windows())
        }
    }

    /// The windows of a stream that begins now, ours and the peer's.
    pub(super) fn fresh_windows(&self) -> (Window, i64) {
        let receive = self.local.values.initial_window_size.min(LARGEST_WINDOW_SIZE) as i32;
        (Window::new(receive), i64::from(self.remote.values.initial_window_size))
    }

    pub(super) fn count_opened(&mut self) {
        self.open_remote += 1;
        self.count_stream();
    }

    pub(super) fn count_opened_reserved(&mut self) {
        self.count_stream();
    }

    pub(super) fn count_stream(&mut self) {
        self.limits.stream_opened();
        self.counters.streams += 1;
        self.counters.max_concurrent_streams = self.counters.max_concurrent_streams.max(self.streams.len() as u64);
    }

    /// END_STREAM was received, and h2 knows.
    pub(super) fn end_received(&mut self, id: StreamId) {
        self.events.push_back(Event::EndStream { stream: id });
        if self.streams.find(id).is_some_and(|stream| stream.receive_end()) {
            self.close(id, End::Complete, ErrorCode::NO_ERROR);
        }
    }

    /// The stream is done. False if it is not in the ledger.
    pub(super) fn close(&mut self, id: StreamId, end: End, code: ErrorCode) -> bool {
        let Some(stream) = self.streams.remove(id, end) else { return false };
        self.stranger_closed(&stream);
        if stream.counted {
            self.open_remote = self.open_remote.saturating_sub(1);
        }
        if stream.state == State::ReservedRemote {
            self.reserved_remote = self.reserved_remote.saturating_sub(1);
        }
        // What was received and not consumed is still in someone's hands, but the session answers for that now.
        self.unread = self.unread.saturating_sub(stream.unread());
        self.unsent = self.unsent.saturating_sub(stream.unsent);
        self.listed = self.listed.saturating_sub(stream.lists.octets());
        self.events.push_back(Event::Closed { stream: id, code });
        true
    }

    /// Octets that this connection holds on behalf of its peer.
    pub(super) fn memory(&self) -> u64 {
        self.streams.len() as u64 * STREAM_COST
            + self.unread
            + self.kept
            + self.out.len() as u64
            + self.to_h2.len() as u64
            + self.unsent
            + self.listed
            + (self.reader.held() + self.block.as_ref().map_or(0, |block| block.len())) as u64
            + (self.decoder.table_size() + self.encoder.table_size()) as u64
    }

    pub(super) fn has_memory_for_a_stream(&self) -> bool {
        self.memory() + STREAM_COST <= self.config.max_session_memory
    }

    /// Octets arrived, and the connection's window is none of JavaScript's concern.
    pub(super) fn credit_connection(&mut self, octets: u32) {
        self.credit = add_credit(self.credit, self.window.consume(octets));
    }

    /// JavaScript has taken `octets` of the stream's DATA: credits the stream's window. (The connection's was credited
    /// when the data arrived.) Unknown streams are ignored.
    pub fn consume(&mut self, stream: StreamId, octets: usize) {
        let Some(entry) = self.streams.find(stream) else { return };
        let octets = u32::try_from(octets).unwrap_or(u32::MAX);
        entry.consumed += u64::from(octets);
        self.unread = self.unread.saturating_sub(u64::from(octets));
        self.credit_stream(stream, octets);
    }

    /// So much of the stream's window is free to be offered again.
    pub(super) fn credit_stream(&mut self, stream: StreamId, octets: u32) {
        let Some(entry) = self.streams.find(stream) else { return };
        let credit = entry.window.consume(octets);
        // After END_STREAM there is nobody to use it.
        if credit > 0 && entry.receives() {
            if entry.credit == 0 {
                self.due.push(stream);
            }
            entry.credit = add_credit(entry.credit, credit);
        }
    }
}

/// What one WINDOW_UPDATE can say is the most that can be due.
pub(super) fn add_credit(credit: u32, more: u32) -> u32 {
    credit.saturating_add(more).min(LARGEST_WINDOW_SIZE)
}
