//! HEADERS and PUSH_PROMISE: h2's placeholder blocks become the lists that the session pushed.

use std::rc::Rc;

use bytes::{BufMut, BytesMut};

use super::{FrameHead, flag, kind};
use crate::wire::code::{ErrorCode, LibraryError, StreamId};
use crate::wire::event::Event;
use crate::wire::field::FieldBlock;
use crate::wire::frame::HEAD_LENGTH;
use crate::wire::hpack::Encoder;
use crate::wire::ledger::{End, State};
use crate::wire::validate::{Kind, Method};
use crate::wire::{Life, Role, Wire};

impl Wire {
    /// The real list for the next HEADERS that h2 sends on `stream`, or, with the promised id, for its PUSH_PROMISE.
    /// First in, first out for each stream. Push the list *before* the call to h2 where the id is known, else right after
    /// it and before the next poll. Fails with FRAME_SIZE_ERROR if the block is longer than `maxSendHeaderBlockLength`:
    /// then nothing is queued, and the session must not send (node's 'frameError').
    pub fn push_list(&mut self, stream: StreamId, fields: impl Into<Rc<FieldBlock>>) -> Result<(), LibraryError> {
        let fields = fields.into();
        if Encoder::bound(&fields) > self.config.max_send_header_block_length as usize {
            return Err(LibraryError::FRAME_SIZE_ERROR);
        }
        let octets = fields.octets() as u64;
        match self.streams.find(stream) {
            Some(stream) => {
                stream.lists.push(fields);
                self.listed += octets;
            }
            None => {
                let ours = stream.is_client_initiated() == (self.role == Role::Client);
                // A stream that is gone needs no list; one of ours that h2 is about to open begins with this one.
                if ours && stream.value() >= self.next_local {
                    self.next_local = stream.value() + 2;
                    // Of what the server opens, only the client's part matters here: there is none.
                    let method = Method::of(fields.pseudo(b":method").unwrap_or_default());
                    let mut entry = self.new_stream(stream, State::Pending, Kind::Response { method });
                    entry.lists.push(fields);
                    self.streams.insert(entry);
                    self.listed += octets;
                }
            }
        }
        Ok(())
    }

    /// Sends a 1xx answer on a stream that was promised, and not yet begun. (Elsewhere h2 does it; here it cannot.)
    /// Fails with INVALID_STREAM_STATE in any other state, and with FRAME_SIZE_ERROR as [`Wire::push_list`] does.
    pub fn inform(&mut self, stream: StreamId, fields: &FieldBlock) -> Result<(), LibraryError> {
        let promised = self.streams.find(stream).is_some_and(|stream| stream.state == State::ReservedLocal);
        if !promised || self.life != Life::Open {
            return Err(LibraryError::INVALID_STREAM_STATE);
        }
        if Encoder::bound(fields) > self.config.max_send_header_block_length as usize {
            return Err(LibraryError::FRAME_SIZE_ERROR);
        }
        self.put_block(FrameHead::new(kind::HEADERS, 0, stream, 0), None, fields);
        Ok(())
    }

    /// HEADERS of h2's.
    pub(super) fn send_headers(&mut self, head: FrameHead) {
        let id = self.ids.outer(head.stream.value());
        if self.is_late(id) {
            return self.defer_trailers(id, head);
        }
        if self.streams.find(id).is_some_and(|stream| std::mem::take(&mut stream.begun)) {
            return;
        }
        self.send_list(id, head.has(flag::END_STREAM));
    }

    /// Sends the next list that was pushed for the stream.
    pub(super) fn send_list(&mut self, id: StreamId, end_stream: bool) {
        let Some(stream) = self.streams.find(id) else { return };
        let list = stream.lists.pop();
        let opens = stream.state == State::Pending;
        let Some(list) = list.inspect(|list| self.listed -= list.octets() as u64) else {
            // h2 answers by itself, or the session forgot: nothing right can be sent.
            self.tell_h2_of_reset(id, ErrorCode::INTERNAL_ERROR);
            return self.send_rst_stream(id, ErrorCode::INTERNAL_ERROR);
        };
        match stream.state {
            State::Pending => {
                stream.state = State::Open;
                self.open_stream(id);
            }
            State::ReservedLocal => {
                stream.state = State::HalfClosedRemote;
                let credit = std::mem::take(&mut stream.early_credit);
                if credit > 0 {
                    self.to_h2.window_update(self.ids.inner(id), credit);
                }
            }
            _ => {}
        }
        let flags = if end_stream { flag::END_STREAM } else { 0 };
        self.put_block(FrameHead::new(kind::HEADERS, flags, id, 0), None, &list);
        self.events.push_back(Event::HeadSent { stream: id, end_stream });
        if opens {
            self.count_stream();
        }
        if end_stream {
            self.end_sent(id);
        }
    }

    /// A stream of ours enters the connection: its windows are those of now.
    fn open_stream(&mut self, id: StreamId) {
        self.last_local = self.last_local.max(id);
        let (windows, held) = (self.fresh_windows(), self.held_of_new_streams);
        if let Some(stream) = self.streams.find(id) {
            (stream.window, stream.send_window) = windows;
            stream.held = held;
        }
    }

    pub(super) fn send_push_promise(&mut self, head: FrameHead, promised: u32) {
        let promised = self.ids.outer(promised);
        let parent = self.ids.outer(head.stream.value());
        if self.streams.find(parent).is_none_or(|parent| !parent.sends()) {
            // The parent is gone, and with it the promise. h2 learns of it as it does of promises that the peer refuses.
            self.close(promised, End::ResetByUs, ErrorCode::CANCEL);
            return;
        }
        let Some(list) = self.streams.find(promised).and_then(|stream| stream.lists.pop()) else { return };
        self.listed -= list.octets() as u64;
        self.open_stream(promised);
        if let Some(stream) = self.streams.find(promised) {
            stream.state = State::ReservedLocal;
        }
        self.put_block(FrameHead::new(kind::PUSH_PROMISE, 0, parent, 0), Some(promised), &list);
        self.count_stream();
    }

    /// Writes a header block, with as many CONTINUATION frames as the peer's frame size makes necessary.
    pub(super) fn put_block(&mut self, head: FrameHead, promised: Option<StreamId>, list: &FieldBlock) {
        let max = self.max_send_frame;
        let out = self.out.frames();
        let start = out.len();
        out.put_bytes(0, HEAD_LENGTH);
        if let Some(promised) = promised {
            out.put_u32(promised.value());
        }
        self.encoder.encode(list, out);
        let length = out.len().saturating_sub(start + HEAD_LENGTH);
        let padding = if length < max { self.padding_for(length) } else { 0 };
        let out = self.out.frames();
        self.counters.frames_sent += 1;
        if padding > 0 {
            pad_block(out, start, head, padding);
        } else {
            self.counters.frames_sent += finish_block(out, start, head, max);
        }
    }
}

/// Fills in the head at `start` for all that follows it, and adds `padding` octets, the pad length among them.
fn pad_block(out: &mut BytesMut, start: usize, head: FrameHead, padding: usize) {
    let block = out.split_off(start + HEAD_LENGTH);
    out.truncate(start);
    let flags = head.flags | flag::END_HEADERS | flag::PADDED;
    FrameHead::new(head.kind, flags, head.stream, block.len() + padding).put(out);
    let zeros = u8::try_from(padding.saturating_sub(1)).unwrap_or_default();
    out.put_u8(zeros);
    out.extend_from_slice(&block);
    out.put_bytes(0, usize::from(zeros));
}

/// Fills in the head at `start` for all that follows it, and cuts what exceeds `max` into CONTINUATION frames, whose
/// number it gives.
fn finish_block(out: &mut BytesMut, start: usize, head: FrameHead, max: usize) -> u64 {
    let length = out.len().saturating_sub(start + HEAD_LENGTH);
    let first = length.min(max);
    let complete = first == length;
    let flags = if complete { head.flags | flag::END_HEADERS } else { head.flags };
    let octets = FrameHead::new(head.kind, flags, head.stream, first).octets();
    if let Some(place) = out.get_mut(start..start + HEAD_LENGTH) {
        place.copy_from_slice(&octets);
    }
    if complete {
        return 0;
    }
    let rest = out.split_off(start + HEAD_LENGTH + first);
    let mut chunks = rest.chunks(max.max(1)).peekable();
    let mut continuations = 0;
    while let Some(chunk) = chunks.next() {
        let flags = if chunks.peek().is_none() { flag::END_HEADERS } else { 0 };
        FrameHead::new(kind::CONTINUATION, flags, head.stream, chunk.len()).put(out);
        out.extend_from_slice(chunk);
        continuations += 1;
    }
    continuations
}
