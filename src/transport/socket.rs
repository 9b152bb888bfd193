//! A connected socket: the engine's own nonblocking reads and gathering writes on a file descriptor.

use std::cell::RefCell;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::Rc;

use bytes::{Bytes, BytesMut};

use super::Transport;

/// What one read asks the kernel for. Large enough that a body of full-size frames costs few system calls, small enough
/// that one busy peer does not hold the loop for long.
const READ_SIZE: usize = 64 * 1024;

/// Memory is taken from the allocator in pieces of this size and handed out read by read.
const SLAB_SIZE: usize = 4 * READ_SIZE;

/// A read below this is copied into an allocation of its own: a slice of the slab would keep all of the slab alive for as
/// long as a peer leaves a frame unfinished, and a thousand slow peers would pin a thousand slabs.
const COPY_BELOW: usize = 8 * 1024;

/// The kernel's limit on slices of one call is 1024; more than this brings nothing.
const MAX_SLICES: usize = 64;

/// Where reads of all sockets of one thread go, so that an idle socket holds no buffer.
#[derive(Debug, Default)]
pub struct ReadBuffer {
    slab: BytesMut,
}

impl ReadBuffer {
    pub fn shared() -> Rc<RefCell<ReadBuffer>> {
        Rc::default()
    }

    fn receive(&mut self, fd: RawFd) -> io::Result<Bytes> {
        if self.slab.capacity() < READ_SIZE {
            self.slab = BytesMut::with_capacity(SLAB_SIZE);
        }
        let room = self.slab.spare_capacity_mut();
        let wanted = room.len().min(READ_SIZE);
        let received = loop {
            // SAFETY: `room` is writable for at least `wanted` bytes, and recv writes no more than that.
            let n = unsafe { libc::recv(fd, room.as_mut_ptr().cast(), wanted, 0) };
            match usize::try_from(n) {
                Ok(n) => break n,
                Err(_) => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
            }
        };
        if received < COPY_BELOW {
            // SAFETY: recv initialised `received` bytes, which is at most the capacity.
            unsafe { self.slab.set_len(received) };
            let bytes = Bytes::copy_from_slice(&self.slab);
            self.slab.clear();
            return Ok(bytes);
        }
        // SAFETY: as above.
        unsafe { self.slab.set_len(received) };
        Ok(self.slab.split().freeze())
    }
}

/// A connected stream socket (TCP or Unix) in nonblocking mode, owned by this transport.
#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    buffer: Rc<RefCell<ReadBuffer>>,
    /// What was read from the descriptor before it was handed over: comes first, in order.
    before: Option<Bytes>,
    ended: bool,
    bytes_read: u64,
    bytes_written: u64,
    /// Whether the last write left something behind, so that the owner should watch for room.
    blocked: bool,
}

impl Socket {
    /// `before` is what was already read from the connection.
    pub fn new(fd: OwnedFd, before: Bytes, buffer: Rc<RefCell<ReadBuffer>>) -> Socket {
        Socket {
            fd,
            buffer,
            before: Some(before).filter(|bytes| !bytes.is_empty()),
            ended: false,
            bytes_read: 0,
            bytes_written: 0,
            blocked: false,
        }
    }

    /// Octets received through this transport, without those that were read before it.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    pub fn bytes_written(&self) -> u64 {
        self.bytes_written
    }

    /// Whether the kernel's send buffer was full at the last write.
    pub fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Tells the peer that nothing more comes (FIN).
    pub fn shutdown(&self) -> io::Result<()> {
        // SAFETY: a plain system call on a descriptor that we own.
        match unsafe { libc::shutdown(self.fd.as_raw_fd(), libc::SHUT_WR) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        loop {
            // SAFETY: all-zero is a valid msghdr: no address, no control data.
            let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
            // IoSlice has the layout of iovec by its documentation; sendmsg only reads through it.
            message.msg_iov = slices.as_ptr().cast_mut().cast();
            message.msg_iovlen = slices.len().min(MAX_SLICES) as _;
            // SAFETY: `message` refers to live slices for the length of the call.
            let n = unsafe { libc::sendmsg(self.fd.as_raw_fd(), &message, NO_SIGNAL) };
            match usize::try_from(n) {
                Ok(n) => {
                    self.bytes_written += n as u64;
                    let wanted = slices.iter().take(MAX_SLICES).map(|slice| slice.len()).sum();
                    self.blocked = n < wanted;
                    return Ok(n);
                }
                Err(_) => {
                    let error = io::Error::last_os_error();
                    match error.kind() {
                        io::ErrorKind::Interrupted => {}
                        io::ErrorKind::WouldBlock => {
                            self.blocked = true;
                            return Err(error);
                        }
                        // Out of kernel buffers: what libuv treats as "try again when writable".
                        _ if error.raw_os_error() == Some(libc::ENOBUFS) => {
                            self.blocked = true;
                            return Err(io::ErrorKind::WouldBlock.into());
                        }
                        _ => return Err(error),
                    }
                }
            }
        }
    }
}

/// A write to a connection that the peer has reset is an error to report, not a signal to die of.
#[cfg(target_os = "linux")]
const NO_SIGNAL: libc::c_int = libc::MSG_NOSIGNAL;
/// libuv sets SO_NOSIGPIPE on its sockets, and a duplicate shares it.
#[cfg(not(target_os = "linux"))]
const NO_SIGNAL: libc::c_int = 0;

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl Transport for Socket {
    fn read(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(bytes) = self.before.take() {
            return Ok(Some(bytes));
        }
        if self.ended {
            return Ok(None);
        }
        let bytes = self.buffer.borrow_mut().receive(self.fd.as_raw_fd())?;
        if bytes.is_empty() {
            self.ended = true;
            return Ok(None);
        }
        self.bytes_read += bytes.len() as u64;
        Ok(Some(bytes))
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.send(slices)
    }

    /// The kernel holds what it took; there is nothing to push on.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::net::UnixStream;

    fn pair() -> (Socket, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Socket::new(ours.into(), Bytes::new(), ReadBuffer::shared()), theirs)
    }

    #[test]
    fn reads_what_came_before_first_and_then_blocks() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let mut socket = Socket::new(ours.into(), Bytes::from_static(b"early"), ReadBuffer::shared());
        theirs.write_all(b"late").unwrap();
        assert_eq!(socket.read().unwrap().unwrap(), "early");
        assert_eq!(socket.read().unwrap().unwrap(), "late");
        assert_eq!(socket.read().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(socket.bytes_read(), 4);
    }

    #[test]
    fn the_end_stays_the_end() {
        let (mut socket, theirs) = pair();
        drop(theirs);
        assert!(socket.read().unwrap().is_none());
        assert!(socket.read().unwrap().is_none());
    }

    #[test]
    fn large_reads_are_not_overwritten_by_later_ones() {
        let (mut socket, mut theirs) = pair();
        let mut kept = Vec::new();
        for fill in 0..20_u8 {
            theirs.write_all(&vec![fill; 20_000]).unwrap();
            let mut seen = 0;
            while seen < 20_000 {
                let bytes = socket.read().unwrap().unwrap();
                seen += bytes.len();
                kept.push((fill, bytes));
            }
        }
        assert!(kept.iter().all(|(fill, bytes)| bytes.iter().all(|byte| byte == fill)));
    }

    #[test]
    fn a_full_send_buffer_blocks_and_recovers() {
        let (mut socket, mut theirs) = pair();
        let block = vec![7_u8; 256 * 1024];
        let mut sent = 0;
        loop {
            match socket.write_vectored(&[IoSlice::new(&block), IoSlice::new(&block)]) {
                Ok(n) => sent += n,
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                    break;
                }
            }
        }
        assert!(socket.is_blocked());
        assert_eq!(socket.bytes_written(), sent as u64);
        let mut received = vec![0; sent];
        theirs.read_exact(&mut received).unwrap();
        assert_eq!(socket.write(b"x").unwrap(), 1);
        assert!(!socket.is_blocked());
    }

    #[test]
    fn a_reset_peer_is_an_error_and_no_signal() {
        let (mut socket, theirs) = pair();
        drop(theirs);
        assert_eq!(socket.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
