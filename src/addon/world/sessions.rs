//! The sessions of an environment: made, commanded, looked at and ended.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;

use super::World;
use crate::addon::entry::{Engine, Entry};
use crate::addon::value::Js;
use crate::transport::slab::Slabs;
use crate::wire::{Config, ErrorCode, Role, StreamId};

impl World {
    /// Makes a session and returns its key.
    pub fn create(&self, role: Role, config: Config) -> u32 {
        let mut state = self.state.borrow_mut();
        let key = state.next_key();
        state.sessions.insert(key, Box::new(Entry::new(key, role, config)));
        self.after(&mut state, key);
        key
    }

    /// Ends a session. What is still for its stream comes back; None if there is no such session.
    pub fn destroy(&self, js: Js, key: u32, code: ErrorCode, heard: StreamId) -> Option<Vec<Bytes>> {
        let mut entry = self.state.borrow_mut().sessions.remove(&key)?;
        let last = entry.destroy(js, code, heard);
        #[cfg(unix)]
        if let Some((key, tls, socket)) = entry.take_tls() {
            self.with_connection(key, |connection| connection.give_back(tls, socket));
        }
        entry.discard();
        Some(last)
    }

    /// Carries out a command on a session. None if there is no such session, or it is broken.
    pub fn command<R>(&self, key: u32, act: impl FnOnce(&mut Engine) -> R) -> Option<R> {
        self.with_entry(key, |entry, _| entry.act(act)).flatten()
    }

    /// The same for a command that may send something before it is carried out.
    pub fn sending_command<R>(&self, js: Js, key: u32, act: impl FnOnce(&mut Engine) -> R) -> Option<R> {
        self.with_entry(key, |entry, _| {
            entry.secure_bodies(js);
            entry.act(act)
        })
        .flatten()
    }

    /// Does something with an entry, and sees to what follows from it.
    pub fn with_entry<R>(&self, key: u32, act: impl FnOnce(&mut Entry, &Rc<RefCell<Slabs>>) -> R) -> Option<R> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let entry = state.sessions.get_mut(&key)?;
        let result = entry.guard(|entry| act(entry, &state.slabs));
        entry.note(&mut state.dirty, &mut state.ready);
        self.settle(state);
        result
    }

    pub fn view<R>(&self, key: u32, view: impl FnOnce(&Entry) -> Option<R>) -> Option<R> {
        view(self.state.borrow().sessions.get(&key)?)
    }

    /// The session's stream has room, or is broken.
    pub fn output_done(&self, key: u32, failed: bool) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let Some(entry) = state.sessions.get_mut(&key) else { return };
        // Even if the session has nothing to add, the transport may have held something back. (If neither has, the session must
        // not look as if it had something pending: it may be about to say that it is done.)
        if entry.output_done(failed) && !entry.is_dirty {
            entry.is_dirty = true;
            state.dirty.push(key);
        }
        self.after(state, key);
    }
}
