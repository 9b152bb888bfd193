//! The part of libuv's interface that the reactor uses, declared by hand: libuv lives inside the node binary, and its
//! handles are opaque here (their sizes are asked for at run time, since they differ between its versions).

use std::alloc::{self, Layout};
use std::ffi::{c_int, c_uint, c_void};
use std::ptr::NonNull;

/// `uv_loop_t`.
#[repr(C)]
pub struct Loop {
    _opaque: [u8; 0],
}

/// `uv_handle_t`, and with it every kind of handle.
#[repr(C)]
pub struct RawHandle {
    _opaque: [u8; 0],
}

pub type Callback = unsafe extern "C" fn(*mut RawHandle);

#[cfg(unix)]
pub type PollCallback = unsafe extern "C" fn(*mut RawHandle, c_int, c_int);

// The numbers of `uv_handle_type`: part of libuv 1.x's ABI.
const UV_CHECK: c_uint = 2;
const UV_IDLE: c_uint = 6;
#[cfg(unix)]
const UV_POLL: c_uint = 8;
#[cfg(unix)]
const UV_ASYNC: c_uint = 1;

#[cfg_attr(windows, link(name = "node.exe", kind = "raw-dylib", modifiers = "+verbatim"))]
unsafe extern "C" {
    fn uv_handle_size(kind: c_uint) -> usize;
    fn uv_handle_set_data(handle: *mut RawHandle, data: *mut c_void) -> *mut c_void;
    fn uv_handle_get_data(handle: *const RawHandle) -> *mut c_void;
    fn uv_close(handle: *mut RawHandle, done: Option<Callback>);
    fn uv_now(of: *const Loop) -> u64;

    fn uv_check_init(of: *mut Loop, handle: *mut RawHandle) -> c_int;
    fn uv_check_start(handle: *mut RawHandle, callback: Option<Callback>) -> c_int;
    fn uv_check_stop(handle: *mut RawHandle) -> c_int;
    fn uv_idle_init(of: *mut Loop, handle: *mut RawHandle) -> c_int;
    fn uv_idle_start(handle: *mut RawHandle, callback: Option<Callback>) -> c_int;
    fn uv_idle_stop(handle: *mut RawHandle) -> c_int;
}

// `uv_poll_event`.
#[cfg(unix)]
pub const READABLE: c_int = 1;
#[cfg(unix)]
pub const WRITABLE: c_int = 2;

#[cfg(unix)]
unsafe extern "C" {
    safe fn uv_version() -> c_uint;
    pub fn uv_poll_init(of: *mut Loop, handle: *mut RawHandle, fd: c_int) -> c_int;
    pub fn uv_poll_start(handle: *mut RawHandle, events: c_int, callback: Option<PollCallback>) -> c_int;
    pub fn uv_poll_stop(handle: *mut RawHandle) -> c_int;
    pub fn uv_async_init(of: *mut Loop, handle: *mut RawHandle, callback: Option<Callback>) -> c_int;
    pub fn uv_async_send(handle: *mut RawHandle) -> c_int;
    pub fn uv_ref(handle: *mut RawHandle);
    pub fn uv_unref(handle: *mut RawHandle);
}

/// Major, minor and patch of the libuv that runs, an octet each.
#[cfg(unix)]
pub fn version() -> u32 {
    uv_version()
}

/// Milliseconds of the loop's clock, as of the start of this turn.
///
/// # Safety
/// `of` is a loop that has not been closed, and this is its thread.
pub unsafe fn now(of: NonNull<Loop>) -> u64 {
    // SAFETY: demanded of the caller.
    unsafe { uv_now(of.as_ptr()) }
}

/// The handles that call back once a turn, and say nothing but that the moment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// After the loop waited for I/O.
    Check,
    /// Started, it keeps the loop from waiting at all.
    Idle,
}

/// An initialised handle in memory of its own. It must be [closed](Watcher::close) on the loop's thread; until then the
/// loop has a pointer to it.
#[derive(Debug)]
pub struct Watcher {
    handle: NonNull<RawHandle>,
    moment: Moment,
}

impl Watcher {
    /// # Safety
    /// `of` is a live loop and this is its thread. `data` is what callbacks are given; it must stay valid until the
    /// handle is closed.
    pub unsafe fn new(of: NonNull<Loop>, moment: Moment, data: *mut c_void) -> Watcher {
        // SAFETY: the layout has a size that libuv gave; libuv only writes within it. The init functions of these two
        // kinds cannot fail (they return 0 always).
        unsafe {
            let layout = layout_of(moment);
            let Some(handle) = NonNull::new(alloc::alloc_zeroed(layout).cast::<RawHandle>()) else {
                alloc::handle_alloc_error(layout);
            };
            match moment {
                Moment::Check => uv_check_init(of.as_ptr(), handle.as_ptr()),
                Moment::Idle => uv_idle_init(of.as_ptr(), handle.as_ptr()),
            };
            uv_handle_set_data(handle.as_ptr(), data);
            Watcher { handle, moment }
        }
    }

    /// Does nothing if it is started.
    pub fn start(&self, callback: Callback) {
        // SAFETY: the handle is initialised and not closed; starting twice is a no-op in libuv.
        unsafe {
            match self.moment {
                Moment::Check => uv_check_start(self.handle.as_ptr(), Some(callback)),
                Moment::Idle => uv_idle_start(self.handle.as_ptr(), Some(callback)),
            };
        }
    }

    pub fn stop(&self) {
        // SAFETY: as in `start`; stopping a stopped handle is a no-op in libuv.
        unsafe {
            match self.moment {
                Moment::Check => uv_check_stop(self.handle.as_ptr()),
                Moment::Idle => uv_idle_stop(self.handle.as_ptr()),
            };
        }
    }

    /// Gives the handle back to the loop. `done` is called with it on a later turn and must pass it to [`release`].
    pub fn close(self, done: Callback) {
        // SAFETY: the handle is initialised, and consumed here, so that it is closed once.
        unsafe { uv_close(self.handle.as_ptr(), Some(done)) };
    }
}

/// What was given to [`Watcher::new`] as `data`.
///
/// # Safety
/// `handle` is the argument of a callback of a [`Watcher`].
pub unsafe fn data_of(handle: *const RawHandle) -> *mut c_void {
    // SAFETY: demanded of the caller.
    unsafe { uv_handle_get_data(handle) }
}

/// Frees the memory of a closed handle.
///
/// # Safety
/// `handle` is the argument of the `done` callback of [`Watcher::close`], called for a watcher of that `moment`.
pub unsafe fn release(handle: *mut RawHandle, moment: Moment) {
    // SAFETY: allocated in `Watcher::new` with the same layout; the loop is done with it.
    unsafe { alloc::dealloc(handle.cast(), layout_of(moment)) };
}

/// The memory of a `uv_poll_t`.
#[cfg(unix)]
pub fn poll_layout() -> Layout {
    layout(UV_POLL)
}

/// The memory of a `uv_async_t`.
#[cfg(unix)]
pub fn async_layout() -> Layout {
    layout(UV_ASYNC)
}

/// # Safety
/// `handle` is initialised and not closed.
#[cfg(unix)]
pub unsafe fn set_data(handle: NonNull<RawHandle>, data: *mut c_void) {
    // SAFETY: demanded of the caller.
    unsafe { uv_handle_set_data(handle.as_ptr(), data) };
}

/// # Safety
/// `handle` is initialised and not closed; `done` frees it.
#[cfg(unix)]
pub unsafe fn close(handle: NonNull<RawHandle>, done: Callback) {
    // SAFETY: demanded of the caller.
    unsafe { uv_close(handle.as_ptr(), Some(done)) };
}

fn layout_of(moment: Moment) -> Layout {
    layout(match moment {
        Moment::Check => UV_CHECK,
        Moment::Idle => UV_IDLE,
    })
}

fn layout(kind: c_uint) -> Layout {
    // SAFETY: a pure function of libuv.
    let size = unsafe { uv_handle_size(kind) };
    // Handles hold pointers and 64 bit numbers; 16 is what malloc would align to.
    Layout::from_size_align(size, 16).unwrap_or(Layout::new::<[u128; 64]>())
}
