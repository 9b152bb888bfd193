//! HEADERS and CONTINUATION: requests, answers, trailers.

use bytes::{Bytes, BytesMut};

use super::{FrameHead, flag};
use crate::wire::code::{ErrorCode, LibraryError, StreamId};
use crate::wire::event::{Event, HeadKind};
use crate::wire::fault::Fault;
use crate::wire::field::FieldBlock;
use crate::wire::frame::{Payload, PriorityFields};
use crate::wire::hpack::{Decoded, Limits};
use crate::wire::ledger::{End, Message, State, Stream};
use crate::wire::limits::{HEADER_BLOCK_EXPANSION, MAX_CONTINUATIONS, MIN_HEADER_BLOCK_LIMIT};
use crate::wire::{Role, Wire, message};

/// A header block of which CONTINUATION frames are still to come.
#[derive(Debug)]
pub(crate) struct PartialBlock {
    target: Target,
    fragments: BytesMut,
    continuations: u32,
}

/// What a header block is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Headers { stream: StreamId, end_stream: bool, depends_on_itself: bool },
    Push { parent: StreamId, promised: StreamId },
}

impl PartialBlock {
    pub(crate) fn stream(&self) -> StreamId {
        match self.target {
            Target::Headers { stream, .. } | Target::Push { parent: stream, .. } => stream,
        }
    }
}

/// What is to become of a HEADERS frame, by its stream.
#[derive(Debug, Clone, Copy)]
enum Verdict {
    Request,
    Answer,
    Trailers,
    /// Only the compression state takes part.
    Ignore,
    Reset(ErrorCode),
}

impl Wire {
    pub(super) fn headers(&mut self, head: FrameHead, payload: Bytes) -> Result<(), Fault> {
        let mut fields = Payload(&payload);
        let padding = match head.has(flag::PADDED) {
            true => fields.octet().ok_or(Fault::protocol("padding exceeds the frame"))?,
            false => 0,
        };
        let priority = match head.has(flag::PRIORITY) {
            true => Some(PriorityFields::parse(&mut fields).ok_or(Fault::frame_size("HEADERS without its priority"))?),
            false => None,
        };
        let length = fields.0.len().checked_sub(usize::from(padding));
        let fragment = fields.take(length.ok_or(Fault::protocol("padding exceeds the frame"))?).unwrap_or_default();
        let target = Target::Headers {
            stream: head.stream,
            end_stream: head.has(flag::END_STREAM),
            depends_on_itself: priority.is_some_and(|priority| priority.parent == head.stream),
        };
        self.fragment(target, fragment, head.has(flag::END_HEADERS))
    }

    /// The first fragment of a block.
    pub(super) fn fragment(&mut self, target: Target, fragment: &[u8], complete: bool) -> Result<(), Fault> {
        if complete {
            return self.block(target, fragment);
        }
        self.block = Some(Box::new(PartialBlock { target, fragments: fragment.into(), continuations: 0 }));
        Ok(())
    }

    pub(super) fn continuation(&mut self, head: FrameHead, payload: Bytes) -> Result<(), Fault> {
        let limit = (self.local.values.max_header_list_size as usize)
            .saturating_mul(HEADER_BLOCK_EXPANSION)
            .clamp(MIN_HEADER_BLOCK_LIMIT, MIN_HEADER_BLOCK_LIMIT * 64);
        let Some(block) = &mut self.block else { return Err(Fault::protocol("CONTINUATION of nothing")) };
        block.continuations += 1;
        if block.continuations > MAX_CONTINUATIONS || block.fragments.len() + payload.len() > limit {
            return Err(Fault::connection(
                LibraryError::TOO_MANY_CONTINUATIONS,
                ErrorCode::ENHANCE_YOUR_CALM,
                "header block without an end",
            ));
        }
        block.fragments.extend_from_slice(&payload);
        match self.block.take_if(|_| head.has(flag::END_HEADERS)) {
            Some(block) => self.block(block.target, &block.fragments),
            None => Ok(()),
        }
    }

    fn block(&mut self, target: Target, block: &[u8]) -> Result<(), Fault> {
        match target {
            Target::Push { parent, promised } => self.push_block(parent, promised, block),
            Target::Headers { stream, end_stream, depends_on_itself } => {
                let mut verdict = self.headers_verdict(stream)?;
                if depends_on_itself && !matches!(verdict, Verdict::Ignore) {
                    verdict = Verdict::Reset(ErrorCode::PROTOCOL_ERROR);
                }
                match verdict {
                    Verdict::Request => self.request(stream, end_stream, block),
                    Verdict::Answer => self.answer(stream, end_stream, block),
                    Verdict::Trailers => self.trailers(stream, end_stream, block),
                    Verdict::Ignore => self.ignore_block(block),
                    Verdict::Reset(code) => {
                        self.ignore_block(block)?;
                        Err(Fault::stream(stream, code))
                    }
                }
            }
        }
    }

    fn headers_verdict(&mut self, id: StreamId) -> Result<Verdict, Fault> {
        let Some(stream) = self.streams.find(id) else { return self.verdict_without_stream(id) };
        match stream.state {
            State::Open | State::HalfClosedLocal => Ok(match stream.message {
                Message::Body => Verdict::Trailers,
                Message::Awaited { .. } => Verdict::Answer,
            }),
            State::ReservedRemote => Ok(Verdict::Answer),
            State::HalfClosedRemote => Err(closed()),
            State::Pending | State::ReservedLocal => Err(Fault::protocol("HEADERS on an idle stream")),
        }
    }

    fn verdict_without_stream(&mut self, id: StreamId) -> Result<Verdict, Fault> {
        if self.is_idle(id) {
            // Only a client's own id opens a stream by HEADERS.
            if self.role == Role::Client || !id.is_client_initiated() {
                return Err(Fault::protocol("HEADERS on an idle stream"));
            }
            self.last_remote = id;
            if self.goaway_sent {
                self.streams.remember(id, End::ResetByUs);
                return Ok(Verdict::Ignore);
            }
            if self.open_remote >= self.local.max_concurrent_streams() {
                return Ok(Verdict::Reset(ErrorCode::REFUSED_STREAM));
            }
            return Ok(Verdict::Request);
        }
        match self.streams.ended(id) {
            Some(End::Complete) => Err(closed()),
            Some(End::ResetByPeer) => Ok(Verdict::Reset(ErrorCode::STREAM_CLOSED)),
            Some(End::ResetByUs) => Ok(Verdict::Ignore),
            // An id that was passed over cannot be used later (RFC 9113 section 5.1.1).
            None if self.role == Role::Server && !self.streams.may_have_forgotten(id) => {
                Err(Fault::protocol("stream ids must ascend"))
            }
            None => Ok(Verdict::Ignore),
        }
    }

    /// Decodes a list. None if it exceeds the limits.
    pub(super) fn decode(&mut self, block: &[u8]) -> Result<Option<FieldBlock>, Fault> {
        let limits = Limits {
            list_size: self.local.values.max_header_list_size.min(crate::wire::MAX_HEADER_LIST_SIZE) as usize,
            pairs: self.config.max_header_list_pairs as usize,
        };
        // Typical compression is some 4 to 1; one allocation for the octets is what matters.
        let mut fields = FieldBlock::with_capacity(16, block.len().saturating_mul(4).clamp(128, 1024));
        match self.decoder.decode(block, limits, &mut fields) {
            Ok(Decoded::Complete) => Ok(Some(fields)),
            Ok(Decoded::TooLarge) => {
                self.decoder.forget_all(&fields);
                Ok(None)
            }
            Err(_) => Err(compression()),
        }
    }

    /// The peer's compression state moves on, whatever becomes of the list.
    pub(super) fn ignore_block(&mut self, block: &[u8]) -> Result<(), Fault> {
        let mut fields = FieldBlock::new();
        self.decoder.decode(block, Limits { list_size: 0, pairs: 0 }, &mut fields).map_err(|_| compression())?;
        self.decoder.forget_all(&fields);
        Ok(())
    }

    fn request(&mut self, id: StreamId, end_stream: bool, block: &[u8]) -> Result<(), Fault> {
        let Some(fields) = self.decode(block)? else { return Err(Fault::stream(id, ErrorCode::ENHANCE_YOUR_CALM)) };
        if !self.has_memory_for_a_stream() {
            self.decoder.forget_all(&fields);
            return self.reject(id);
        }
        self.rejected = 0;
        let extended_connect = self.local.enable_connect_protocol();
        let Some(request) = message::request(&fields, extended_connect, end_stream) else {
            self.decoder.forget_all(&fields);
            return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
        };
        let mut stream = self.new_stream(id, State::Open);
        stream.message = Message::Body;
        stream.expected = request.content_length;
        stream.head_request = request.head;
        stream.tunnel = request.connect;
        stream.counted = true;
        self.streams.insert(stream);
        self.last_processed = id;
        self.count_opened();
        self.to_h2.request(id.value(), end_stream);
        self.events.push_back(Event::Head { stream: id, kind: HeadKind::Request, end_stream, fields });
        if end_stream {
            self.end_received(id);
        }
        Ok(())
    }

    fn answer(&mut self, id: StreamId, end_stream: bool, block: &[u8]) -> Result<(), Fault> {
        let Some(fields) = self.decode(block)? else { return Err(Fault::stream(id, ErrorCode::ENHANCE_YOUR_CALM)) };
        let h2_has = self.h2_has(id);
        let h2_id = self.ids.inner(id);
        let Some(stream) = self.streams.find(id) else { return Ok(()) };
        let Some(response) = message::response(&fields, stream.head_request, stream.tunnel) else {
            self.decoder.forget_all(&fields);
            return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
        };
        let pushed = stream.id.is_server_initiated();
        let kind = if response.informational {
            if end_stream {
                self.decoder.forget_all(&fields);
                return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
            }
            stream.message = Message::Awaited { informational: true };
            HeadKind::Informational
        } else {
            if end_stream && response.content_length.is_some_and(|length| length > 0) && !response.bodiless {
                self.decoder.forget_all(&fields);
                return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
            }
            stream.message = Message::Body;
            stream.bodiless = response.bodiless;
            stream.tunnel &= response.accepts_connect;
            stream.expected = if response.bodiless || stream.tunnel { None } else { response.content_length };
            if stream.state == State::ReservedRemote {
                stream.state = State::HalfClosedLocal;
                stream.counted = true;
                self.reserved_remote = self.reserved_remote.saturating_sub(1);
                self.open_remote += 1;
            }
            if h2_has {
                self.to_h2.response(h2_id, end_stream);
            }
            if pushed { HeadKind::PushResponse } else { HeadKind::Response }
        };
        self.events.push_back(Event::Head { stream: id, kind, end_stream, fields });
        if end_stream {
            self.end_received(id);
        }
        Ok(())
    }

    fn trailers(&mut self, id: StreamId, end_stream: bool, block: &[u8]) -> Result<(), Fault> {
        let Some(fields) = self.decode(block)? else { return Err(Fault::stream(id, ErrorCode::ENHANCE_YOUR_CALM)) };
        let short = self.streams.find(id).is_none_or(|s| s.expected.is_some_and(|expected| expected != s.received));
        if !end_stream || short || !message::trailers(&fields) {
            self.decoder.forget_all(&fields);
            return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
        }
        self.events.push_back(Event::Head { stream: id, kind: HeadKind::Trailers, end_stream, fields });
        self.receive_end(id)
    }

    /// There is no memory for the stream: node's `maxSessionMemory` and `maxSessionRejectedStreams`.
    pub(super) fn reject(&mut self, id: StreamId) -> Result<(), Fault> {
        self.rejected += 1;
        if self.rejected > self.config.max_session_rejected_streams {
            return Err(Fault::connection(
                LibraryError::CALLBACK_FAILURE,
                ErrorCode::ENHANCE_YOUR_CALM,
                "too many rejected streams",
            ));
        }
        self.reset(id, ErrorCode::ENHANCE_YOUR_CALM);
        Ok(())
    }
}

fn closed() -> Fault {
    Fault::connection(LibraryError::STREAM_CLOSED, ErrorCode::STREAM_CLOSED, "HEADERS after END_STREAM")
}

fn compression() -> Fault {
    Fault::connection(LibraryError::PROTO, ErrorCode::COMPRESSION_ERROR, "header block does not decode")
}

impl Wire {
    /// A stream as it begins, with the windows of now.
    pub(in crate::wire) fn new_stream(&self, id: StreamId, state: State) -> Stream {
        let receive = self.local.values.initial_window_size.min(crate::wire::config::LARGEST_WINDOW_SIZE) as i32;
        Stream::new(id, state, receive, i64::from(self.remote.values.initial_window_size))
    }
}
