//! Memory for what is received, used again and again: a socket reads into it, a stream's chunk is copied into it.
//!
//! Two kinds of reads are told apart. What comes in small portions JavaScript never sees: each piece of a body is copied once
//! into a Buffer of its own, while it is still in the processor's cache, so that a program may keep one piece without
//! keeping what was read with it. What comes in *bulk* is not copied: the pieces of one read are views of one
//! `ArrayBuffer`, as they are in node, over the memory that it was read into. That memory comes back when V8 has collected
//! the last of them. Memory of V8's own would have to be allocated anew for each read, and could not be kept
//! from a listener that transfers away what the next one is to get.

use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

/// The size of a slab. Reads of large bodies fill it as far as the peer's windows let them; each saves a system call.
pub const SLAB_LEN: usize = 256 * 1024;

/// A slab takes no input where it has less room than this left.
const MIN_ROOM: usize = 64 * 1024;

/// Input below this gets memory of its own: a frame that a peer leaves unfinished would keep the whole slab, and a thousand
/// such peers a thousand.
const SMALL: usize = 8 * 1024;

/// A read of so much is taken for one of many: the next goes into memory that can be lent.
const BULK: usize = 64 * 1024;

/// The least that is lent. As long as one view of a read is kept, its slab is.
pub const LENT: usize = 8 * 1024;

/// Slabs that wait to come back, or to be used again. V8 begins to collect when it has seen 64 MiB of them, and more are
/// filled until it is done.
const SHELF: usize = 96 * 1024 * 1024 / SLAB_LEN;

/// Reads of which pieces may still have to be told: more than one turn of a session's makes.
const RECENT: usize = 4;

/// Octets that are shared while they are filled: what is behind `carved` is nobody's but the next reader's.
#[derive(Debug)]
struct Slab(UnsafeCell<Box<[u8]>>);

// SAFETY: [`Bytes`] asks for this; sessions, and the input in them, never leave their environment's thread.
unsafe impl Send for Slab {}
// SAFETY: as above.
unsafe impl Sync for Slab {}

impl Slab {
    fn new() -> Arc<Slab> {
        Arc::new(Slab(UnsafeCell::new(vec![0; SLAB_LEN].into_boxed_slice())))
    }

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
    /// For what is copied.
    scratch: Filling,
    /// For what is lent.
    bulk: Filling,
    /// Slabs that were lent in full, the longest ago first.
    shelf: VecDeque<Arc<Slab>>,
    /// The last reads of bulk.
    recent: VecDeque<Bytes>,
    /// The last read was long.
    is_bulk: bool,
}

/// A slab that is being carved.
#[derive(Debug, Default)]
struct Filling {
    slab: Option<Arc<Slab>>,
    carved: usize,
}

impl Slabs {
    /// Copies `input`, which must not be longer than [`SLAB_LEN`].
    pub fn copy(&mut self, input: &[u8]) -> Bytes {
        if input.len() < SMALL || input.len() > SLAB_LEN {
            return Bytes::copy_from_slice(input);
        }
        let copied = self.scratch.carve(input.len(), Slab::new, |room| {
            let room = room.get_mut(..input.len()).unwrap_or_default();
            room.copy_from_slice(input);
            Ok(input.len())
        });
        copied.unwrap_or_else(|_| Bytes::copy_from_slice(input))
    }

    /// Has `read` fill a room of at least [`MIN_ROOM`] octets, and returns what it said it filled.
    pub fn read(&mut self, read: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
        let octets = if self.is_bulk {
            let octets = self.bulk.carve(MIN_ROOM, || from_shelf(&mut self.shelf), read)?;
            if octets.len() >= LENT {
                self.recent.truncate(RECENT - 1);
                self.recent.push_front(octets.clone());
            }
            octets
        } else {
            // The bulk is over: what it needed goes, bit by bit.
            self.shelf.pop_front();
            self.recent.pop_back();
            self.scratch.carve(MIN_ROOM, Slab::new, read)?
        };
        self.is_bulk = octets.len() >= BULK;
        Ok(octets)
    }

    /// If `octets` came in bulk: they, and what was read after them at once.
    pub fn rest_of_read(&self, octets: &[u8]) -> Option<Bytes> {
        self.recent.iter().find_map(|read| {
            let place = place_in(read, octets)?;
            Some(read.slice(place.start..))
        })
    }
}

/// Where `part` lies in `whole`.
pub fn place_in(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

/// A slab to be filled, which the shelf keeps, too. One that JavaScript still has pieces of waits at the end for its next turn.
fn from_shelf(shelf: &mut VecDeque<Arc<Slab>>) -> Arc<Slab> {
    let first = shelf.pop_front();
    let slab = match first {
        Some(slab) if Arc::strong_count(&slab) == 1 => slab,
        Some(slab) => {
            if shelf.len() < SHELF {
                shelf.push_back(slab);
            }
            Slab::new()
        }
        None => Slab::new(),
    };
    shelf.push_back(slab.clone());
    slab
}

impl Filling {
    fn carve(
        &mut self,
        at_least: usize,
        another: impl FnOnce() -> Arc<Slab>,
        fill: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<Bytes> {
        let slab = self.with_room(at_least, another);
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

    /// The current slab, from its start if nothing in it is in use any more; or another one, which leaves the old to its users.
    fn with_room(&mut self, len: usize, another: impl FnOnce() -> Arc<Slab>) -> Arc<Slab> {
        if let Some(slab) = &self.slab {
            if Arc::strong_count(slab) == 1 {
                self.carved = 0;
            }
            if self.carved + len <= SLAB_LEN {
                return slab.clone();
            }
        }
        let slab = another();
        self.slab = Some(slab.clone());
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
        let first = fill(&mut slabs, 1, 60_000);
        let second = slabs.copy(&[2; 100_000]);
        let third = fill(&mut slabs, 3, 60_000);
        // No room left for a read.
        let fourth = fill(&mut slabs, 4, 50_000);
        for (piece, with, len) in
            [(&first, 1, 60_000), (&second, 2, 100_000), (&third, 3, 60_000), (&fourth, 4, 50_000)]
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
        assert_eq!(Arc::strong_count(slabs.scratch.slab.as_ref().unwrap()), 1);
        assert_eq!((small.len(), copied.len()), (SMALL - 1, 10));
    }

    #[test]
    fn what_follows_a_long_read_is_lent_and_its_slab_comes_back_when_nobody_has_a_piece() {
        let mut slabs = Slabs::default();
        let scratch = fill(&mut slabs, 1, BULK);
        assert!(slabs.rest_of_read(&scratch).is_none(), "copied still");
        let bulk = fill(&mut slabs, 2, SLAB_LEN);
        let rest = slabs.rest_of_read(&bulk[1000..2000]).unwrap();
        assert_eq!((rest.as_ptr(), rest.len()), (bulk[1000..].as_ptr(), SLAB_LEN - 1000));
        let place = bulk.as_ptr();
        drop((bulk, scratch));
        // As many as are remembered, and one that finds the first still in use.
        let others: Vec<Bytes> = (0..RECENT).map(|_| fill(&mut slabs, 3, SLAB_LEN)).collect();
        assert!(others.iter().all(|other| other.as_ptr() != place));
        assert!(rest.iter().all(|octet| *octet == 2));
        drop(rest);
        let later: Vec<Bytes> = (0..=RECENT).map(|_| fill(&mut slabs, 4, SLAB_LEN)).collect();
        assert!(later.iter().any(|later| later.as_ptr() == place));
        assert!(others.iter().all(|other| other.iter().all(|octet| *octet == 3)));
    }

    #[test]
    fn the_shelf_empties_when_the_bulk_is_over() {
        let mut slabs = Slabs::default();
        let kept: Vec<Bytes> = (0..2 * SHELF).map(|_| fill(&mut slabs, 1, SLAB_LEN)).collect();
        assert!(slabs.shelf.len() <= SHELF + 1);
        fill(&mut slabs, 2, 100);
        for _ in 0..=SHELF {
            fill(&mut slabs, 3, 100);
        }
        assert!(slabs.shelf.is_empty() && slabs.recent.is_empty());
        assert!(kept.iter().all(|piece| piece.iter().all(|octet| *octet == 1)));
    }

    #[test]
    fn a_failed_read_takes_nothing() {
        let mut slabs = Slabs::default();
        assert!(slabs.read(|_| Err(io::ErrorKind::WouldBlock.into())).is_err());
        assert_eq!(slabs.scratch.carved, 0);
    }
}
