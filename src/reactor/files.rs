//! Reading files off the loop's thread: blocking reads on the threads of a small tokio runtime, which is made for the first
//! of them. What they read waits in a mailbox; a `uv_async` tells the loop to look into it.
//!
//! The end of the environment waits for no read, since one from a pipe may never return: its thread then finds the
//! mailbox closed.

use std::alloc;
use std::ffi::c_int;
use std::io;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::uv::{self, RawHandle};
use super::{Reactor, Turn};

/// As many as libuv's pool has: reads of files in the page cache take some ten microseconds.
const THREADS: usize = 4;

/// Threads that have had nothing to do for so long go.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// What is to be read. The descriptor belongs to whoever asks, and stays open until the answer.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub read: u32,
    pub fd: c_int,
    /// From where the descriptor stands if there is none.
    pub position: Option<u64>,
    pub length: usize,
}

/// What became of it: at least one octet, none at the end of the file, or an error.
#[derive(Debug)]
pub struct Answer {
    pub read: u32,
    pub octets: io::Result<Vec<u8>>,
}

/// The threads of one environment. Dropping them on the loop's thread ends them; the handle is closed on a later turn.
#[derive(Debug)]
pub struct Files {
    /// None only while it is being dropped.
    runtime: Option<Runtime>,
    mailbox: Arc<Mailbox>,
    handle: NonNull<RawHandle>,
    on_closed: uv::Callback,
    /// Requests without an answer yet.
    waiting: usize,
}

#[derive(Debug, Default)]
struct Mailbox(Mutex<Mail>);

#[derive(Debug, Default)]
struct Mail {
    answers: Vec<Answer>,
    wake: Option<Wake>,
}

/// The handle, as the threads see it.
#[derive(Debug, Clone, Copy)]
struct Wake(NonNull<RawHandle>);

// SAFETY: `uv_async_send` may be called on any thread, and the handle stays open while it is in the mailbox.
unsafe impl Send for Wake {}

impl Mailbox {
    /// The mail is whole after every step, so that a panic of another thread's does no harm.
    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self, answer: Answer) {
        let mut mail = self.lock();
        let Some(Wake(handle)) = mail.wake else { return };
        mail.answers.push(answer);
        // SAFETY: the handle is open, since it is only closed once it was taken out of the mailbox, which is locked.
        unsafe { uv::uv_async_send(handle.as_ptr()) };
    }
}

impl Files {
    /// Fails where there are no threads to be had, or no handle.
    ///
    /// # Safety
    /// `reactor` is open, belongs to `owner`, and this is its loop's thread.
    pub unsafe fn open<T: Turn>(reactor: &Reactor<T>, owner: NonNull<T>) -> io::Result<Files> {
        keep_library_loaded()?;
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(THREADS)
            .thread_keep_alive(KEEP_ALIVE)
            .thread_name("http2-rs file")
            .build()?;
        let Some(on) = reactor.on.get() else { return Err(io::ErrorKind::NotConnected.into()) };
        let layout = uv::async_layout();
        // SAFETY: the layout has a size that libuv gave, and libuv only writes within it. A handle whose initialisation
        // failed is unknown to the loop, so that it may be freed here.
        let handle = unsafe {
            let Some(handle) = NonNull::new(alloc::alloc_zeroed(layout).cast::<RawHandle>()) else {
                alloc::handle_alloc_error(layout);
            };
            let status = uv::uv_async_init(on.as_ptr(), handle.as_ptr(), Some(on_wake::<T>));
            if status != 0 {
                alloc::dealloc(handle.as_ptr().cast(), layout);
                return Err(io::Error::from_raw_os_error(-status));
            }
            uv::set_data(handle, owner.as_ptr().cast());
            // Until something is waited for.
            uv::uv_unref(handle.as_ptr());
            handle
        };
        reactor.opened();
        let mailbox = Mailbox(Mutex::new(Mail { answers: Vec::new(), wake: Some(Wake(handle)) }));
        Ok(Files { runtime: Some(runtime), mailbox: Arc::new(mailbox), handle, on_closed: on_closed::<T>, waiting: 0 })
    }

    /// Has a thread read; [`Turn::files_read`] tells when there is an answer.
    pub fn read(&mut self, request: Request) {
        let Some(runtime) = &self.runtime else { return };
        let mailbox = self.mailbox.clone();
        // The answer comes through the mailbox.
        drop(runtime.spawn_blocking(move || {
            mailbox.post(Answer { read: request.read, octets: read(request) });
        }));
        self.waiting += 1;
        if self.waiting == 1 {
            // SAFETY: the handle is initialised and not closed. A read keeps the loop alive, as those of node's do.
            unsafe { uv::uv_ref(self.handle.as_ptr()) };
        }
    }

    /// The answers that have come.
    pub fn answers(&mut self) -> Vec<Answer> {
        let answers = std::mem::take(&mut self.mailbox.lock().answers);
        self.waiting -= answers.len().min(self.waiting);
        if self.waiting == 0 {
            // SAFETY: as in `read`.
            unsafe { uv::uv_unref(self.handle.as_ptr()) };
        }
        answers
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        *self.mailbox.lock() = Mail::default();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // SAFETY: initialised, closed once, here, and in no mailbox any more. `on_closed` frees it.
        unsafe { uv::close(self.handle, self.on_closed) };
    }
}

fn read(Request { fd, position, length, .. }: Request) -> io::Result<Vec<u8>> {
    let mut octets = Vec::<u8>::with_capacity(length);
    loop {
        let room = octets.spare_capacity_mut();
        let (start, length) = (room.as_mut_ptr().cast(), room.len().min(length));
        // SAFETY: the system writes `length` octets at most to where there is room for so many.
        let read = unsafe {
            match position.map(libc::off_t::try_from) {
                Some(Ok(position)) => libc::pread(fd, start, length, position),
                Some(Err(_)) => return Err(io::Error::from_raw_os_error(libc::EINVAL)),
                None => libc::read(fd, start, length),
            }
        };
        match usize::try_from(read) {
            Ok(read) => {
                // SAFETY: so many were written.
                unsafe { octets.set_len(read) };
                return Ok(octets);
            }
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

/// Node unloads a library when the last Worker that loaded it ends. Its code must stay while a thread may run it.
fn keep_library_loaded() -> io::Result<()> {
    let here: fn() -> io::Result<()> = keep_library_loaded;
    // SAFETY: the out-parameter is valid, and the name in it as long as the library is loaded. Opening a library that is
    // loaded runs no code of it.
    let pinned = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        libc::dladdr(here as *const _, &mut info) != 0
            && !libc::dlopen(info.dli_fname, libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE).is_null()
    };
    if pinned { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
}

unsafe extern "C" fn on_wake<T: Turn>(handle: *mut RawHandle) {
    // SAFETY: the data of the handle is its owner, which lives until all handles are closed; only shared references to
    // it exist.
    unsafe {
        if let Some(owner) = super::owner_of::<T>(handle) {
            owner.as_ref().files_read();
        }
    }
}

unsafe extern "C" fn on_closed<T: Turn>(handle: *mut RawHandle) {
    // SAFETY: libuv is done with the handle, whose memory is from `open`; the owner lives until `closed`.
    unsafe {
        let owner = super::owner_of::<T>(handle);
        alloc::dealloc(handle.cast(), uv::async_layout());
        if let Some(owner) = owner {
            super::handle_closed(owner);
        }
    }
}
