//! Watching a socket's descriptor with libuv.

use std::alloc;
use std::cell::Cell;
use std::ffi::c_int;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;
use std::rc::Rc;

use super::uv::{self, RawHandle};
use super::{Reactor, Turn};

/// A started or stopped `uv_poll_t` on a descriptor. Dropping it stops it at once; the descriptor is closed when libuv has
/// let go of the handle, if nobody else holds it then.
#[derive(Debug)]
pub struct Poll {
    handle: NonNull<RawHandle>,
    watched: Cell<c_int>,
    key: Rc<Cell<u32>>,
    on_ready: uv::PollCallback,
    on_closed: uv::Callback,
}

/// What the handle's data points to.
struct Watch<T: Turn> {
    owner: NonNull<T>,
    key: Rc<Cell<u32>>,
    /// Kept until the handle is closed: epoll must not see the number reused while libuv still knows it.
    _fd: Rc<OwnedFd>,
}

impl Poll {
    /// Fails with libuv's (negative) error number.
    ///
    /// # Safety
    /// `reactor` is open, belongs to `owner`, and this is its loop's thread.
    pub unsafe fn open<T: Turn>(
        reactor: &Reactor<T>,
        owner: NonNull<T>,
        key: u32,
        fd: Rc<OwnedFd>,
    ) -> Result<Poll, c_int> {
        let Some(on) = reactor.on.get() else { return Err(-libc::EBADF) };
        let raw = fd.as_raw_fd();
        let key = Rc::new(Cell::new(key));
        let layout = uv::poll_layout();
        // SAFETY: the layout has a size that libuv gave, and libuv only writes within it. A handle whose initialisation
        // failed is unknown to the loop, so that it may be freed here.
        let handle = unsafe {
            let Some(handle) = NonNull::new(alloc::alloc_zeroed(layout).cast::<RawHandle>()) else {
                alloc::handle_alloc_error(layout);
            };
            let status = uv::uv_poll_init(on.as_ptr(), handle.as_ptr(), raw);
            if status != 0 {
                alloc::dealloc(handle.as_ptr().cast(), layout);
                return Err(status);
            }
            uv::set_data(handle, Box::into_raw(Box::new(Watch { owner, key: key.clone(), _fd: fd })).cast());
            handle
        };
        reactor.opened();
        Ok(Poll { handle, watched: Cell::new(0), key, on_ready: on_ready::<T>, on_closed: on_closed::<T> })
    }

    /// From here on [`Turn::socket_ready`] is called when the descriptor is readable or writable, whichever is asked for.
    pub fn watch(&self, readable: bool, writable: bool) {
        let events = (if readable { uv::READABLE } else { 0 }) | (if writable { uv::WRITABLE } else { 0 });
        if self.watched.replace(events) == events {
            return;
        }
        // SAFETY: the handle is initialised and not closed.
        unsafe {
            let _ = match events {
                0 => uv::uv_poll_stop(self.handle.as_ptr()),
                _ => uv::uv_poll_start(self.handle.as_ptr(), events, Some(self.on_ready)),
            };
        }
    }

    /// Whose the descriptor is from here on.
    pub fn assign(&self, key: u32) {
        self.key.set(key);
    }

    /// libuv has stopped the handle by itself, as it does after an error.
    pub fn stopped(&self) {
        self.watched.set(0);
    }

    /// Whether the handle keeps the loop alive. It does at first.
    pub fn keep_alive(&self, keep: bool) {
        // SAFETY: the handle is initialised and not closed.
        unsafe {
            match keep {
                true => uv::uv_ref(self.handle.as_ptr()),
                false => uv::uv_unref(self.handle.as_ptr()),
            }
        }
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        // SAFETY: initialised, and closed once, here. `on_closed` frees it and its data.
        unsafe { uv::close(self.handle, self.on_closed) };
    }
}

unsafe extern "C" fn on_ready<T: Turn>(handle: *mut RawHandle, status: c_int, events: c_int) {
    // SAFETY: the data of a handle that is not closed is its watch; the owner lives until all handles are closed. Copied
    // out, since the call may close the handle.
    let (owner, key) = unsafe {
        let watch = uv::data_of(handle).cast::<Watch<T>>();
        ((*watch).owner, (*watch).key.get())
    };
    // SAFETY: only shared references to the owner exist.
    let owner = unsafe { owner.as_ref() };
    if status < 0 {
        // What is wrong, reading will tell.
        owner.socket_ready(key, super::Readiness::Failed);
    } else {
        let (readable, writable) = (events & uv::READABLE != 0, events & uv::WRITABLE != 0);
        owner.socket_ready(key, super::Readiness::Ready { readable, writable });
    }
}

unsafe extern "C" fn on_closed<T: Turn>(handle: *mut RawHandle) {
    // SAFETY: libuv is done with the handle, whose memory and data are from `open`.
    unsafe {
        let watch = Box::from_raw(uv::data_of(handle).cast::<Watch<T>>());
        let owner = watch.owner;
        drop(watch);
        alloc::dealloc(handle.cast(), uv::poll_layout());
        super::handle_closed(owner);
    }
}
