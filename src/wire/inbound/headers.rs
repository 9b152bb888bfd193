//! HEADERS and CONTINUATION: requests, answers, trailers.

use bytes::{Bytes, BytesMut};

use super::{FrameHead, flag};
use crate::wire::code::{ErrorCode, LibraryError, StreamId};
use crate::wire::event::{Event, HeadKind};
use crate::wire::fault::Fault;
use crate::wire::field::FieldBlock;
use crate::wire::frame::{Payload, PriorityFields};
use crate::wire::hpack::{Decoded, Limits};
use crate::wire::ledger::{End, Message, State};
use crate::wire::limits::{Limit, MAX_CONTINUATIONS, header_block_size, header_list_size};
use crate::wire::validate::{Kind, Rules, Verdict, validate};
use crate::wire::{Role, Wire};

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

    /// Octets gathered so far.
    pub(crate) fn len(&self) -> usize {
        self.fragments.len()
    }
}

/// What a HEADERS frame is, by its stream.
#[derive(Debug, Clone, Copy)]
enum Part {
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
        let limit = header_block_size(self.local.values.max_header_list_size);
        let Some(block) = &mut self.block else { return Err(Fault::protocol("CONTINUATION of nothing")) };
        block.continuations += 1;
        if block.continuations > MAX_CONTINUATIONS {
            return Err(Fault::limit(Limit::Continuations));
        }
        if block.fragments.len() + payload.len() > limit {
            return Err(Fault::limit(Limit::HeaderBlockSize));
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
                let mut part = self.part(stream)?;
                if depends_on_itself && !matches!(part, Part::Ignore) {
                    part = Part::Reset(ErrorCode::PROTOCOL_ERROR);
                }
                match part {
                    Part::Request => self.request(stream, end_stream, block),
                    Part::Answer => self.answer(stream, end_stream, block),
                    Part::Trailers => self.trailers(stream, end_stream, block),
                    Part::Ignore => {
                        self.allow(Limit::LateFrames)?;
                        self.ignore_block(block)
                    }
                    Part::Reset(code) => {
                        self.ignore_block(block)?;
                        Err(Fault::stream(stream, code))
                    }
                }
            }
        }
    }

    fn part(&mut self, id: StreamId) -> Result<Part, Fault> {
        let Some(stream) = self.streams.find(id) else { return self.part_without_stream(id) };
        match stream.state {
            State::Open | State::HalfClosedLocal => Ok(match stream.message {
                Message::Body => Part::Trailers,
                Message::Awaited { .. } => Part::Answer,
            }),
            State::ReservedRemote => Ok(Part::Answer),
            State::HalfClosedRemote => Err(closed()),
            State::Pending | State::ReservedLocal => Err(Fault::protocol("HEADERS on an idle stream")),
        }
    }

    fn part_without_stream(&mut self, id: StreamId) -> Result<Part, Fault> {
        if self.is_idle(id) {
            // Only a client's own id opens a stream by HEADERS.
            if self.role == Role::Client || !id.is_client_initiated() {
                return Err(Fault::protocol("HEADERS on an idle stream"));
            }
            self.last_remote = id;
            if self.goaway_sent {
                self.streams.remember(id, End::ResetByUs);
                return Ok(Part::Ignore);
            }
            if self.open_remote >= self.local.max_concurrent_streams() {
                return Ok(Part::Reset(ErrorCode::REFUSED_STREAM));
            }
            return Ok(Part::Request);
        }
        match self.streams.ended(id) {
            Some(End::Complete) => Err(closed()),
            Some(End::ResetByPeer) => Ok(Part::Reset(ErrorCode::STREAM_CLOSED)),
            Some(End::ResetByUs) => Ok(Part::Ignore),
            // An id that was passed over cannot be used later (RFC 9113 section 5.1.1).
            None if self.role == Role::Server && !self.streams.may_have_forgotten(id) => {
                Err(Fault::protocol("stream ids must ascend"))
            }
            None => Ok(Part::Ignore),
        }
    }

    /// Decodes a list that begins a stream. None if it exceeds the limits.
    pub(super) fn decode(&mut self, block: &[u8]) -> Result<Option<FieldBlock>, Fault> {
        self.decode_within(self.local.values.max_header_list_size, block)
    }

    /// Decodes a list of at most this SETTINGS_MAX_HEADER_LIST_SIZE. None if it exceeds the limits.
    fn decode_within(&mut self, limit: u32, block: &[u8]) -> Result<Option<FieldBlock>, Fault> {
        let limits = Limits { list_size: header_list_size(limit), pairs: self.config.max_header_list_pairs as usize };
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

    /// Decodes a list on a stream that has begun. None if it exceeds the limits.
    fn decode_later(&mut self, id: StreamId, block: &[u8]) -> Result<Option<FieldBlock>, Fault> {
        let limit = self.streams.find(id).map(|stream| stream.list_limit);
        self.decode_within(limit.unwrap_or(self.local.values.max_header_list_size), block)
    }

    /// The peer's compression state moves on, whatever becomes of the list.
    pub(super) fn ignore_block(&mut self, block: &[u8]) -> Result<(), Fault> {
        let mut fields = FieldBlock::new();
        self.decoder.decode(block, Limits { list_size: 0, pairs: 0 }, &mut fields).map_err(|_| compression())?;
        self.decoder.forget_all(&fields);
        Ok(())
    }

    /// Judges a list, and takes out of it what is to be dropped.
    pub(super) fn valid(
        &mut self,
        id: StreamId,
        mut fields: FieldBlock,
        kind: Kind,
        end_stream: bool,
    ) -> Result<(Verdict, FieldBlock), Fault> {
        let rules = Rules {
            connect_protocol: self.local.enable_connect_protocol(),
            strict_whitespace: self.config.strict_field_whitespace,
        };
        match validate(&fields, kind, end_stream, rules) {
            Ok(verdict) => {
                verdict.purge(&mut fields, &mut self.decoder);
                Ok((verdict, fields))
            }
            Err(_) => {
                self.decoder.forget_all(&fields);
                Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR))
            }
        }
    }

    fn request(&mut self, id: StreamId, end_stream: bool, block: &[u8]) -> Result<(), Fault> {
        let decoded = self.decode(block);
        if decoded.is_err() {
            // The stream has begun, and fails with the connection: it cannot be tried again elsewhere.
            self.last_processed = id;
        }
        let Some(fields) = decoded? else { return Err(Fault::list_too_large(id)) };
        if !self.has_memory_for_a_stream() {
            self.decoder.forget_all(&fields);
            return self.reject(id);
        }
        self.rejected = 0;
        let (verdict, fields) = self.valid(id, fields, Kind::Request, end_stream)?;
        let mut stream = self.new_stream(id, State::Open, verdict.next);
        stream.message = Message::Body;
        stream.expected = verdict.content_length;
        stream.counted = true;
        stream.stranger = self.keeps_requests;
        self.streams.insert(stream);
        self.last_processed = id;
        self.count_opened();
        if self.keeps_requests {
            self.keep_stranger(id);
        } else {
            self.to_h2.request(id.value(), end_stream);
        }
        self.tell_list(fields.list_size(), Event::Head { stream: id, kind: HeadKind::Request, end_stream, fields });
        if end_stream {
            self.end_received(id);
        }
        Ok(())
    }

    fn answer(&mut self, id: StreamId, end_stream: bool, block: &[u8]) -> Result<(), Fault> {
        let Some(fields) = self.decode_later(id, block)? else {
            return Err(Fault::list_too_large(id));
        };
        let Some((kind, is_first)) = self
            .streams
            .find(id)
            .map(|stream| (stream.list, matches!(stream.message, Message::Awaited { informational: false })))
        else {
            return Ok(());
        };
        let (verdict, fields) = self.valid(id, fields, kind, end_stream)?;
        let (h2_has, h2_id) = (self.h2_has(id) && !self.is_unknown_to_h2(id), self.ids.inner(id));
        let full = self.open_remote >= self.local.max_concurrent_streams();
        // One for each request is no flood, however many were sent at once.
        if verdict.is_informational() && !is_first {
            self.allow(Limit::InformationalHeaders)?;
        }
        let Some(stream) = self.streams.find(id) else { return Ok(()) };
        stream.list = verdict.next;
        let kind = if verdict.is_informational() {
            stream.message = Message::Awaited { informational: true };
            HeadKind::Informational
        } else {
            stream.message = Message::Body;
            stream.expected = verdict.content_length;
            let pushed = stream.id.is_server_initiated();
            if stream.state == State::ReservedRemote {
                if full {
                    self.decoder.forget_all(&fields);
                    return Err(Fault::stream(id, ErrorCode::REFUSED_STREAM));
                }
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
        self.tell_list(fields.list_size(), Event::Head { stream: id, kind, end_stream, fields });
        if end_stream {
            self.end_received(id);
        }
        Ok(())
    }

    fn trailers(&mut self, id: StreamId, end_stream: bool, block: &[u8]) -> Result<(), Fault> {
        let Some(fields) = self.decode_later(id, block)? else {
            return Err(Fault::list_too_large(id));
        };
        let Some(stream) = self.streams.find(id) else { return Ok(()) };
        let (kind, expected, received) = (stream.list, stream.expected, stream.received);
        let (verdict, fields) = self.valid(id, fields, kind, end_stream)?;
        if expected.or(verdict.content_length).is_some_and(|expected| expected != received) {
            self.decoder.forget_all(&fields);
            return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
        }
        self.tell_list(fields.list_size(), Event::Head { stream: id, kind: HeadKind::Trailers, end_stream, fields });
        self.receive_end(id)
    }

    /// There is no memory for the stream: node's `maxSessionMemory` and `maxSessionRejectedStreams`.
    pub(super) fn reject(&mut self, id: StreamId) -> Result<(), Fault> {
        self.rejected += 1;
        if self.rejected > self.config.max_session_rejected_streams {
            return Err(Fault::limit(Limit::RejectedStreams));
        }
        self.events.push_back(Event::Limit { limit: Limit::SessionMemory, stream: id });
        self.reset(id, ErrorCode::ENHANCE_YOUR_CALM);
        Ok(())
    }
}

fn closed() -> Fault {
    Fault::connection(LibraryError::STREAM_CLOSED, ErrorCode::STREAM_CLOSED, "HEADERS after END_STREAM")
}

fn compression() -> Fault {
    Fault::connection(LibraryError::HEADER_COMP, ErrorCode::COMPRESSION_ERROR, "header block does not decode")
}
