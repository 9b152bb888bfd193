//! The functions that lib/engine calls. A session is named by its key; errors are nghttp2's numbers.
//!
//! Each is entered through [`guard`]: whatever goes wrong in Rust, nothing unwinds into node.

use std::ffi::CStr;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::rc::Rc;

use bytes::Bytes;
use napi::sys;

use super::codes::{encoding, flag};
#[cfg(unix)]
use super::tls::natives as tls;
use super::value::{Answer, Js, NativeFunction, Value};
use super::world::World;
use super::{body, options, snapshot};
use crate::session::{Priority, SendOptions};
use crate::transport::Link;
use crate::wire::{ErrorCode, FieldBlock, LibraryError, Role, StreamId};

/// More than any function here takes.
const MOST_ARGUMENTS: usize = 8;

pub type Arguments = [Value; MOST_ARGUMENTS];

macro_rules! natives {
    ($($name:literal => $function:path),* $(,)?) => {
        /// Every function with its name.
        pub const ALL: &[(&CStr, NativeFunction)] = &[$((
            $name,
            {
                unsafe extern "C" fn enter(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
                    // SAFETY: called by Node-API, as a function that `addon::exports` made.
                    unsafe { guard(env, info, |world, js, arguments| $function(world, js, arguments).into()) }
                }
                enter as NativeFunction
            },
        )),*];
    };
}

natives! {
    c"setUp" => set_up,
    c"turn" => turn,
    c"flush" => flush,
    c"flushSession" => flush_session,
    c"deliver" => deliver,
    c"callBack" => call_back,
    c"fatalException" => fatal_exception,
    c"create" => create,
    c"destroy" => destroy,
    c"receive" => receive,
    c"receiveEnd" => receive_end,
    c"outputDone" => output_done,
    c"usePipe" => use_pipe,
    c"openSocket" => open_socket,
    c"startSocket" => start_socket,
    c"closeSocket" => close_socket,
    c"refSocket" => ref_socket,
    c"socketDrained" => socket_drained,
    c"socketCounters" => socket_counters,
    c"request" => request,
    c"respond" => respond,
    c"respondWithBody" => respond_with_body,
    c"info" => info,
    c"trailers" => trailers,
    c"pushPromise" => push_promise,
    c"write" => write,
    c"writev" => writev,
    c"readFile" => read_file,
    c"end" => end,
    c"rstStream" => rst_stream,
    c"readStart" => read_start,
    c"readStop" => read_stop,
    c"priority" => priority,
    c"settings" => settings,
    c"ping" => ping,
    c"goaway" => goaway,
    c"altsvc" => altsvc,
    c"origin" => origin,
    c"setLocalWindowSize" => set_local_window_size,
    c"keep" => keep,
    c"letGo" => let_go,
    c"setNextStreamID" => set_next_stream_id,
    c"close" => close,
    c"localSettings" => local_settings,
    c"remoteSettings" => remote_settings,
    c"state" => state,
    c"streamState" => stream_state,
    c"counters" => counters,
    c"hasPendingData" => has_pending_data,
    c"tlsConfigure" => tls::configure,
    c"tlsOpen" => tls::open,
    c"tlsPeek" => tls::peek,
    c"tlsStart" => tls::start,
    c"tlsFlush" => tls::flush,
    c"tlsAttach" => tls::attach,
    c"tlsShutDown" => tls::shut_down,
    c"tlsExport" => tls::export,
    c"tlsClose" => tls::close,
    c"panic" => panic_for_tests,
}

/// # Safety
/// Called by Node-API, with a function whose data is a live [`World`].
unsafe fn guard(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    function: impl FnOnce(&World, Js, &Arguments) -> Answer,
) -> sys::napi_value {
    let mut arguments: Arguments = [null_mut(); MOST_ARGUMENTS];
    let mut count = MOST_ARGUMENTS;
    let mut data = null_mut();
    // SAFETY: the out-parameters are valid. Arguments that were not given are set to undefined.
    let status = unsafe { sys::napi_get_cb_info(env, info, &mut count, arguments.as_mut_ptr(), null_mut(), &mut data) };
    if status != sys::Status::napi_ok || data.is_null() {
        return null_mut();
    }
    // SAFETY: the world outlives the functions, which JavaScript calls on its thread only.
    let (world, js) = unsafe { (&*data.cast::<World>(), Js::new(env)) };
    let answer = catch_unwind(AssertUnwindSafe(|| function(world, js, &arguments)));
    match answer.unwrap_or(Answer::Int(LibraryError::CALLBACK_FAILURE.0)) {
        Answer::Undefined => null_mut(),
        Answer::Int(value) => js.integer(value),
        Answer::Bool(value) => js.boolean(value),
        Answer::Value(value) => value,
    }
}

/// What a command on a session that is gone or broken answers.
const GONE: i32 = LibraryError::INVALID_STATE.0;

fn code(result: Option<Result<(), LibraryError>>) -> i32 {
    match result {
        Some(Ok(())) => 0,
        Some(Err(error)) => error.0,
        None => GONE,
    }
}

fn stream(js: Js, value: Value) -> StreamId {
    StreamId::new(js.uint(value))
}

// --- The environment ---

fn set_up(world: &World, js: Js, &[dispatch, turn, flush, scope_per_event, ..]: &Arguments) -> bool {
    world.set_up(js, dispatch, turn, flush, js.bool(scope_per_event))
}

fn turn(world: &World, js: Js, _: &Arguments) {
    world.turn(js);
}

fn flush_session(world: &World, js: Js, &[key, ..]: &Arguments) {
    world.flush_session(js, js.uint(key));
}

/// `again`: sessions were flushed in this turn already.
fn flush(world: &World, js: Js, &[again, ..]: &Arguments) {
    world.flush(js, js.bool(again));
}

/// Dispatches one session's events now.
fn deliver(world: &World, js: Js, &[key, ..]: &Arguments) {
    world.dispatch_one(js, js.uint(key));
}

/// Calls a function in a callback scope of its own.
fn call_back(_: &World, js: Js, &[function, ..]: &Arguments) -> bool {
    js.call_back(function, &[])
}

fn fatal_exception(_: &World, js: Js, &[error, ..]: &Arguments) {
    js.fatal_exception(error);
}

// --- Sessions ---

fn create(world: &World, js: Js, &[kind, numbers, settings, custom, ..]: &Arguments) -> i32 {
    let role = if js.uint(kind) == 0 { Role::Server } else { Role::Client };
    let config = options::config(&js.doubles(numbers), &js.uints(settings), &js.uints(custom));
    world.create(role, config).cast_signed()
}

/// Returns the buffers that the stream is still to be given, or undefined.
fn destroy(world: &World, js: Js, &[key, code, heard, ..]: &Arguments) -> Option<Value> {
    let last = world.destroy(js, js.uint(key), ErrorCode(js.uint(code)), stream(js, heard))?;
    if last.is_empty() {
        return None;
    }
    let array = js.array();
    for (index, octets) in (0..).zip(&last) {
        js.push(array, index, js.buffer(octets));
    }
    Some(array)
}

/// Takes in a chunk. False if the stream should pause.
fn receive(world: &World, js: Js, &[key, chunk, ..]: &Arguments) -> bool {
    let Some(octets) = js.octets(chunk) else { return true };
    let now = world.now();
    // SAFETY: nothing in this calls JavaScript, and nothing keeps the slice.
    let input = unsafe { octets.as_slice() };
    world.with_entry(js.uint(key), |entry, slabs| entry.receive(js, slabs, input, now)).unwrap_or(true)
}

fn receive_end(world: &World, js: Js, &[key, ..]: &Arguments) {
    let now = world.now();
    world.with_entry(js.uint(key), |entry, _| entry.receive_eof(js, now));
}

fn output_done(world: &World, js: Js, &[key, failed, ..]: &Arguments) {
    world.output_done(js.uint(key), js.bool(failed));
}

fn use_pipe(world: &World, js: Js, &[key, ..]: &Arguments) {
    world.with_entry(js.uint(key), |entry, _| entry.use_pipe());
}

/// Takes over a duplicate of a descriptor, which nothing is read from or written to before [`start_socket`]. Returns 0, or
/// an error number of the system's.
#[cfg(unix)]
fn open_socket(world: &World, js: Js, &[key, fd, ..]: &Arguments) -> i32 {
    world.open_socket(js.uint(key), js.int(fd)).err().unwrap_or(0)
}

/// `before` is what was read from the socket already.
#[cfg(unix)]
fn start_socket(world: &World, js: Js, &[key, before, ..]: &Arguments) {
    let before = js.copied(before).unwrap_or_default();
    let now = world.now();
    world.with_entry(js.uint(key), |entry, slabs| entry.start_socket(js, before, slabs.clone(), now));
}

#[cfg(unix)]
fn close_socket(world: &World, js: Js, &[key, ..]: &Arguments) {
    let (key, now) = (js.uint(key), world.now());
    if world.with_entry(key, |entry, _| entry.close_socket(js, now)).is_none() {
        world.close_connection(key);
    }
}

/// Whether the socket keeps the loop alive.
#[cfg(unix)]
fn ref_socket(world: &World, js: Js, &[key, keep, ..]: &Arguments) {
    let (key, keep) = (js.uint(key), js.bool(keep));
    let done = world.with_entry(key, |entry, _| {
        if let Some(socket) = &entry.socket {
            socket.keep_alive(keep);
        }
    });
    if done.is_none() {
        world.with_connection(key, |connection| connection.keep_alive(keep));
    }
}

/// Whether all output is with the kernel. If not, SOCKET_DRAINED will tell when.
#[cfg(unix)]
fn socket_drained(world: &World, js: Js, &[key, ..]: &Arguments) -> bool {
    let key = js.uint(key);
    world
        .with_entry(key, |entry, _| entry.socket_drained())
        .or_else(|| world.with_connection(key, |connection| connection.drained()))
        .unwrap_or(true)
}

/// `[octets read, octets written]`, or undefined when the socket is gone.
#[cfg(unix)]
fn socket_counters(world: &World, js: Js, &[key, ..]: &Arguments) -> Option<Value> {
    let key = js.uint(key);
    let counters = world
        .with_entry(key, |entry, _| entry.socket_counters())
        .or_else(|| world.with_connection(key, |connection| connection.counters()));
    let (read, written) = counters.flatten()?;
    let array = js.array();
    js.push(array, 0, js.number(read as f64));
    js.push(array, 1, js.number(written as f64));
    Some(array)
}

/// Where sockets are no descriptors, every stream is carried by the pipe.
#[cfg(not(unix))]
use no_sockets::{close_socket, open_socket, ref_socket, socket_counters, socket_drained, start_socket};

#[cfg(not(unix))]
use no_sockets as tls;

#[cfg(not(unix))]
mod no_sockets {
    use super::{Arguments, Js, Value, World};

    const NOT_SUPPORTED: i32 = -1;

    pub fn open_socket(_: &World, _: Js, _: &Arguments) -> i32 {
        NOT_SUPPORTED
    }

    pub fn start_socket(_: &World, _: Js, _: &Arguments) {}

    pub fn close_socket(_: &World, _: Js, _: &Arguments) {}

    pub fn ref_socket(_: &World, _: Js, _: &Arguments) {}

    pub fn socket_drained(_: &World, _: Js, _: &Arguments) -> bool {
        true
    }

    pub fn socket_counters(_: &World, _: Js, _: &Arguments) -> Option<Value> {
        None
    }

    pub fn configure(_: &World, _: Js, _: &Arguments) {}

    pub fn open(_: &World, _: Js, _: &Arguments) -> i32 {
        NOT_SUPPORTED
    }

    pub fn peek(_: &World, _: Js, _: &Arguments) {}

    pub fn start(_: &World, _: Js, _: &Arguments) {}

    pub fn flush(_: &World, _: Js, _: &Arguments) {}

    pub fn attach(_: &World, _: Js, _: &Arguments) -> bool {
        false
    }

    pub fn shut_down(_: &World, _: Js, _: &Arguments) {}

    pub fn export(_: &World, _: Js, _: &Arguments) {}

    pub fn close(_: &World, _: Js, _: &Arguments) {}
}

fn close(world: &World, js: Js, &[key, heard, ..]: &Arguments) {
    let heard = stream(js, heard);
    world.command(js.uint(key), |session| {
        session.heard(heard);
        session.close();
    });
}

// --- Messages ---

/// Reads a list as lib/engine writes it: each name and each value with a NUL after it, and 1 before the name of a field
/// that is never to be indexed. None if it is not that, or not `count` fields.
fn list(js: Js, world: &World, block: Value, count: Value) -> Option<FieldBlock> {
    let mut octets = world.kept.take_scratch();
    let parsed = js.latin1(block, &mut octets).then(|| parse(&octets, js.uint(count) as usize)).flatten();
    world.kept.put_scratch(octets);
    parsed
}

fn parse(octets: &[u8], count: usize) -> Option<FieldBlock> {
    // Any field takes two octets of the block, so that no count can ask for more than the block is long.
    let mut fields = FieldBlock::with_capacity(count.min(octets.len() / 2), octets.len());
    let mut parts = octets.split(|octet| *octet == 0);
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        match name.strip_prefix(&[1]) {
            Some(name) => fields.push(name, value, true),
            None => fields.push(name, value, false),
        }
    }
    (fields.len() == count).then_some(fields)
}

/// The same for a list that programs repeat: JavaScript names it by `kept`, if it is one.
fn repeated_list(js: Js, world: &World, block: Value, count: Value, kept: Value) -> Option<Rc<FieldBlock>> {
    match NonZeroU32::new(js.uint(kept)) {
        Some(kept) => world.kept.list(kept, || list(js, world, block, count)),
        None => list(js, world, block, count).map(Rc::new),
    }
}

fn send_options(flags: u32) -> SendOptions {
    SendOptions { end_stream: flags & flag::END_STREAM != 0, want_trailers: flags & flag::WANT_TRAILERS != 0 }
}

const INVALID: i32 = LibraryError::INVALID_ARGUMENT.0;

fn id_or_error(result: Option<Result<StreamId, LibraryError>>) -> i32 {
    match result {
        Some(Ok(stream)) => stream.value().cast_signed(),
        Some(Err(error)) => error.0,
        None => GONE,
    }
}

fn request(world: &World, js: Js, &[key, block, count, flags, parent, weight, exclusive, kept]: &Arguments) -> i32 {
    let Some(fields) = repeated_list(js, world, block, count, kept) else { return INVALID };
    let options = send_options(js.uint(flags));
    let priority = (!js.is_undefined(parent)).then(|| Priority {
        parent: stream(js, parent),
        weight: weight_of(js, weight),
        exclusive: js.bool(exclusive),
    });
    id_or_error(world.command(js.uint(key), |session| session.request(fields, options, priority)))
}

fn weight_of(js: Js, value: Value) -> u16 {
    // Clamped to 1..=256.
    js.uint(value).clamp(1, 256) as u16
}

fn respond(world: &World, js: Js, &[key, id, block, count, flags, kept, ..]: &Arguments) -> i32 {
    let Some(fields) = repeated_list(js, world, block, count, kept) else { return INVALID };
    let options = send_options(js.uint(flags));
    let id = stream(js, id);
    code(world.command(js.uint(key), |session| session.respond(id, fields, options)))
}

/// HEADERS, DATA and END_STREAM in one.
fn respond_with_body(world: &World, js: Js, &[key, id, block, count, flags, chunk, encoding, kept]: &Arguments) -> i32 {
    let Some(fields) = repeated_list(js, world, block, count, kept) else { return INVALID };
    let options = send_options(js.uint(flags));
    let id = stream(js, id);
    with_body(world, js, key, chunk, encoding, |session, body| {
        session.respond(id, fields, options)?;
        session.write(id, [body])?;
        session.end(id)
    })
}

fn info(world: &World, js: Js, &[key, id, block, count, ..]: &Arguments) -> i32 {
    let Some(fields) = list(js, world, block, count) else { return INVALID };
    let id = stream(js, id);
    code(world.sending_command(js, js.uint(key), |session| session.info(id, fields)))
}

fn trailers(world: &World, js: Js, &[key, id, block, count, ..]: &Arguments) -> i32 {
    let Some(fields) = list(js, world, block, count) else { return INVALID };
    let id = stream(js, id);
    code(world.command(js.uint(key), |session| session.trailers(id, fields)))
}

fn push_promise(world: &World, js: Js, &[key, id, block, count, ..]: &Arguments) -> i32 {
    let Some(fields) = list(js, world, block, count) else { return INVALID };
    let id = stream(js, id);
    id_or_error(world.sending_command(js, js.uint(key), |session| session.push_promise(id, fields)))
}

/// Reads a body, lent or copied, and does something with it and the session.
fn with_body(
    world: &World,
    js: Js,
    key: Value,
    chunk: Value,
    encoding: Value,
    act: impl FnOnce(&mut super::entry::Engine, Bytes) -> Result<(), LibraryError>,
) -> i32 {
    let mut scratch = world.kept.take_scratch();
    let is_string = match js.uint(encoding) {
        encoding::UTF8 => js.utf8(chunk, &mut scratch),
        encoding::LATIN1 => js.latin1(chunk, &mut scratch),
        _ => false,
    };
    let result = world.with_entry(js.uint(key), |entry, _| {
        let body = match is_string {
            true => Some(Bytes::copy_from_slice(&scratch)),
            false => body::take(js, chunk, &mut entry.lent),
        };
        match body {
            Some(body) => entry.act(|session| act(session, body)),
            None => Some(Err(LibraryError::INVALID_ARGUMENT)),
        }
    });
    world.kept.put_scratch(scratch);
    code(result.flatten())
}

fn write(world: &World, js: Js, &[key, id, chunk, encoding, ..]: &Arguments) -> i32 {
    let id = stream(js, id);
    with_body(world, js, key, chunk, encoding, |session, body| session.write(id, [body]))
}

/// `chunks` is an array of `Uint8Array`s.
fn writev(world: &World, js: Js, &[key, id, chunks, ..]: &Arguments) -> i32 {
    let id = stream(js, id);
    let values: Vec<Value> = (0..js.length(chunks)).filter_map(|index| js.element(chunks, index)).collect();
    let result = world.with_entry(js.uint(key), |entry, _| {
        let bodies: Option<Vec<Bytes>> =
            values.into_iter().map(|value| body::take(js, value, &mut entry.lent)).collect();
        match bodies {
            Some(bodies) => entry.act(|session| session.write(id, bodies)),
            None => Some(Err(LibraryError::INVALID_ARGUMENT)),
        }
    });
    code(result.flatten())
}

/// Has `length` octets of a file read and written to the stream, from `position` or from where the descriptor stands.
/// Returns the number of the read, which FILE_READ tells of, or an error's negative number.
#[cfg(unix)]
fn read_file(world: &World, js: Js, &[key, id, fd, position, length, ..]: &Arguments) -> i32 {
    // A double holds every position that a file has; what is none (NaN) is 0.
    let position = (!js.is_undefined(position)).then(|| js.double(position) as u64);
    world.read_file((js.uint(key), stream(js, id)), js.int(fd), position, js.uint(length) as usize)
}

/// Where descriptors are none of the system's, lib/engine/file.js reads.
#[cfg(not(unix))]
fn read_file(_: &World, _: Js, _: &Arguments) -> i32 {
    LibraryError::INVALID_ARGUMENT.0
}

fn end(world: &World, js: Js, &[key, id, ..]: &Arguments) -> i32 {
    let id = stream(js, id);
    code(world.command(js.uint(key), |session| session.end(id)))
}

fn rst_stream(world: &World, js: Js, &[key, id, error, ..]: &Arguments) -> i32 {
    let (id, error) = (stream(js, id), ErrorCode(js.uint(error)));
    code(world.sending_command(js, js.uint(key), |session| session.rst_stream(id, error)))
}

fn read_start(world: &World, js: Js, &[key, id, ..]: &Arguments) -> i32 {
    let id = stream(js, id);
    code(world.command(js.uint(key), |session| session.read_start(id)))
}

fn read_stop(world: &World, js: Js, &[key, id, ..]: &Arguments) -> i32 {
    let id = stream(js, id);
    code(world.command(js.uint(key), |session| session.read_stop(id)))
}

fn priority(world: &World, js: Js, &[key, id, parent, weight, exclusive, ..]: &Arguments) -> i32 {
    let id = stream(js, id);
    let priority =
        Priority { parent: stream(js, parent), weight: weight_of(js, weight), exclusive: js.bool(exclusive) };
    code(world.command(js.uint(key), |session| session.priority(id, priority)))
}

// --- The connection ---

fn settings(world: &World, js: Js, &[key, numbers, ..]: &Arguments) -> i32 {
    let settings = options::pairs(&js.uints(numbers));
    code(world.command(js.uint(key), |session| session.settings(&settings)))
}

fn ping(world: &World, js: Js, &[key, payload, ..]: &Arguments) -> bool {
    let payload = js.copied(payload).and_then(|payload| <[u8; 8]>::try_from(&payload[..]).ok());
    let Some(payload) = payload else { return false };
    world.with_entry(js.uint(key), |entry, _| entry.ping(payload)).unwrap_or(false)
}

fn goaway(world: &World, js: Js, &[key, error, last_stream, data, heard, ..]: &Arguments) {
    let (error, last_stream) = (ErrorCode(js.uint(error)), js.int(last_stream));
    let data = js.copied(data).unwrap_or_default();
    let heard = stream(js, heard);
    world.command(js.uint(key), |session| {
        session.heard(heard);
        session.goaway(error, last_stream, &data);
    });
}

fn altsvc(world: &World, js: Js, &[key, id, origin, value, ..]: &Arguments) -> i32 {
    let (mut origin_octets, mut value_octets) = (Vec::new(), Vec::new());
    if !js.latin1(origin, &mut origin_octets) || !js.latin1(value, &mut value_octets) {
        return INVALID;
    }
    let id = stream(js, id);
    code(world.command(js.uint(key), |session| session.altsvc(id, &origin_octets, &value_octets)))
}

fn origin(world: &World, js: Js, &[key, origins, ..]: &Arguments) -> i32 {
    let mut list = Vec::new();
    for index in 0..js.length(origins) {
        let mut octets = Vec::new();
        match js.element(origins, index) {
            Some(value) if js.latin1(value, &mut octets) => list.push(octets),
            _ => return INVALID,
        }
    }
    code(world.command(js.uint(key), |session| session.origin(list.iter().map(Vec::as_slice))))
}

fn set_local_window_size(world: &World, js: Js, &[key, size, ..]: &Arguments) -> i32 {
    let size = js.uint(size);
    code(world.command(js.uint(key), |session| session.set_local_window_size(size)))
}

fn keep(world: &World, js: Js, &[key, octets, ..]: &Arguments) {
    let octets = js.uint(octets);
    world.with_entry(js.uint(key), |entry, _| entry.act(|session| session.keep(octets)));
}

fn let_go(world: &World, js: Js, &[key, octets, ..]: &Arguments) {
    let octets = js.uint(octets);
    world.with_entry(js.uint(key), |entry, _| entry.act(|session| session.let_go(octets)));
}

fn set_next_stream_id(world: &World, js: Js, &[key, id, ..]: &Arguments) -> bool {
    let id = js.uint(id);
    world.command(js.uint(key), |session| session.set_next_stream_id(id)).unwrap_or(false)
}

// --- State ---

fn local_settings(world: &World, js: Js, &[key, ..]: &Arguments) -> Option<Value> {
    let settings = world.view(js.uint(key), |entry| entry.view(|session| session.local_settings()))?;
    Some(snapshot::settings(js, &settings))
}

fn remote_settings(world: &World, js: Js, &[key, ..]: &Arguments) -> Option<Value> {
    let settings = world.view(js.uint(key), |entry| entry.view(|session| session.remote_settings()))?;
    Some(snapshot::settings(js, &settings))
}

fn state(world: &World, js: Js, &[key, ..]: &Arguments) -> Option<Value> {
    let state = world.view(js.uint(key), |entry| entry.view(|session| session.state()))?;
    Some(snapshot::session_state(js, &state))
}

fn stream_state(world: &World, js: Js, &[key, id, ..]: &Arguments) -> Option<Value> {
    let id = stream(js, id);
    let state = world.view(js.uint(key), |entry| entry.view(|session| session.stream_state(id)).flatten())?;
    Some(snapshot::stream_state(js, &state))
}

fn counters(world: &World, js: Js, &[key, ..]: &Arguments) -> Option<Value> {
    let (counters, ping_rtt) =
        world.view(js.uint(key), |entry| Some((entry.view(|session| session.counters())?, entry.ping_rtt)))?;
    Some(snapshot::counters(js, &counters, ping_rtt))
}

/// What the stream has not taken yet does not count: if the session ends, its last word is written all the same.
fn has_pending_data(world: &World, js: Js, &[key, ..]: &Arguments) -> bool {
    world.view(js.uint(key), |entry| entry.view(|session| session.has_pending_data())).unwrap_or(false)
}

/// Lays a trap that panics, for tests of what becomes of the session. `place` says where: 0 in a command on it, 1 in what is
/// around the session, 2 in its transport when that is touched next, 3 in the wire, when it lets go of a body of `stream`'s.
fn panic_for_tests(world: &World, js: Js, &[key, place, stream_id, ..]: &Arguments) -> i32 {
    let key = js.uint(key);
    match js.uint(place) {
        0 => code(world.command(key, |_| panic!("asked to panic"))),
        1 => code(world.with_entry(key, |_, _| panic!("asked to panic"))),
        2 => code(world.command(key, |session| {
            session.with_transport(|link| *link = Link::Trap);
            Ok(())
        })),
        _ => {
            let stream = stream(js, stream_id);
            code(world.command(key, |session| session.write(stream, [Bytes::from_owner(TrappedBody)])))
        }
    }
}

/// A body that panics when it is let go of.
struct TrappedBody;

impl AsRef<[u8]> for TrappedBody {
    fn as_ref(&self) -> &[u8] {
        b"trap"
    }
}

impl Drop for TrappedBody {
    fn drop(&mut self) {
        // A second panic on the way out of the first would be the end of the process, whoever caused it.
        if !std::thread::panicking() {
            panic!("asked to panic");
        }
    }
}
