//! Bodies that are sent from JavaScript's own memory.
//!
//! What is small is copied when it is written. What is large stays where it is, held by a reference, until its last octet
//! was sent. Node-API cannot pin memory: a program may transfer the `ArrayBuffer` away in the meantime. So before
//! anything that may read bodies (see `Entry::secure_bodies`) [`Lent::is_intact`] looks whether the octets are still there.

use std::sync::{Arc, Weak};

use bytes::Bytes;

use super::value::{Js, Reference, Value};

/// Bodies up to this are copied: a reference, and looking after it, costs more than copying so many octets.
pub const COPIED: usize = 16 * 1024;

/// Octets of JavaScript's.
#[derive(Debug)]
pub struct Lent {
    array: Reference,
    data: *const u8,
    length: usize,
}

// SAFETY: [`Bytes`] asks for this; sessions, and the bodies in them, never leave their environment's thread.
unsafe impl Send for Lent {}
// SAFETY: as above.
unsafe impl Sync for Lent {}

/// What [`Bytes`] own of it.
struct Owner(Arc<Lent>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `is_intact` was asked before whatever reads it, and no JavaScript has run since.
        unsafe { std::slice::from_raw_parts(self.0.data, self.0.length) }
    }
}

/// Takes a `Uint8Array` as (a piece of) a body. `lent` is told of it if it is not copied. None if it is no such array.
pub fn take(js: Js, value: Value, lent: &mut Vec<Weak<Lent>>) -> Option<Bytes> {
    let octets = js.octets(value)?;
    // What other threads can write to must not be read twice.
    if octets.length > COPIED
        && js.is_array_buffer(octets.buffer)
        && let Some(array) = js.keep(value)
    {
        let body = Arc::new(Lent { array, data: octets.data, length: octets.length });
        lent.push(Arc::downgrade(&body));
        return Some(Bytes::from_owner(Owner(body)));
    }
    // SAFETY: the copy is made before JavaScript can run again.
    Some(Bytes::copy_from_slice(unsafe { octets.as_slice() }))
}

impl Lent {
    /// Whether the octets are where they were.
    fn is_intact(&self, js: Js) -> bool {
        js.octets(js.kept(&self.array)).is_some_and(|now| now.data == self.data && now.length >= self.length)
    }
}

/// Forgets the bodies that were sent; false if one of the others is gone, so that its session must not read it.
pub fn all_intact(js: Js, lent: &mut Vec<Weak<Lent>>) -> bool {
    let mut intact = true;
    lent.retain(|body| match body.upgrade() {
        Some(body) => {
            intact &= body.is_intact(js);
            true
        }
        None => false,
    });
    intact
}
