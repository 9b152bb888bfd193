//! The one buffer in front of the transport.

use std::io::{self, IoSlice, Write};

use bytes::{Buf, BufMut, BytesMut};

/// How much may wait before h2 is told to wait, too. Small frames of many streams gather here, so that they go out in one
/// system call; a larger bound would only delay back-pressure.
pub(crate) const OUT_LIMIT: usize = 64 * 1024;

/// An idle connection keeps no more memory than this.
const KEPT: usize = 4 * 1024;

/// Room for an answer or two.
const MIN_ROOM: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Out {
    buffer: BytesMut,
    /// Frames of our own that wait for the end of a DATA frame whose payload is passing through.
    held: BytesMut,
    passing: bool,
    /// Acknowledgements since the buffer was last empty.
    acks: u32,
    sent: u64,
    /// What was buffered at the last flush: the next turn will probably need as much.
    usual: usize,
}

impl Out {
    /// Where a frame of our own goes.
    pub(crate) fn frames(&mut self) -> &mut BytesMut {
        if self.passing { &mut self.held } else { self.buffer() }
    }

    /// Where a frame of h2's goes: those begin at frame boundaries only.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        debug_assert!(!self.passing);
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(self.usual);
        }
        &mut self.buffer
    }

    /// The head of a DATA frame is in the buffer, and its payload will pass.
    pub(crate) fn begin_passing(&mut self) {
        self.passing = true;
    }

    /// The DATA frame is complete, but for its padding.
    pub(crate) fn end_passing(&mut self, padding: usize) {
        self.passing = false;
        self.buffer.put_bytes(0, padding);
        if !self.held.is_empty() {
            self.buffer.extend_from_slice(&self.held);
            self.held = BytesMut::new();
        }
    }

    pub(crate) fn count_ack(&mut self) -> u32 {
        self.acks += 1;
        self.acks
    }

    pub(crate) fn len(&self) -> usize {
        self.buffer.len() + self.held.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.buffer.len() >= OUT_LIMIT
    }

    /// Octets handed to the transport so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Writes until the buffer is empty.
    pub(crate) fn flush<W: Write>(&mut self, to: &mut W) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.usual = self.buffer.len().clamp(MIN_ROOM, OUT_LIMIT);
        }
        while !self.buffer.is_empty() {
            let written = retried(|| to.write(&self.buffer))?;
            self.written(written);
        }
        self.emptied();
        Ok(())
    }

    /// Takes payload of the passing frame: a copy if there is room, else with what is buffered straight to the transport.
    /// Says how much was taken, at least one octet.
    pub(crate) fn pass<W: Write>(&mut self, payload: &[u8], to: &mut W) -> io::Result<usize> {
        if self.buffer.len() + payload.len() <= OUT_LIMIT {
            self.buffer.extend_from_slice(payload);
            return Ok(payload.len());
        }
        loop {
            let written = retried(|| to.write_vectored(&[IoSlice::new(&self.buffer), IoSlice::new(payload)]))?;
            let buffered = self.buffer.len().min(written);
            self.written(buffered);
            let passed = (written - buffered).min(payload.len());
            if passed > 0 {
                self.sent += passed as u64;
                self.emptied();
                return Ok(passed);
            }
        }
    }

    fn written(&mut self, octets: usize) {
        let octets = octets.min(self.buffer.len());
        self.sent += octets as u64;
        self.buffer.advance(octets);
    }

    fn emptied(&mut self) {
        self.acks = 0;
        if self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
    }
}

/// A write that is not interrupted, and that takes something.
fn retried(mut write: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match write() {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many octets a call, `WouldBlock` when its list is used up.
    struct Trickle {
        calls: Vec<usize>,
        taken: Vec<u8>,
    }

    impl Write for Trickle {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            if self.calls.is_empty() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let length = octets.len().min(self.calls.remove(0));
            self.taken.extend_from_slice(&octets[..length]);
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            let joined: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            self.write(&joined)
        }
    }

    #[test]
    fn small_payload_is_copied_and_large_passes_through() {
        let mut out = Out::default();
        let mut to = Trickle { calls: vec![], taken: vec![] };
        assert_eq!(out.pass(&[1; 1000], &mut to).unwrap(), 1000);
        assert_eq!(out.len(), 1000);
        let large = vec![2; OUT_LIMIT];
        assert_eq!(out.pass(&large, &mut to).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        to.calls = vec![400, 600, 50];
        assert_eq!(out.pass(&large, &mut to).unwrap(), 50);
        assert_eq!(to.taken.len(), 1050);
        assert_eq!(out.sent(), 1050);
        assert!(out.is_empty());
    }

    #[test]
    fn own_frames_wait_for_the_end_of_a_passing_frame() {
        let mut out = Out::default();
        let mut to = Trickle { calls: vec![1000], taken: vec![] };
        out.buffer().extend_from_slice(b"head");
        out.begin_passing();
        out.frames().extend_from_slice(b"ping");
        assert_eq!(out.pass(b"payload", &mut to).unwrap(), 7);
        out.end_passing(0);
        out.frames().extend_from_slice(b"more");
        out.flush(&mut to).unwrap();
        assert_eq!(to.taken, b"headpayloadpingmore");
    }

    #[test]
    fn a_writer_that_takes_nothing_is_an_error() {
        let mut out = Out::default();
        out.buffer().extend_from_slice(b"x");
        let mut to = Trickle { calls: vec![0], taken: vec![] };
        assert_eq!(out.flush(&mut to).unwrap_err().kind(), io::ErrorKind::WriteZero);
    }
}
