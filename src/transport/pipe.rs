//! A transport of two queues, for a peer that is reached through a stream of JavaScript.
//!
//! ```text
//!   'data' ──> push() ──> input ──> Session          Session ──> output ──> take_output() ──> duplex.write(buffer, cb)
//!   pause() when push() says no                       at most one buffer at a time is out; output_done() when cb is called
//! ```

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use bytes::{Bytes, BytesMut};

use super::Transport;

/// Input that may wait in the queue before JavaScript is asked to pause its stream. The session takes the queue in on
/// every poll, so it fills only while the session refuses input (its own output is stuck): two reads of a socket.
pub const INPUT_HIGH_WATER: usize = 128 * 1024;

/// Output collected while an earlier buffer is still being written. It bounds what a peer that does not read can make us
/// hold, and is what one `duplex.write` carries at most; large enough that a batch of answers goes out at once.
pub const OUTPUT_HIGH_WATER: usize = 256 * 1024;

/// See the module.
#[derive(Debug, Default)]
pub struct Pipe {
    input: VecDeque<Bytes>,
    input_len: usize,
    input_ended: bool,
    output: BytesMut,
    /// JavaScript has a buffer that it has not written yet.
    outstanding: bool,
    /// The stream takes nothing any more.
    unheard: bool,
}

impl Pipe {
    pub fn new() -> Pipe {
        Pipe::default()
    }

    // --- JavaScript's side ---

    /// Queues what arrived. False when the stream should be paused until [`Pipe::wants_read`] is true again; what comes
    /// in the meantime is queued all the same.
    pub fn push(&mut self, bytes: Bytes) -> bool {
        if !bytes.is_empty() && !self.input_ended {
            self.input_len += bytes.len();
            self.input.push_back(bytes);
        }
        self.wants_read()
    }

    /// The stream ended ('end'): reading reports it after what is queued.
    pub fn end_input(&mut self) {
        self.input_ended = true;
    }

    /// The stream takes nothing any more: what is written from here on goes nowhere. How the connection has ended is for the
    /// stream to say, after what had come before that.
    pub fn stop_output(&mut self) {
        self.unheard = true;
        self.output = BytesMut::new();
    }

    /// Whether the stream may flow.
    pub fn wants_read(&self) -> bool {
        self.input_len < INPUT_HIGH_WATER
    }

    /// The next buffer for `duplex.write`, if there is one and the previous has been [written](Pipe::output_done).
    pub fn take_output(&mut self) -> Option<Bytes> {
        if self.outstanding || self.output.is_empty() {
            return None;
        }
        self.outstanding = true;
        Some(self.output.split().freeze())
    }

    /// The write of the buffer last taken was called back. The session should be flushed: there is room again.
    pub fn output_done(&mut self) {
        self.outstanding = false;
    }

    /// Whether a buffer is with JavaScript.
    pub fn is_writing(&self) -> bool {
        self.outstanding
    }

    /// Whether JavaScript has not yet written all that was sent.
    pub fn is_busy(&self) -> bool {
        self.outstanding || !self.output.is_empty()
    }

    /// Octets waiting for [`Pipe::take_output`].
    pub fn output_len(&self) -> usize {
        self.output.len()
    }
}

impl Transport for Pipe {
    fn read(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(bytes) = self.input.pop_front() {
            self.input_len -= bytes.len();
            return Ok(Some(bytes));
        }
        if self.input_ended { Ok(None) } else { Err(io::ErrorKind::WouldBlock.into()) }
    }
}

impl Pipe {
    fn room(&self) -> io::Result<usize> {
        match OUTPUT_HIGH_WATER.saturating_sub(self.output.len()) {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            room => Ok(room),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        if self.unheard {
            return Ok(from.len());
        }
        let room = self.room()?;
        let taken = from.get(..room).unwrap_or(from);
        self.output.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.unheard {
            return Ok(from.iter().map(|slice| slice.len()).sum());
        }
        let mut room = self.room()?;
        self.output.reserve(from.iter().map(|slice| slice.len()).sum::<usize>().min(room));
        let mut written = 0;
        for slice in from {
            let taken = slice.get(..room).unwrap_or(slice);
            self.output.extend_from_slice(taken);
            room -= taken.len();
            written += taken.len();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks<T>(result: io::Result<T>) -> bool {
        result.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    #[test]
    fn input_comes_out_in_order_and_then_ends() {
        let mut pipe = Pipe::new();
        assert!(blocks(pipe.read()));
        assert!(pipe.push(Bytes::from_static(b"one")));
        assert!(pipe.push(Bytes::new()), "nothing is nothing");
        assert!(pipe.push(Bytes::from_static(b"two")));
        pipe.end_input();
        assert_eq!(pipe.read().unwrap().unwrap(), "one");
        assert_eq!(pipe.read().unwrap().unwrap(), "two");
        assert!(pipe.read().unwrap().is_none());
    }

    #[test]
    fn asks_to_pause_when_the_session_does_not_read() {
        let mut pipe = Pipe::new();
        assert!(pipe.push(Bytes::from(vec![0; INPUT_HIGH_WATER - 1])));
        assert!(!pipe.push(Bytes::from_static(b"x")));
        assert!(!pipe.wants_read());
        pipe.read().unwrap();
        assert!(pipe.wants_read());
    }

    #[test]
    fn one_buffer_is_out_at_a_time() {
        let mut pipe = Pipe::new();
        assert_eq!(pipe.take_output(), None);
        pipe.write_all(b"a").unwrap();
        pipe.write_all(b"b").unwrap();
        assert_eq!(pipe.take_output().unwrap(), "ab");
        pipe.write_all(b"c").unwrap();
        assert!(pipe.is_writing());
        assert_eq!(pipe.take_output(), None);
        pipe.output_done();
        assert_eq!(pipe.take_output().unwrap(), "c");
    }

    #[test]
    fn output_is_bounded() {
        let mut pipe = Pipe::new();
        let half = vec![0; OUTPUT_HIGH_WATER / 2 + 1];
        let slices = [IoSlice::new(&half), IoSlice::new(&half), IoSlice::new(&half)];
        assert_eq!(pipe.write_vectored(&slices).unwrap(), OUTPUT_HIGH_WATER);
        assert!(blocks(pipe.write(b"x")));
        assert!(blocks(pipe.write_vectored(&slices)));
        assert_eq!(pipe.take_output().unwrap().len(), OUTPUT_HIGH_WATER);
        assert_eq!(pipe.write(b"x").unwrap(), 1);
    }

    #[test]
    fn what_a_broken_stream_is_given_goes_nowhere_and_what_came_before_is_read() {
        let mut pipe = Pipe::new();
        pipe.push(Bytes::from_static(b"last words"));
        pipe.write_all(b"unheard").unwrap();
        pipe.stop_output();
        let block = vec![0; OUTPUT_HIGH_WATER + 1];
        assert_eq!(pipe.write(&block).unwrap(), block.len());
        assert_eq!(pipe.write_vectored(&[IoSlice::new(&block), IoSlice::new(b"x")]).unwrap(), block.len() + 1);
        assert!(!pipe.is_busy());
        assert_eq!(pipe.take_output(), None);
        assert_eq!(pipe.read().unwrap().unwrap(), "last words");
        assert!(blocks(pipe.read()));
        pipe.end_input();
        assert!(pipe.read().unwrap().is_none());
    }
}
