//! The transport of a session as the addon needs it: chosen after the session was made.

use std::io::{self, IoSlice, Write};

use bytes::Bytes;

#[cfg(unix)]
use super::Socket;
use super::{Pipe, Transport};

/// Which transport carries a session.
#[derive(Debug)]
pub enum Link {
    /// None yet: what there is to send waits.
    Detached,
    Pipe(Pipe),
    #[cfg(unix)]
    Socket(Socket),
}

impl Link {
    pub fn pipe(&mut self) -> Option<&mut Pipe> {
        match self {
            Link::Pipe(pipe) => Some(pipe),
            _ => None,
        }
    }

    #[cfg(unix)]
    pub fn socket(&mut self) -> Option<&mut Socket> {
        match self {
            Link::Socket(socket) => Some(socket),
            _ => None,
        }
    }

    fn writer(&mut self) -> io::Result<&mut dyn Write> {
        match self {
            Link::Detached => Err(io::ErrorKind::WouldBlock.into()),
            Link::Pipe(pipe) => Ok(pipe),
            #[cfg(unix)]
            Link::Socket(socket) => Ok(socket),
        }
    }
}

impl Transport for Link {
    fn read(&mut self) -> io::Result<Option<Bytes>> {
        match self {
            Link::Detached => Err(io::ErrorKind::WouldBlock.into()),
            Link::Pipe(pipe) => pipe.read(),
            #[cfg(unix)]
            Link::Socket(socket) => socket.read(),
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
