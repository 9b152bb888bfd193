//! PUSH_PROMISE. h2 hears of none: a client sends nothing on a promised stream but RST_STREAM and WINDOW_UPDATE, and both
//! are the wire's.

use bytes::Bytes;

use super::headers::Target;
use super::{FrameHead, flag};
use crate::wire::code::{ErrorCode, StreamId};
use crate::wire::event::Event;
use crate::wire::fault::Fault;
use crate::wire::frame::Payload;
use crate::wire::ledger::{End, State};
use crate::wire::limits::Limit;
use crate::wire::validate::Kind;
use crate::wire::{Role, Wire};

impl Wire {
    pub(super) fn push_promise(&mut self, head: FrameHead, payload: Bytes) -> Result<(), Fault> {
        let mut fields = Payload(&payload);
        let padding = match head.has(flag::PADDED) {
            true => fields.octet().ok_or(Fault::protocol("padding exceeds the frame"))?,
            false => 0,
        };
        let promised = fields.u32().ok_or(Fault::frame_size("PUSH_PROMISE without its stream"))?;
        let length = fields.0.len().checked_sub(usize::from(padding));
        let fragment = fields.take(length.ok_or(Fault::protocol("padding exceeds the frame"))?).unwrap_or_default();
        let promised = StreamId::new(promised);
        if self.role == Role::Server || !self.local.values.enable_push {
            return Err(Fault::protocol("PUSH_PROMISE where pushes are disabled"));
        }
        if !head.stream.is_client_initiated() || self.is_idle(head.stream) {
            return Err(Fault::protocol("PUSH_PROMISE on an idle stream"));
        }
        if !promised.is_server_initiated() || promised <= self.last_remote {
            return Err(Fault::protocol("PUSH_PROMISE of a stream that cannot be promised"));
        }
        self.last_remote = promised;
        let target = Target::Push { parent: head.stream, promised };
        self.fragment(target, fragment, head.has(flag::END_HEADERS))
    }

    pub(super) fn push_block(&mut self, parent: StreamId, promised: StreamId, block: &[u8]) -> Result<(), Fault> {
        let refusal = match self.streams.find(parent) {
            Some(stream) if stream.receives() => None,
            Some(_) => return Err(ended_parent()),
            None => match self.streams.ended(parent) {
                Some(End::Complete | End::ResetByPeer) => return Err(ended_parent()),
                // We have reset it, and the promise was under way.
                Some(End::ResetByUs) | None => Some(ErrorCode::CANCEL),
            },
        };
        if self.goaway_sent {
            self.streams.remember(promised, End::ResetByUs);
            self.allow(Limit::LateFrames)?;
            return self.ignore_block(block);
        }
        let full = self.reserved_remote >= self.config.max_reserved_remote_streams;
        let unwanted = full || !self.local.wants_push() || !self.has_memory_for_a_stream();
        if let Some(code) = refusal.or(unwanted.then_some(ErrorCode::CANCEL)) {
            self.ignore_block(block)?;
            // No fault of the peer's, which could not know: it is not counted with those.
            self.reset(promised, code);
            return self.allow(Limit::RefusedPushes);
        }
        let Some(fields) = self.decode(block)? else {
            return Err(Fault::list_too_large(promised));
        };
        // Whatever the request, the promise has no body.
        let (verdict, fields) = self.valid(promised, fields, Kind::PushPromise, false)?;
        let stream = self.new_stream(promised, State::ReservedRemote, verdict.next);
        self.streams.insert(stream);
        self.reserved_remote += 1;
        self.last_processed = promised;
        self.count_opened_reserved();
        self.tell_list(fields.list_size(), Event::PushPromise { parent, promised, fields });
        Ok(())
    }
}

fn ended_parent() -> Fault {
    Fault::protocol("PUSH_PROMISE after END_STREAM")
}
