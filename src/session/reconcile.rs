//! The wire's events, walked in their order and turned into the session's, with h2's objects joined to their streams.

use h2::Reason;

use super::stream::{Handle, Sending};
use super::{Event, Outcome, Session};
use crate::transport::Transport;
use crate::wire::{self, ErrorCode, HeadKind, LibraryError, StreamId};

impl<T: Transport> Session<T> {
    /// Walks what the wire has to tell.
    ///
    /// Not before h2 has read all that the wire gave it: only then has it accepted the streams that the events speak of,
    /// and only then are those that ended ended for h2 too, so that letting go of them resets nothing. It falls behind
    /// while its output finds no room; the next flush catches up.
    pub(super) fn reconcile(&mut self) {
        while self.caught_up() {
            let Some(event) = self.wire().next_event() else { return };
            self.reconcile_one(event);
        }
    }

    /// Whether h2 has read everything.
    pub(super) fn caught_up(&self) -> bool {
        let shared = self.shared.borrow();
        shared.starved && !shared.wire.readable() || self.engine.is_closed()
    }

    fn reconcile_one(&mut self, event: wire::Event) {
        use wire::Event as Wire;
        let event = match event {
            Wire::Head { stream, kind, end_stream, fields } => {
                if kind == HeadKind::Request {
                    self.streams.insert(stream, Handle::Stranger);
                    self.announced = stream;
                }
                Event::Headers { stream, kind, end_stream, fields }
            }
            Wire::Data { stream, data } => {
                let Some(state) = self.streams.get_mut(stream) else { return };
                if state.reading {
                    self.wire().consume(stream, data.len());
                } else {
                    state.unread += data.len();
                }
                Event::Data { stream, data }
            }
            Wire::EndStream { stream } => Event::End { stream },
            Wire::PushPromise { parent, promised, fields } => {
                // A stream promised to us is the wire's alone: h2 cannot reset it with a code of our choice, nor take a 1xx.
                self.streams.insert(promised, Handle::Gone);
                self.announced = promised;
                Event::PushPromise { parent, promised, fields }
            }
            Wire::Closed { stream, code } => return self.close_stream(stream, code),
            Wire::HeadSent { stream, .. } => return self.head_sent(stream),
            Wire::DataSent { stream, octets } => return self.data_sent(stream, octets),
            Wire::EndStreamSent { stream } => return self.end_sent(stream),
            Wire::WindowUpdate { .. } => return,
            Wire::SettingsReceived { settings } => Event::Settings { settings },
            Wire::SettingsAcked { settings } => Event::SettingsAck { settings },
            Wire::Ping { payload } => Event::Ping { payload },
            Wire::PingAcked { payload } => Event::PingAck { payload },
            Wire::GoAway { code, last_stream, data } => Event::Goaway { code, last_stream, data },
            Wire::AltSvc { stream, origin, value } => Event::AltSvc { stream, origin, value },
            Wire::Origin { origins } => Event::Origin { origins },
            Wire::Priority { stream, parent, weight, exclusive } => {
                Event::Priority { stream, parent, weight, exclusive }
            }
            Wire::Limit { limit, stream } => Event::Limit { limit, stream },
            Wire::ConnectionError { error, code, custom } => {
                self.failed = true;
                Event::SessionError { error, code, custom }
            }
        };
        self.events.push_back(event);
    }

    fn head_sent(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(stream) else { return };
        let first = !std::mem::replace(&mut state.opened, true);
        // The body of a promised stream has waited for this.
        if first && matches!(state.handle, Handle::Promise { .. }) {
            self.mark(stream);
        }
    }

    /// Joins the requests that h2 was told of to what it accepted for them. Those that are not in the table are done.
    pub(super) fn adopt(&mut self) {
        while self.caught_up()
            && let Some(stream) = self.introduced.pop_front()
        {
            let handle = self.accepted_as(stream);
            let Some(state) = self.streams.get_mut(stream) else { continue };
            state.handle = handle;
            if state.head_due.is_some() {
                self.send_head(stream);
            } else if state.opened && !matches!(state.sending, Sending::Ended | Sending::Sent) {
                self.catch_up(stream);
            }
        }
    }

    /// What h2 accepted for a request that it was told of. Both go by the order of the frames.
    fn accepted_as(&mut self, stream: StreamId) -> Handle {
        let id = self.wire().h2_id(stream);
        while let Some((accepted, _)) = self.accepted.front() {
            if *accepted > id {
                break;
            }
            match self.accepted.pop_front() {
                Some((accepted, respond)) if accepted == id => return Handle::Request { respond, body: None },
                _ => {}
            }
        }
        Handle::Gone
    }

    /// The stream is done. What it could not send is told after that.
    pub(super) fn close_stream(&mut self, stream: StreamId, code: ErrorCode) {
        let Some(mut state) = self.streams.take(stream) else { return };
        self.events.push_back(Event::StreamClose { stream, code });
        for _ in state.writes.drain(..) {
            self.events.push_back(Event::Written { stream, outcome: Outcome::Canceled });
        }
        if state.shutdown_due || state.end_early {
            self.events.push_back(Event::Shutdown { stream, outcome: Outcome::Canceled });
        }
        // h2 may have something to say about it: a stream that never opened is taken back.
        self.engine_due |= !state.opened;
        let promises = std::mem::take(&mut state.promises);
        self.streams.put_back(state);
        self.drop_promises(promises);
    }

    /// h2 has closed. If that was an error which the wire did not find itself, it is told here.
    pub(super) fn engine_closed(&mut self, error: Option<h2::Error>) {
        self.reconcile();
        let Some(error) = error else { return };
        // An error of the transport is told as such; a GOAWAY of the peer's was.
        if self.failed || error.is_io() || error.is_remote() {
            return;
        }
        self.failed = true;
        let code = error.reason().unwrap_or(Reason::INTERNAL_ERROR);
        self.events.push_back(Event::SessionError {
            error: library_error(code),
            code: ErrorCode(code.into()),
            custom: None,
        });
    }

    /// From here on what arrives on the stream is credited to its window at once, and so is what arrived before.
    pub fn read_start(&mut self, stream: StreamId) -> Result<(), LibraryError> {
        let Some(state) = self.streams.get_mut(stream) else { return Ok(()) };
        state.reading = true;
        let unread = std::mem::take(&mut state.unread);
        if unread > 0 {
            self.wire().consume(stream, unread);
        }
        Ok(())
    }

    /// What arrives is still told, but credited only by the next [`read_start`](Session::read_start).
    /// Streams begin this way.
    pub fn read_stop(&mut self, stream: StreamId) -> Result<(), LibraryError> {
        if let Some(state) = self.streams.get_mut(stream) {
            state.reading = false;
        }
        Ok(())
    }
}

/// nghttp2's number for what h2 found wrong.
fn library_error(code: Reason) -> LibraryError {
    match code {
        Reason::FLOW_CONTROL_ERROR => LibraryError::FLOW_CONTROL,
        Reason::FRAME_SIZE_ERROR => LibraryError::FRAME_SIZE_ERROR,
        Reason::COMPRESSION_ERROR => LibraryError::HEADER_COMP,
        Reason::STREAM_CLOSED => LibraryError::STREAM_CLOSED,
        Reason::INTERNAL_ERROR => LibraryError::INTERNAL,
        Reason::ENHANCE_YOUR_CALM => LibraryError::FLOODED,
        _ => LibraryError::PROTO,
    }
}
