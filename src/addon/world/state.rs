//! What is borrowed of an environment for moments: its sessions, and which of them want something.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use super::Callbacks;
use crate::addon::entry::Entry;
#[cfg(unix)]
use crate::addon::tls::Connection;
use crate::transport::slab::Slabs;

/// Keys are positive 32 bit integers that no JavaScript array of them has to box.
const LAST_KEY: u32 = 0x3fff_ffff;

#[derive(Debug, Default)]
pub struct State {
    pub sessions: Table<Entry>,
    /// TLS connections. Those that sessions go over are here, too, without their sockets.
    #[cfg(unix)]
    pub connections: Table<Connection>,
    last_key: u32,
    /// Sessions that have events to tell.
    pub ready: VecDeque<u32>,
    /// Sessions that want a flush.
    pub dirty: Vec<u32>,
    /// Those of them that had nothing to tell in a turn, until its flush.
    pub unheard: Vec<u32>,
    pub slabs: Rc<RefCell<Slabs>>,
    pub callbacks: Option<Callbacks>,
}

/// By the keys of what is in it.
pub type Table<T> = HashMap<u32, Box<T>, BuildHasherDefault<KeyHasher>>;

/// Keys are counted up: they are their own hash.
#[derive(Debug, Default)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = (self.0 << 8) ^ u64::from(*octet);
        }
    }

    fn write_u32(&mut self, key: u32) {
        // The table looks at the upper bits as well.
        self.0 = u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl State {
    /// A key that neither a session has nor a connection.
    pub fn next_key(&mut self) -> u32 {
        let mut key = self.last_key;
        loop {
            key = if key == LAST_KEY { 1 } else { key + 1 };
            #[cfg(unix)]
            let is_free = !self.sessions.contains_key(&key) && !self.connections.contains_key(&key);
            #[cfg(not(unix))]
            let is_free = !self.sessions.contains_key(&key);
            if is_free {
                break;
            }
        }
        self.last_key = key;
        key
    }

    /// Puts a connection into the list of those that have events.
    #[cfg(unix)]
    pub fn note_connection(&mut self, key: u32) {
        if let Some(connection) = self.connections.get_mut(&key)
            && !connection.is_ready
            && connection.has_news()
        {
            connection.is_ready = true;
            self.ready.push_back(key);
        }
    }
}
