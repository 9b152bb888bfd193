//! One environment (the main thread, or a Worker): its sessions, and the turns of its loop.
//!
//! There is no static state. A [`World`] lives on the heap; the native functions and libuv's handles have a pointer to it.
//! It is made when the addon is loaded into an environment and ends as reactor-notes' recipe for teardown says: the
//! environment's cleanup hook drops every session and closes the handles; when the last is closed, the world is freed, and
//! only then the hook is removed, which lets the environment go on ending.
//!
//! The state is borrowed for moments only, and never while JavaScript runs: listeners call back into native functions.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::ffi::c_void;
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null_mut};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use napi::sys;

use super::batch::Batch;
use super::entry::{Engine, Entry, Told};
#[cfg(unix)]
use super::file::Reads;
use super::slab::Slabs;
#[cfg(unix)]
use super::socket::{self, TakenSocket};
#[cfg(unix)]
use super::tls::Connection;
use super::value::{Js, Reference, Scope, Value};
use crate::reactor::{Reactor, Turn, uv};
#[cfg(unix)]
use crate::reactor::{Readiness, files::Files, poll::Poll};
use crate::wire::{Config, ErrorCode, FieldBlock, Role};

/// Batches that one turn tells before the loop goes round again: other handles must get their chance.
const BATCHES_A_TURN: usize = 64;

/// As many as lib/headers/recent.js remembers.
const KEPT_LISTS: usize = 32;

/// Keys are positive 32 bit integers that no JavaScript array of them has to box.
const LAST_KEY: u32 = 0x3fff_ffff;

#[derive(Debug)]
pub struct World {
    env: sys::napi_env,
    /// What libuv's handles are given to find this world by.
    #[cfg(unix)]
    this: Cell<Option<NonNull<World>>>,
    reactor: Reactor<World>,
    state: RefCell<State>,
    /// One batch for each depth of dispatches: a listener may bring about another.
    batches: RefCell<Vec<Batch>>,
    depth: Cell<usize>,
    #[cfg(unix)]
    pub(super) reads: Reads,
    /// A turn is under way, at whose end it is seen what another must do.
    turning: Cell<bool>,
    /// The environment is ending: nothing calls into JavaScript any more.
    closing: Cell<bool>,
    /// What removes the cleanup hook.
    hook: Cell<sys::napi_async_cleanup_hook_handle>,
}

#[derive(Debug)]
pub struct State {
    sessions: HashMap<u32, Box<Entry>, BuildHasherDefault<KeyHasher>>,
    /// TLS connections. Those that sessions go over are here, too, without their sockets.
    #[cfg(unix)]
    connections: HashMap<u32, Box<Connection>, BuildHasherDefault<KeyHasher>>,
    last_key: u32,
    /// Sessions that have events to tell.
    ready: VecDeque<u32>,
    /// Sessions that want a flush.
    dirty: Vec<u32>,
    pub slabs: Rc<RefCell<Slabs>>,
    callbacks: Option<Callbacks>,
    /// For the octets of strings on their way in.
    pub scratch: Vec<u8>,
    /// The header lists that JavaScript repeats, under the names that it gave them.
    kept_lists: [Option<(NonZeroU32, Rc<FieldBlock>)>; KEPT_LISTS],
}

/// Sessions in a dispatch.
#[derive(Debug)]
struct Queue {
    keys: VecDeque<u32>,
    /// The first of them took in what it had to read, and may have been told in part.
    first_polled: bool,
}

/// What lib/engine gave to be called.
#[derive(Debug)]
struct Callbacks {
    dispatch: Reference,
    /// The native functions `turn` and `flush`, called through `napi_make_callback`.
    turn: Reference,
    flush: Reference,
    /// Without `process._tickCallback` JavaScript opens a callback scope for each event, and Rust none around them.
    scope_per_event: bool,
}

/// Keys are counted up: they are their own hash.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = (self.0 << 8) ^ u64::from(*octet);
        }
    }

    fn write_u32(&mut self, key: u32) {
        // The table looks at the upper bits as well.
        self.0 = u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl World {
    /// # Safety
    /// `env` is the environment that loads the addon now, on this thread.
    pub unsafe fn open(env: sys::napi_env) -> Option<NonNull<World>> {
        let mut uv_loop = null_mut();
        // SAFETY: demanded of the caller; the out-parameter is valid.
        if unsafe { sys::napi_get_uv_event_loop(env, &mut uv_loop) } != sys::Status::napi_ok {
            return None;
        }
        let uv_loop = NonNull::new(uv_loop.cast::<uv::Loop>())?;
        let world = Box::new(World {
            env,
            #[cfg(unix)]
            this: Cell::new(None),
            reactor: Reactor::new(),
            state: RefCell::new(State {
                sessions: HashMap::default(),
                #[cfg(unix)]
                connections: HashMap::default(),
                last_key: 0,
                ready: VecDeque::new(),
                dirty: Vec::new(),
                slabs: Rc::default(),
                callbacks: None,
                scratch: Vec::new(),
                kept_lists: [const { None }; KEPT_LISTS],
            }),
            batches: RefCell::default(),
            depth: Cell::new(0),
            #[cfg(unix)]
            reads: Reads::default(),
            turning: Cell::new(false),
            closing: Cell::new(false),
            hook: Cell::new(null_mut()),
        });
        let world = NonNull::from(Box::leak(world));
        let mut hook = null_mut();
        // SAFETY: the world is valid until its handles are closed, which the hook brings about.
        unsafe {
            let status =
                sys::napi_add_async_cleanup_hook(env, Some(on_cleanup), world.as_ptr().cast::<c_void>(), &mut hook);
            if status != sys::Status::napi_ok {
                drop(Box::from_raw(world.as_ptr()));
                return None;
            }
            world.as_ref().hook.set(hook);
            #[cfg(unix)]
            world.as_ref().this.set(Some(world));
            world.as_ref().reactor.open(uv_loop, world);
        }
        Some(world)
    }

    pub fn now(&self) -> Duration {
        Duration::from_millis(self.reactor.now())
    }

    pub fn set_up(&self, js: Js, dispatch: Value, turn: Value, flush: Value, scope_per_event: bool) -> bool {
        let callbacks = (|| {
            Some(Callbacks {
                dispatch: js.keep(dispatch)?,
                turn: js.keep(turn)?,
                flush: js.keep(flush)?,
                scope_per_event,
            })
        })();
        let done = callbacks.is_some();
        self.state.borrow_mut().callbacks = callbacks;
        done
    }

    // --- Sessions ---

    /// Makes a session and returns its key.
    pub fn create(&self, role: Role, config: Config) -> u32 {
        let mut state = self.state.borrow_mut();
        let key = state.next_key();
        state.sessions.insert(key, Box::new(Entry::new(key, role, config)));
        self.after(&mut state, key);
        key
    }

    /// Ends a session. What is still for its stream comes back; None if there is no such session.
    pub fn destroy(&self, js: Js, key: u32, code: ErrorCode) -> Option<Vec<Bytes>> {
        let mut entry = self.state.borrow_mut().sessions.remove(&key)?;
        let last = entry.destroy(js, code);
        #[cfg(unix)]
        if let Some((key, tls, socket)) = entry.take_tls() {
            self.with_connection(key, |connection| connection.give_back(tls, socket));
        }
        entry.discard();
        Some(last)
    }

    /// Carries out a command on a session. None if there is no such session, or it is broken.
    pub fn command<R>(&self, key: u32, act: impl FnOnce(&mut Engine) -> R) -> Option<R> {
        self.with_entry(key, |entry, _| entry.act(act)).flatten()
    }

    /// The same for a command that may send something before it is carried out.
    pub fn sending_command<R>(&self, js: Js, key: u32, act: impl FnOnce(&mut Engine) -> R) -> Option<R> {
        self.with_entry(key, |entry, _| {
            entry.secure_bodies(js);
            entry.act(act)
        })
        .flatten()
    }

    /// Does something with an entry, and sees to what follows from it.
    pub fn with_entry<R>(&self, key: u32, act: impl FnOnce(&mut Entry, &Rc<RefCell<Slabs>>) -> R) -> Option<R> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let entry = state.sessions.get_mut(&key)?;
        let result = entry.guard(|entry| act(entry, &state.slabs));
        entry.note(&mut state.dirty, &mut state.ready);
        self.settle(state);
        result
    }

    pub fn view<R>(&self, key: u32, view: impl FnOnce(&Entry) -> Option<R>) -> Option<R> {
        view(self.state.borrow().sessions.get(&key)?)
    }

    /// The scratch buffer, empty. To be given back with [`World::put_scratch`].
    pub fn take_scratch(&self) -> Vec<u8> {
        mem::take(&mut self.state.borrow_mut().scratch)
    }

    pub fn put_scratch(&self, mut scratch: Vec<u8>) {
        /// A long header block or body must not stay allocated for ever.
        const KEPT: usize = 64 * 1024;
        if scratch.capacity() <= KEPT {
            scratch.clear();
            self.state.borrow_mut().scratch = scratch;
        }
    }

    /// The list of that name, read when it is not here. The name's lower bits are its place, which it gives up for the next.
    pub fn kept_list(&self, name: NonZeroU32, read: impl FnOnce() -> Option<FieldBlock>) -> Option<Rc<FieldBlock>> {
        let place = name.get() as usize % KEPT_LISTS;
        if let Some((kept, list)) = self.state.borrow().kept_lists.get(place)?
            && *kept == name
        {
            return Some(list.clone());
        }
        let list = Rc::new(read()?);
        *self.state.borrow_mut().kept_lists.get_mut(place)? = Some((name, list.clone()));
        Some(list)
    }

    /// Notes what an entry wants.
    fn after(&self, state: &mut State, key: u32) {
        let Some(entry) = state.sessions.get_mut(&key) else { return };
        entry.note(&mut state.dirty, &mut state.ready);
        self.settle(state);
    }

    /// Asks for the turns that are due. During a turn that waits for its end, which may leave nothing to ask for.
    fn settle(&self, state: &State) {
        if self.turning.get() {
            return;
        }
        if !state.dirty.is_empty() {
            self.reactor.want_flush();
        }
        if !state.ready.is_empty() || self.has_reads_to_tell() {
            self.reactor.want_dispatch();
        }
    }

    /// The session's stream has room, or is broken.
    pub fn output_done(&self, key: u32, failed: bool) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let Some(entry) = state.sessions.get_mut(&key) else { return };
        // Even if the session has nothing to add, the transport may have held something back. (If neither has, the session must
        // not look as if it had something pending: it may be about to say that it is done.)
        if entry.output_done(failed) && !entry.is_dirty {
            entry.is_dirty = true;
            state.dirty.push(key);
        }
        self.after(state, key);
    }

    #[cfg(unix)]
    fn has_reads_to_tell(&self) -> bool {
        self.reads.has_news()
    }

    #[cfg(unix)]
    fn tell_reads(&self, batch: &mut Batch) -> bool {
        self.reads.tell(batch)
    }

    /// Without descriptors JavaScript reads the files.
    #[cfg(not(unix))]
    fn has_reads_to_tell(&self) -> bool {
        false
    }

    #[cfg(not(unix))]
    fn tell_reads(&self, _: &mut Batch) -> bool {
        true
    }

    #[cfg(unix)]
    pub(super) fn open_files(&self) -> std::io::Result<Files> {
        let Some(this) = self.this.get() else { return Err(std::io::ErrorKind::NotConnected.into()) };
        // SAFETY: the world owns its reactor, which is open while functions of the world are called.
        unsafe { Files::open(&self.reactor, this) }
    }

    /// Takes a socket over: duplicates its descriptor and has libuv watch it. Fails with an error number of the system's.
    #[cfg(unix)]
    pub fn open_socket(&self, key: u32, fd: i32) -> Result<(), i32> {
        let socket = self.take_over(key, fd)?;
        self.with_entry(key, |entry, _| entry.socket = Some(socket)).ok_or(libc::EBADF)
    }

    #[cfg(unix)]
    fn take_over(&self, key: u32, fd: i32) -> Result<TakenSocket, i32> {
        let Some(this) = self.this.get() else { return Err(libc::EBADF) };
        let fd = socket::duplicate(fd).map_err(|error| error.raw_os_error().unwrap_or(libc::EINVAL))?;
        // SAFETY: the world owns its reactor, which is open while functions of the world are called.
        let poll = unsafe { Poll::open(&self.reactor, this, key, fd.clone()) }.map_err(|error| -error)?;
        Ok(TakenSocket::new(poll, fd))
    }

    // --- TLS ---

    /// Takes a socket over for a TLS connection, whose key is returned. Fails with an error number of the system's.
    #[cfg(unix)]
    pub fn open_connection(&self, fd: i32) -> Result<u32, i32> {
        let key = self.state.borrow_mut().next_key();
        let socket = self.take_over(key, fd)?;
        self.state.borrow_mut().connections.insert(key, Box::new(Connection::new(key, socket)));
        Ok(key)
    }

    /// Does something with a connection, and sees to what follows from it.
    #[cfg(unix)]
    pub fn with_connection<R>(&self, key: u32, act: impl FnOnce(&mut Connection) -> R) -> Option<R> {
        let mut state = self.state.borrow_mut();
        let result = act(state.connections.get_mut(&key)?);
        state.note_connection(key);
        self.settle(&state);
        Some(result)
    }

    /// Puts a connection under a session. False if that cannot be.
    #[cfg(unix)]
    pub fn attach_connection(&self, js: Js, session: u32, key: u32) -> bool {
        if !self.state.borrow().sessions.contains_key(&session) {
            return false;
        }
        let Some((tls, socket)) = self.with_connection(key, Connection::lend).flatten() else { return false };
        let now = self.now();
        self.with_entry(session, |entry, _| entry.start_tls(js, key, tls, socket, now)).is_some()
    }

    /// Lets go of a connection and its socket.
    #[cfg(unix)]
    pub fn close_connection(&self, key: u32) {
        let connection = self.state.borrow_mut().connections.remove(&key);
        // Closing a descriptor is no business of the state's.
        drop(connection);
    }

    #[cfg(unix)]
    pub fn slabs(&self) -> Rc<RefCell<Slabs>> {
        self.state.borrow().slabs.clone()
    }

    // --- Turns ---

    /// Tells what there is to tell, flushes what that made dirty, and tells what the flush brought about. JavaScript runs
    /// in this: to be called with nothing borrowed.
    pub fn turn(&self, js: Js) {
        self.turning(|| {
            self.dispatch(js);
            self.flush_dirty(js);
            self.dispatch(js);
        });
    }

    /// Flushes what became dirty outside of a turn, and tells what that brought about: a session that closes says its last
    /// word before the peer has answered the one before, and nothing waits for the loop to go round.
    ///
    /// A session that goes on sends once a turn, as in node: its peer hears of one write before the next. `again` says that
    /// this turn has flushed already.
    pub fn flush(&self, js: Js, again: bool) {
        self.turning(|| {
            let mut later = if again { self.take_running() } else { Vec::new() };
            self.flush_dirty(js);
            self.dispatch(js);
            later.append(&mut self.take_running());
            self.flush_dirty(js);
            self.state.borrow_mut().dirty.extend(later);
        });
    }

    /// Takes those sessions out of the dirty ones that are not about to end.
    fn take_running(&self) -> Vec<u32> {
        let mut state = self.state.borrow_mut();
        let State { sessions, dirty, .. } = &mut *state;
        let (running, closing) =
            mem::take(dirty).into_iter().partition(|key| sessions.get(key).is_some_and(|entry| !entry.is_closing()));
        *dirty = closing;
        running
    }

    fn turning(&self, turn: impl FnOnce()) {
        struct Turning<'a>(&'a World);
        impl Drop for Turning<'_> {
            fn drop(&mut self) {
                self.0.turning.set(false);
                self.0.settle(&self.0.state.borrow());
            }
        }
        if !self.turning.replace(true) {
            let _turning = Turning(self);
            turn();
        }
    }

    fn dispatch(&self, js: Js) {
        let now = self.now();
        let mut queue = Queue { keys: mem::take(&mut self.state.borrow_mut().ready), first_polled: false };
        for _ in 0..BATCHES_A_TURN {
            if queue.keys.is_empty() && !self.has_reads_to_tell() {
                break;
            }
            let told = self.one_batch(js, |state, batch| {
                if self.tell_reads(batch) {
                    state.tell(js, &mut queue, now, batch);
                }
            });
            if !told {
                break;
            }
        }
        let mut state = self.state.borrow_mut();
        while let Some(key) = queue.keys.pop_back() {
            state.ready.push_front(key);
        }
    }

    /// Tells the events of one session now, with what has just arrived: the session or its stream is about to end, and the
    /// classes would drop them.
    pub fn dispatch_one(&self, js: Js, key: u32) {
        let now = self.now();
        #[cfg(unix)]
        self.with_entry(key, |entry, _| entry.read_on(js, now));
        let mut queue = Queue { keys: VecDeque::from([key]), first_polled: true };
        while !queue.keys.is_empty() && self.one_batch(js, |state, batch| state.tell(js, &mut queue, now, batch)) {}
    }

    /// Flushes every dirty session and hands their output to their streams.
    fn flush_dirty(&self, js: Js) {
        let dirty = mem::take(&mut self.state.borrow_mut().dirty);
        for key in &dirty {
            // Where a stream is another session's, that one hears of it before it sends itself.
            if self.flush_one(js, *key) {
                self.put_out(js, std::slice::from_ref(key));
            }
        }
        self.put_out(js, &dirty);
    }

    /// Flushes a session that has just received something from its stream, before whoever feeds that stream goes on.
    pub fn flush_session(&self, js: Js, key: u32) {
        self.turning(|| {
            self.state.borrow_mut().dirty.retain(|dirty| *dirty != key);
            self.flush_one(js, key);
            self.put_out(js, &[key]);
        });
    }

    /// Flushes a session. Whether a stream of JavaScript's carries it.
    fn flush_one(&self, js: Js, key: u32) -> bool {
        let mut state = self.state.borrow_mut();
        let State { sessions, ready, .. } = &mut *state;
        let Some(entry) = sessions.get_mut(&key) else { return false };
        entry.is_dirty = false;
        entry.flush(js);
        #[cfg(unix)]
        entry.watch_socket();
        // What still wants a flush waits for its stream to take what it was given.
        if !entry.is_ready && entry.has_news() {
            entry.is_ready = true;
            ready.push_back(key);
        }
        entry.is_on_stream()
    }

    /// Hands the output of sessions to their streams.
    fn put_out(&self, js: Js, keys: &[u32]) {
        let mut keys = keys.iter();
        while !keys.as_slice().is_empty()
            && self.one_batch(js, |state, batch| {
                while let Some(key) = keys.as_slice().first() {
                    if let Some(entry) = state.sessions.get_mut(key)
                        && entry.put_out(js, batch) == Told::Full
                    {
                        break;
                    }
                    keys.next();
                }
            })
        {}
    }

    /// Fills a batch and calls `dispatch` with it. False if there was nothing to tell, or nobody to tell it.
    fn one_batch(&self, js: Js, fill: impl FnOnce(&mut State, &mut Batch)) -> bool {
        if self.closing.get() {
            return false;
        }
        // SAFETY: `js` says that this is the thread, and the cleanup hook has not run.
        let Some(_scope) = (unsafe { Scope::open(self.env) }) else { return false };
        let depth = self.depth.get();
        let (dispatch, arguments) = {
            let mut state = self.state.borrow_mut();
            let mut batches = self.batches.borrow_mut();
            if batches.len() <= depth {
                let Some(batch) = Batch::new(js) else { return false };
                batches.push(batch);
            }
            let (Some(batch), true) = (batches.get_mut(depth), state.callbacks.is_some()) else { return false };
            batch.clear();
            fill(&mut state, batch);
            let Some(callbacks) = &state.callbacks else { return false };
            if batch.is_empty() {
                return false;
            }
            (js.kept(&callbacks.dispatch), batch.arguments(js))
        };
        self.depth.set(depth + 1);
        let told = js.call(dispatch, &arguments);
        self.depth.set(depth);
        if !told {
            // A bug of ours, or the environment is about to end.
            js.report_pending();
        }
        told && !self.closing.get()
    }

    fn call_back(&self, which: impl FnOnce(&Callbacks) -> &Reference, direct: impl FnOnce(Js)) {
        if self.closing.get() {
            return;
        }
        // SAFETY: libuv calls on the environment's thread, and the cleanup hook, which closes its handles, has not run.
        let Some(scope) = (unsafe { Scope::open(self.env) }) else { return };
        let js = scope.js();
        let function = {
            let state = self.state.borrow();
            let Some(callbacks) = &state.callbacks else { return };
            (!callbacks.scope_per_event).then(|| js.kept(which(callbacks)))
        };
        match function {
            Some(function) => {
                js.call_back(function, &[]);
            }
            // libuv calls, through which nothing may unwind.
            None => drop(catch_unwind(AssertUnwindSafe(|| direct(js)))),
        }
    }
}

impl State {
    /// A key that neither a session has nor a connection.
    fn next_key(&mut self) -> u32 {
        let mut key = self.last_key;
        loop {
            key = if key == LAST_KEY { 1 } else { key + 1 };
            #[cfg(unix)]
            let is_free = !self.sessions.contains_key(&key) && !self.connections.contains_key(&key);
            #[cfg(not(unix))]
            let is_free = !self.sessions.contains_key(&key);
            if is_free {
                break;
            }
        }
        self.last_key = key;
        key
    }

    /// Puts a connection into the list of those that have events.
    #[cfg(unix)]
    fn note_connection(&mut self, key: u32) {
        if let Some(connection) = self.connections.get_mut(&key)
            && !connection.is_ready
            && connection.has_news()
        {
            connection.is_ready = true;
            self.ready.push_back(key);
        }
    }

    /// Takes in what the sessions in `queue` have to read, tells their events, and takes those out that have no more. One
    /// after the other: what was read is told, and its memory free for the next, while it is in the processor's cache.
    fn tell(&mut self, js: Js, queue: &mut Queue, now: Duration, batch: &mut Batch) {
        while let Some(key) = queue.keys.front() {
            if let Some(entry) = self.sessions.get_mut(key) {
                if !queue.first_polled {
                    entry.poll_on(js, now);
                    entry.note(&mut self.dirty, &mut self.ready);
                    queue.first_polled = true;
                }
                if entry.tell(js, batch) == Told::Full {
                    return;
                }
                entry.is_ready = false;
                if entry.unread {
                    entry.is_ready = true;
                    self.ready.push_back(*key);
                }
            }
            #[cfg(unix)]
            if let Some(connection) = self.connections.get_mut(key) {
                if connection.tell(js, batch) == Told::Full {
                    return;
                }
                connection.is_ready = false;
            }
            queue.keys.pop_front();
            queue.first_polled = false;
        }
    }
}

impl Turn for World {
    fn time_to_flush(&self) {
        self.call_back(|callbacks| &callbacks.flush, |js| self.flush(js, false));
    }

    fn time_to_dispatch(&self) {
        self.call_back(|callbacks| &callbacks.turn, |js| self.turn(js));
    }

    #[cfg(unix)]
    fn socket_ready(&self, key: u32, readiness: Readiness) {
        let Ok(mut state) = self.state.try_borrow_mut() else { return };
        let state = &mut *state;
        if let Some(connection) = state.connections.get_mut(&key) {
            connection.socket_ready(readiness);
            state.note_connection(key);
            self.settle(state);
            return;
        }
        let Some(entry) = state.sessions.get_mut(&key) else { return };
        let writable = entry.guard(|entry| entry.socket_ready(readiness)).unwrap_or(false);
        if writable && !entry.is_dirty {
            entry.is_dirty = true;
            state.dirty.push(key);
        }
        self.after(state, key);
    }

    #[cfg(unix)]
    fn files_read(&self) {
        self.write_read();
        self.settle(&self.state.borrow());
    }

    fn reactor(&self) -> &Reactor<World> {
        &self.reactor
    }

    unsafe fn closed(this: NonNull<World>) {
        // SAFETY: leaked in `open`; libuv has no pointer to it any more, and no JavaScript runs that could call a native
        // function. The hook was added once and is removed once, after the world is gone.
        unsafe {
            let world = Box::from_raw(this.as_ptr());
            let hook = world.hook.get();
            drop(world);
            sys::napi_remove_async_cleanup_hook(hook);
        }
    }
}

unsafe extern "C" fn on_cleanup(_: sys::napi_async_cleanup_hook_handle, world: *mut c_void) {
    // SAFETY: the pointer given to `napi_add_async_cleanup_hook`; this is called once, on the environment's thread.
    let world = unsafe { &*world.cast::<World>() };
    world.closing.set(true);
    // Not borrowed: no native function is running. References are deleted while the environment still lets them be.
    if let Ok(mut state) = world.state.try_borrow_mut() {
        state.sessions.clear();
        #[cfg(unix)]
        state.connections.clear();
        state.callbacks = None;
        state.slabs = Rc::default();
        state.ready.clear();
        state.dirty.clear();
    }
    #[cfg(unix)]
    world.reads.close();
    if let Ok(mut batches) = world.batches.try_borrow_mut() {
        batches.clear();
    }
    world.reactor.close();
}
