//! Memory for what is received: Rust parses it, JavaScript gets bodies as views of it, and nothing is copied in between.
//!
//! A socket's input is read straight into a slab, a stream's chunk is copied into it. Small reads of a socket get memory
//! of their own: a frame that a peer leaves unfinished would keep the whole slab, and a thousand such peers a thousand.
//!
//! Slabs are Buffers of V8's, so that its collector knows how much there is to gain: what a program does not keep is gone
//! with the next scavenge, and the memory that comes back is warm. (External memory is freed by full collections only,
//! and so each read paid for fresh pages.) The price is that a program may detach or transfer what it can see. So
//! **Rust reads a slab only until JavaScript has seen it**: a slab that was shown takes no more input, and one that
//! others still have a part of when it is to be shown is shown as a copy ([`Slabs::show`]).

use std::cell::Cell;
#[cfg(unix)]
use std::io;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use napi::sys;

#[cfg(unix)]
use crate::transport::socket::{READ_SIZE, ReadSpace};

use super::value::{Js, Reference, Value};

/// The size of a slab: a socket's read. A view keeps all of it alive.
pub const SLAB_LEN: usize = 64 * 1024;

/// Input below this gets memory of its own.
const SMALL: usize = 8 * 1024;

#[derive(Debug)]
pub struct Slab {
    buffer: Reference,
    start: *mut u8,
    shown: Cell<bool>,
}

// SAFETY: [`Bytes`] asks for this; sessions, and the input in them, never leave their environment's thread.
unsafe impl Send for Slab {}
// SAFETY: as above.
unsafe impl Sync for Slab {}

impl Slab {
    fn new(js: Js) -> Option<Slab> {
        let (value, start) = js.new_buffer(SLAB_LEN)?;
        Some(Slab { buffer: js.keep(value)?, start, shown: Cell::new(false) })
    }

    /// Where in the slab `data` lies, if it does.
    pub fn place_of(&self, data: &[u8]) -> Option<usize> {
        let offset = (data.as_ptr() as usize).checked_sub(self.start as usize)?;
        (offset + data.len() <= SLAB_LEN).then_some(offset)
    }

    pub fn value(&self, js: Js) -> Value {
        js.kept(&self.buffer)
    }
}

/// A piece of a slab, which is what the [`Bytes`] of input own.
struct Piece {
    slab: Arc<Slab>,
    offset: usize,
    len: usize,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: within the slab, whose Buffer is referenced, and which JavaScript has not seen: so it is where it was,
        // and nobody writes to it. Rust wrote to each octet once, before its piece was made.
        unsafe { std::slice::from_raw_parts(self.slab.start.add(self.offset), self.len) }
    }
}

/// Where input goes.
#[derive(Debug)]
pub struct Slabs {
    env: sys::napi_env,
    current: Option<Arc<Slab>>,
    /// How much of the current slab is carved.
    carved: usize,
    /// Slabs that may have input which was not told, newest last.
    known: Vec<Weak<Slab>>,
}

impl Slabs {
    pub fn new(env: sys::napi_env) -> Slabs {
        Slabs { env, current: None, carved: 0, known: Vec::new() }
    }

    /// Copies `input`, which must not be longer than [`SLAB_LEN`]. To be called where JavaScript may be touched.
    pub fn copy(&mut self, input: &[u8]) -> Bytes {
        if input.len() >= SMALL
            && input.len() <= SLAB_LEN
            && let Some(slab) = self.room_for(input.len())
        {
            let (offset, len) = (self.carved, input.len());
            // SAFETY: `offset + len` is within the slab, and nothing has been told of this part of it.
            unsafe { slab.start.add(offset).copy_from_nonoverlapping(input.as_ptr(), len) };
            self.carved += len;
            return Bytes::from_owner(Piece { slab, offset, len });
        }
        Bytes::copy_from_slice(input)
    }

    /// The current slab, if it has not been shown and has room; else a new one. None if V8 gives no memory.
    fn room_for(&mut self, len: usize) -> Option<Arc<Slab>> {
        if let Some(slab) = &self.current
            && !slab.shown.get()
        {
            if Arc::strong_count(slab) == 1 {
                self.carved = 0;
            }
            if self.carved + len <= SLAB_LEN {
                return Some(slab.clone());
            }
        }
        // SAFETY: slabs are used on the environment's thread, by functions that say so.
        let slab = Arc::new(Slab::new(unsafe { Js::new(self.env) })?);
        self.known.push(Arc::downgrade(&slab));
        self.current = Some(slab.clone());
        self.carved = 0;
        Some(slab)
    }

    /// The slab that `data` lies in, and where in it. None if it has memory of its own.
    pub fn locate(&self, data: &[u8]) -> Option<(Arc<Slab>, usize)> {
        self.known.iter().rev().find_map(|slab| {
            let slab = slab.upgrade()?;
            let offset = slab.place_of(data)?;
            Some((slab, offset))
        })
    }

    /// What JavaScript is shown of a slab: the slab itself, or a copy if Rust will still read it. To be called when the
    /// pieces that are told with it have been dropped.
    pub fn show(&self, js: Js, slab: &Arc<Slab>) -> Value {
        let of_current = self.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, slab));
        let ours = 1 + usize::from(of_current);
        if Arc::strong_count(slab) > ours {
            // SAFETY: as in `Piece`. Parts that nothing was read into are copied, too, but not told.
            return js.buffer(unsafe { std::slice::from_raw_parts(slab.start, SLAB_LEN) });
        }
        slab.shown.set(true);
        slab.value(js)
    }

    /// Lets go of slabs whose input has been told. Due once per turn.
    pub fn tidy(&mut self) {
        if self.current.as_ref().is_some_and(|slab| slab.shown.get()) {
            self.current = None;
        }
        self.known.retain(|slab| slab.strong_count() > 0);
    }
}

#[cfg(unix)]
impl ReadSpace for Slabs {
    fn receive(&mut self, read: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
        let Some(slab) = self.room_for(READ_SIZE) else {
            let mut room = vec![0; READ_SIZE];
            let len = read(&mut room)?.min(READ_SIZE);
            return Ok(Bytes::copy_from_slice(room.get(..len).unwrap_or_default()));
        };
        let offset = self.carved;
        // SAFETY: `offset + READ_SIZE` is within the slab, which is memory of V8's and holds whatever it held; nothing has
        // been told of this part of it, no slice of Rust's lies in it, and JavaScript does not run while it is filled.
        let room = unsafe { std::slice::from_raw_parts_mut(slab.start.add(offset), READ_SIZE) };
        let len = read(room)?.min(READ_SIZE);
        if len < SMALL {
            return Ok(Bytes::copy_from_slice(room.get(..len).unwrap_or_default()));
        }
        self.carved += len;
        Ok(Bytes::from_owner(Piece { slab, offset, len }))
    }
}
