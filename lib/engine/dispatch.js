'use strict';

// Reads the batches that the engine fills (src/addon/codes.rs has the records) and calls the API classes.
//
// The re-entrancy rule: a listener may do anything, and whatever is left in the batch must cope.
// - A session that is destroyed gets no more events, nor does a stream that left its session's `streams`.
// - Keys of sessions are not used again, so that a new session never gets an old one's events.
// - A listener that throws loses nothing but itself: the error goes to 'uncaughtException' as from any callback of
//   node's, and the batch goes on.
// - Between two events ticks and microtasks drain, as if each had its own callback from native code.
// - A dispatch inside a dispatch (handle.deliver()) reads a batch of its own, after what the batches around it still have
//   of the same session: otherwise a body's later octets would come before earlier ones.

const native = require('./load');
const { fileRead } = require('./file');
const { kResource } = require('../symbols');

const {
  SESSION, FIELDS, HEADERS, PUSH_PROMISE, DATA, DATA_BUFFER, END, WRITTEN, SHUTDOWN, WANT_TRAILERS, STREAM_CLOSE,
  FRAME_ERROR, PRIORITY, SETTINGS, SETTINGS_ACK, PING, PING_ACK, GOAWAY, ALTSVC, ORIGIN, SESSION_ERROR, SESSION_DONE,
  OUTPUT, OUTPUT_BUFFER, RESUME, SOCKET_END, SOCKET_ERROR, SOCKET_DRAINED, TLS, LIMIT, FILE_READ,
} = native.codes;
const { INDEXED, SENSITIVE, ADDED } = native.fieldKinds;

// Categories of HEADERS that open a stream; others are for a stream that exists, or for nobody.
const CATEGORY_REQUEST = 0;
const CATEGORY_PUSH_RESPONSE = 2;

// Mirrors of HPACK's tables: what has an id crosses as that. Names also have numbers of their own, counted from 1.
const NAMES = [undefined, ...native.names];
const STATIC_NAMES = [undefined, ...native.staticNames];
const STATIC_VALUES = [undefined, ...native.staticValues];
const FIRST_DYNAMIC = STATIC_NAMES.length;

// Undocumented, but in every node: what its native code calls after each callback. Without it, each event gets a
// callback scope of its own, at nine times the price.
const tickCallback = withoutWarning(process._tickCallback);
const scopePerEvent = typeof tickCallback !== 'function';

// With --pending-deprecation it comes in a wrapper that warns, or throws, whose prototype is the function itself.
function withoutWarning(call) {
  const inner = typeof call === 'function' ? Object.getPrototypeOf(call) : undefined;
  return typeof inner === 'function' && inner !== Function.prototype ? inner : call;
}

// Sessions by key.
const sessions = new Map();

let handlers = {};

// Inside a tick ticks must not be drained again: the ones queued would overtake the one that runs.
let draining = true;

class Mirror {
  constructor() {
    this.names = [];
    this.values = [];
  }
}

// Stands in for a session that is gone, so that its records can be read past.
class Gone {
  constructor() {
    this.key = 0;
    this.mirror = new Mirror();
    this.pendingFields = undefined;
    this.pendingSensitive = undefined;
    this.socket = undefined;
    this.heard = 0;
  }
}

class Batch {
  constructor(ints, octets, count, values) {
    this.ints = ints;
    this.octets = octets;
    this.count = count;
    // Strings and buffers, each used once.
    this.values = values;
    this.at = 0;
    this.value = 0;
    // The session whose records are being read, and where they end.
    this.handle = undefined;
    this.end = 0;
    this.fields = undefined;
    this.sensitive = undefined;
  }

  copy(offset, length) {
    const buffer = Buffer.allocUnsafe(length);
    buffer.set(this.octets.subarray(offset, offset + length));
    return buffer;
  }

  // Reads a list into `fields` and `sensitive`, after the parts of it that came before.
  readFields(handle) {
    const { ints, values: given } = this;
    const { names, values } = handle.mirror;
    const fields = handle.pendingFields ?? [];
    let sensitive = handle.pendingSensitive;
    handle.pendingFields = handle.pendingSensitive = undefined;
    let { at, value: next } = this;
    for (let count = ints[at++]; count > 0; count--) {
      const first = ints[at++];
      const kind = first & 3;
      const id = first >> 2;
      if (kind === INDEXED) {
        if (id < FIRST_DYNAMIC)
          fields.push(STATIC_NAMES[id], STATIC_VALUES[id]);
        else
          fields.push(names[id - FIRST_DYNAMIC], values[id - FIRST_DYNAMIC]);
        continue;
      }
      const slot = kind === ADDED ? ints[at++] - FIRST_DYNAMIC : -1;
      const name = id === 0 ? given[next++] : NAMES[id];
      const value = given[next++];
      fields.push(name, value);
      if (kind === ADDED) {
        names[slot] = name;
        values[slot] = value;
      } else if (kind === SENSITIVE) {
        sensitive ??= [];
        sensitive.push(name);
      }
    }
    this.at = at;
    this.value = next;
    this.fields = fields;
    this.sensitive = sensitive;
  }
}

// What listeners left for the end of their batch: functions and their `this`, in turn.
let deferred = [];
// The batches that are being read, each by a listener of the one before.
const batches = [];

function isDispatching() {
  return batches.length > 0;
}

// What one session has received is being told.
function isTelling(handle) {
  return batches.some((batch) => batch.handle === handle);
}

function afterBatch(owner, action) {
  deferred.push(owner, action);
}

function runDeferred() {
  const actions = deferred;
  deferred = [];
  for (let i = 0; i < actions.length; i += 2) run(actions[i], actions[i + 1], actions[i]);
}

function dispatch(ints, octets, count, ...values) {
  const batch = new Batch(ints, octets, count, values);
  batches.push(batch);
  try {
    readTo(batch, count);
  } finally {
    batches.pop();
  }
  if (deferred.length > 0 && batches.length === 0) runDeferred();
}

// A listener may have got further in the meantime (see deliver()).
function readTo(batch, end) {
  const { ints } = batch;
  while (batch.at < end) {
    const code = ints[batch.at++];
    if (code === SESSION) {
      const handle = sessions.get(ints[batch.at++]) ?? new Gone();
      batch.handle = handle;
      batch.end = ints[batch.at++];
      handle.socket?.active();
    } else {
      read(batch, code, batch.handle);
      // What is no event to the API may lead to one of another session: output, over a stream that is one of http2's.
      if (last !== undefined && draining)
        drain();
    }
  }
}

// Where the last that the batch has to tell of a session ends; 0 if there is no more.
function endOf({ ints, count, handle, end }, key) {
  let last = handle?.key === key ? end : 0;
  for (let at = end; at < count; at = ints[at + 2])
    if (ints[at + 1] === key) last = ints[at + 2];
  return last;
}

// Reads the rest of a record, whether or not there is still somebody to tell.
function read(batch, code, handle) {
  const { ints } = batch;
  const { at } = batch;
  switch (code) {
    case HEADERS: {
      batch.at += 3;
      batch.readFields(handle);
      headers(handle, ints[at], ints[at + 1], ints[at + 2] === 1, batch.fields, batch.sensitive);
      break;
    }
    case DATA:
      batch.at += 3;
      if (isOpen(handle, ints[at]))
        toStream(handle, ints[at], handlers.onData, batch.copy(ints[at + 1], ints[at + 2]));
      break;
    case DATA_BUFFER:
      batch.at += 1;
      toStream(handle, ints[at], handlers.onData, batch.values[batch.value++]);
      break;
    case END:
      batch.at += 1;
      if (!unseen(handle, ints[at], handlers.onEndUnseen)) toStream(handle, ints[at], handlers.onEnd);
      break;
    case WRITTEN: {
      batch.at += 2;
      const file = handle.files?.get(ints[at]);
      if (file !== undefined)
        file.onWritten(ints[at + 1]);
      else if (!unseen(handle, ints[at], handlers.onWrittenUnseen, ints[at + 1]))
        toStream(handle, ints[at], handlers.onWritten, ints[at + 1]);
      break;
    }
    case SHUTDOWN:
      batch.at += 2;
      if (handlers.onShutdown !== undefined) toStream(handle, ints[at], handlers.onShutdown, ints[at + 1]);
      break;
    case STREAM_CLOSE:
      batch.at += 2;
      handle.files?.get(ints[at])?.stop();
      if (!unseen(handle, ints[at], handlers.onStreamCloseUnseen, ints[at + 1] >>> 0))
        streamClose(handle, ints[at], ints[at + 1] >>> 0);
      break;
    case OUTPUT:
      batch.at += 2;
      output(handle, batch, ints[at], ints[at + 1]);
      break;
    case OUTPUT_BUFFER:
      outputBuffer(handle, batch.values[batch.value++]);
      break;
    default:
      readRare(batch, code, handle);
  }
}

function readRare(batch, code, handle) {
  const { ints, values } = batch;
  const { at } = batch;
  switch (code) {
    case FIELDS:
      batch.readFields(handle);
      handle.pendingFields = batch.fields;
      handle.pendingSensitive = batch.sensitive;
      break;
    case PUSH_PROMISE:
      batch.at += 2;
      batch.readFields(handle);
      handle.heard = ints[at + 1];
      toSession(handle, handlers.onPushPromise, ints[at], ints[at + 1], batch.fields, batch.sensitive);
      break;
    case WANT_TRAILERS:
      batch.at += 1;
      toStream(handle, ints[at], handlers.onWantTrailers);
      break;
    case FRAME_ERROR:
      batch.at += 3;
      toSession(handle, handlers.onFrameError, ints[at], ints[at + 1], ints[at + 2]);
      break;
    case PRIORITY:
      batch.at += 4;
      toSession(handle, handlers.onPriority, ints[at], ints[at + 1], ints[at + 2], ints[at + 3] === 1);
      break;
    case SETTINGS:
      toSession(handle, handlers.onSettings, values[batch.value++]);
      break;
    case SETTINGS_ACK:
      toSession(handle, handlers.onSettingsAck, values[batch.value++]);
      break;
    case PING:
      batch.at += 1;
      toSession(handle, handlers.onPing, batch.copy(ints[at], 8));
      break;
    case PING_ACK: {
      batch.at += 3;
      const nanoseconds = (ints[at + 1] >>> 0) * 2 ** 32 + (ints[at + 2] >>> 0);
      toSession(handle, handlers.onPingAck, batch.copy(ints[at], 8), nanoseconds / 1e6);
      break;
    }
    case GOAWAY: {
      batch.at += 4;
      const [offset, length] = [ints[at + 2], ints[at + 3]];
      const data = offset < 0 ? values[batch.value++] : batch.copy(offset, length);
      toSession(handle, handlers.onGoaway, ints[at] >>> 0, ints[at + 1], length > 0 ? data : undefined);
      break;
    }
    case ALTSVC:
      batch.at += 1;
      batch.value += 2;
      toSession(handle, handlers.onAltsvc, ints[at], values[batch.value - 2], values[batch.value - 1]);
      break;
    case ORIGIN: {
      batch.at += 1;
      const origins = values.slice(batch.value, batch.value += ints[at]);
      toSession(handle, handlers.onOrigin, origins);
      break;
    }
    case SESSION_ERROR: {
      batch.at += 2;
      const custom = ints[at + 1] === 1 ? values[batch.value++] : undefined;
      toSession(handle, handlers.onSessionError, ints[at], custom);
      break;
    }
    case LIMIT:
      batch.at += 1;
      toSession(handle, handlers.onLimit, ints[at], values[batch.value++]);
      break;
    case SESSION_DONE:
      toSession(handle, handlers.onSessionDone);
      break;
    case RESUME:
      if (handle.key !== 0)
        handle.pipe?.resume();
      break;
    case SOCKET_END:
      toSocket(handle, 'end');
      break;
    case SOCKET_ERROR:
      batch.at += 2;
      toSocket(handle, 'fail', ints[at], ints[at + 1] === 1);
      break;
    case SOCKET_DRAINED:
      toSocket(handle, 'drained');
      break;
    case FILE_READ:
      batch.at += 2;
      fileRead(ints[at], ints[at + 1]);
      break;
    case TLS:
      batch.at += 1;
      batch.value += 1;
      (handle.socket ?? handle).tls?.(ints[at], values[batch.value - 1]);
      break;
    default:
      throw new Error(`http2-rs: the native binary and the JavaScript around it differ in version (record ${code})`);
  }
}

function isOpen(handle, id) {
  return handle.key !== 0 && handle.streams.has(id);
}

function headers(handle, id, category, endStream, fields, sensitive) {
  if (handle.key === 0)
    return;
  const stream = handle.streams.get(id);
  if (stream === undefined && category !== CATEGORY_REQUEST && category !== CATEGORY_PUSH_RESPONSE)
    return;
  if (category === CATEGORY_REQUEST) handle.heard = id;
  run(stream ?? handle.owner, handlers.onHeaders, handle.owner, id, category, endStream, fields, sensitive);
}

function streamClose(handle, id, code) {
  if (handle.key !== 0)
    run(handle.streams.get(id) ?? handle.owner, handlers.onStreamClose, handle.owner, id, code);
}

// Whether the handler could deal with the event without calling anybody: there is no scope to enter then, and nothing to
// drain.
function unseen(handle, id, handler, argument) {
  if (handler === undefined || handle.key === 0) return false;
  const stream = handle.streams.get(id);
  return stream !== undefined && handler(stream, argument);
}

function toStream(handle, id, handler, argument) {
  const stream = handle.key === 0 ? undefined : handle.streams.get(id);
  if (stream !== undefined)
    run(stream, handler, stream, argument);
}

function toSession(handle, handler, a, b, c, d) {
  if (handle.key !== 0)
    run(handle.owner, handler, handle.owner, a, b, c, d);
}

function output(handle, batch, offset, length) {
  // Copied in any case where there is a session, since the batch is filled again.
  if (handle.key !== 0)
    outputBuffer(handle, batch.copy(offset, length));
}

function outputBuffer(handle, buffer) {
  if (handle.key === 0)
    return;
  try {
    handle.pipe.write(buffer);
  } catch (error) {
    native.fatalException(error);
  }
}

// What happens to a socket happens in its own async scope, which node's socket enters by itself.
function toSocket(handle, method, a, b) {
  const { socket } = handle;
  if (socket === undefined || handle.key === 0)
    return;
  try {
    socket[method](a, b);
  } catch (error) {
    native.fatalException(error);
  }
  if (draining)
    drain();
}

// Calls a handler as node calls back from native code: in the async scope of whom it concerns, with nothing left queued
// when the next one is called.
function run(target, handler, a, b, c, d, e, f) {
  const resource = target[kResource];
  if (scopePerEvent && draining) {
    native.callBack(() => inScope(resource, handler, a, b, c, d, e, f));
    return;
  }
  try {
    inScope(resource, handler, a, b, c, d, e, f);
  } catch (error) {
    native.fatalException(error);
  }
  if (draining)
    drain();
}

function inScope(resource, handler, a, b, c, d, e, f) {
  if (resource === undefined)
    handler(a, b, c, d, e, f);
  else
    resource.runInAsyncScope(handler, undefined, a, b, c, d, e, f);
}

function drain() {
  tick();
  while (last !== undefined) {
    const action = last;
    last = undefined;
    try {
      if (action()) tick();
    } catch (error) {
      native.fatalException(error);
    }
  }
}

function tick() {
  try {
    tickCallback();
  } catch (error) {
    // What is still queued is drained after the next event, at the latest with the last.
    native.fatalException(error);
  }
}

// The last thing to do for the event at hand.
let last;

// Calls `action` when all ticks and microtasks of the event at hand have drained, outside of every async scope. It returns
// true if they should once more. False if there is no such event.
function afterEvent(action) {
  if (batches.length === 0 || !draining || scopePerEvent) return false;
  last = action;
  return true;
}

// Tells a session's events at once, for a caller that is about to end it.
function deliver(key) {
  const before = draining;
  draining = false;
  try {
    if (sessions.has(key)) for (const batch of batches) readTo(batch, endOf(batch, key));
    native.deliver(key);
  } finally {
    draining = before;
  }
}

// Tells what there is to tell, and what the answers to it brought about; then flushes once more, as node does after an
// event that another flush has caused.
function turn() {
  native.turn();
  flush(true);
}

// Flushes what became dirty outside of a turn. Node flushes in a native immediate, inside whose scope the callbacks of
// streams that end and of writes that are done nest: ticks drain once, after all of them.
function flush(again = false) {
  const before = draining;
  draining = scopePerEvent;
  try {
    native.flush(again);
  } finally {
    draining = before;
  }
}

function setHandlers(table) {
  handlers = table;
}

native.setUp(dispatch, turn, () => flush(), scopePerEvent);

module.exports = { Mirror, afterBatch, afterEvent, deliver, isDispatching, isTelling, run, sessions, setHandlers };
