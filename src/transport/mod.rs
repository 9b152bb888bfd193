//! How bytes reach the peer.
//!
//! A [`Transport`] is nonblocking and knows no wakers: whoever owns the session polls it when there may be something to
//! read, and flushes it when there may be room to write.
//!
//! Layout: [`pipe`] carries a session over any stream of JavaScript, which feeds it and takes its output; [`socket`] reads
//! and writes a file descriptor itself; [`tls`] encrypts what goes over a socket; [`link`] is any of them. [`slab`] is the memory
//! that they read into.

// What a peer sends must find no way to a panic. Tests may take what they know to be there.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable)
)]

pub mod link;
pub mod pipe;
pub mod slab;
#[cfg(unix)]
pub mod socket;
#[cfg(unix)]
pub mod tls;

use std::io;

use bytes::Bytes;

pub use link::Link;
pub use pipe::Pipe;
#[cfg(unix)]
pub use socket::Socket;
#[cfg(unix)]
pub use tls::Tls;

/// What ended a transport, and whether it was met by writing to it: a program is told which call has failed.
#[derive(Debug)]
pub struct Broken {
    pub error: io::Error,
    pub writing: bool,
}

impl Broken {
    pub fn by_reading(error: io::Error) -> Broken {
        Broken { error, writing: false }
    }

    pub fn by_writing(error: io::Error) -> Broken {
        Broken { error, writing: true }
    }
}

/// A byte stream to the peer.
///
/// Writing is [`io::Write`]: `write` and `write_vectored` take what they can and fail with [`io::ErrorKind::WouldBlock`]
/// when that is nothing; `flush` pushes on what the transport itself holds back (a TLS layer's records), and also fails
/// with `WouldBlock` if it could not. Any other error is the end of the transport.
pub trait Transport: io::Write {
    /// The bytes that arrived next, at most one buffer of them; `Ok(None)` when the peer will send no more.
    /// Fails with [`io::ErrorKind::WouldBlock`] when there is nothing now. Never returns an empty buffer.
    ///
    /// The buffer is handed over: DATA reaches JavaScript as slices of it, so a transport must not write into it again.
    fn read(&mut self) -> io::Result<Option<Bytes>>;

    /// Whether a flush has something to do now: the transport holds back what was written, and not for want of room.
    fn wants_flush(&self) -> bool {
        false
    }
}
