//! Memory for what is received, used again and again: a socket reads into it, a stream's chunk is copied into it.
//!
//! JavaScript never sees it. Each piece of a body is copied once into a Buffer of its own, while it is still in the
//! processor's cache: then a program may keep one piece without keeping what was read with it, and transfer it away
//! without taking the others along. Reading straight into V8's memory, which spares the copy, was no faster: the kernel
//! then writes to cold memory, and V8 counts whole reads, filled or not, as a reason to collect. Nor was it to lend this
//! memory to JavaScript, a view for each piece: downloads took 3 % less of the processor, uploads the same.

use std::cell::UnsafeCell;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

/// The size of a slab. Reads of large bodies fill it as far as the peer's windows let them; each saves a system call.
pub const SLAB_LEN: usize = 256 * 1024;

/// A slab takes no input where it has less room than this left.
const MIN_ROOM: usize = 64 * 1024;

/// Input below this gets memory of its own: a frame that a peer leaves unfinished would keep the whole slab, and a thousand
/// such peers a thousand.
const SMALL: usize = 8 * 1024;

/// Octets that are shared while they are filled: what is behind `carved` is nobody's but the next reader's.
#[derive(Debug)]
struct Slab(UnsafeCell<Box<[u8]>>);

// SAFETY: [`Bytes`] asks for this; sessions, and the input in them, never leave their environment's thread.
unsafe impl Send for Slab {}
// SAFETY: as above.
unsafe impl Sync for Slab {}

impl Slab {
    fn start(&self) -> *mut u8 {
        // SAFETY: the box itself is never changed, and no reference to its octets is made here.
        unsafe { (*self.0.get()).as_mut_ptr() }
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
        // SAFETY: within the slab. It was written before its piece was made, and is not written to while there is a piece.
        unsafe { std::slice::from_raw_parts(self.slab.start().add(self.offset), self.len) }
    }
}

/// Where the input of all sessions of an environment goes.
#[derive(Debug, Default)]
pub struct Slabs {
    current: Option<Arc<Slab>>,
    /// How much of the current slab is carved.
    carved: usize,
}

impl Slabs {
    /// Copies `input`, which must not be longer than [`SLAB_LEN`].
    pub fn copy(&mut self, input: &[u8]) -> Bytes {
        if input.len() < SMALL || input.len() > SLAB_LEN {
            return Bytes::copy_from_slice(input);
        }
        self.carve(input.len(), |room| {
            let room = room.get_mut(..input.len()).unwrap_or_default();
            room.copy_from_slice(input);
            Ok(input.len())
        })
        .unwrap_or_else(|_| Bytes::copy_from_slice(input))
    }

    /// Has `read` fill a room of at least [`MIN_ROOM`] octets, and returns what it said it filled.
    pub fn read(&mut self, read: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
        self.carve(MIN_ROOM, read)
    }

    fn carve(&mut self, at_least: usize, fill: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
        let slab = self.with_room(at_least);
        let offset = self.carved;
        // SAFETY: within the slab, beyond every piece of it, and the thread is busy here until it is filled.
        let room = unsafe { std::slice::from_raw_parts_mut(slab.start().add(offset), SLAB_LEN - offset) };
        let len = fill(room)?.min(room.len());
        if len < SMALL {
            return Ok(Bytes::copy_from_slice(room.get(..len).unwrap_or_default()));
        }
        self.carved += len;
        Ok(Bytes::from_owner(Piece { slab, offset, len }))
    }

    /// The current slab, from its start if nothing in it is in use any more; or a new one, which leaves the old to its users.
    fn with_room(&mut self, len: usize) -> Arc<Slab> {
        if let Some(slab) = &self.current {
            if Arc::strong_count(slab) == 1 {
                self.carved = 0;
            }
            if self.carved + len <= SLAB_LEN {
                return slab.clone();
            }
        }
        let slab = Arc::new(Slab(UnsafeCell::new(vec![0; SLAB_LEN].into_boxed_slice())));
        self.current = Some(slab.clone());
        self.carved = 0;
        slab
    }
}

#[cfg(unix)]
impl super::socket::ReadSpace for Slabs {
    fn receive(&mut self, read: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
        self.read(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(slabs: &mut Slabs, with: u8, len: usize) -> Bytes {
        let read = slabs.read(|room| {
            room[..len].fill(with);
            Ok(len)
        });
        read.unwrap()
    }

    #[test]
    fn pieces_keep_their_octets_and_a_slab_without_pieces_is_used_again() {
        let mut slabs = Slabs::default();
        let first = fill(&mut slabs, 1, 100_000);
        let second = slabs.copy(&[2; 50_000]);
        let third = fill(&mut slabs, 3, 60_000);
        // No room left for a read.
        let fourth = fill(&mut slabs, 4, MIN_ROOM);
        for (piece, with, len) in
            [(&first, 1, 100_000), (&second, 2, 50_000), (&third, 3, 60_000), (&fourth, 4, MIN_ROOM)]
        {
            assert!(piece.len() == len && piece.iter().all(|octet| *octet == with));
        }
        let place = fourth.as_ptr();
        drop(fourth);
        assert_eq!(fill(&mut slabs, 5, 20_000).as_ptr(), place);
        assert!(first.iter().all(|octet| *octet == 1));
    }

    #[test]
    fn small_input_keeps_no_slab() {
        let mut slabs = Slabs::default();
        let small = fill(&mut slabs, 1, SMALL - 1);
        let copied = slabs.copy(&[2; 10]);
        assert_eq!(Arc::strong_count(slabs.current.as_ref().unwrap()), 1);
        assert_eq!((small.len(), copied.len()), (SMALL - 1, 10));
    }

    #[test]
    fn a_failed_read_takes_nothing() {
        let mut slabs = Slabs::default();
        assert!(slabs.read(|_| Err(io::ErrorKind::WouldBlock.into())).is_err());
        assert_eq!(slabs.carved, 0);
    }
}
