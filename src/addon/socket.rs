//! A session carried by a socket of its own: what watches it, and what there is to know of it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

use super::entry::{Engine, Entry};
use super::value::Js;
use crate::reactor::poll::Poll;
use crate::reactor::{Readiness, takes_reset_for_end};
use crate::transport::slab::Slabs;
use crate::transport::{Link, Socket, Tls};

/// A socket that was taken over from a `net.Socket`.
#[derive(Debug)]
pub struct TakenSocket {
    poll: Poll,
    fd: Rc<OwnedFd>,
    /// JavaScript waits to hear that all output is with the kernel.
    awaits_drain: bool,
}

/// A duplicate of a descriptor: the net.Socket closes its own whenever it wants.
pub fn duplicate(fd: i32) -> io::Result<Rc<OwnedFd>> {
    if fd < 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the net.Socket that has the descriptor keeps it open for the length of this call.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    // Close-on-exec, as all of node's.
    Ok(Rc::new(borrowed.try_clone_to_owned()?))
}

impl TakenSocket {
    pub fn new(poll: Poll, fd: Rc<OwnedFd>) -> TakenSocket {
        TakenSocket { poll, fd, awaits_drain: false }
    }

    pub fn fd(&self) -> Rc<OwnedFd> {
        self.fd.clone()
    }

    /// Whose the socket is from here on.
    pub fn assign(&self, key: u32) {
        self.poll.assign(key);
    }

    pub fn watch(&self, readable: bool, writable: bool) {
        self.poll.watch(readable, writable);
    }

    /// libuv has stopped watching, as it does after an error.
    pub fn stopped(&self) {
        self.poll.stopped();
    }

    pub fn ask_drained(&mut self) {
        self.awaits_drain = true;
    }

    /// Whether JavaScript was waiting to hear that all output is with the kernel, which it is told now.
    pub fn was_awaiting_drain(&mut self) -> bool {
        std::mem::take(&mut self.awaits_drain)
    }

    pub fn keep_alive(&self, keep: bool) {
        self.poll.keep_alive(keep);
    }
}

impl Entry {
    /// The session begins on its socket, with what was already read from it.
    pub fn start_socket(&mut self, js: Js, before: Bytes, slabs: Rc<RefCell<Slabs>>, now: Duration) {
        self.secure_bodies(js);
        let Some(taken) = &self.socket else { return };
        let socket = Socket::new(taken.fd.clone(), before, slabs);
        let unread = self.act(|session| {
            session.with_transport(|link| *link = Link::Socket(socket));
            session.poll(now)
        });
        self.unread = unread.unwrap_or(false);
    }

    /// The session begins on a TLS connection, with what came of it already.
    pub fn start_tls(&mut self, js: Js, key: u32, tls: Box<Tls<Socket>>, socket: TakenSocket, now: Duration) {
        self.secure_bodies(js);
        socket.assign(self.key);
        self.socket = Some(socket);
        self.connection = Some(key);
        let unread = self.act(|session| {
            session.with_transport(|link| *link = Link::Tls(tls));
            session.poll(now)
        });
        self.unread = unread.unwrap_or(false);
    }

    /// Does something with the session's TLS.
    pub fn with_tls<R>(&mut self, act: impl FnOnce(&mut Tls<Socket>) -> R) -> Option<R> {
        self.act(|session| session.with_transport(|link| link.tls().map(act))).flatten()
    }

    /// Tells the peer that nothing more comes over TLS, after what was written.
    pub fn close_tls(&mut self, js: Js) {
        self.flush(js);
        self.with_tls(|tls| {
            tls.close();
            // What does not go out now goes with the next flush.
            let _ = tls.flush();
        });
    }

    /// Takes TLS from a session that ends, with its socket, for the connection of that key.
    pub fn take_tls(&mut self) -> Option<(u32, Box<Tls<Socket>>, TakenSocket)> {
        let link = self.act(|session| session.with_transport(|link| std::mem::replace(link, Link::Detached)));
        match (link, self.connection.take(), self.socket.take()) {
            (Some(Link::Tls(tls)), Some(key), Some(socket)) => Some((key, tls, socket)),
            _ => None,
        }
    }

    /// libuv has news of the socket. True if there may be room for output. Input is read in the turn that follows, where
    /// memory of V8's can be had for it.
    pub fn socket_ready(&mut self, readiness: Readiness) -> bool {
        let (readable, writable) = match readiness {
            Readiness::Ready { readable, writable } => (readable, writable),
            Readiness::Failed => {
                if let Some(socket) = &self.socket {
                    socket.stopped();
                }
                (true, true)
            }
        };
        if readable {
            self.act(|session| session.with_transport(|link| link.socket().map(|socket| tell(socket, readiness))));
            self.unread = true;
        }
        writable
    }

    /// Looks for what the socket has, whether or not it was found readable.
    pub fn look(&mut self) {
        if self.socket.is_some() {
            self.socket_ready(Readiness::Ready { readable: true, writable: false });
        }
    }

    /// Watches the socket for what the session waits for.
    pub fn watch_socket(&mut self) {
        if self.socket.is_none() {
            return;
        }
        let wants = self.act(|session| {
            let wants_read = session.wants_read();
            session.with_transport(|link| {
                let over = link.is_over();
                let socket = link.socket()?;
                Some((wants_read && !over, socket.is_blocked()))
            })
        });
        let (readable, writable) = wants.flatten().unwrap_or((false, false));
        if let Some(socket) = &self.socket {
            socket.watch(readable, writable);
        }
    }

    /// Octets read and written, if there is a socket.
    pub fn socket_counters(&mut self) -> Option<(u64, u64)> {
        self.act(|session| {
            session.with_transport(|link| link.socket().map(|socket| (socket.bytes_read(), socket.bytes_written())))
        })
        .flatten()
    }

    /// Whether all output is with the kernel. If not, a later batch says when.
    pub fn socket_drained(&mut self) -> bool {
        let drained = self.act(is_drained).unwrap_or(true);
        if !drained {
            self.ask_drained();
        }
        drained
    }

    pub fn ask_drained(&mut self) {
        if let Some(socket) = &mut self.socket {
            socket.ask_drained();
        }
    }

    /// Whether JavaScript is to be told now that all output is with the kernel.
    pub fn take_drained(&mut self) -> bool {
        if !self.socket.as_ref().is_some_and(|socket| socket.awaits_drain) {
            return false;
        }
        let drained = self.act(is_drained).unwrap_or(true);
        if let (true, Some(socket)) = (drained, &mut self.socket) {
            socket.was_awaiting_drain();
        }
        drained
    }

    /// Lets go of the socket. The session sends and receives nothing any more, but for what is there already.
    pub fn close_socket(&mut self, js: Js, now: Duration) {
        self.poll_on(js, now);
        self.unread = false;
        self.socket = None;
        self.act(|session| session.with_transport(|link| *link = Link::Detached));
    }
}

/// Tells a socket that there is something to read.
pub fn tell(socket: &mut Socket, readiness: Readiness) {
    socket.readable();
    if readiness == Readiness::Failed && takes_reset_for_end() {
        socket.ends_with_these();
    }
}

fn is_drained(session: &mut Engine) -> bool {
    !session.wants_flush() && session.with_transport(|link| link.is_drained())
}
