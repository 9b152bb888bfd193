//! libuv: when sessions are flushed and their events dispatched.
//!
//! A turn of the loop, as far as it concerns this crate:
//!
//! ```text
//!   timers ─> idle ─> wait for I/O ─> CHECK ─> immediates ─> closing handles
//!                                     flush what callbacks and ticks left to send, or
//!                                     dispatch the events of all sessions in one call, then flush every session
//!                                     that the listeners gave something to send
//! ```
//!
//! The check comes before node's, which runs immediates, as the moment in which node's own sessions send does: an
//! immediate that a listener sets runs in the same turn.
//!
//! No handle runs in a turn that has no use for it. While there is something to do an *idle* handle keeps the loop from
//! going to sleep on it, and from ending: nothing of ours keeps a process alive for longer than one turn.
//!
//! Layout: `uv` declares the libuv functions; `poll` watches sockets; `files` reads files on other threads; this file is the two handles and their end.

#[cfg(unix)]
pub mod files;
#[cfg(unix)]
pub mod poll;
pub mod uv;

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;

use uv::{Moment, RawHandle, Watcher};

/// What a turn calls back. One implementation lives behind one pointer, which all handles share.
pub trait Turn: Sized {
    /// Time to flush what was not given by a listener in a dispatch. Called if [`Reactor::want_flush`] was and
    /// [`Reactor::want_dispatch`] was not.
    fn time_to_flush(&self);

    /// Time to dispatch, and to flush. Called once for every [`Reactor::want_dispatch`].
    fn time_to_dispatch(&self);

    /// A descriptor of [`poll::Poll`] is ready.
    #[cfg(unix)]
    fn socket_ready(&self, key: u32, readiness: Readiness);

    /// [`files::Files::answers`] has something.
    #[cfg(unix)]
    fn files_read(&self);

    fn reactor(&self) -> &Reactor<Self>;

    /// The handles are closed: nothing is called any more, and `this` may be freed.
    ///
    /// # Safety
    /// `this` is the pointer given to [`Reactor::open`]. Called once.
    unsafe fn closed(this: NonNull<Self>);
}

/// What libuv says of a descriptor.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Ready {
        readable: bool,
        writable: bool,
    },
    /// It is not watched any more. Reading tells why.
    Failed,
}

/// Whether the libuv of this Node, before 1.52 on Linux, takes a reset that it finds together with octets for a plain end: so
/// node's own sockets end without an error there.
#[cfg(unix)]
pub fn takes_reset_for_end() -> bool {
    cfg!(target_os = "linux") && uv::version() < 0x01_34_00
}

/// The handles of one environment. Open, use and close on the loop's thread.
#[derive(Debug)]
pub struct Reactor<T> {
    on: Cell<Option<NonNull<uv::Loop>>>,
    handles: RefCell<Option<Handles>>,
    flush_wanted: Cell<bool>,
    dispatch_wanted: Cell<bool>,
    /// The handles are started.
    watching: Cell<bool>,
    /// Handles that libuv knows.
    open: Cell<usize>,
    owner: PhantomData<fn(&T)>,
}

#[derive(Debug)]
struct Handles {
    check: Watcher,
    idle: Watcher,
}

enum Wanted {
    Nothing,
    Flush,
    Dispatch,
}

impl<T: Turn> Reactor<T> {
    pub const fn new() -> Reactor<T> {
        Reactor {
            on: Cell::new(None),
            handles: RefCell::new(None),
            flush_wanted: Cell::new(false),
            dispatch_wanted: Cell::new(false),
            watching: Cell::new(false),
            open: Cell::new(0),
            owner: PhantomData,
        }
    }

    /// # Safety
    /// `on` is a live loop, and this is its thread. `owner`, whose reactor this is, stays valid until [`Turn::closed`].
    pub unsafe fn open(&self, on: NonNull<uv::Loop>, owner: NonNull<T>) {
        let data = owner.as_ptr().cast::<c_void>();
        // SAFETY: passed on to the caller.
        let handles = unsafe {
            Handles { check: Watcher::new(on, Moment::Check, data), idle: Watcher::new(on, Moment::Idle, data) }
        };
        self.on.set(Some(on));
        self.handles.replace(Some(handles));
        self.open.set(self.open.get() + 2);
    }

    /// One more handle is with libuv.
    #[cfg(unix)]
    fn opened(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// Milliseconds of the loop's clock.
    pub fn now(&self) -> u64 {
        // SAFETY: the loop outlives its environment, and with it the reactor.
        self.on.get().map_or(0, |on| unsafe { uv::now(on) })
    }

    pub fn want_flush(&self) {
        self.flush_wanted.set(true);
        self.watch();
    }

    pub fn want_dispatch(&self) {
        self.dispatch_wanted.set(true);
        self.watch();
    }

    fn watch(&self) {
        if self.watching.replace(true) {
            return;
        }
        if let Some(handles) = &*self.handles.borrow() {
            handles.check.start(on_check::<T>);
            // Whatever the moment is, the next wait must not happen.
            handles.idle.start(on_idle);
        }
    }

    /// The moment has come: the loop may wait again until something else is wanted. What was wanted, None once closed.
    fn take(&self) -> Option<Wanted> {
        let handles = self.handles.borrow();
        let handles = handles.as_ref()?;
        handles.check.stop();
        handles.idle.stop();
        self.watching.set(false);
        let (flush, dispatch) = (self.flush_wanted.take(), self.dispatch_wanted.take());
        Some(if dispatch {
            Wanted::Dispatch
        } else if flush {
            Wanted::Flush
        } else {
            Wanted::Nothing
        })
    }

    /// Stops and closes every handle; [`Turn::closed`] follows on a later turn, if this is the first call. Sockets
    /// must have been let go before.
    pub fn close(&self) {
        let Some(handles) = self.handles.take() else { return };
        handles.check.close(on_closed::<T, CHECK>);
        handles.idle.close(on_closed::<T, IDLE>);
    }
}

const CHECK: u8 = 0;
const IDLE: u8 = 1;

/// # Safety
/// Called by libuv with a handle of a [`Reactor<T>`], whose owner lives until all of them are closed.
unsafe fn owner_of<T>(handle: *const RawHandle) -> Option<NonNull<T>> {
    // SAFETY: all handles of a reactor carry its owner.
    NonNull::new(unsafe { uv::data_of(handle) }.cast::<T>())
}

unsafe extern "C" fn on_check<T: Turn>(handle: *mut RawHandle) {
    // SAFETY: libuv calls with the handle that `watch` started.
    let Some(owner) = (unsafe { owner_of::<T>(handle) }) else { return };
    // SAFETY: the owner is valid, and only shared references to it exist.
    let owner = unsafe { owner.as_ref() };
    match owner.reactor().take() {
        Some(Wanted::Dispatch) => owner.time_to_dispatch(),
        Some(Wanted::Flush) => owner.time_to_flush(),
        Some(Wanted::Nothing) | None => {}
    }
}

/// Its being started is all that an idle handle is for.
unsafe extern "C" fn on_idle(_: *mut RawHandle) {}

unsafe extern "C" fn on_closed<T: Turn, const MOMENT: u8>(handle: *mut RawHandle) {
    let moment = match MOMENT {
        CHECK => Moment::Check,
        _ => Moment::Idle,
    };
    // SAFETY: libuv is done with the handle; the owner lives until `closed`, which is called for the last of them. The
    // reference to it ends before.
    unsafe {
        let owner = owner_of::<T>(handle);
        uv::release(handle, moment);
        let Some(owner) = owner else { return };
        handle_closed(owner);
    }
}

/// # Safety
/// Called once for every handle of `owner`'s reactor, when libuv has let go of it.
unsafe fn handle_closed<T: Turn>(owner: NonNull<T>) {
    // SAFETY: the owner is valid until `closed`, which is called for the last handle: the three of the reactor itself are
    // closed at its end only. The reference ends before.
    unsafe {
        let left = owner.as_ref().reactor().open.get() - 1;
        owner.as_ref().reactor().open.set(left);
        if left == 0 {
            T::closed(owner);
        }
    }
}
