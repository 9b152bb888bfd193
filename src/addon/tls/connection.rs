//! One TLS connection, while no session has it.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::describe;
use crate::addon::batch::Batch;
use crate::addon::codes::tls as event;
use crate::addon::entry::Told;
use crate::addon::socket::{TakenSocket, tell};
use crate::addon::value::{Js, Value};
use crate::reactor::Readiness;
use crate::transport::socket::{peek, set_low_water, take_error};
use crate::transport::tls::failure::Failure;
use crate::transport::tls::hello::{self, HELLO_LIMIT, Hello, Peeked};
use crate::transport::tls::{Agreed, Progress};
use crate::transport::{Broken, Socket, Tls};

/// See the module.
#[derive(Debug)]
pub struct Connection {
    key: u32,
    /// With the session while that has it.
    socket: Option<TakenSocket>,
    stage: Stage,
    /// The peer's certificate is not to be trusted, and only who is may be talked to.
    refused: bool,
    /// The client's hello asks for a session that it has had.
    asks_to_resume: bool,
    /// Nothing the peer says is listened for. To stop and to start again are system calls: where what comes next is for
    /// somebody who will be there in a moment, listening goes on until something comes too early.
    is_deaf: bool,
    events: VecDeque<Event>,
    /// In the list of those that have events.
    pub is_ready: bool,
}

#[derive(Debug)]
enum Stage {
    Idle,
    /// So many octets were there at the last look.
    Peeking(usize),
    Shaking(Box<Tls<Socket>>),
    Secure(Box<Tls<Socket>>),
    Lent,
    Released(Box<Tls<Socket>>),
    Over,
}

#[derive(Debug)]
enum Event {
    Hello(Option<Box<Hello>>),
    HelloEnd,
    KeyLine(String),
    Secure(Box<Agreed>),
    Failed(Failure),
    End,
    SocketError(Broken),
    SocketEnd,
    SocketDrained,
}

impl Connection {
    pub fn new(key: u32, socket: TakenSocket) -> Connection {
        Connection {
            key,
            socket: Some(socket),
            stage: Stage::Idle,
            refused: false,
            asks_to_resume: false,
            is_deaf: true,
            events: VecDeque::new(),
            is_ready: false,
        }
    }

    pub fn fd(&self) -> Option<Rc<OwnedFd>> {
        self.socket.as_ref().map(TakenSocket::fd)
    }

    /// Whether the client, whose hello was looked at, asks for a session that it has had.
    pub fn asks_to_resume(&self) -> bool {
        self.asks_to_resume
    }

    pub fn has_news(&self) -> bool {
        !self.events.is_empty()
    }

    /// The connection's TLS, when it is not lent.
    pub fn tls(&self) -> Option<&Tls<Socket>> {
        match &self.stage {
            Stage::Shaking(tls) | Stage::Secure(tls) | Stage::Released(tls) => Some(tls),
            _ => None,
        }
    }

    fn tls_mut(&mut self) -> Option<&mut Tls<Socket>> {
        match &mut self.stage {
            Stage::Shaking(tls) | Stage::Secure(tls) | Stage::Released(tls) => Some(tls),
            _ => None,
        }
    }

    // --- Its life ---

    /// Looks for a ClientHello, now and whenever more has come.
    pub fn peek(&mut self) {
        if let Stage::Idle = self.stage {
            self.stage = Stage::Peeking(0);
            self.advance();
        }
    }

    /// Begins the handshake.
    pub fn start(&mut self, tls: Tls<Socket>) {
        if let Stage::Idle | Stage::Peeking(_) = self.stage {
            self.stop_peeking();
            self.stage = Stage::Shaking(Box::new(tls));
            self.advance();
        }
    }

    /// Hands TLS and socket over to a session. None if there is nothing to hand over, or the peer is not to be talked to.
    pub fn lend(&mut self) -> Option<(Box<Tls<Socket>>, TakenSocket)> {
        if !matches!(self.stage, Stage::Secure(_)) || self.socket.is_none() || self.refused {
            return None;
        }
        match (mem::replace(&mut self.stage, Stage::Lent), self.socket.take()) {
            (Stage::Secure(tls), Some(socket)) => Some((tls, socket)),
            _ => None,
        }
    }

    /// The session is gone. What the peer still sends is not heard, and what was written still goes out.
    pub fn give_back(&mut self, tls: Box<Tls<Socket>>, socket: TakenSocket) {
        socket.assign(self.key);
        self.socket = Some(socket);
        // The session may have read the end, and been destroyed before it told so. (Twice told is once heard.)
        if tls.is_ended() {
            self.events.push_back(Event::SocketEnd);
        }
        self.stage = Stage::Released(tls);
        self.advance();
    }

    /// Sends what is left of the handshake.
    pub fn flush(&mut self) {
        self.advance();
    }

    /// Tells the peer that nothing more comes.
    pub fn shut_down(&mut self) {
        if let Some(tls) = self.tls_mut() {
            tls.close();
            self.advance();
        }
    }

    fn stop_peeking(&mut self) {
        if let (Stage::Peeking(1..), Some(fd)) = (&self.stage, self.fd()) {
            set_low_water(&fd, 1);
        }
    }

    /// Lets go of the socket.
    pub fn release(&mut self) {
        self.stop_peeking();
        self.stage = Stage::Over;
        self.socket = None;
        self.events.clear();
    }

    // --- Its progress ---

    /// libuv has news of the socket.
    pub fn socket_ready(&mut self, readiness: Readiness) {
        let readable = match readiness {
            Readiness::Ready { readable, .. } => readable,
            Readiness::Failed => {
                if let Some(socket) = &self.socket {
                    socket.stopped();
                }
                true
            }
        };
        self.is_deaf = readable && matches!(self.stage, Stage::Idle | Stage::Secure(_));
        if let Some(tls) = self.tls_mut().filter(|_| readable) {
            tell(tls.under_mut(), readiness);
        }
        self.advance();
    }

    /// Does what can be done now.
    fn advance(&mut self) {
        // A panic must not cost more than the connection.
        if catch_unwind(AssertUnwindSafe(|| self.step())).is_err() {
            let detail = "the TLS layer has panicked".to_owned();
            self.fail(Event::Failed(Failure { reason: "internal error", received: None, of_offer: false, detail }));
        }
        self.watch();
    }

    fn step(&mut self) {
        match &mut self.stage {
            Stage::Peeking(seen) => {
                let before = *seen;
                self.look(before);
            }
            Stage::Shaking(tls) => {
                let progress = tls.handshake();
                let lines = tls.take_key_lines();
                self.events.extend(lines.into_iter().map(Event::KeyLine));
                match progress {
                    Ok(Progress::Pending) => {}
                    Ok(Progress::Done) => self.done(),
                    Ok(Progress::Ended) => self.fail(Event::End),
                    Ok(Progress::Failed(failure)) => self.fail(Event::Failed(failure)),
                    Err(broken) => self.fail(Event::SocketError(broken)),
                }
            }
            Stage::Secure(tls) | Stage::Released(tls) => {
                let flushed = match io::Write::flush(&mut **tls) {
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(Broken::by_writing(error)),
                    _ => Ok(()),
                };
                let ended = tls.is_ended();
                let heard = match &mut self.stage {
                    Stage::Released(tls) if !ended && flushed.is_ok() => tls.discard().map_err(Broken::by_reading),
                    _ => flushed,
                };
                self.after_release(heard, ended);
            }
            Stage::Idle | Stage::Lent | Stage::Over => {}
        }
    }

    fn after_release(&mut self, heard: Result<(), Broken>, ended_before: bool) {
        if let Err(broken) = heard {
            self.fail(match broken.error.get_ref().and_then(|error| error.downcast_ref::<Failure>()) {
                Some(failure) => Event::Failed(failure.clone()),
                None => Event::SocketError(broken),
            });
            return;
        }
        let Stage::Released(tls) = &self.stage else { return };
        if tls.is_ended() && !ended_before {
            self.events.push_back(Event::SocketEnd);
        }
        if tls.is_drained() && self.socket.as_mut().is_some_and(TakenSocket::was_awaiting_drain) {
            self.events.push_back(Event::SocketDrained);
        }
    }

    fn look(&mut self, before: usize) {
        let Some(fd) = self.fd() else { return };
        let mut room = [0; HELLO_LIMIT];
        let seen = match peek(&fd, &mut room) {
            Ok(seen) => seen,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            // The kernel tells it once: whoever reads next would find an end.
            Err(error) => return self.fail(Event::SocketError(Broken::by_reading(error))),
        };
        let peeked = hello::peek(room.get(..seen).unwrap_or_default());
        if seen == 0 || (seen == before && peeked == Peeked::Incomplete) {
            // Node 20's libuv takes a reset that it finds together with octets for an end.
            if let Some(error) = take_error(&fd) {
                return self.fail(Event::SocketError(Broken::by_reading(error)));
            }
            self.release();
            self.events.push_back(Event::HelloEnd);
            return;
        }
        match peeked {
            Peeked::Incomplete => {
                // What is there stays readable: libuv is to wake us when there is more.
                set_low_water(&fd, seen + 1);
                self.stage = Stage::Peeking(seen);
            }
            Peeked::Foreign => self.looked(None),
            Peeked::Hello(hello) => self.looked(Some(hello)),
        }
    }

    fn looked(&mut self, hello: Option<Box<Hello>>) {
        self.stop_peeking();
        self.stage = Stage::Idle;
        self.is_deaf = false;
        self.asks_to_resume = hello.as_ref().is_some_and(|hello| hello.asks_to_resume);
        self.events.push_back(Event::Hello(hello));
    }

    fn done(&mut self) {
        match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Shaking(tls) => {
                let agreed = tls.agreed();
                self.refused = agreed.fault.is_some() && tls.config().is_strict();
                self.events.push_back(Event::Secure(Box::new(agreed)));
                self.stage = Stage::Secure(tls);
                self.is_deaf = false;
            }
            other => self.stage = other,
        }
    }

    fn fail(&mut self, event: Event) {
        self.stage = Stage::Over;
        self.events.push_back(event);
    }

    /// Watches the socket for what the connection waits for.
    fn watch(&self) {
        let Some(socket) = &self.socket else { return };
        let (readable, writable) = match &self.stage {
            // What comes now is for who decides on the hello.
            Stage::Idle => (!self.is_deaf, false),
            Stage::Peeking(_) => (true, false),
            Stage::Shaking(tls) => (true, tls.under().is_blocked()),
            // What comes now is for the session.
            Stage::Secure(tls) => (!self.is_deaf, tls.under().is_blocked()),
            Stage::Released(tls) => (!tls.is_ended(), tls.under().is_blocked() && !tls.is_drained()),
            Stage::Lent | Stage::Over => (false, false),
        };
        socket.watch(readable, writable);
    }

    // --- What JavaScript sees of the socket ---

    pub fn keep_alive(&self, keep: bool) {
        if let Some(socket) = &self.socket {
            socket.keep_alive(keep);
        }
    }

    pub fn counters(&self) -> Option<(u64, u64)> {
        self.tls().map(|tls| (tls.under().bytes_read(), tls.under().bytes_written()))
    }

    /// Whether all output is with the kernel. If not, an event says when.
    pub fn drained(&mut self) -> bool {
        let drained = self.tls().is_none_or(Tls::is_drained);
        if let (false, Some(socket)) = (drained, &mut self.socket) {
            socket.ask_drained();
        }
        drained
    }

    // --- Events ---

    /// Puts events into a batch until there are none, or it is full.
    pub fn tell(&mut self, js: Js, batch: &mut Batch) -> Told {
        while let Some(event) = self.events.front() {
            if !batch.begin(self.key) {
                return Told::Full;
            }
            match event {
                Event::SocketError(broken) => batch.socket_error(broken),
                Event::SocketEnd => batch.socket_end(),
                Event::SocketDrained => {
                    batch.socket_drained(self.key);
                }
                event => {
                    let (code, value) = describe_event(js, event);
                    batch.tls(code, value);
                }
            }
            self.events.pop_front();
        }
        Told::All
    }
}

fn describe_event(js: Js, event: &Event) -> (i32, Value) {
    match event {
        Event::Hello(Some(hello)) => (event::HELLO, describe::hello(js, hello)),
        Event::Hello(None) => (event::HELLO, js.null()),
        Event::KeyLine(line) => (event::KEY_LINE, js.buffer(line.as_bytes())),
        Event::Secure(agreed) => (event::SECURE, describe::agreed(js, agreed)),
        Event::Failed(failure) => (event::FAILED, describe::failure(js, failure)),
        Event::End => (event::END, js.undefined()),
        _ => (event::HELLO_END, js.undefined()),
    }
}
