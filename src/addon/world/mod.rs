//! One environment (the main thread, or a Worker), from the addon's being loaded into it to its end.
//!
//! Layout: [`state`] is what it keeps, of that [`sessions`] are commanded and [`sockets`] taken over; [`turns`] are the turns
//! of its loop; [`kept`] is what calls use again.
//!
//! There is no static state. A [`World`] lives on the heap; the native functions and libuv's handles have a pointer to it.
//! It is made when the addon is loaded into an environment and ends as reactor-notes' recipe for teardown says: the
//! environment's cleanup hook drops every session and closes the handles; when the last is closed, the world is freed, and
//! only then the hook is removed, which lets the environment go on ending.
//!
//! The state is borrowed for moments only, and never while JavaScript runs: listeners call back into native functions.

mod kept;
mod sessions;
#[cfg(unix)]
mod sockets;
mod state;
mod turns;

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null_mut};
use std::rc::Rc;
use std::time::Duration;

use napi::sys;

use self::kept::Kept;
use self::state::State;
use super::batch::Batch;
#[cfg(unix)]
use super::file::Reads;
use super::value::{Js, Reference, Scope, Value};
#[cfg(unix)]
use crate::reactor::Readiness;
use crate::reactor::{Reactor, Turn, uv};

#[derive(Debug)]
pub struct World {
    env: sys::napi_env,
    /// What libuv's handles are given to find this world by.
    #[cfg(unix)]
    this: Cell<Option<NonNull<World>>>,
    reactor: Reactor<World>,
    state: RefCell<State>,
    /// What is used again.
    pub kept: Kept,
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

/// What lib/engine gave to be called.
#[derive(Debug)]
pub struct Callbacks {
    dispatch: Reference,
    /// The native functions `turn` and `flush`, called through `napi_make_callback`.
    turn: Reference,
    flush: Reference,
    /// Without `process._tickCallback` JavaScript opens a callback scope for each event, and Rust none around them.
    scope_per_event: bool,
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
            state: RefCell::default(),
            kept: Kept::default(),
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

impl Turn for World {
    fn time_to_flush(&self) {
        self.call_back(|callbacks| &callbacks.flush, |js| self.flush(js, false));
    }

    fn time_to_dispatch(&self) {
        self.call_back(
            |callbacks| &callbacks.turn,
            |js| {
                self.turn(js);
                self.flush(js, true);
            },
        );
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
        state.unheard.clear();
    }
    #[cfg(unix)]
    world.reads.close();
    if let Ok(mut batches) = world.batches.try_borrow_mut() {
        batches.clear();
    }
    world.reactor.close();
}
