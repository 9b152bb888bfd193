'use strict';

// What the streams have to say goes to the engine once the ticks of the event at hand have drained, or else at the end of the
// tick, so that head, body and end of a response that was given in one go are one call, and END_STREAM stands on the last
// DATA frame.
//
// A stream in the outbox has a response head (kHead), or a body chunk (BODY_DUE), or both. Whoever is about to make the
// engine send something else for the stream, or for the whole session, flushes first: the order of the frames is that
// of the calls.

const { NGHTTP2_PROTOCOL_ERROR } = require('../constants');
const engine = require('../engine');
const { NghttpError } = require('../errors');
const { kHandle, kID, kMaybeDestroy } = require('../symbols');
const { LATE, MARK, kBody, kBodyCallback, kBodyEncoding, kBodyScope, kHead, kMarks } = require('./fields');
const { MADE, kLate, touch } = require('./late');

// The engine's flags of a head: no body follows; ask for trailers at the end of the body.
const END_STREAM = 1;
const WANT_TRAILERS = 2;

// nghttp2's number for it.
const STREAM_CLOSED = -510;
const INVALID_ARGUMENT = -501;

const queue = [];
let failures = 0;

function post(stream) {
  if (stream[kMarks] & MARK.QUEUED) return;
  stream[kMarks] |= MARK.QUEUED;
  if (queue.push(stream) === 1 && !engine.afterEvent(flushAll)) process.nextTick(flushAll);
}

// True if a stream failed.
function flushAll() {
  const before = failures;
  for (let i = 0; i < queue.length; i++) flush(queue[i]);
  // Setting the length costs a call into V8.
  while (queue.length > 0) queue.pop();
  return failures !== before;
}

// `unfinished` is for a stream that fails: what was written goes out, but not as if it were all.
function flush(stream, unfinished = false) {
  const marks = stream[kMarks];
  if ((marks & MARK.QUEUED) === 0) return;
  stream[kMarks] = marks & ~(MARK.QUEUED | MARK.BODY_DUE);
  const handle = stream[kHandle];
  if (handle === undefined) return;

  const head = stream[kHead];
  stream[kHead] = undefined;
  const body = (marks & MARK.BODY_DUE) === 0 ? undefined : stream[kBody];
  if (body !== undefined && isTakenAway(body)) {
    failures++;
    stream.destroy(new NghttpError(INVALID_ARGUMENT));
    return;
  }
  const last = body !== undefined && !unfinished && isLast(stream);
  const id = stream[kID];
  let status = 0;
  if (head !== undefined) {
    if (last && !Array.isArray(body)) {
      markShut(stream);
      status = handle.respondWithBody(id, head.block, head.count, 0, body, stream[kBodyEncoding], head.kept);
      if (status < 0) failed(stream, status);
      return;
    }
    const flags = marks & MARK.WAITS_FOR_TRAILERS ? WANT_TRAILERS : 0;
    status = handle.respond(id, head.block, head.count, flags, head.kept);
    if (status < 0) {
      failed(stream, status);
      return;
    }
  }
  if (body === undefined) return;
  status = Array.isArray(body) ? handle.writev(id, body) : handle.write(id, body, stream[kBodyEncoding]);
  if (status < 0) failed(stream, status);
  else if (last) shut(stream);
}

// A chunk was transferred, or its memory resized, since it was written: what it held is lost, and must not go out as nothing.
// (node has sent it by then.)
function isTakenAway(body) {
  if (Array.isArray(body)) return body.some(({ chunk }) => isTakenAway(chunk));
  if (typeof body === 'string' || body.byteLength > 0) return false;
  try {
    Uint8Array.prototype.keys.call(body);
    return false;
  } catch {
    return true;
  }
}

// A session ends in the middle of a tick: what its streams have written goes out, but not as if it were all.
function flushUnfinished(handle) {
  for (let i = 0; i < queue.length; i++)
    if (queue[i][kHandle] === handle) flush(queue[i], true);
}

// The peer may have closed the stream just before, which its events are about to tell: what is written then is lost, and
// the write in flight is answered when the stream is destroyed.
function failed(stream, status) {
  failures++;
  if (status === INVALID_ARGUMENT) {
    // A field that cannot be: node sends it and the peer refuses. Here the peer never sees it.
    stream[kMarks] |= MARK.GONE;
    stream[kHandle].rstStream(stream[kID], NGHTTP2_PROTOCOL_ERROR);
    stream.close();
  } else if (status !== STREAM_CLOSED) {
    stream.destroy(new NghttpError(status));
  }
}

// The body in hand is the rest of what was ever written, and END_STREAM can go with it. Where trailers follow, it cannot:
// they are asked for after 'finish'.
function isLast(stream) {
  if ((stream[kMarks] & (MARK.SHUT | MARK.CUT_SHORT | MARK.WAITS_FOR_TRAILERS)) !== 0) return false;
  if (stream[kLate] !== MADE) return stream[kLate] === LATE.ENDING;
  const state = stream._writableState;
  return state.ending && state.bufferedRequestCount === 0;
}

// The body has gone out, or never will because the stream is over, which is told as such.
function written(stream) {
  // What is answered is a Writable.
  if (stream[kLate] !== MADE) touch(stream);
  const callback = stream[kBodyCallback];
  if (callback === undefined) return;
  const scope = stream[kBodyScope];
  stream[kBody] = undefined;
  stream[kBodyCallback] = undefined;
  stream[kBodyScope] = undefined;
  scope.runInAsyncScope(callback, undefined, null);
}

// Ends the writable side at the engine: END_STREAM, or first the request for trailers.
function shut(stream) {
  if (stream[kMarks] & (MARK.SHUT | MARK.CUT_SHORT)) return;
  const handle = stream[kHandle];
  if (handle === undefined) return;
  markShut(stream);
  handle.end(stream[kID]);
}

// Now, and after whatever waits in the outbox.
function finish(stream) {
  flush(stream);
  shut(stream);
}

function markShut(stream) {
  stream[kMarks] |= MARK.SHUT;
  // Otherwise when it catches up.
  if (stream[kLate] === MADE) awaitFinish(stream);
}

function awaitFinish(stream) {
  stream.on('finish', onFinish);
}

function onFinish() {
  this[kMaybeDestroy](0);
}

// The stream is being destroyed: a write in flight is answered, as if it had succeeded.
function discard(stream) {
  stream[kMarks] &= ~(MARK.QUEUED | MARK.BODY_DUE);
  stream[kHead] = undefined;
  const callback = stream[kBodyCallback];
  if (callback === undefined) return;
  stream[kBody] = undefined;
  stream[kBodyCallback] = undefined;
  stream[kBodyScope] = undefined;
  callback(null);
}

module.exports = {
  END_STREAM, WANT_TRAILERS, awaitFinish, discard, failed, finish, flush, flushAll, flushUnfinished, markShut, post, written,
};
