//! One session and what belongs to it on this side of the crossing.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Weak;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::batch::{Batch, Mark};
use super::body::{self, Lent};
#[cfg(unix)]
use super::socket::TakenSocket;
use super::value::Js;
use crate::session::{Event, Outcome, Session};
use crate::transport::slab::{SLAB_LEN, Slabs};
use crate::transport::{Link, Pipe};
use crate::wire::{Config, ErrorCode, LibraryError, Role, StreamId};

/// The session of an entry.
pub type Engine = Session<Link>;

/// The code of the session error that a panic becomes.
const INTERNAL: &[u8] = b"ERR_HTTP2_INTERNAL";

/// A session of an environment.
#[derive(Debug)]
pub struct Entry {
    pub key: u32,
    /// None after a panic: what is left of the session then is not to be trusted.
    session: Option<Engine>,
    /// The next event, once it was looked for: it did not fit a batch, or has not been told yet.
    next: Option<Event>,
    /// How much of its header list was told.
    fields_told: usize,
    /// Answers to writes, which come after other events: those whose octets wait to be taken by the session's stream,
    written: VecDeque<Event>,
    /// those whose octets the stream was given,
    with_stream: VecDeque<Event>,
    /// and those that are due.
    answers: VecDeque<Event>,
    /// Events that go before any other.
    delayed: VecDeque<Event>,
    /// The session error of a panic is to be told.
    broken: bool,
    /// Input is left in the transport.
    pub unread: bool,
    /// The stream was asked to pause.
    pub paused: bool,
    /// A buffer for the stream that did not fit a batch.
    output: Option<Bytes>,
    /// In the list of those that have events.
    pub is_ready: bool,
    /// In the list of those that want a flush.
    pub is_dirty: bool,
    /// Pings not yet answered, and when they were sent. As many as the session lets out.
    pings: VecDeque<([u8; 8], Instant)>,
    /// Milliseconds of the last ping's round trip.
    pub ping_rtt: f64,
    /// Bodies in JavaScript's memory.
    pub lent: Vec<Weak<Lent>>,
    /// The socket that carries the session, if it is not a stream.
    #[cfg(unix)]
    pub socket: Option<TakenSocket>,
    /// The TLS connection that the session goes over, by its key.
    #[cfg(unix)]
    pub connection: Option<u32>,
}

/// What became of an entry's part of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// There is no more to tell.
    All,
    /// The batch is full.
    Full,
}

impl Entry {
    pub fn new(key: u32, role: Role, config: Config) -> Entry {
        Entry {
            key,
            session: Some(Session::new(role, config, Link::Detached)),
            next: None,
            fields_told: 0,
            written: VecDeque::new(),
            with_stream: VecDeque::new(),
            answers: VecDeque::new(),
            delayed: VecDeque::new(),
            broken: false,
            unread: false,
            paused: false,
            output: None,
            is_ready: false,
            is_dirty: false,
            pings: VecDeque::new(),
            ping_rtt: 0.0,
            lent: Vec::new(),
            #[cfg(unix)]
            socket: None,
            #[cfg(unix)]
            connection: None,
        }
    }

    /// Does something with the session. A panic breaks it: the error is told once, and nothing is done with it any more.
    pub fn act<R>(&mut self, act: impl FnOnce(&mut Engine) -> R) -> Option<R> {
        let session = self.session.as_mut()?;
        match catch_unwind(AssertUnwindSafe(|| act(session))) {
            Ok(result) => Some(result),
            Err(_) => {
                self.fail();
                None
            }
        }
    }

    /// Does something with the entry as a whole. Whatever panics in it breaks the session.
    pub fn guard<R>(&mut self, act: impl FnOnce(&mut Entry) -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(|| act(self))) {
            Ok(result) => Some(result),
            Err(_) => {
                self.fail();
                None
            }
        }
    }

    /// To be called before whatever may send: polls (a WINDOW_UPDATE may set a body free), flushes, and the commands that
    /// make room for themselves. A session with a body that JavaScript has taken away cannot go on.
    pub fn secure_bodies(&mut self, js: Js) {
        if !self.lent.is_empty() && !body::all_intact(js, &mut self.lent) {
            self.fail();
        }
    }

    /// Looks at the session.
    pub fn view<R>(&self, view: impl FnOnce(&Engine) -> R) -> Option<R> {
        let session = self.session.as_ref()?;
        catch_unwind(AssertUnwindSafe(|| view(session))).ok()
    }

    /// Gives up on the session.
    pub fn fail(&mut self) {
        self.broken = true;
        self.next = None;
        self.written.clear();
        self.with_stream.clear();
        self.answers.clear();
        self.delayed.clear();
        self.output = None;
        let session = self.session.take();
        // Whatever a broken session does when it is dropped, it does not get further than here.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(session)));
    }

    pub fn has_news(&mut self) -> bool {
        if self.next.is_none() && !self.broken {
            self.next = self.next_event();
        }
        self.next.is_some() || self.broken || self.unread
    }

    /// Puts the entry into the lists of those that want a flush and of those that have events.
    pub fn note(&mut self, dirty: &mut Vec<u32>, ready: &mut VecDeque<u32>) {
        // A stream that was asked to pause is asked to go on after a flush, too.
        if !self.is_dirty && (self.wants_flush() || self.paused && self.act(wants_input).unwrap_or(true)) {
            self.is_dirty = true;
            dirty.push(self.key);
        }
        // After its flush it is looked at again.
        #[cfg(unix)]
        if !self.is_dirty {
            self.watch_socket();
        }
        // Last, since all of the above may break the session.
        if !self.is_ready && self.has_news() {
            self.is_ready = true;
            ready.push_back(self.key);
        }
    }

    /// What happened next. In node a write is answered when the socket has it, which is after what else the sending
    /// brought about, such as the end of the stream.
    fn next_event(&mut self) -> Option<Event> {
        if let Some(event) = self.delayed.pop_front() {
            return Some(event);
        }
        loop {
            match self.session.as_mut()?.next_event() {
                Some(event @ Event::Written { outcome: Outcome::Sent, .. }) => self.written.push_back(event),
                // A reset of ours comes after what was written before it.
                Some(close @ Event::StreamClose { stream, code }) if code != ErrorCode::NO_ERROR => {
                    return Some(self.answers_before(stream, close));
                }
                Some(event) => return Some(event),
                None => return self.next_answer(),
            }
        }
    }

    /// Moves the answers to a stream's writes before its end.
    fn answers_before(&mut self, stream: StreamId, close: Event) -> Event {
        let mut events = VecDeque::new();
        self.written.retain(|event| {
            let ours = matches!(event, Event::Written { stream: written, .. } if *written == stream);
            if ours {
                events.push_back(Event::Written { stream, outcome: Outcome::Sent });
            }
            !ours
        });
        let Some(first) = events.pop_front() else { return close };
        self.delayed.append(&mut events);
        self.delayed.push_back(close);
        first
    }

    fn next_answer(&mut self) -> Option<Event> {
        if let Some(answer) = self.answers.pop_front() {
            return Some(answer);
        }
        if self.written.is_empty() {
            return None;
        }
        let session = self.session.as_mut()?;
        let busy = session.with_transport(|link| link.pipe().is_some_and(|pipe| pipe.is_busy()));
        if busy { None } else { self.written.pop_front() }
    }

    /// The session has been closed, and goes when its streams have ended.
    pub fn is_closing(&self) -> bool {
        self.view(Session::is_closing).unwrap_or(true)
    }

    pub fn wants_flush(&self) -> bool {
        self.view(Session::wants_flush).unwrap_or(false)
    }

    // --- Input ---

    /// Takes in what arrived. False if the stream should pause.
    pub fn receive(&mut self, js: Js, slabs: &RefCell<Slabs>, input: &[u8], now: Duration) -> bool {
        self.secure_bodies(js);
        for piece in input.chunks(SLAB_LEN) {
            let bytes = slabs.borrow_mut().copy(piece);
            let state = self.act(|session| {
                session.with_transport(|link| link.pipe().map(|pipe| pipe.push(bytes)));
                let unread = session.poll(now);
                (unread, wants_input(session))
            });
            let Some((unread, wants_input)) = state else { return true };
            self.unread = unread;
            self.paused = !wants_input;
        }
        !self.paused
    }

    pub fn receive_eof(&mut self, js: Js, now: Duration) {
        self.secure_bodies(js);
        let unread = self.act(|session| {
            session.with_transport(|link| link.pipe().map(Pipe::end_input));
            session.poll(now)
        });
        self.unread = unread.unwrap_or(false);
    }

    /// Goes on where a bounded poll stopped.
    pub fn poll_on(&mut self, js: Js, now: Duration) {
        if std::mem::take(&mut self.unread) {
            self.secure_bodies(js);
            self.unread = self.act(|session| session.poll(now)).unwrap_or(false);
        }
    }

    // --- Events ---

    /// Puts events into a batch until there are none, or it is full.
    pub fn tell(&mut self, js: Js, batch: &mut Batch) -> Told {
        loop {
            if self.broken {
                if !batch.begin(self.key) {
                    return Told::Full;
                }
                batch.session_error(js, LibraryError::CALLBACK_FAILURE.0, Some(INTERNAL));
                self.broken = false;
                return Told::All;
            }
            let mut mark = batch.mark();
            match catch_unwind(AssertUnwindSafe(|| self.tell_events(js, batch, &mut mark))) {
                Ok(_) if self.broken => {}
                Ok(told) => return told,
                Err(_) => {
                    batch.reset(mark);
                    self.fail();
                }
            }
        }
    }

    /// The same. `mark` is left at the event that could not be told.
    fn tell_events(&mut self, js: Js, batch: &mut Batch, mark: &mut Mark) -> Told {
        loop {
            if self.next.is_none() {
                self.next = self.next_event();
            }
            *mark = batch.mark();
            let told = match &self.next {
                None => return Told::All,
                Some(Event::PingAck { payload }) => {
                    let payload = *payload;
                    self.tell_ping(payload, batch)
                }
                Some(event) => batch.tell(js, self.key, event, &mut self.fields_told),
            };
            if !told {
                return Told::Full;
            }
            self.next = None;
        }
    }

    // --- Pings ---

    pub fn ping(&mut self, payload: [u8; 8]) -> bool {
        let sent = self.act(|session| session.ping(payload)).unwrap_or(false);
        if sent {
            self.pings.push_back((payload, Instant::now()));
        }
        sent
    }

    /// Puts the answer to a ping into a batch, with the time it took. False if the batch is full.
    fn tell_ping(&mut self, payload: [u8; 8], batch: &mut Batch) -> bool {
        let place = self.pings.iter().position(|(sent, _)| *sent == payload);
        let since = place.and_then(|place| self.pings.get(place)).map(|(_, since)| *since);
        let nanos = since.map_or(0, |since| since.elapsed().as_nanos() as u64);
        if !batch.ping_ack(self.key, payload, nanos) {
            return false;
        }
        place.and_then(|place| self.pings.remove(place));
        self.ping_rtt = nanos as f64 / 1e6;
        true
    }

    // --- Output ---

    /// Sends what there is to send, as far as the stream takes it.
    pub fn flush(&mut self, js: Js) {
        self.secure_bodies(js);
        self.act(Engine::flush);
        self.unread |= self.view(Session::wants_poll).unwrap_or(false);
    }

    /// The session is carried by a stream of JavaScript's.
    pub fn use_pipe(&mut self) {
        self.act(|session| session.with_transport(|link| *link = Link::Pipe(Pipe::new())));
    }

    pub fn is_on_stream(&mut self) -> bool {
        self.act(|session| session.with_transport(|link| link.pipe().is_some())).unwrap_or(false)
    }

    /// Puts what is for the stream into a batch.
    pub fn put_out(&mut self, js: Js, batch: &mut Batch) -> Told {
        if self.output.is_none() {
            self.output = self.act(take_output).flatten();
            if self.output.is_some() {
                self.with_stream.append(&mut self.written);
            }
        }
        if let Some(output) = &self.output {
            if !batch.output(js, self.key, output) {
                return Told::Full;
            }
            self.output = None;
        }
        if self.paused && self.act(wants_input).unwrap_or(true) {
            if !batch.resume(self.key) {
                return Told::Full;
            }
            self.paused = false;
        }
        #[cfg(unix)]
        if self.take_drained() && !batch.socket_drained(self.key) {
            self.ask_drained();
            return Told::Full;
        }
        Told::All
    }

    /// The stream has written what it was given last, or will never write again. True if the transport has more for it.
    pub fn output_done(&mut self, failed: bool) -> bool {
        self.answers.append(&mut self.with_stream);
        let more = self.act(|session| {
            session.with_transport(|link| {
                let pipe = link.pipe()?;
                pipe.output_done();
                if failed {
                    pipe.stop_output();
                }
                Some(pipe.is_busy())
            })
        });
        more.flatten().unwrap_or(false)
    }

    /// Ends the session at once. What is still for the stream comes back: it is the last.
    pub fn destroy(&mut self, js: Js, code: ErrorCode, heard: StreamId) -> Vec<Bytes> {
        let mut last: Vec<Bytes> = self.output.take().into_iter().collect();
        self.secure_bodies(js);
        let output = self.act(|session| {
            session.heard(heard);
            session.destroy(code);
            session.with_transport(|link| {
                let pipe = link.pipe()?;
                pipe.output_done();
                pipe.take_output()
            })
        });
        last.extend(output.flatten());
        last
    }

    /// Drops the entry. Whatever goes wrong in that does not get further than here.
    pub fn discard(self) {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(self)));
    }
}

fn wants_input(session: &mut Engine) -> bool {
    session.wants_read() && session.with_transport(|link| link.pipe().is_none_or(|pipe| pipe.wants_read()))
}

fn take_output(session: &mut Engine) -> Option<Bytes> {
    session.with_transport(|link| link.pipe()?.take_output())
}
