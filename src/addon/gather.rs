//! Pieces of bodies on their way to JavaScript, put together again.
//!
//! A sender that writes 64 KiB has to cut them into frames, and a read ends wherever it ends. Each Buffer costs V8 an
//! allocation, an object to trace and a thing to sweep, and each event its listeners a call: more than copying what is in it.
//! So pieces of which the wire says that they belong together become one Buffer. Those of different streams may alternate; what
//! is no DATA ends all of them, so that nothing else changes its place. A frame that its sender ended
//! earlier than it had to stays alone: it may well be a message.

use bytes::Bytes;

use super::value::{Js, Value};
use crate::wire::StreamId;

/// As much as node:http2 reads at a time: the most that one of its chunks has.
const LONGEST: usize = 64 * 1024;

/// How many chunks are looked through for the stream of a piece: more than take turns in what one read brings.
const OPEN: usize = 32;

#[derive(Debug)]
struct Chunk {
    stream: StreamId,
    /// Its place among the buffers of the batch.
    place: usize,
    first: Bytes,
    rest: Vec<Bytes>,
    length: usize,
    goes_on: bool,
}

/// The bodies of a batch that have not become Buffers yet.
#[derive(Debug, Default)]
pub struct Gather {
    chunks: Vec<Chunk>,
    /// Those before it take nothing more.
    open: usize,
}

impl Gather {
    /// Adds a piece to the chunk of its stream. False if there is none that it may go into.
    pub fn add(&mut self, stream: StreamId, data: &Bytes, goes_on: bool) -> bool {
        let open = self.chunks.get_mut(self.open..).unwrap_or_default();
        let Some(chunk) = open.iter_mut().rev().take(OPEN).find(|chunk| chunk.stream == stream) else { return false };
        if !chunk.goes_on || chunk.length + data.len() > LONGEST {
            return false;
        }
        chunk.rest.push(data.clone());
        chunk.length += data.len();
        chunk.goes_on = goes_on;
        true
    }

    /// Begins a chunk, whose Buffer goes to that place.
    pub fn begin(&mut self, stream: StreamId, data: &Bytes, goes_on: bool, place: usize) {
        let chunk = Chunk { stream, place, first: data.clone(), rest: Vec::new(), length: data.len(), goes_on };
        self.chunks.push(chunk);
    }

    /// Something else is told: what comes after it must not be told before.
    pub fn end(&mut self) {
        self.open = self.chunks.len();
    }

    /// Forgets the chunks from that place on.
    pub fn truncate(&mut self, place: usize) {
        self.chunks.retain(|chunk| chunk.place < place);
        self.end();
    }

    /// Makes the Buffers. The input is not needed any more then, and its memory free to be read into.
    pub fn make(&mut self, js: Js, buffers: &mut [Value]) {
        for Chunk { place, first, rest, length, .. } in self.chunks.drain(..) {
            if let Some(buffer) = buffers.get_mut(place) {
                *buffer = js.buffer_of(length, std::iter::once(&first).chain(&rest));
            }
        }
        self.open = 0;
    }
}
