//! What is kept from one call to the next, to be used again: memory for strings, and header lists that are repeated.

use std::cell::RefCell;
use std::num::NonZeroU32;
use std::rc::Rc;

use crate::wire::FieldBlock;

/// As many as lib/headers/recent.js remembers.
const LISTS: usize = 32;

/// A long header block or body must not stay allocated for ever.
const LONGEST_SCRATCH: usize = 64 * 1024;

/// A list under its name.
type KeptList = (NonZeroU32, Rc<FieldBlock>);

#[derive(Debug, Default)]
pub struct Kept {
    /// For the octets of strings on their way in.
    scratch: RefCell<Vec<u8>>,
    /// The header lists that JavaScript repeats, under the names that it gave them.
    lists: RefCell<[Option<KeptList>; LISTS]>,
}

impl Kept {
    /// The scratch buffer, empty. To be given back with [`Kept::put_scratch`].
    pub fn take_scratch(&self) -> Vec<u8> {
        self.scratch.take()
    }

    pub fn put_scratch(&self, mut scratch: Vec<u8>) {
        if scratch.capacity() <= LONGEST_SCRATCH {
            scratch.clear();
            self.scratch.replace(scratch);
        }
    }

    /// The list of that name, read when it is not here. The name's lower bits are its place, which it gives up for the next.
    pub fn list(&self, name: NonZeroU32, read: impl FnOnce() -> Option<FieldBlock>) -> Option<Rc<FieldBlock>> {
        let place = name.get() as usize % LISTS;
        if let Some((kept, list)) = self.lists.borrow().get(place)?
            && *kept == name
        {
            return Some(list.clone());
        }
        let list = Rc::new(read()?);
        *self.lists.borrow_mut().get_mut(place)? = Some((name, list.clone()));
        Some(list)
    }
}
