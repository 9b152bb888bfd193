//! A session under test: what can be asked of it, and what is remembered of what it told.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use arbitrary::Arbitrary;
use bytes::Bytes;
use http2_rs::session::{Event, Outcome, Priority, SendOptions, Session};
use http2_rs::transport::Pipe;
use http2_rs::wire::{Config, ErrorCode, FieldBlock, HeadKind, Role, Setting, SettingId, StreamId};

/// What JavaScript may ask of a session. A stream is named by its place among those that the session knows.
#[derive(Debug, Arbitrary)]
pub enum Operation {
    Request { fields: Fields, end: bool, trailers: bool, priority: Option<(u8, u8)> },
    Respond { stream: u8, fields: Fields, end: bool, trailers: bool },
    Info { stream: u8 },
    Write { stream: u8, pieces: Vec<u16> },
    End { stream: u8 },
    Trailers { stream: u8, empty: bool },
    Push { stream: u8, fields: Fields },
    Reset { stream: u8, code: u8 },
    ReadStart { stream: u8 },
    ReadStop { stream: u8 },
    Prioritize { stream: u8, parent: u8, weight: u8 },
    Settings { table: Option<u16>, window: Option<u16>, frame: Option<u16>, concurrent: Option<u8> },
    Ping,
    GoAway { code: u8 },
    AltSvc { stream: u8 },
    Origin,
    Window(u32),
    NextStream(u8),
    Close,
    Flush,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Fields {
    Few,
    /// More than one frame carries.
    Many,
    /// More than `maxSendHeaderBlockLength` lets out.
    TooMany,
}

/// Whatever is written is cut from this, so that what arrives can be checked: octet N of stream S is the same always.
const PERIOD: usize = 251;
const LONGEST: usize = 1 << 16;

pub struct Side {
    pub session: Session<Pipe>,
    pub streams: BTreeMap<StreamId, Track>,
    pub settings_sent: u32,
    pub settings_acked: u32,
    pub failed: bool,
    pub done: bool,
    /// The peer is one of these, too: what it sends can be foreseen.
    pub trusts: bool,
    pattern: Bytes,
    /// On their way to the peer.
    pub output: VecDeque<Bytes>,
}

/// One stream as seen from here.
#[derive(Debug, Default)]
pub struct Track {
    pub written: u64,
    pub received: u64,
    /// Calls of write() and end(), and how many of them were answered.
    pub writes: u32,
    pub answers: u32,
    pub ends: u32,
    pub shutdowns: u32,
    /// Everything was handed over, END_STREAM with it.
    pub complete: bool,
    /// It was reset from here.
    pub reset: bool,
    pub end_received: bool,
    pub closed: Option<ErrorCode>,
}

impl Side {
    pub fn new(role: Role, config: Config) -> Side {
        Side {
            session: Session::new(role, config, Pipe::new()),
            streams: BTreeMap::new(),
            settings_sent: 1,
            settings_acked: 0,
            failed: false,
            done: false,
            trusts: true,
            pattern: (0..LONGEST + PERIOD).map(|octet| (octet % PERIOD) as u8).collect::<Vec<_>>().into(),
            output: VecDeque::new(),
        }
    }

    fn octets(&self, stream: StreamId, offset: u64, length: usize) -> Bytes {
        let begin = ((u64::from(stream.value()) + offset) % PERIOD as u64) as usize;
        self.pattern.slice(begin..begin + length.min(LONGEST))
    }

    fn stream(&self, place: u8) -> StreamId {
        let place = usize::from(place) % self.streams.len().max(1);
        self.streams.keys().nth(place).copied().unwrap_or(StreamId::new(1))
    }

    pub fn act(&mut self, operation: &Operation) {
        match *operation {
            Operation::Request { fields, end, trailers, priority } => {
                let priority = priority.map(|(parent, weight)| Priority {
                    parent: StreamId::new(parent.into()),
                    weight: u16::from(weight) + 1,
                    exclusive: false,
                });
                let options = SendOptions { end_stream: end, want_trailers: trailers && !end };
                if let Ok(stream) = self.session.request(request(fields), options, priority) {
                    let track = self.streams.entry(stream).or_default();
                    track.complete = end;
                }
            }
            Operation::Respond { stream, fields, end, trailers } => {
                let stream = self.stream(stream);
                let options = SendOptions { end_stream: end, want_trailers: trailers && !end };
                let written = self.streams.get(&stream).is_some_and(|track| track.writes > 0 || track.ends > 0);
                // JavaScript never ends with the head what it has written to.
                if end && written {
                    return;
                }
                let answered = self.session.respond(stream, response(fields), options).is_ok();
                if answered && end {
                    self.complete(stream);
                }
            }
            Operation::Info { stream } => {
                let _ = self.session.info(self.stream(stream), list(&[(":status", "103"), ("link", "</a>")]));
            }
            Operation::Write { stream, ref pieces } => self.write(self.stream(stream), pieces),
            Operation::End { stream } => {
                let stream = self.stream(stream);
                if let Some(track) = self.streams.get_mut(&stream)
                    && track.ends == 0
                    && sends(self.session.role(), stream)
                    && self.session.end(stream).is_ok()
                {
                    track.ends += 1;
                    track.complete = true;
                }
            }
            Operation::Trailers { stream, empty } => {
                let stream = self.stream(stream);
                let fields = if empty { FieldBlock::new() } else { list(&[("checksum", "1")]) };
                if self.session.trailers(stream, fields).is_ok() {
                    self.complete(stream);
                }
            }
            Operation::Push { stream, fields } => {
                if let Ok(promised) = self.session.push_promise(self.stream(stream), request(fields)) {
                    self.streams.entry(promised).or_default();
                }
            }
            Operation::Reset { stream, code } => {
                self.reset(self.stream(stream), ErrorCode(u32::from(code % 16)));
            }
            Operation::ReadStart { stream } => drop(self.session.read_start(self.stream(stream))),
            Operation::ReadStop { stream } => drop(self.session.read_stop(self.stream(stream))),
            Operation::Prioritize { stream, parent, weight } => {
                let priority =
                    Priority { parent: self.stream(parent), weight: u16::from(weight) + 1, exclusive: weight % 2 == 0 };
                let _ = self.session.priority(self.stream(stream), priority);
            }
            Operation::Settings { table, window, frame, concurrent } => {
                let settings: Vec<Setting> = [
                    table.map(|size| Setting::new(SettingId::HEADER_TABLE_SIZE, size.into())),
                    window.map(|size| Setting::new(SettingId::INITIAL_WINDOW_SIZE, size.into())),
                    frame.map(|size| Setting::new(SettingId::MAX_FRAME_SIZE, 16_384 + u32::from(size))),
                    concurrent.map(|streams| Setting::new(SettingId::MAX_CONCURRENT_STREAMS, streams.into())),
                ]
                .into_iter()
                .flatten()
                .collect();
                self.settings_sent += u32::from(self.session.settings(&settings).is_ok());
            }
            Operation::Ping => drop(self.session.ping([1, 2, 3, 4, 5, 6, 7, 8])),
            // Any other last stream than that one may be a lie, which the peer would see through.
            Operation::GoAway { code } => self.session.goaway(ErrorCode(u32::from(code % 16)), 0, b"why"),
            Operation::AltSvc { stream } => drop(self.session.altsvc(self.stream(stream), b"", b"h2=\":1\"")),
            Operation::Origin => drop(self.session.origin([&b"https://a"[..], b"https://b"].into_iter())),
            Operation::Window(size) => drop(self.session.set_local_window_size(size & 0x7fff_ffff)),
            Operation::NextStream(id) => drop(self.session.set_next_stream_id(id.into())),
            Operation::Close => self.session.close(),
            Operation::Flush => self.flush(),
        }
        self.drain();
    }

    fn complete(&mut self, stream: StreamId) {
        if let Some(track) = self.streams.get_mut(&stream) {
            track.complete = true;
        }
    }

    fn reset(&mut self, stream: StreamId, code: ErrorCode) {
        if let Some(track) = self.streams.get_mut(&stream) {
            track.reset = true;
            let _ = self.session.rst_stream(stream, code);
        }
    }

    fn write(&mut self, stream: StreamId, pieces: &[u16]) {
        let Some(track) = self.streams.get(&stream) else { return };
        if track.complete || !sends(self.session.role(), stream) {
            return;
        }
        let mut end = track.written;
        let pieces: Vec<Bytes> = pieces
            .iter()
            .take(4)
            .map(|length| {
                let piece = self.octets(stream, end, usize::from(*length));
                end += piece.len() as u64;
                piece
            })
            .collect();
        if self.session.write(stream, pieces).is_ok()
            && let Some(track) = self.streams.get_mut(&stream)
        {
            track.written = end;
            track.writes += 1;
        }
    }

    pub fn flush(&mut self) {
        self.session.flush();
        self.take_output();
    }

    pub fn take_output(&mut self) {
        let output = self.session.with_transport(|pipe| {
            let output = pipe.take_output();
            pipe.output_done();
            output
        });
        self.output.extend(output);
    }

    pub fn receive(&mut self, octets: Bytes, now: Duration) {
        self.session.with_transport(|pipe| pipe.push(octets));
        self.poll(now);
    }

    pub fn poll(&mut self, now: Duration) {
        while self.session.poll(now) {
            self.drain();
        }
        self.drain();
    }

    /// Takes in what there is to be told, and judges it by itself.
    fn drain(&mut self) {
        while let Some(event) = self.session.next_event() {
            match event {
                Event::Headers { stream, kind, .. } => {
                    let track = self.streams.entry(stream).or_default();
                    assert_eq!(track.closed, None, "{kind:?} after the end of {stream:?}");
                    assert!(!track.end_received || kind == HeadKind::Request);
                }
                Event::PushPromise { parent, promised, .. } => {
                    assert!(self.streams.contains_key(&parent));
                    assert!(self.streams.insert(promised, Track::default()).is_none(), "{promised:?} promised twice");
                }
                Event::Data { stream, data } => {
                    assert!(!data.is_empty());
                    let track = self.streams.get_mut(&stream).expect("DATA of a known stream");
                    assert!(track.closed.is_none() && !track.end_received, "DATA after the end of {stream:?}");
                    let offset = track.received;
                    track.received += data.len() as u64;
                    assert!(!self.trusts || self.foresees(stream, offset, &data), "other DATA than was written");
                }
                Event::End { stream } => {
                    let track = self.streams.get_mut(&stream).expect("the end of a known stream");
                    assert!(track.closed.is_none() && !track.end_received, "a second end of {stream:?}");
                    track.end_received = true;
                }
                Event::Written { stream, outcome } => {
                    let track = self.streams.get_mut(&stream).expect("a write to a known stream");
                    assert!(track.closed.is_none() || outcome == Outcome::Canceled);
                    track.answers += 1;
                    assert!(track.answers <= track.writes, "too many answers to the writes of {stream:?}");
                }
                Event::Shutdown { stream, .. } => {
                    let track = self.streams.get_mut(&stream).expect("the end of a known stream");
                    track.shutdowns += 1;
                    assert!(track.shutdowns <= track.ends, "too many answers to the ends of {stream:?}");
                }
                Event::WantTrailers { stream } => {
                    let _ = self.session.trailers(stream, FieldBlock::new());
                    self.complete(stream);
                }
                Event::StreamClose { stream, code } => {
                    let track = self.streams.entry(stream).or_default();
                    assert_eq!(track.closed.replace(code), None, "{stream:?} closed twice");
                }
                // JavaScript gives such a stream up.
                Event::FrameError { stream, .. } => self.reset(stream, ErrorCode::INTERNAL_ERROR),
                Event::SettingsAck { .. } => {
                    self.settings_acked += 1;
                    assert!(self.settings_acked <= self.settings_sent);
                }
                Event::SessionError { error, code, .. } => {
                    assert!(!std::mem::replace(&mut self.failed, true), "failed twice: {error:?}, {code:?}");
                }
                Event::Done => self.done = true,
                _ => {}
            }
        }
    }

    /// The streams that have not ended.
    pub fn open(&self) -> Vec<StreamId> {
        self.streams.iter().filter(|(_, track)| track.closed.is_none()).map(|(stream, _)| *stream).collect()
    }

    /// Whether what was received is what was written.
    fn foresees(&self, stream: StreamId, offset: u64, data: &[u8]) -> bool {
        data.chunks(LONGEST)
            .zip((offset..).step_by(LONGEST))
            .all(|(chunk, offset)| self.octets(stream, offset, chunk.len()) == chunk)
    }
}

/// Whether a side may send on a stream: what it was promised it only receives.
fn sends(role: Role, stream: StreamId) -> bool {
    role == Role::Server || stream.is_client_initiated()
}

fn list(fields: &[(&str, &str)]) -> FieldBlock {
    fields.iter().copied().collect()
}

fn request(fields: Fields) -> FieldBlock {
    let mut block = list(&[(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/")]);
    fields.push_to(&mut block);
    block
}

fn response(fields: Fields) -> FieldBlock {
    let mut block = list(&[(":status", "200")]);
    fields.push_to(&mut block);
    block
}

impl Fields {
    fn push_to(self, block: &mut FieldBlock) {
        let (fields, length) = match self {
            Fields::Few => (1, 10),
            Fields::Many => (5, 5000),
            Fields::TooMany => (3, 40_000),
        };
        for field in 0..fields {
            // Seven bits an octet in Huffman's code: nothing that packs well.
            block.push(format!("field-{field}").as_bytes(), &vec![b'X'; length], field % 2 == 1);
        }
    }
}
