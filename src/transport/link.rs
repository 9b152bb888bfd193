//! The transport of a session as the addon needs it: chosen after the session was made.

use std::io::{self, IoSlice, Write};

use bytes::Bytes;

use super::{Pipe, Transport};
#[cfg(unix)]
use super::{Socket, Tls};

/// Which transport carries a session.
#[derive(Debug)]
pub enum Link {
    /// None yet: what there is to send waits.
    Detached,
    /// For tests: panics when it is read or written.
    Trap,
    Pipe(Pipe),
    #[cfg(unix)]
    Socket(Socket),
    #[cfg(unix)]
    Tls(Box<Tls<Socket>>),
}

impl Link {
    pub fn pipe(&mut self) -> Option<&mut Pipe> {
        match self {
            Link::Pipe(pipe) => Some(pipe),
            _ => None,
        }
    }

    /// The socket at the bottom, if there is one.
    #[cfg(unix)]
    pub fn socket(&mut self) -> Option<&mut Socket> {
        match self {
            Link::Socket(socket) => Some(socket),
            Link::Tls(tls) => Some(tls.under_mut()),
            _ => None,
        }
    }

    #[cfg(unix)]
    pub fn tls(&mut self) -> Option<&mut Tls<Socket>> {
        match self {
            Link::Tls(tls) => Some(tls),
            _ => None,
        }
    }

    /// Whether the peer has ended its side, or the socket is broken.
    #[cfg(unix)]
    pub fn is_over(&self) -> bool {
        match self {
            Link::Socket(socket) => socket.is_ended() || socket.is_broken(),
            Link::Tls(tls) => tls.is_ended() || tls.under().is_broken(),
            _ => false,
        }
    }

    /// Whether the transport holds back nothing of what was written.
    pub fn is_drained(&self) -> bool {
        match self {
            #[cfg(unix)]
            Link::Tls(tls) => tls.is_drained(),
            _ => true,
        }
    }

    fn writer(&mut self) -> io::Result<&mut dyn Write> {
        match self {
            Link::Detached => Err(io::ErrorKind::WouldBlock.into()),
            Link::Trap => spring(),
            Link::Pipe(pipe) => Ok(pipe),
            #[cfg(unix)]
            Link::Socket(socket) => Ok(socket),
            #[cfg(unix)]
            Link::Tls(tls) => Ok(&mut **tls),
        }
    }
}

impl Transport for Link {
    fn read(&mut self) -> io::Result<Option<Bytes>> {
        match self {
            Link::Detached => Err(io::ErrorKind::WouldBlock.into()),
            Link::Trap => spring(),
            Link::Pipe(pipe) => pipe.read(),
            #[cfg(unix)]
            Link::Socket(socket) => socket.read(),
            #[cfg(unix)]
            Link::Tls(tls) => tls.read(),
        }
    }

    fn wants_flush(&self) -> bool {
        match self {
            #[cfg(unix)]
            Link::Tls(tls) => tls.wants_flush(),
            _ => false,
        }
    }
}

impl Write for Link {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.writer()?.write(octets)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.writer()?.write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer()?.flush()
    }
}

#[expect(clippy::panic, reason = "what a trap is for")]
fn spring() -> ! {
    panic!("asked to panic")
}
