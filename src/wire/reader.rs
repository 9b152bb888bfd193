//! Splits the incoming bytes into frames, at whatever boundaries they arrive.
//!
//! Of every frame the head is told first, and the caller decides how the payload is to be read: whole, as it comes (DATA,
//! so that no body waits in a buffer), or not at all. A payload that lies whole in one piece of input is not copied.

use bytes::{Buf, Bytes, BytesMut};

use super::frame::{CLIENT_PREFACE, FrameHead, HEAD_LENGTH, flag};

/// What [`Reader::next`] found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A frame begins: answer with [`Reader::read_whole`], [`Reader::read_data`] or [`Reader::skip`].
    Head(FrameHead),
    /// The payload of the frame that was to be read whole.
    Payload(FrameHead, Bytes),
    /// The pad length of a DATA frame exceeds the frame.
    BadPadding(FrameHead),
    /// Padding of a DATA frame, its length octet included: so much of the frame is not data.
    Padding(FrameHead, u32),
    /// A part of a DATA frame's data; never empty.
    Data(FrameHead, Bytes),
    /// A DATA frame is over. It had so many octets of data.
    DataEnd(FrameHead, u32),
    /// What came is no client's preface.
    BadPreface,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Preface {
        matched: usize,
    },
    Head {
        filled: usize,
    },
    /// A head was told and not answered.
    Told,
    Whole,
    PadLength,
    Data {
        left: u32,
        padding: u32,
    },
    Skip {
        left: u32,
    },
    /// Nothing more will be read.
    Stopped,
}

#[derive(Debug)]
pub(crate) struct Reader {
    state: State,
    octets: [u8; HEAD_LENGTH],
    head: FrameHead,
    /// What has arrived of a payload that is to be whole and is not yet.
    partial: BytesMut,
}

impl Reader {
    pub(crate) fn new(expect_preface: bool) -> Reader {
        Reader {
            state: if expect_preface { State::Preface { matched: 0 } } else { State::Head { filled: 0 } },
            octets: [0; HEAD_LENGTH],
            head: FrameHead::parse(&[0; HEAD_LENGTH]),
            partial: BytesMut::new(),
        }
    }

    pub(crate) fn read_whole(&mut self) {
        self.state = State::Whole;
    }

    pub(crate) fn read_data(&mut self) {
        self.state = match self.head.has(flag::PADDED) {
            true => State::PadLength,
            false => State::Data { left: self.head.length, padding: 0 },
        };
    }

    pub(crate) fn skip(&mut self) {
        self.state = State::Skip { left: self.head.length };
    }

    pub(crate) fn stop(&mut self) {
        self.state = State::Stopped;
        self.partial = BytesMut::new();
    }

    /// Octets that wait for the rest of their frame.
    pub(crate) fn held(&self) -> usize {
        self.partial.len()
    }

    /// The frame whose payload is being read by pieces: its stream may have to change its mind.
    pub(crate) fn data_to_skip(&mut self) -> u32 {
        let left = match self.state {
            State::PadLength => self.head.length,
            State::Data { left, padding } => left.saturating_add(padding),
            _ => return 0,
        };
        self.state = State::Skip { left };
        left
    }

    /// Takes the next piece off `input`. None when all of it has been taken and more is needed.
    pub(crate) fn next(&mut self, input: &mut Bytes) -> Option<Piece> {
        loop {
            match self.state {
                State::Preface { matched } => {
                    let expected = CLIENT_PREFACE.get(matched..).unwrap_or_default();
                    let length = expected.len().min(input.len());
                    if input.get(..length) != expected.get(..length) {
                        self.stop();
                        return Some(Piece::BadPreface);
                    }
                    input.advance(length);
                    if length < expected.len() {
                        self.state = State::Preface { matched: matched + length };
                        return None;
                    }
                    self.state = State::Head { filled: 0 };
                }
                State::Head { filled } => {
                    match input.first_chunk::<HEAD_LENGTH>() {
                        Some(octets) if filled == 0 => {
                            self.head = FrameHead::parse(octets);
                            input.advance(HEAD_LENGTH);
                        }
                        _ => {
                            let room = self.octets.get_mut(filled..).unwrap_or_default();
                            let length = room.len().min(input.len());
                            input.copy_to_slice(room.get_mut(..length).unwrap_or_default());
                            if filled + length < HEAD_LENGTH {
                                self.state = State::Head { filled: filled + length };
                                return None;
                            }
                            self.head = FrameHead::parse(&self.octets);
                        }
                    }
                    self.state = State::Told;
                    return Some(Piece::Head(self.head));
                }
                // An unanswered head counts as "not interested".
                State::Told => self.skip(),
                State::Whole => {
                    let length = self.head.length as usize;
                    let payload = if self.partial.is_empty() && input.len() >= length {
                        take(input, length)
                    } else {
                        let missing = length.saturating_sub(self.partial.len()).min(input.len());
                        self.partial.extend_from_slice(input.get(..missing).unwrap_or_default());
                        input.advance(missing);
                        if self.partial.len() < length {
                            return None;
                        }
                        std::mem::take(&mut self.partial).freeze()
                    };
                    self.state = State::Head { filled: 0 };
                    return Some(Piece::Payload(self.head, payload));
                }
                State::PadLength => {
                    if self.head.length == 0 {
                        self.stop();
                        return Some(Piece::BadPadding(self.head));
                    }
                    let padding = u32::from(*input.first()?);
                    input.advance(1);
                    let Some(left) = (self.head.length - 1).checked_sub(padding) else {
                        self.stop();
                        return Some(Piece::BadPadding(self.head));
                    };
                    self.state = State::Data { left, padding };
                    return Some(Piece::Padding(self.head, padding + 1));
                }
                State::Data { left: 0, padding } => {
                    self.state = State::Skip { left: padding };
                    let data = self.head.length.saturating_sub(padding);
                    let data = data.saturating_sub(self.head.has(flag::PADDED).into());
                    return Some(Piece::DataEnd(self.head, data));
                }
                State::Data { left, padding } => {
                    if input.is_empty() {
                        return None;
                    }
                    let data = take(input, input.len().min(left as usize));
                    self.state = State::Data { left: left.saturating_sub(data.len() as u32), padding };
                    return Some(Piece::Data(self.head, data));
                }
                State::Skip { left } => {
                    let skipped = left.min(u32::try_from(input.len()).unwrap_or(u32::MAX));
                    input.advance(skipped as usize);
                    if skipped < left {
                        self.state = State::Skip { left: left - skipped };
                        return None;
                    }
                    self.state = State::Head { filled: 0 };
                }
                State::Stopped => {
                    input.clear();
                    return None;
                }
            }
            if input.is_empty() && !self.has_more_to_tell() {
                return None;
            }
        }
    }

    /// Whether the current state has a piece to give without any input.
    fn has_more_to_tell(&self) -> bool {
        match self.state {
            State::Whole => self.head.length == 0,
            State::PadLength => self.head.length == 0,
            State::Data { left, .. } => left == 0,
            _ => false,
        }
    }
}

/// The first `length` octets, or all there are.
fn take(input: &mut Bytes, length: usize) -> Bytes {
    input.split_to(length.min(input.len()))
}
