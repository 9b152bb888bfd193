//! Memory for what is received: Rust parses it, JavaScript gets bodies as views of it, and nothing is copied in between.
//!
//! A socket's input is read straight into a slab, a stream's chunk is copied into it. Small reads of a socket get memory of
//! their own: a frame that a peer leaves unfinished would keep the whole slab, and a thousand such peers a thousand.
//!
//! A slab is carved from front to back. It becomes visible to JavaScript (as one external Buffer) only when a body lies in it, and from then on is never carved again from the
//! start: it is freed when Rust's last slice and JavaScript's last view are gone, whichever comes later. So it does not
//! matter what JavaScript does with the memory: detaching or transferring the buffer leaves Rust's slices valid, and
//! scribbling over them can only garble what a peer might have sent garbled as well.

use std::alloc::{self, Layout};
#[cfg(unix)]
use std::io;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;

#[cfg(unix)]
use crate::transport::socket::{READ_SIZE, ReadSpace};

use super::value::{Js, Reference, Value};

/// The size of a slab. A view keeps all of it alive; a socket's read is 64 KiB at most.
pub const SLAB_LEN: usize = 256 * 1024;

/// A socket's read below this is copied out of the slab.
const SMALL_READ: usize = 8 * 1024;

/// Freed slabs kept for the next need: making one costs a system call and a page fault for every 4 KiB of it.
const SPARE_SLABS: usize = 8;

/// Zeroed memory of [`SLAB_LEN`] octets.
#[derive(Debug)]
struct Memory(NonNull<u8>);

// SAFETY: plain memory, owned.
unsafe impl Send for Memory {}
// SAFETY: through a shared reference only the pointer is read.
unsafe impl Sync for Memory {}

impl Memory {
    const LAYOUT: Layout = match Layout::from_size_align(SLAB_LEN, 16) {
        Ok(layout) => layout,
        Err(_) => panic!("16 is a power of two"),
    };

    fn new() -> Memory {
        // SAFETY: the layout's size is not zero.
        match NonNull::new(unsafe { alloc::alloc_zeroed(Memory::LAYOUT) }) {
            Some(start) => Memory(start),
            None => alloc::handle_alloc_error(Memory::LAYOUT),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with the same layout.
        unsafe { alloc::dealloc(self.0.as_ptr(), Memory::LAYOUT) };
    }
}

type Spares = Arc<Mutex<Vec<Memory>>>;

#[derive(Debug)]
struct Slab {
    /// None only while it is dropped.
    memory: Option<Memory>,
    spares: Spares,
}

impl Slab {
    fn start(&self) -> *mut u8 {
        self.memory.as_ref().map_or(NonNull::dangling(), |memory| memory.0).as_ptr()
    }

    fn contains(&self, data: &[u8]) -> Option<usize> {
        let offset = (data.as_ptr() as usize).checked_sub(self.start() as usize)?;
        (offset + data.len() <= SLAB_LEN).then_some(offset)
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        if let (Some(memory), Ok(mut spares)) = (self.memory.take(), self.spares.lock())
            && spares.len() < SPARE_SLABS
        {
            spares.push(memory);
        }
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
        // SAFETY: within the slab, which is initialised. Rust writes to each octet once, before its piece is made.
        // JavaScript may write to it, but on this same thread: never while a function of Rust's holds the slice.
        unsafe { std::slice::from_raw_parts(self.slab.start().add(self.offset), self.len) }
    }
}

/// A slab that JavaScript may have to be shown.
#[derive(Debug)]
struct Shown {
    slab: Weak<Slab>,
    /// The Buffer over all of it, once there is one.
    buffer: Option<Reference>,
}

/// Where input goes.
#[derive(Debug)]
pub struct Slabs {
    current: Option<Arc<Slab>>,
    /// How much of the current slab is carved.
    carved: usize,
    /// The current slab and those before it that still have input in them, newest last.
    known: Vec<Shown>,
    spares: Spares,
}

impl Slabs {
    pub fn new() -> Slabs {
        Slabs { current: None, carved: 0, known: Vec::new(), spares: Arc::default() }
    }

    /// Copies `input`, which must not be longer than [`SLAB_LEN`].
    pub fn copy(&mut self, input: &[u8]) -> Bytes {
        let slab = self.room_for(input.len());
        let offset = self.carved;
        let len = input.len().min(SLAB_LEN);
        // SAFETY: `offset + len` is within the slab, and nothing has been told of this part of it yet.
        unsafe { slab.start().add(offset).copy_from_nonoverlapping(input.as_ptr(), len) };
        self.carved += len;
        Bytes::from_owner(Piece { slab, offset, len })
    }

    fn room_for(&mut self, len: usize) -> Arc<Slab> {
        match &self.current {
            Some(slab) if self.carved + len <= SLAB_LEN => slab.clone(),
            _ => self.renew(),
        }
    }

    /// Starts on a fresh slab, or from the start of the current one if nobody can see into it any more.
    fn renew(&mut self) -> Arc<Slab> {
        self.carved = 0;
        if let Some(slab) = &self.current
            && Arc::strong_count(slab) == 1
        {
            return slab.clone();
        }
        let memory = self.spares.lock().ok().and_then(|mut spares| spares.pop()).unwrap_or_else(Memory::new);
        let slab = Arc::new(Slab { memory: Some(memory), spares: self.spares.clone() });
        self.known.push(Shown { slab: Arc::downgrade(&slab), buffer: None });
        self.current = Some(slab.clone());
        slab
    }

    /// The Buffer over the slab that `data` lies in, and where in it. None if it is not input of this environment, or the
    /// VM does not let JavaScript see Rust's memory.
    pub fn locate(&mut self, js: Js, data: &[u8]) -> Option<(Value, usize)> {
        for shown in self.known.iter_mut().rev() {
            let Some(slab) = shown.slab.upgrade() else { continue };
            let Some(offset) = slab.contains(data) else { continue };
            if let Some(buffer) = &shown.buffer {
                return Some((js.kept(buffer), offset));
            }
            let value = js.external_buffer(Bytes::from_owner(Piece { slab, offset: 0, len: SLAB_LEN })).ok()?;
            shown.buffer = js.keep(value);
            return Some((value, offset));
        }
        None
    }

    /// Lets go of slabs whose input has been told. Due once per turn.
    pub fn tidy(&mut self) {
        let current = self.current.as_ref().map(Arc::as_ptr);
        self.known.retain(|shown| {
            // What JavaScript's Buffer holds counts as one.
            let of_buffer = usize::from(shown.buffer.is_some());
            shown.slab.strong_count() > of_buffer || Some(shown.slab.as_ptr()) == current
        });
    }
}

#[cfg(unix)]
impl ReadSpace for Slabs {
    fn receive(&mut self, read: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
        let slab = self.room_for(READ_SIZE);
        let offset = self.carved;
        // SAFETY: `offset + READ_SIZE` is within the slab, which is initialised, and nothing has been told of this part of
        // it yet: no slice of Rust's lies in it, and JavaScript does not run while it is filled.
        let room = unsafe { std::slice::from_raw_parts_mut(slab.start().add(offset), READ_SIZE) };
        let len = read(room)?.min(READ_SIZE);
        if len < SMALL_READ {
            return Ok(Bytes::copy_from_slice(room.get(..len).unwrap_or_default()));
        }
        self.carved += len;
        Ok(Bytes::from_owner(Piece { slab, offset, len }))
    }
}
