//! One stream: what h2 gave us for it, and what is still to be sent.

use std::collections::VecDeque;

use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::server::{SendPushedResponse, SendResponse};
use h2::{Reason, SendStream};

use super::span::Span;
use crate::wire::{FieldBlock, StreamId};

/// h2's objects. Dropping the last one of an open stream resets it, so they are held until the stream is done.
#[derive(Default)]
pub(super) enum Handle {
    /// The stream is done, or it was promised to us: of those h2 knows nothing.
    #[default]
    Gone,
    /// A request that we got and that h2 has not accepted yet, or one of ours that went out without it.
    Stranger,
    /// A request that we got. The body exists once it is answered.
    Request { respond: SendResponse<Span>, body: Option<SendStream<Span>> },
    /// A stream that we promised.
    Promise { respond: SendPushedResponse<Span>, body: Option<SendStream<Span>> },
    /// A request of ours. The answer is the wire's to tell; h2's is held and never asked.
    Answer { _response: ResponseFuture, body: SendStream<Span> },
}

impl Handle {
    pub fn body(&mut self) -> Option<&mut SendStream<Span>> {
        match self {
            Handle::Request { body, .. } | Handle::Promise { body, .. } => body.as_mut(),
            Handle::Answer { body, .. } => Some(body),
            Handle::Gone | Handle::Stranger => None,
        }
    }

    /// Resets the stream. False if that is not h2's to do.
    pub fn reset(&mut self, reason: Reason) -> bool {
        match self {
            Handle::Request { respond, .. } => respond.send_reset(reason),
            Handle::Promise { respond, .. } => respond.send_reset(reason),
            Handle::Answer { body, .. } => body.send_reset(reason),
            Handle::Gone | Handle::Stranger => return false,
        }
        true
    }
}

/// The sending half, from the head to END_STREAM.
///
/// ```text
///            head               end()                   queue empty
///   Headless ────> Open ─────────────────────> Ending ─────────────────> Ended ───> Sent
///                   │  end(), trailers wanted                              ▲   on the wire
///                   └────────────> Draining ────> AwaitingTrailers ────────┤
///                                       queue empty         trailers()     │
///                    head with END_STREAM ─────────────────────────────────┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sending {
    /// The head is not with h2 yet; a body may queue up.
    #[default]
    Headless,
    Open,
    Ending,
    /// As Ending, but the last word is that of the trailers.
    Draining,
    AwaitingTrailers,
    /// h2 has END_STREAM.
    Ended,
    /// END_STREAM went out.
    Sent,
}

#[derive(Default)]
pub(super) struct Stream {
    pub id: StreamId,
    pub handle: Handle,
    pub sending: Sending,
    /// The wire has the head, and h2 is to be told of it; whether the stream ends with it.
    pub head_due: Option<bool>,
    pub want_trailers: bool,
    /// end() came, and its Shutdown has not been told.
    pub shutdown_due: bool,
    /// end() came before the head.
    pub end_early: bool,
    /// Trailers that came while the queue was not empty.
    pub trailers: Option<FieldBlock>,

    /// The body that h2 does not have yet.
    pub queue: VecDeque<Bytes>,
    /// Octets that JavaScript wrote, that h2 was handed, and that went out, over the life of the stream.
    pub written: u64,
    pub handed: u64,
    pub sent: u64,
    /// Where in `written` each unanswered write ends.
    pub writes: VecDeque<u64>,

    /// Whether what arrives is credited to the stream's window at once, and what arrived while it was not.
    pub reading: bool,
    pub unread: usize,

    /// Streams promised on this one. Some of the promises may not have gone out.
    pub promises: Vec<StreamId>,

    /// The stream is in the session's list of those with something to hand over.
    pub dirty: bool,
    /// A head of ours went out.
    pub opened: bool,
}

impl Stream {
    /// Makes a cleared stream a new one.
    pub fn open(&mut self, id: StreamId, handle: Handle) {
        self.id = id;
        self.handle = handle;
    }

    /// Forgets everything but the memory of the queues.
    pub fn clear(&mut self) {
        let mut queue = std::mem::take(&mut self.queue);
        let mut writes = std::mem::take(&mut self.writes);
        queue.clear();
        queue.shrink_to(MAX_KEPT);
        writes.clear();
        writes.shrink_to(MAX_KEPT);
        *self = Stream { queue, writes, ..Stream::default() };
    }

    /// Octets that h2 has and that did not go out yet.
    pub fn in_flight(&self) -> u64 {
        self.handed.saturating_sub(self.sent)
    }

    /// Whether anything given to the stream has not gone out.
    pub fn has_unsent(&self) -> bool {
        self.head_due.is_some()
            || !self.queue.is_empty()
            || self.in_flight() > 0
            || matches!(self.sending, Sending::Ending | Sending::Draining | Sending::Ended)
    }
}

/// A stream that once had a long queue does not keep its memory for ever.
const MAX_KEPT: usize = 16;
