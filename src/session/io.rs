//! Where h2, the wire and the transport meet: what h2 takes for its socket.
//!
//! h2 owns an [`Io`], the session the other half of the same [`Shared`]. Each side borrows it only inside one call that
//! cannot reach the other side, so a borrow never finds it taken; should that ever be wrong, h2 is told to wait.

use std::cell::RefCell;
use std::io::{self, IoSlice, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::{Broken, Transport};
use crate::wire::Wire;

pub(super) struct Shared<T> {
    pub wire: Wire,
    pub transport: T,
    /// h2's output stays in the wire's buffer: the answers to what was just read wait for those that JavaScript gives.
    hold: bool,
    /// h2 has read everything there was and asked for more: its state is that of the wire.
    pub starved: bool,
    /// h2 has output that found no room.
    pub blocked: bool,
    /// The transport has failed, which is still to be told.
    pub failure: Option<Broken>,
    pub broken: bool,
}

impl<T: Transport> Shared<T> {
    pub fn new(wire: Wire, transport: T) -> Shared<T> {
        Shared { wire, transport, hold: true, starved: false, blocked: false, failure: None, broken: false }
    }

    pub fn set_hold(&mut self, hold: bool) {
        self.hold = hold;
        // What is not held goes out before JavaScript runs again.
        self.wire.set_lending(!hold);
    }

    /// Whether the result of a read, or of `writing`, means "later"; any other error ends the transport.
    pub fn would_block<V>(&mut self, result: io::Result<V>, writing: bool) -> bool {
        match result {
            Ok(_) => false,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => true,
            Err(error) => {
                if !self.broken {
                    self.broken = true;
                    self.failure = Some(Broken { error, writing });
                }
                false
            }
        }
    }

    /// Writes out what the wire has. True if the transport took all of it.
    pub fn flush(&mut self) -> bool {
        if self.broken {
            return true;
        }
        let result = self.wire.flush(&mut self.transport).and_then(|()| self.transport.flush());
        !self.would_block(result, true)
    }

    fn write(&mut self, from: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let result =
            if self.hold { self.wire.write(from, &mut Held) } else { self.wire.write(from, &mut self.transport) };
        match result {
            Ok(taken) => Poll::Ready(Ok(taken)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.blocked = true;
                Poll::Pending
            }
            Err(error) => {
                let kind = error.kind();
                self.would_block::<()>(Err(error), true);
                Poll::Ready(Err(kind.into()))
            }
        }
    }
}

/// A writer that has no room now.
struct Held;

impl Write for Held {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

pub(super) struct Io<T>(pub Rc<RefCell<Shared<T>>>);

impl<T: Transport> AsyncRead for Io<T> {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Ok(mut shared) = self.0.try_borrow_mut() else { return Poll::Pending };
        let octets = shared.wire.to_read();
        let octets = octets.get(..into.remaining()).unwrap_or(octets);
        if octets.is_empty() {
            // The end of the input is never told: h2 would drop streams that can still be answered.
            shared.starved = true;
            return Poll::Pending;
        }
        into.put_slice(octets);
        let read = octets.len();
        shared.wire.read(read);
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> AsyncWrite for Io<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(from)])
    }

    fn poll_write_vectored(self: Pin<&mut Self>, _: &mut Context<'_>, from: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let Ok(mut shared) = self.0.try_borrow_mut() else { return Poll::Pending };
        shared.write(from)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// The session flushes the wire itself, once h2 has handed over all it has.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Closing the transport is its owner's.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
