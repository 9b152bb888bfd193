//! What waits for the transport: one buffer of frames, and between them payload that lies elsewhere.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};
use std::ops::Range;

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
    /// Which octets of the buffer, counted as [`Lent::before`] is, the peer has made us say; and how many they are.
    answers: VecDeque<Range<usize>>,
    answers_len: usize,
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
    /// Puts in a frame that the peer has made due, so that who sends and does not read could make it any number: an
    /// acknowledgement, a reset, a window.
    pub(crate) fn answer(&mut self, put: impl FnOnce(&mut BytesMut)) {
        let start = self.end();
        put(self.frames());
        // What is held counts as a whole.
        if !self.passing {
            self.add_answers(start..self.end());
        }
    }

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
            let start = self.end();
            self.buffer.extend_from_slice(&self.held);
            self.held = BytesMut::new();
            self.add_answers(start..self.end());
        }
    }

    /// The place behind the last octet of the buffer.
    fn end(&self) -> usize {
        self.taken + self.buffer.len()
    }

    fn add_answers(&mut self, octets: Range<usize>) {
        self.answers_len += octets.len();
        match self.answers.back_mut() {
            Some(last) if last.end == octets.start => last.end = octets.end,
            _ => self.answers.push_back(octets),
        }
    }

    pub(crate) fn count_ack(&mut self) -> u32 {
        self.acks += 1;
        self.acks
    }

    pub(crate) fn len(&self) -> usize {
        self.buffer.len() + self.held.len() + self.lent_len
    }

    /// Octets of what the peer has made us say.
    pub(crate) fn answers_len(&self) -> usize {
        self.answers_len + self.held.len()
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
            return;
        }
        self.lent_len += payload.len();
        self.lent.push_back(Lent { before: self.end(), payload, ours: false });
    }

    /// Whether a frame can be put in now.
    pub(crate) fn takes_frames(&self) -> bool {
        !self.passing && !self.is_full()
    }

    /// What is buffered by now will be sent, whatever comes.
    pub(crate) fn settle(&mut self) {
        self.settled = self.end();
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
        // Of what is kept, all may be answers.
        let settled = self.taken + settled;
        while let Some(last) = self.answers.pop_back() {
            self.answers_len -= last.len();
            if last.start < settled {
                self.add_answers(last.start..last.end.min(settled));
                break;
            }
        }
        self.add_answers(settled..self.end());
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

    fn written(&mut self, octets: usize) {
        self.sent += octets as u64;
        self.advance(octets);
        while let Some(first) = self.answers.front_mut()
            && first.start < self.taken
        {
            let paid = first.end.min(self.taken) - first.start;
            first.start += paid;
            self.answers_len -= paid;
            if first.start == first.end {
                self.answers.pop_front();
            }
        }
    }

    fn advance(&mut self, mut octets: usize) {
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
    }

    fn emptied(&mut self) {
        self.acks = 0;
        self.taken = 0;
        self.answers.clear();
        self.answers_len = 0;
        self.settled = 0;
        if self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
        if self.lent.capacity() > SLICES {
            self.lent = VecDeque::new();
        }
        if self.answers.capacity() > SLICES {
            self.answers = VecDeque::new();
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
    fn what_the_peer_has_made_us_say_is_counted_until_it_is_written() {
        let mut out = Out::default();
        let answer = |out: &mut Out, length: usize| out.answer(|frames| frames.put_bytes(3, length));
        answer(&mut out, 10);
        answer(&mut out, 10);
        out.frames().put_bytes(1, 100);
        out.put_payload(Bytes::from_static(&[2; 40_000]));
        answer(&mut out, 30);
        assert_eq!((out.answers_len(), out.answers.len()), (50, 2));
        let mut to = Trickle { calls: vec![5, 10, 85, 40_025], taken: vec![] };
        assert!(out.flush(&mut to).is_err());
        assert_eq!((out.len(), out.answers_len()), (25, 25));
        out.settle();
        out.frames().put_bytes(1, 100);
        out.take_back(|_| false);
        assert_eq!((out.len(), out.answers_len()), (25, 25));
        to.calls = vec![24, 1];
        out.flush(&mut to).unwrap();
        assert_eq!((out.len(), out.answers_len()), (0, 0));
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
