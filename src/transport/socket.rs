//! A connected socket: the engine's own nonblocking reads and gathering writes on a file descriptor.

use std::cell::RefCell;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::Rc;

use bytes::Bytes;

use super::Transport;
use super::tls::Octets;

/// The least that one read asks the kernel for.
pub const READ_SIZE: usize = 64 * 1024;

/// The kernel's limit on slices of one call is 1024; nobody here has more than this.
const MAX_SLICES: usize = 256;

/// Where the reads of all sockets of one thread go, so that an idle socket holds no buffer.
pub trait ReadSpace: std::fmt::Debug {
    /// Has `read` fill a room of [`READ_SIZE`] octets or more, and returns what it said it filled. The larger the room, the fewer the system calls; but one
    /// busy peer must not hold the loop for long.
    fn receive(&mut self, read: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes>;
}

/// A connected stream socket (TCP or Unix) in nonblocking mode. The descriptor may be shared with who watches it.
#[derive(Debug)]
pub struct Socket {
    fd: Rc<OwnedFd>,
    space: Rc<RefCell<dyn ReadSpace>>,
    /// What was read from the descriptor before it was handed over: comes first, in order.
    before: Option<Bytes>,
    ended: bool,
    broken: bool,
    /// The peer is gone, as a write has found out.
    unheard: bool,
    /// The last read did not fill its room: there was no more, and asking would cost a system call to hear so.
    drained: bool,
    /// After what is there comes a reset, which is to look like an end.
    ends_soon: bool,
    bytes_read: u64,
    bytes_written: u64,
    /// Whether the last write left something behind, so that the owner should watch for room.
    blocked: bool,
}

impl Socket {
    /// `before` is what was already read from the connection.
    pub fn new(fd: Rc<OwnedFd>, before: Bytes, space: Rc<RefCell<dyn ReadSpace>>) -> Socket {
        Socket {
            fd,
            space,
            before: Some(before).filter(|bytes| !bytes.is_empty()),
            ended: false,
            broken: false,
            unheard: false,
            drained: false,
            ends_soon: false,
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

    /// The descriptor is readable again.
    pub fn readable(&mut self) {
        self.drained = false;
    }

    /// A reset has come. If octets have come before it, it counts as the end after them.
    pub fn ends_with_these(&mut self) {
        self.ends_soon = true;
    }

    /// Whether the peer has ended its side.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Whether reading has failed, or writing in a way that no read will tell of: it will not get better.
    pub fn is_broken(&self) -> bool {
        self.broken
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

    /// When the peer is gone, what is written to it goes nowhere, and how the connection has ended is for a read to say, after
    /// what had come before that. Node's sessions see it so.
    fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let wanted = slices.iter().take(MAX_SLICES).map(|slice| slice.len()).sum();
        while !self.unheard {
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
                        // With any of these the kernel has ended the connection, both ways.
                        io::ErrorKind::BrokenPipe
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::TimedOut
                        | io::ErrorKind::HostUnreachable
                        | io::ErrorKind::NetworkUnreachable => self.unheard = true,
                        // Out of kernel buffers: what libuv treats as "try again when writable".
                        _ if error.raw_os_error() == Some(libc::ENOBUFS) => {
                            self.blocked = true;
                            return Err(io::ErrorKind::WouldBlock.into());
                        }
                        _ => {
                            self.broken = true;
                            return Err(error);
                        }
                    }
                }
            }
        }
        self.blocked = false;
        Ok(wanted)
    }
}

fn receive(fd: RawFd, room: &mut [u8], flags: libc::c_int) -> io::Result<usize> {
    loop {
        // SAFETY: recv writes into `room` and no further.
        let n = unsafe { libc::recv(fd, room.as_mut_ptr().cast(), room.len(), flags) };
        match usize::try_from(n) {
            Ok(n) => return Ok(n),
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

/// Copies what waits to be read into `room`, and leaves it to be read.
pub fn peek(fd: &OwnedFd, room: &mut [u8]) -> io::Result<usize> {
    receive(fd.as_raw_fd(), room, libc::MSG_PEEK)
}

/// Has the descriptor count as readable only when so many octets wait, or no more will come.
pub fn set_low_water(fd: &OwnedFd, octets: usize) {
    let octets = libc::c_int::try_from(octets).unwrap_or(libc::c_int::MAX);
    // SAFETY: a plain system call on a descriptor that we own; the option is read from `octets` and no further. Where it
    // does nothing, we are woken more often than there is need.
    unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVLOWAT,
            (&raw const octets).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        );
    }
}

/// What has happened to the connection while octets still wait to be read. The kernel tells it once.
pub fn take_error(fd: &OwnedFd) -> Option<io::Error> {
    let mut error: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: a plain system call on a descriptor that we own, which writes an integer into `error` and no further.
    let status = unsafe {
        libc::getsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_ERROR, (&raw mut error).cast(), &raw mut length)
    };
    (status == 0 && error != 0).then(|| io::Error::from_raw_os_error(error))
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

impl Octets for Socket {
    fn receive(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if let Some(mut before) = self.before.take() {
            let length = before.len().min(room.len());
            let taken = before.split_to(length);
            room.get_mut(..length).unwrap_or_default().copy_from_slice(&taken);
            self.before = Some(before).filter(|bytes| !bytes.is_empty());
            return Ok(length);
        }
        if self.ended {
            return Ok(0);
        }
        if std::mem::take(&mut self.drained) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let result = receive(self.fd.as_raw_fd(), room, 0);
        if let Err(error) = &result {
            self.broken |= error.kind() != io::ErrorKind::WouldBlock;
        }
        let length = result?;
        self.drained = length < room.len();
        self.ended = length == 0 || self.drained && self.ends_soon;
        self.bytes_read += length as u64;
        Ok(length)
    }
}

impl Transport for Socket {
    fn read(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(bytes) = self.before.take() {
            return Ok(Some(bytes));
        }
        let space = self.space.clone();
        let bytes = space.borrow_mut().receive(&mut |room| self.receive(room))?;
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
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

    /// Every read gets memory of its own.
    #[derive(Debug)]
    struct Heap;

    impl ReadSpace for Heap {
        fn receive(&mut self, read: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
            let mut room = vec![0; READ_SIZE];
            let filled = read(&mut room)?;
            room.truncate(filled);
            Ok(room.into())
        }
    }

    fn pair() -> (Socket, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Socket::new(Rc::new(ours.into()), Bytes::new(), Rc::new(RefCell::new(Heap))), theirs)
    }

    #[test]
    fn reads_what_came_before_first_and_then_blocks() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let mut socket = Socket::new(Rc::new(ours.into()), Bytes::from_static(b"early"), Rc::new(RefCell::new(Heap)));
        theirs.write_all(b"late").unwrap();
        assert_eq!(socket.read().unwrap().unwrap(), "early");
        assert_eq!(socket.read().unwrap().unwrap(), "late");
        socket.readable();
        assert_eq!(socket.read().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(socket.bytes_read(), 4);
    }

    #[test]
    fn the_end_stays_the_end() {
        let (mut socket, theirs) = pair();
        drop(theirs);
        assert!(socket.read().unwrap().is_none());
        assert!(socket.is_ended());
        assert!(socket.read().unwrap().is_none());
    }

    #[test]
    fn a_reset_after_octets_may_count_as_the_end() {
        let (mut socket, mut theirs) = pair();
        theirs.write_all(b"last words").unwrap();
        socket.ends_with_these();
        assert_eq!(socket.read().unwrap().unwrap(), "last words");
        assert!(socket.read().unwrap().is_none());
    }

    #[test]
    fn a_short_read_is_followed_by_no_other_until_the_descriptor_is_readable() {
        let (mut socket, mut theirs) = pair();
        theirs.write_all(b"first").unwrap();
        assert_eq!(socket.read().unwrap().unwrap(), "first");
        theirs.write_all(b"second").unwrap();
        assert_eq!(socket.read().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        socket.readable();
        assert_eq!(socket.read().unwrap().unwrap(), "second");
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
    fn what_is_written_to_a_peer_that_is_gone_is_no_error_and_no_signal() {
        let (mut socket, mut theirs) = pair();
        theirs.write_all(b"last words").unwrap();
        drop(theirs);
        assert_eq!(socket.write(b"x").unwrap(), 1);
        assert_eq!((socket.bytes_written(), socket.is_blocked(), socket.is_broken()), (0, false, false));
        assert_eq!(socket.read().unwrap().unwrap(), "last words");
        socket.readable();
        assert!(socket.read().unwrap().is_none());
    }
}
