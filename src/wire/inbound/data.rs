//! DATA: octets go to the session as they arrive; h2 hears of the end only.

use bytes::Bytes;

use super::{FrameHead, flag};
use crate::wire::code::{ErrorCode, LibraryError, StreamId};
use crate::wire::event::Event;
use crate::wire::fault::Fault;
use crate::wire::ledger::{End, Message};
use crate::wire::limits::Limit;
use crate::wire::{Wire, flow};

impl Wire {
    pub(super) fn data_head(&mut self, head: FrameHead) -> Result<(), Fault> {
        let stream = head.stream;
        if stream.is_connection() {
            return Err(Fault::protocol("DATA on stream 0"));
        }
        // The whole frame counts, padding too (RFC 9113 section 6.9.1). Only if the stream wants it is it read.
        self.window.receive(head.length).map_err(|flow::Overflow| {
            let reason = "DATA exceeds the connection's window";
            Fault::connection(LibraryError::PROTO, ErrorCode::FLOW_CONTROL_ERROR, reason)
        })?;
        let verdict = self.data_verdict(head);
        match verdict {
            Ok(true) => self.reader.read_data(),
            _ => {
                self.reader.skip();
                self.credit_connection(head.length);
            }
        }
        verdict.map(|_| ())
    }

    /// Whether the stream takes the frame. False: it is ignored.
    fn data_verdict(&mut self, head: FrameHead) -> Result<bool, Fault> {
        let id = head.stream;
        let Some(stream) = self.streams.find(id) else { return self.late_data(head) };
        if !stream.receives() {
            return Err(match stream.state {
                crate::wire::ledger::State::HalfClosedRemote => {
                    let reason = "DATA after END_STREAM";
                    Fault::connection(LibraryError::PROTO, ErrorCode::STREAM_CLOSED, reason)
                }
                _ => Fault::protocol("DATA on a stream that is not open"),
            });
        }
        match stream.message {
            Message::Body => {}
            Message::Awaited { informational: true } => return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR)),
            Message::Awaited { informational: false } => return Err(Fault::protocol("DATA before HEADERS")),
        }
        match stream.window.receive(head.length) {
            Ok(()) => Ok(true),
            Err(flow::Overflow) => Err(Fault::stream(id, ErrorCode::FLOW_CONTROL_ERROR)),
        }
    }

    fn late_data(&mut self, head: FrameHead) -> Result<bool, Fault> {
        let id = head.stream;
        if self.is_idle(id) {
            return Err(Fault::protocol("DATA on an idle stream"));
        }
        match self.streams.ended(id) {
            Some(End::Complete) => {
                let reason = "DATA after END_STREAM";
                Err(Fault::connection(LibraryError::PROTO, ErrorCode::STREAM_CLOSED, reason))
            }
            Some(End::ResetByPeer) => Err(Fault::stream(id, ErrorCode::STREAM_CLOSED)),
            // What was under way: no more than the windows had room for, unless it is nothing.
            Some(End::ResetByUs) | None if head.length == 0 => self.allow(Limit::LateFrames).map(|()| false),
            Some(End::ResetByUs) | None => Ok(false),
        }
    }

    pub(super) fn data_padding(&mut self, head: FrameHead, octets: u32) -> Result<(), Fault> {
        self.credit_connection(octets);
        self.credit_stream(head.stream, octets);
        Ok(())
    }

    pub(super) fn data(&mut self, head: FrameHead, data: Bytes) -> Result<(), Fault> {
        let octets = data.len() as u32;
        self.credit_connection(octets);
        // The stream may have been reset since the frame began.
        let Some(stream) = self.streams.find(head.stream) else { return Ok(()) };
        stream.received += u64::from(octets);
        if stream.expected.is_some_and(|expected| stream.received > expected) {
            let rest = self.reader.data_to_skip();
            self.credit_connection(rest);
            return Err(Fault::stream(head.stream, ErrorCode::PROTOCOL_ERROR));
        }
        self.counters.data_received += u64::from(octets);
        self.unread += u64::from(octets);
        self.events.push_back(Event::Data { stream: head.stream, data });
        Ok(())
    }

    /// A frame with so many octets of data is over.
    pub(super) fn data_end(&mut self, head: FrameHead, octets: u32) -> Result<(), Fault> {
        if head.has(flag::END_STREAM) {
            return self.receive_end(head.stream);
        }
        // Nothing but padding is nothing, too.
        match octets {
            0 => self.allow(Limit::InvalidFrames),
            _ => Ok(()),
        }
    }

    /// END_STREAM on DATA, or on trailers that have been delivered.
    pub(super) fn receive_end(&mut self, id: StreamId) -> Result<(), Fault> {
        let Some(stream) = self.streams.find(id) else { return Ok(()) };
        if stream.expected.is_some_and(|expected| stream.received != expected) {
            return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
        }
        let stranger = stream.stranger;
        if self.h2_has(id) && !stranger {
            self.to_h2.end_stream(self.ids.inner(id));
        }
        self.end_received(id);
        Ok(())
    }
}
