'use strict';

// The engine as the API classes see it. This file is the whole contract between lib/ and the native code.
//
//   setHandlers(table)                    once, before the first session: the callbacks, named onHeaders, onData, ...
//   createSession(owner, type, options)   a SessionHandle; `type` is 0 for a server's session and 1 for a client's. An object
//                                         of options is read once, and may serve many sessions
//
// A session is identified to its callbacks by its `owner`, a stream by the object that the API put into `handle.streams`
// under its id. Callbacks for streams that are not there are dropped, but for those that open one (onHeaders of a request
// or of a pushed answer, onPushPromise) and onStreamClose. Every owner and stream has an AsyncResource under `kResource`,
// in which its callbacks run.
//
// onShutdown may be left out. onEndUnseen, onWrittenUnseen and onStreamCloseUnseen, which may be left out too, are asked
// before onEnd, onWritten and onStreamClose, outside of any scope: true says that the event was dealt with and called nobody.
//
// Commands act at once and return 0 or an id, or nghttp2's negative number for what is wrong. On a session that was
// destroyed every command answers -519 (INVALID_STATE), false or undefined. What they lead to is told later, in a turn of
// the event loop; no command calls back.
//
// `kept` names a header list that is likely to come again (lib/headers/recent.js): the engine reads the block of a name that
// it knows only once. 0 or undefined is no name.
//
// Beyond the methods that mirror frames:
//   respondWithBody(id, block, count, flags, chunk, encoding, kept)
//                        respond(), write() and end() in one crossing; answered by onWritten and onShutdown, as those are
//   respondFile(id, block, count, fd, offset, length, flags, done)
//                        `done(status)`, optional, is called once when the descriptor is not needed any more: 0 if all of
//                        it was read. A read that fails resets the stream with INTERNAL_ERROR
//   deliver()            tells what is queued for this session now, without draining ticks in between. The pipe does so
//                        before 'close' and 'error' of its stream reach the API's listeners
//   transport            'socket', 'tls' (TLS on a socket, in the engine) or 'pipe', or undefined before attach()
//   destroyed

const native = require('./load');
const { Mirror, afterBatch, afterEvent, deliver, isDispatching, isTelling, sessions, setHandlers } = require('./dispatch');
const { FileBody } = require('./file');
const gather = require('./gather');
const Pipe = require('./pipe');
const { takeOver } = require('./socket');
const StreamTable = require('./stream-table');
const trace = require('./trace');
const { kTlsConnection } = require('./tls');

const MAX_STREAM_ID = 2 ** 31 - 1;
const FLAG_END_STREAM = 1;
const FLAG_WANT_TRAILERS = 2;

const { optionNames } = native;
const NO_NUMBERS = new Uint32Array(0);

// What crosses as a string; other encodings cross as octets. In node 'ascii' is written as 'latin1' is.
const ENCODINGS = {
  'utf8': native.encodings.utf8,
  'utf-8': native.encodings.utf8,
  'latin1': native.encodings.latin1,
  'binary': native.encodings.latin1,
  'ascii': native.encodings.latin1,
};
const OCTETS = 0;

// For tests, and for finding out whether a transport is to blame: every session on this one, as far as it can.
const WANTED_TRANSPORT = process.env.HTTP2_RS_TRANSPORT === 'pipe' ? 'pipe' : undefined;

class SessionHandle {
  constructor(owner, type, options) {
    const { numbers, settings, custom } = crossingOf(options);
    this.owner = owner;
    this.streams = new StreamTable();
    this.mirror = new Mirror();
    // The part of a header list that came in earlier records.
    this.pendingFields = undefined;
    this.pendingSensitive = undefined;
    // One of these carries the session.
    this.pipe = undefined;
    this.socket = undefined;
    this.files = undefined;
    // The last stream that the peer has opened, as far as its owner was told.
    this.heard = 0;
    this.key = native.create(type, numbers, settings, custom);
    sessions.set(this.key, this);
    trace.begin(owner, type, this.key);
  }

  get destroyed() {
    return this.key === 0;
  }

  get transport() {
    if (this.socket !== undefined)
      return this.socket.transport;
    return this.pipe === undefined ? undefined : 'pipe';
  }

  // `wanted` is 'socket' or 'pipe' to have no other, or undefined.
  attach(duplex, wanted = WANTED_TRANSPORT) {
    const connection = duplex[kTlsConnection];
    if (connection !== undefined) {
      this.socket = connection.attach(this);
      return this.transport;
    }
    this.socket = wanted === 'pipe' ? undefined : takeOver(this, duplex);
    if (this.socket === undefined) {
      if (wanted === 'socket')
        throw new Error('http2-rs: the socket transport cannot carry this stream');
      native.usePipe(this.key);
      this.pipe = new Pipe(this, duplex);
    }
    return this.transport;
  }

  // --- Messages ---

  request(block, count, flags, parent, weight, exclusive, kept) {
    return native.request(this.key, block, count, flags, parent, weight, exclusive, kept);
  }

  respond(id, block, count, flags, kept) {
    return native.respond(this.key, id, block, count, flags, kept);
  }

  respondWithBody(id, block, count, flags, chunk, encoding, kept) {
    if (typeof chunk !== 'string')
      return native.respondWithBody(this.key, id, block, count, flags, toOctets(chunk), OCTETS, kept);
    const crossing = ENCODINGS[encoding ?? 'utf8'];
    if (crossing !== undefined)
      return native.respondWithBody(this.key, id, block, count, flags, chunk, crossing, kept);
    return native.respondWithBody(this.key, id, block, count, flags, Buffer.from(chunk, encoding), OCTETS, kept);
  }

  respondFile(id, block, count, fd, offset, length, flags, done) {
    const result = native.respond(this.key, id, block, count, flags & ~FLAG_END_STREAM);
    if (result === 0) {
      const body = new FileBody(this, id, fd, offset, length, (flags & FLAG_WANT_TRAILERS) !== 0, done);
      this.files ??= new Map();
      this.files.set(id, body);
      body.read();
    }
    return result;
  }

  info(id, block, count) {
    return native.info(this.key, id, block, count);
  }

  trailers(id, block, count) {
    return native.trailers(this.key, id, block, count);
  }

  pushPromise(id, block, count, flags) {
    return native.pushPromise(this.key, id, block, count, flags);
  }

  write(id, chunk, encoding) {
    if (typeof chunk !== 'string')
      return native.write(this.key, id, toOctets(chunk), OCTETS);
    const crossing = ENCODINGS[encoding ?? 'utf8'];
    if (crossing !== undefined)
      return native.write(this.key, id, chunk, crossing);
    return native.write(this.key, id, Buffer.from(chunk, encoding), OCTETS);
  }

  // Elements are { chunk, encoding }, as in stream.Writable's _writev.
  writev(id, chunks) {
    const pieces = gather(chunks, toOctets);
    if (pieces.length < 2) return this.write(id, pieces[0] ?? '');
    return native.writev(this.key, id, pieces.map((piece) => typeof piece === 'string' ? Buffer.from(piece) : piece));
  }

  end(id) {
    return native.end(this.key, id);
  }

  rstStream(id, code) {
    return native.rstStream(this.key, id, code);
  }

  readStart(id) {
    return native.readStart(this.key, id);
  }

  readStop(id) {
    return native.readStop(this.key, id);
  }

  priority(id, parent, weight, exclusive) {
    return native.priority(this.key, id, parent, weight, exclusive);
  }

  // --- The connection ---

  settings(list) {
    return native.settings(this.key, pairs(list));
  }

  ping(payload) {
    return native.ping(this.key, toOctets(payload));
  }

  goaway(code, lastStreamID, data) {
    native.goaway(this.key, code, lastStreamID, data === undefined ? undefined : toOctets(data), this.heard);
  }

  altsvc(id, origin, value) {
    return native.altsvc(this.key, id, origin, value);
  }

  origin(origins) {
    return native.origin(this.key, origins);
  }

  /** Octets of a stream that is over stay unread: they count against maxSessionMemory until letGo(). */
  keep(octets) {
    native.keep(this.key, octets);
  }

  letGo(octets) {
    native.letGo(this.key, octets);
  }

  setLocalWindowSize(size) {
    return native.setLocalWindowSize(this.key, size);
  }

  setNextStreamID(id) {
    return native.setNextStreamID(this.key, id);
  }

  // --- The end ---

  close() {
    native.close(this.key, this.heard);
  }

  // `countsAll`: also requests that the owner has not heard of count as processed.
  destroy(code, countsAll = false) {
    const { key, pipe, socket, files } = this;
    if (key === 0)
      return;
    socket?.keepCounters();
    this.key = 0;
    sessions.delete(key);
    const last = native.destroy(key, code, countsAll ? MAX_STREAM_ID : this.heard);
    pipe?.detach();
    if (last !== undefined)
      pipe?.writeLast(last);
    socket?.release();
    if (files !== undefined) {
      for (const body of [...files.values()])
        body.stop();
    }
    this.streams.clear();
  }

  // The stream underneath keeps the process alive or not, and the engine for no longer than it has events to tell.
  ref() {
    (this.socket ?? this.pipe)?.duplex.ref?.();
  }

  unref() {
    (this.socket ?? this.pipe)?.duplex.unref?.();
  }

  // Nothing that arrives is of interest any more. A socket is not read as soon as the session is done.
  pauseInput() {
    this.pipe?.duplex.pause();
  }

  deliver() {
    if (this.key !== 0)
      deliver(this.key);
  }

  // --- State ---

  localSettings() {
    return native.localSettings(this.key);
  }

  remoteSettings() {
    return native.remoteSettings(this.key);
  }

  state() {
    return native.state(this.key);
  }

  streamState(id) {
    return native.streamState(this.key, id);
  }

  counters() {
    return native.counters(this.key);
  }

  get hasPendingData() {
    return native.hasPendingData(this.key);
  }
}

// Options as they cross, made once for sessions that have the same object of them.
const crossings = new WeakMap();

function crossingOf(options) {
  let crossing = crossings.get(options);
  if (crossing === undefined) {
    const custom = options.remoteCustomSettings;
    crossing = {
      numbers: Float64Array.from(optionNames, (name) => numberOf(options[name])),
      settings: pairs(options.settings),
      custom: custom ? Uint32Array.from(custom) : NO_NUMBERS,
    };
    crossings.set(options, crossing);
  }
  return crossing;
}

function createSession(owner, type, options = {}) {
  return new SessionHandle(owner, type, options);
}

function numberOf(option) {
  return option === undefined ? NaN : Number(option);
}

function pairs(list) {
  return list === undefined ? NO_NUMBERS : Uint32Array.from(list.flat());
}

// Views other than Uint8Array are seen as the octets they lie over.
function toOctets(chunk) {
  if (chunk instanceof Uint8Array)
    return chunk;
  if (chunk instanceof ArrayBuffer || chunk instanceof SharedArrayBuffer)
    return new Uint8Array(chunk);
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

trace.commands(SessionHandle);

module.exports = {
  SessionHandle, afterBatch, afterEvent, createSession, isDispatching, isTelling,
  setHandlers: (table) => setHandlers(trace.events(table)),
};
