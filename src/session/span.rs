//! What h2 is given for a body: its length. The octets are with the wire, which puts them into the frames that h2 makes.

use bytes::Buf;

/// So many octets of a body.
#[derive(Debug)]
pub(super) struct Span(usize);

/// What h2 sees of them. As long as a frame that every peer takes.
static NOTHING: [u8; 16 * 1024] = [0; 16 * 1024];

impl Span {
    pub const EMPTY: Span = Span(0);

    pub fn new(length: usize) -> Span {
        Span(length)
    }
}

impl Buf for Span {
    fn remaining(&self) -> usize {
        self.0
    }

    fn chunk(&self) -> &[u8] {
        NOTHING.get(..self.0).unwrap_or(&NOTHING)
    }

    fn advance(&mut self, octets: usize) {
        self.0 = self.0.saturating_sub(octets);
    }
}
