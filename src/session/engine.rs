//! The h2 connection inside a session: its making, its polling, its end.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::{future::Future, pin::Pin};

use h2::client::{self, SendRequest};
use h2::server::{self, Handshake, SendResponse};

use super::io::{Io, Shared};
use super::span::Span;
use crate::transport::Transport;
use crate::wire::Role;

/// The wire enforces windows, frame sizes and limits against abuse; h2 gets values that never bite.
const UNLIMITED: u32 = 0x7fff_ffff;

/// h2 counts small DATA frames against a budget for the connection's life, of which it sees only empty ones.
const DATA_FRAME_BUDGET: usize = usize::MAX / 2;

/// Frames of any size the wire lets pass.
const MAX_FRAME_SIZE: u32 = 16_777_215;

pub(super) enum Engine<T: Transport> {
    /// The wire needs no h2 yet.
    Asleep,
    /// A server whose client has not sent its preface.
    Handshake(Box<Handshake<Io<T>, Span>>),
    Server(Box<server::Connection<Io<T>, Span>>),
    Client(Box<Client<T>>),
    /// h2 is done: the connection broke, or the peer went away and the last stream with it.
    Closed,
}

pub(super) struct Client<T: Transport> {
    connection: client::Connection<Io<T>, Span>,
    /// Never used itself, only cloned: it keeps h2 from closing an idle connection.
    original: SendRequest<Span>,
    current: SendRequest<Span>,
}

/// How polling h2 came out.
pub(super) enum Drive {
    Alive,
    /// h2 has just closed, with the error it gives as the reason.
    Closed(Option<h2::Error>),
}

impl<T: Transport> Engine<T> {
    /// Until SETTINGS say more, a client may have `slots` requests open.
    pub fn new(role: Role, shared: Rc<RefCell<Shared<T>>>, slots: u32) -> Engine<T> {
        match role {
            Role::Server => {
                let handshake = server::Builder::new()
                    .initial_window_size(UNLIMITED)
                    .max_frame_size(MAX_FRAME_SIZE)
                    .max_local_error_reset_streams(None)
                    .max_pending_accept_reset_streams(usize::MAX)
                    .data_frame_budget(DATA_FRAME_BUDGET)
                    .enable_connect_protocol()
                    .handshake(Io(shared));
                Engine::Handshake(Box::new(handshake))
            }
            Role::Client => {
                let mut builder = client::Builder::new();
                builder
                    .initial_window_size(UNLIMITED)
                    .max_frame_size(MAX_FRAME_SIZE)
                    .max_local_error_reset_streams(None)
                    .max_pending_accept_reset_streams(usize::MAX)
                    .max_concurrent_streams(UNLIMITED)
                    .initial_max_send_streams(slots as usize)
                    .data_frame_budget(DATA_FRAME_BUDGET)
                    .enable_push(false);
                // All it waits for is room for the preface, of which the wire's empty buffer has enough.
                match pin!(builder.handshake(Io(shared))).poll(&mut context()) {
                    Poll::Ready(Ok((original, connection))) => {
                        let current = original.clone();
                        Engine::Client(Box::new(Client { connection, original, current }))
                    }
                    Poll::Ready(Err(_)) | Poll::Pending => Engine::Closed,
                }
            }
        }
    }

    pub fn is_closed(&self) -> bool {
        matches!(self, Engine::Closed)
    }

    /// Lets h2 read, act and write until it has nothing more to do. Requests that it accepted go to the end of `accepted`
    /// with their ids.
    pub fn drive(&mut self, accepted: &mut VecDeque<(u32, SendResponse<Span>)>) -> Drive {
        let cx = &mut context();
        let error = loop {
            match self {
                Engine::Handshake(handshake) => match Pin::new(&mut **handshake).poll(cx) {
                    Poll::Ready(Ok(connection)) => *self = Engine::Server(Box::new(connection)),
                    Poll::Ready(Err(error)) => break Some(error),
                    Poll::Pending => return Drive::Alive,
                },
                // Each call polls the whole connection, also for the requests after the first.
                Engine::Server(connection) => match connection.poll_accept(cx) {
                    Poll::Ready(Some(Ok((_, respond)))) => {
                        accepted.push_back((respond.stream_id().as_u32(), respond));
                    }
                    Poll::Ready(Some(Err(error))) => break Some(error),
                    Poll::Ready(None) => break None,
                    Poll::Pending => return Drive::Alive,
                },
                Engine::Client(client) => match Pin::new(&mut client.connection).poll(cx) {
                    Poll::Ready(Ok(())) => break None,
                    Poll::Ready(Err(error)) => break Some(error),
                    Poll::Pending => return Drive::Alive,
                },
                Engine::Asleep | Engine::Closed => return Drive::Alive,
            }
        };
        *self = Engine::Closed;
        Drive::Closed(error)
    }

    /// What sends the next request; None if h2 takes no more, because ids have run out or the connection is going away.
    pub fn send_request(&mut self) -> Option<&mut SendRequest<Span>> {
        let Engine::Client(client) = self else { return None };
        match client.current.poll_ready(&mut context()) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return None,
            // Its last request waits for the peer's concurrency limit: every sender may have one that does.
            Poll::Pending => client.current = client.original.clone(),
        }
        Some(&mut client.current)
    }
}

/// Nothing is woken: the session polls when the wire has something, or when it was given something itself.
pub(super) fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}
