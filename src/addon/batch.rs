//! The form in which events cross: integers, octets, and values (strings, buffers), filled in Rust and read by
//! lib/engine/dispatch.js.
//!
//! Measured (node 20, per value): a napi string handed over as an argument 15 ns, sliced by JavaScript out of one string
//! for the whole batch 11 ns, put into an array by Node-API 50 ns, cut from octets by `latin1Slice` 42 ns. Arguments it
//! is, since a slice would keep the whole batch's string alive for as long as a program keeps the one header.

use std::ffi::c_void;
use std::io;
use std::ptr::null_mut;

use bytes::Bytes;
use napi::sys;

use super::codes::{self, category, field};
use super::names;
use super::snapshot;
use super::value::{Js, Reference, Value};
use crate::session::{Event, Outcome};
use crate::transport::Broken;
use crate::wire::field::{Field, Mirror};
use crate::wire::{CustomError, FieldBlock, HeadKind};

/// Integers of one batch. The longest record but for its fields has 6; a turn with more goes out in several batches.
const INTS: usize = 8192;
/// Octets of one batch, for what is small enough to be copied.
const OCTETS: usize = 64 * 1024;
/// Octets of the buffers of one batch, but for the last: JavaScript should see them while they are in the processor's
/// cache, and be done with some before more are made.
const BUFFERED: usize = 512 * 1024;
/// Streams that end in one batch. What listeners gave in answer to it is flushed before the next: a client that has a hundred
/// answers at once keeps its server busy with new requests while it reads the rest.
const ENDS: usize = 16;
/// Strings and buffers of one batch: they are arguments of one call, and V8's stack is not endless.
const VALUES: usize = 1024;
/// Fields that one record carries at most; longer lists are told in parts, so that any list fits an empty batch.
const FIELDS: usize = 128;

/// A body up to this is copied out of the batch, into node's pool; a larger one gets a Buffer of its own.
pub const COPIED_BODY: usize = 1024;

/// The offset of what is not among the batch's octets.
const IN_VALUES: i32 = -1;

/// What the status of a write or of the end of a body says: libuv's UV_ECANCELED.
#[cfg(not(windows))]
const CANCELED: i32 = -libc::ECANCELED;
#[cfg(windows)]
const CANCELED: i32 = -4081;

/// The arrays that JavaScript sees, and how far they are filled.
#[derive(Debug)]
pub struct Batch {
    ints: Shared<i32>,
    octets: Shared<u8>,
    used: usize,
    used_octets: usize,
    /// Values are good only in the handle scope in which the batch is filled and told.
    values: Vec<Value>,
    buffered: usize,
    /// Streams that end in it.
    ends: usize,
    /// The session that the last records are of, and where they begin.
    session: u32,
    run: usize,
}

/// A place in a batch to go back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    used: usize,
    values: usize,
    session: u32,
    run: usize,
}

impl Batch {
    pub fn new(js: Js) -> Option<Batch> {
        Some(Batch {
            ints: Shared::new(js, INTS, sys::TypedarrayType::int32_array)?,
            octets: Shared::new(js, OCTETS, sys::TypedarrayType::uint8_array)?,
            used: 0,
            used_octets: 0,
            values: Vec::new(),
            buffered: 0,
            ends: 0,
            session: 0,
            run: 0,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    pub fn clear(&mut self) {
        self.used = 0;
        self.used_octets = 0;
        self.values.clear();
        self.buffered = 0;
        self.ends = 0;
        self.session = 0;
        self.run = 0;
    }

    /// The arguments of `dispatch(ints, octets, count, ...values)`.
    pub fn arguments(&mut self, js: Js) -> Vec<Value> {
        self.end_run();
        let mut arguments = Vec::with_capacity(3 + self.values.len());
        arguments.extend([js.kept(&self.ints.view), js.kept(&self.octets.view), js.number(self.used as f64)]);
        arguments.extend_from_slice(&self.values);
        arguments
    }

    pub fn mark(&self) -> Mark {
        Mark { used: self.used, values: self.values.len(), session: self.session, run: self.run }
    }

    pub fn reset(&mut self, mark: Mark) {
        self.used = mark.used;
        self.values.truncate(mark.values);
        self.session = mark.session;
        self.run = mark.run;
    }

    // --- Records ---

    /// Tells an event of a session. False if it does not fit: it is for the next batch, but for as many fields of its list
    /// as `fields_told` says.
    pub fn tell(&mut self, js: Js, session: u32, event: &Event, fields_told: &mut usize) -> bool {
        if !self.begin(session) {
            return false;
        }
        match event {
            Event::StreamClose { .. } if self.ends >= ENDS => return false,
            Event::StreamClose { .. } => {
                self.ends += 1;
                self.plain(event);
            }
            Event::Headers { stream, kind, end_stream, fields } => {
                let head = [codes::HEADERS, id(*stream), category_of(*kind), (*end_stream).into()];
                return self.head(js, &head, fields, fields_told);
            }
            Event::PushPromise { parent, promised, fields } => {
                let head = [codes::PUSH_PROMISE, id(*parent), id(*promised)];
                return self.head(js, &head, fields, fields_told);
            }
            Event::Data { stream, data } if data.len() <= COPIED_BODY => {
                let Some(offset) = self.octets(data) else { return false };
                self.push(&[codes::DATA, id(*stream), offset, length(data)]);
            }
            Event::Data { stream, data } => {
                if self.buffered >= BUFFERED {
                    return false;
                }
                self.buffered += data.len();
                self.values.push(js.buffer(data));
                self.push(&[codes::DATA_BUFFER, id(*stream)]);
            }
            Event::Goaway { code, last_stream, data } => {
                let offset = if data.len() > COPIED_BODY {
                    // As long as a frame may be, it might fit no batch.
                    self.values.push(js.buffer(data));
                    IN_VALUES
                } else {
                    let Some(offset) = self.octets(data) else { return false };
                    offset
                };
                self.push(&[codes::GOAWAY, code.0.cast_signed(), id(*last_stream), offset, length(data)]);
            }
            Event::Ping { payload } => {
                let Some(offset) = self.octets(payload) else { return false };
                self.push(&[codes::PING, offset]);
            }
            Event::AltSvc { stream, origin, value } => {
                self.push(&[codes::ALTSVC, id(*stream)]);
                self.values.extend([js.string(value), js.string(origin)]);
            }
            Event::Origin { origins } => {
                // Bounded by a frame, so that this one record may go beyond the bound on values.
                self.push(&[codes::ORIGIN, origins.len() as i32]);
                self.values.extend(origins.iter().map(|origin| js.string(origin)));
            }
            Event::Settings { settings } => {
                self.push(&[codes::SETTINGS]);
                self.values.push(snapshot::settings(js, settings));
            }
            Event::SettingsAck { settings } => {
                self.push(&[codes::SETTINGS_ACK]);
                self.values.push(snapshot::settings(js, settings));
            }
            Event::Limit { limit, stream } => {
                self.push(&[codes::LIMIT, id(*stream)]);
                self.values.push(js.string(limit.name().as_bytes()));
            }
            Event::SessionError { error, code: _, custom } => {
                let name: Option<&[u8]> = custom.map(|custom| match custom {
                    CustomError::TooManyInvalidFrames => &b"ERR_HTTP2_TOO_MANY_INVALID_FRAMES"[..],
                });
                self.session_error(js, error.0, name);
            }
            #[cfg(unix)]
            Event::TransportError(broken) => match tls_failure(&broken.error) {
                Some(failure) => self.tls(codes::tls::FAILED, super::tls::failure(js, failure)),
                None => self.socket_error(broken),
            },
            event => self.plain(event),
        }
        true
    }

    /// Events that are integers only.
    fn plain(&mut self, event: &Event) {
        match *event {
            Event::End { stream } => self.push(&[codes::END, id(stream)]),
            Event::Written { stream, outcome } => self.push(&[codes::WRITTEN, id(stream), status(outcome)]),
            Event::Shutdown { stream, outcome } => self.push(&[codes::SHUTDOWN, id(stream), status(outcome)]),
            Event::WantTrailers { stream } => self.push(&[codes::WANT_TRAILERS, id(stream)]),
            Event::StreamClose { stream, code } => {
                self.push(&[codes::STREAM_CLOSE, id(stream), code.0.cast_signed()]);
            }
            Event::FrameError { stream, frame_type, error } => {
                self.push(&[codes::FRAME_ERROR, id(stream), frame_type.into(), error.0]);
            }
            Event::Priority { stream, parent, weight, exclusive } => {
                self.push(&[codes::PRIORITY, id(stream), id(parent), weight.into(), exclusive.into()]);
            }
            Event::Done => self.push(&[codes::SESSION_DONE]),
            // What becomes of a stream underneath, the JavaScript classes learn from the stream itself; only a socket that
            // was taken over does not know.
            Event::TransportEnd => self.socket_end(),
            Event::TransportError(ref broken) => self.socket_error(broken),
            // The others are told by `tell` and by `ping_ack`.
            _ => {}
        }
    }

    /// The answer to a ping took so many nanoseconds. False if the batch is full.
    pub fn ping_ack(&mut self, session: u32, payload: [u8; 8], nanos: u64) -> bool {
        if !self.begin(session) {
            return false;
        }
        let Some(offset) = self.octets(&payload) else { return false };
        self.push(&[codes::PING_ACK, offset, (nanos >> 32) as i32, nanos as i32]);
        true
    }

    /// The session is broken. `custom` is the name of an error code that takes the place of nghttp2's message.
    pub fn session_error(&mut self, js: Js, error: i32, custom: Option<&[u8]>) {
        self.push(&[codes::SESSION_ERROR, error, custom.is_some().into()]);
        self.values.extend(custom.map(|name| js.string(name)));
    }

    /// Something to write to the session's stream. False if the batch is full.
    pub fn output(&mut self, js: Js, session: u32, octets: &Bytes) -> bool {
        if !self.begin(session) {
            return false;
        }
        if octets.len() > COPIED_BODY {
            let buffer = if octets.len() > COPIED_OUTPUT {
                js.external_buffer(octets.clone()).unwrap_or_else(|octets| js.buffer(&octets))
            } else {
                js.buffer(octets)
            };
            self.values.push(buffer);
            self.push(&[codes::OUTPUT_BUFFER]);
            return true;
        }
        let Some(offset) = self.octets(octets) else { return false };
        self.push(&[codes::OUTPUT, offset, length(octets)]);
        true
    }

    /// The session's stream may flow again. False if the batch is full.
    pub fn resume(&mut self, session: u32) -> bool {
        let room = self.begin(session);
        if room {
            self.push(&[codes::RESUME]);
        }
        room
    }

    /// The peer ended a socket.
    pub fn socket_end(&mut self) {
        self.push(&[codes::SOCKET_END]);
    }

    pub fn socket_error(&mut self, broken: &Broken) {
        self.push(&[codes::SOCKET_ERROR, -broken.error.raw_os_error().unwrap_or(0), broken.writing.into()]);
    }

    /// Something happened in TLS (see [`codes::tls`]).
    #[cfg(unix)]
    pub fn tls(&mut self, event: i32, value: Value) {
        self.push(&[codes::TLS, event]);
        self.values.push(value);
    }

    /// A read of a file is done. False if the batch is full.
    pub fn file_read(&mut self, read: u32, result: i32) -> bool {
        let session = self.session;
        let room = self.begin(session);
        if room {
            self.push(&[codes::FILE_READ, read.cast_signed(), result]);
        }
        room
    }

    /// All of the socket's output is with the kernel. False if the batch is full.
    pub fn socket_drained(&mut self, session: u32) -> bool {
        let room = self.begin(session);
        if room {
            self.push(&[codes::SOCKET_DRAINED]);
        }
        room
    }

    /// Room for any one record, of this session.
    pub fn begin(&mut self, session: u32) -> bool {
        // A record's own 6, the session's 3, and the fields of a list, each of which is 2 at most.
        if self.used + 9 + 2 * FIELDS > INTS || self.values.len() + 2 * FIELDS > VALUES {
            return false;
        }
        if self.session != session || self.used == 0 {
            self.end_run();
            self.session = session;
            self.run = self.used;
            self.push(&[codes::SESSION, session.cast_signed(), 0]);
        }
        true
    }

    /// Says in a session's record where what follows it ends.
    fn end_run(&mut self) {
        let (end, used) = (self.run + 2, self.used);
        if let Some(end) = self.ints.as_mut_slice().get_mut(end) {
            *end = used as i32;
        }
    }

    // --- Parts of records ---

    fn push(&mut self, ints: &[i32]) {
        let ours = self.ints.as_mut_slice();
        ours[self.used..self.used + ints.len()].copy_from_slice(ints);
        self.used += ints.len();
    }

    fn octets(&mut self, octets: &[u8]) -> Option<i32> {
        let start = self.used_octets;
        self.octets.as_mut_slice().get_mut(start..start + octets.len())?.copy_from_slice(octets);
        self.used_octets += octets.len();
        Some(start as i32)
    }

    /// A record that ends with a list, of which `told` fields have been told. If it does not fit, as much of the list as
    /// possible is told: false.
    fn head(&mut self, js: Js, head: &[i32], list: &FieldBlock, told: &mut usize) -> bool {
        let session = self.session;
        loop {
            let left = list.len() - *told;
            let count = left.min(FIELDS);
            if left > FIELDS {
                self.push(&[codes::FIELDS]);
            } else {
                self.push(head);
            }
            self.push(&[count as i32]);
            for field in list.iter().skip(*told).take(count) {
                self.field(js, &field);
            }
            if left <= FIELDS {
                *told = 0;
                return true;
            }
            *told += count;
            if !self.begin(session) {
                return false;
            }
        }
    }

    fn field(&mut self, js: Js, field: &Field<'_>) {
        let kind = match field.mirror {
            Mirror::Indexed(id) => {
                self.push(&[(id.get().cast_signed() << 2) | field::INDEXED]);
                return;
            }
            Mirror::Literal => field::LITERAL,
            Mirror::NeverIndexed => field::SENSITIVE,
            Mirror::Added(_) => field::ADDED,
        };
        let name = names::number_of(field.name);
        self.push(&[(name << 2) | kind]);
        if let Mirror::Added(id) = field.mirror {
            self.push(&[id.get().cast_signed()]);
        }
        if name == 0 {
            self.values.push(js.string(field.name));
        }
        self.values.push(js.string(field.value));
    }
}

/// Output up to this is copied into memory of V8's; a larger one is lent, which costs a finalizer.
const COPIED_OUTPUT: usize = 64 * 1024;

fn id(stream: crate::wire::StreamId) -> i32 {
    stream.value().cast_signed()
}

fn length(data: &[u8]) -> i32 {
    // Bounded by a read's or a frame's length.
    data.len() as i32
}

fn status(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Sent => 0,
        Outcome::Canceled => CANCELED,
    }
}

fn category_of(kind: HeadKind) -> i32 {
    match kind {
        HeadKind::Request => category::REQUEST,
        HeadKind::Response => category::RESPONSE,
        HeadKind::PushResponse => category::PUSH_RESPONSE,
        HeadKind::Informational | HeadKind::Trailers => category::HEADERS,
    }
}

#[cfg(unix)]
fn tls_failure(error: &io::Error) -> Option<&crate::transport::tls::failure::Failure> {
    error.get_ref()?.downcast_ref()
}

/// A typed array of this crate's own. lib/engine gives it to nobody, so that it is never detached.
#[derive(Debug)]
struct Shared<T> {
    view: Reference,
    start: *mut T,
    length: usize,
}

impl<T> Shared<T> {
    fn new(js: Js, length: usize, kind: sys::napi_typedarray_type) -> Option<Shared<T>> {
        let (mut start, mut buffer, mut view) = (null_mut::<c_void>(), null_mut(), null_mut());
        // SAFETY: the out-parameters are valid; `kind` is the kind of array whose elements are `T`s.
        unsafe {
            let octets = length * size_of::<T>();
            if sys::napi_create_arraybuffer(js.env(), octets, &mut start, &mut buffer) != sys::Status::napi_ok
                || sys::napi_create_typedarray(js.env(), kind, length, buffer, 0, &mut view) != sys::Status::napi_ok
            {
                return None;
            }
        }
        Some(Shared { view: js.keep(view)?, start: start.cast(), length })
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: zeroed by Node-API and kept alive by `view`. JavaScript only reads it, and not while this is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}
