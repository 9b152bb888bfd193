//! What waits for the transport: one buffer of frames, and between them payload that lies elsewhere.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::frame::{FrameHead, HEAD_LENGTH};

/// How much may wait before h2 is told to wait, too. Small frames of many streams gather here, so that they go out in one
/// system call; a larger bound would only delay back-pressure.
pub(crate) const OUT_LIMIT: usize = 64 * 1024;

/// How much payload may wait by reference: what one system call carries at most. Each call costs some microseconds, and
/// wakes the peer, whatever it carries; but what the transport does not take of it has to be copied.
const LENT_LIMIT: usize = 1024 * 1024;

/// Payload up to this is copied between the frames: a slice of its own would cost more.
const COPIED: usize = 2 * 1024;

/// Slices of one gathering write: enough for [`LENT_LIMIT`] in frames of the size that every peer takes, with their heads.
const SLICES: usize = 192;

/// An idle connection keeps no more memory than this.
const KEPT: usize = 4 * 1024;

/// Room for an answer or two.
const MIN_ROOM: usize = 256;

/// Payload that is not in the buffer.
#[derive(Debug)]
struct Lent {
    /// The octet of the buffer that it comes before, counted from when the buffer was last empty.
    before: usize,
    payload: Bytes,
    /// It is a copy of ours.
    ours: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Out {
    buffer: BytesMut,
    /// How much of the buffer was written since it was last empty.
    taken: usize,
    lent: VecDeque<Lent>,
    lent_len: usize,
    /// How much payload is in the buffer, at the most.
    copied: usize,
    /// The buffer will be flushed before anybody can change payload that was handed over: it need not be copied.
    lending: bool,
    /// Frames of our own that wait for the end of a DATA frame whose payload is passing through.
    held: BytesMut,
    passing: bool,
    /// Acknowledgements since the buffer was last empty.
    acks: u32,
    sent: u64,
    /// What was buffered at the last flush: the next turn will probably need as much.
    usual: usize,
    /// What comes after this octet of the buffer, counted as [`Lent::before`] is, can still be taken back.
    settled: usize,
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
        self.buffer.len() + self.held.len() + self.lent_len
    }

    /// Octets of frames, without payload.
    pub(crate) fn frames_len(&self) -> usize {
        self.buffer.len().saturating_sub(self.copied) + self.held.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.buffer.is_empty() && self.lent.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.buffer.len() >= OUT_LIMIT || self.lent_len >= LENT_LIMIT
    }

    /// Until it is taken back, payload may be kept by reference. Each [`Out::flush`] makes copies of what it leaves.
    pub(crate) fn set_lending(&mut self, lending: bool) {
        self.lending = lending;
    }

    /// Payload of the DATA frame whose head is in the buffer, or a part of it.
    pub(crate) fn put_payload(&mut self, payload: Bytes) {
        if payload.len() <= COPIED || !self.lending {
            self.buffer.extend_from_slice(&payload);
            self.copied += payload.len();
            return;
        }
        self.lent_len += payload.len();
        self.lent.push_back(Lent { before: self.taken + self.buffer.len(), payload, ours: false });
    }

    /// Whether a frame can be put in now.
    pub(crate) fn takes_frames(&self) -> bool {
        !self.passing && !self.is_full()
    }

    /// What is buffered by now will be sent, whatever comes.
    pub(crate) fn settle(&mut self) {
        self.settled = self.taken + self.buffer.len();
    }

    /// Takes back the frames that are not settled, but for some. Says how many those are that are gone.
    pub(crate) fn take_back(&mut self, keeps: impl Fn(FrameHead) -> bool) -> u64 {
        if self.passing || self.lent.back().is_some_and(|lent| lent.before > self.settled) {
            return 0;
        }
        let settled = self.settled.saturating_sub(self.taken).min(self.buffer.len());
        let unsettled = self.buffer.split_off(settled);
        let mut rest: &[u8] = &unsettled;
        let mut gone = 0;
        while let Some(octets) = rest.first_chunk::<HEAD_LENGTH>() {
            let head = FrameHead::parse(octets);
            let (frame, after) = rest.split_at_checked(HEAD_LENGTH + head.length as usize).unwrap_or((rest, &[]));
            if keeps(head) {
                self.buffer.extend_from_slice(frame);
            } else {
                gone += 1;
            }
            rest = after;
        }
        gone
    }

    /// Octets handed to the transport so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Writes until nothing is left. What the transport does not take is ours afterwards.
    pub(crate) fn flush<W: Write>(&mut self, to: &mut W) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.usual = self.buffer.len().clamp(MIN_ROOM, OUT_LIMIT);
        }
        let flushed = self.write_all(to);
        self.settle();
        if flushed.is_err() {
            for lent in self.lent.iter_mut().filter(|lent| !lent.ours) {
                lent.payload = Bytes::copy_from_slice(&lent.payload);
                lent.ours = true;
            }
        }
        flushed
    }

    fn write_all<W: Write>(&mut self, to: &mut W) -> io::Result<()> {
        while !self.lent.is_empty() {
            let written = retried(|| self.gather(to))?;
            self.written(written);
        }
        while !self.buffer.is_empty() {
            let written = retried(|| to.write(&self.buffer))?;
            self.written(written);
        }
        self.emptied();
        Ok(())
    }

    /// Writes frames and payload in their order, as many as go into one call.
    fn gather<W: Write>(&self, to: &mut W) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut rest: &[u8] = &self.buffer;
        let mut start = self.taken;
        let mut count = 0;
        let mut add = |slice| {
            if let Some(place) = slices.get_mut(count) {
                *place = IoSlice::new(slice);
                count += 1;
            }
        };
        // Two for each, and one for what follows the last.
        for Lent { before, payload, .. } in self.lent.iter().take(SLICES / 2 - 1) {
            let (frames, after) = rest.split_at_checked(before - start).unwrap_or((rest, &[]));
            if !frames.is_empty() {
                add(frames);
            }
            add(payload);
            (rest, start) = (after, *before);
        }
        if self.lent.len() < SLICES / 2 && !rest.is_empty() {
            add(rest);
        }
        to.write_vectored(slices.get(..count).unwrap_or_default())
    }

    /// Takes payload of the passing frame: a copy if there is room, else with what is buffered straight to the transport.
    /// Says how much was taken, at least one octet.
    pub(crate) fn pass<W: Write>(&mut self, payload: &[u8], to: &mut W) -> io::Result<usize> {
        if self.buffer.len() + payload.len() <= OUT_LIMIT {
            self.buffer.extend_from_slice(payload);
            self.copied += payload.len();
            return Ok(payload.len());
        }
        while !self.lent.is_empty() {
            self.flush(to)?;
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

    fn written(&mut self, mut octets: usize) {
        self.sent += octets as u64;
        while let Some(first) = self.lent.front_mut() {
            let frames = octets.min(first.before - self.taken);
            self.buffer.advance(frames.min(self.buffer.len()));
            self.taken += frames;
            octets -= frames;
            let payload = octets.min(first.payload.len());
            first.payload.advance(payload);
            self.lent_len -= payload;
            octets -= payload;
            if self.taken < first.before || !first.payload.is_empty() {
                return;
            }
            self.lent.pop_front();
        }
        let octets = octets.min(self.buffer.len());
        self.buffer.advance(octets);
        self.taken += octets;
        self.copied = self.copied.min(self.buffer.len());
    }

    fn emptied(&mut self) {
        self.acks = 0;
        self.copied = 0;
        self.taken = 0;
        self.settled = 0;
        if self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
        if self.lent.capacity() > SLICES {
            self.lent = VecDeque::new();
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
    fn payload_is_no_frames_wherever_it_is() {
        let mut out = Out::default();
        out.frames().extend_from_slice(&[0; 9]);
        out.put_payload(Bytes::from_static(&[1; 40_000]));
        assert_eq!((out.len(), out.frames_len()), (40_009, 9));
        let mut to = Trickle { calls: vec![39_999], taken: vec![] };
        assert!(out.flush(&mut to).is_err());
        out.frames().extend_from_slice(&[2; 500]);
        assert_eq!((out.len(), out.frames_len()), (510, 500));
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
    fn lent_payload_keeps_its_place_however_it_is_taken() {
        for step in [97, 1000, 4000, 9000, 100_000] {
            let mut out = Out::default();
            out.set_lending(true);
            let mut expected = Vec::new();
            for number in 0..100u8 {
                let payload = Bytes::from(vec![number; if number % 3 == 0 { 5 } else { COPIED + 700 }]);
                out.buffer().extend_from_slice(b"head");
                expected.extend_from_slice(b"head");
                expected.extend_from_slice(&payload);
                out.put_payload(payload);
            }
            out.frames().extend_from_slice(b"end");
            expected.extend_from_slice(b"end");
            let mut to = Trickle { calls: vec![step; expected.len() / step / 2], taken: vec![] };
            assert_eq!(out.flush(&mut to).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            assert!(out.lent.iter().all(|lent| lent.ours));
            to.calls = vec![step; expected.len() / step + 1];
            out.flush(&mut to).unwrap();
            assert!(to.taken == expected, "{step}");
            assert!(out.is_empty() && out.lent_len == 0);
            assert_eq!(out.sent(), expected.len() as u64);
        }
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
