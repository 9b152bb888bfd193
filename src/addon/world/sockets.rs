//! What an environment has of the system's: sockets taken over, the TLS connections on them, and the threads for files.

use std::cell::RefCell;
use std::rc::Rc;

use super::World;
use crate::addon::socket::{self, TakenSocket};
use crate::addon::tls::Connection;
use crate::addon::value::Js;
use crate::reactor::{files::Files, poll::Poll};
use crate::transport::slab::Slabs;

impl World {
    pub(in crate::addon) fn open_files(&self) -> std::io::Result<Files> {
        let Some(this) = self.this.get() else { return Err(std::io::ErrorKind::NotConnected.into()) };
        // SAFETY: the world owns its reactor, which is open while functions of the world are called.
        unsafe { Files::open(&self.reactor, this) }
    }

    /// Takes a socket over: duplicates its descriptor and has libuv watch it. Fails with an error number of the system's.
    pub fn open_socket(&self, key: u32, fd: i32) -> Result<(), i32> {
        let socket = self.take_over(key, fd)?;
        self.with_entry(key, |entry, _| entry.socket = Some(socket)).ok_or(libc::EBADF)
    }

    fn take_over(&self, key: u32, fd: i32) -> Result<TakenSocket, i32> {
        let Some(this) = self.this.get() else { return Err(libc::EBADF) };
        let fd = socket::duplicate(fd).map_err(|error| error.raw_os_error().unwrap_or(libc::EINVAL))?;
        // SAFETY: the world owns its reactor, which is open while functions of the world are called.
        let poll = unsafe { Poll::open(&self.reactor, this, key, fd.clone()) }.map_err(|error| -error)?;
        Ok(TakenSocket::new(poll, fd))
    }

    // --- TLS ---

    /// Takes a socket over for a TLS connection, whose key is returned. Fails with an error number of the system's.
    pub fn open_connection(&self, fd: i32) -> Result<u32, i32> {
        let key = self.state.borrow_mut().next_key();
        let socket = self.take_over(key, fd)?;
        self.state.borrow_mut().connections.insert(key, Box::new(Connection::new(key, socket)));
        Ok(key)
    }

    /// Does something with a connection, and sees to what follows from it.
    pub fn with_connection<R>(&self, key: u32, act: impl FnOnce(&mut Connection) -> R) -> Option<R> {
        let mut state = self.state.borrow_mut();
        let result = act(state.connections.get_mut(&key)?);
        state.note_connection(key);
        self.settle(&state);
        Some(result)
    }

    /// Puts a connection under a session. False if that cannot be.
    pub fn attach_connection(&self, js: Js, session: u32, key: u32) -> bool {
        if !self.state.borrow().sessions.contains_key(&session) {
            return false;
        }
        let Some((tls, socket)) = self.with_connection(key, Connection::lend).flatten() else { return false };
        let now = self.now();
        self.with_entry(session, |entry, _| entry.start_tls(js, key, tls, socket, now)).is_some()
    }

    /// Lets go of a connection and its socket.
    pub fn close_connection(&self, key: u32) {
        let connection = self.state.borrow_mut().connections.remove(&key);
        // Closing a descriptor is no business of the state's.
        drop(connection);
    }

    pub fn slabs(&self) -> Rc<RefCell<Slabs>> {
        self.state.borrow().slabs.clone()
    }
}
