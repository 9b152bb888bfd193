'use strict';

// How a stream ends: close(), or the peer closes it; the reset goes out when it may; destroy() lets go of the engine.

const {
  NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_SESSION_CLIENT,
  NGHTTP2_SESSION_SERVER,
} = require('../constants');
const engine = require('../engine');
const { ERR_HTTP2_STREAM_ERROR, nameForErrorCode } = require('../errors');
const performance = require('../performance');
const {
  MARK: SESSION, kDestroyCode, kForget, kGoawayCode, kGoawayLastStreamID, kMarks: kSessionMarks,
} = require('../session/fields');
const { kCompat, kHandle, kID, kMaybeDestroy, kSession, kTimeout, kType } = require('../symbols');
const timeouts = require('../timeouts');
const { LATE, MARK, kBody, kBodyCallback, kBodyScope, kChannels, kKept, kMarks, kRstCode } = require('./fields');
const { FRESH, OVER, isUnheard, kLate } = require('./late');
const outbox = require('./outbox');

// Since Node 22 a session that is destroyed in the middle of what has arrived leaves its streams to GOAWAY, which counts all
// that has arrived.
const IS_QUIET_AMIDST = Number.parseInt(process.versions.node, 10) >= 22;

// Whether RST_STREAM follows.
const RESET = {
  // The peer has closed the stream, or never heard of it.
  NEVER: 0,
  // After what has been written, unless the code says that it is not wanted.
  AFTER_BODY: 1,
  NOW: 2,
};

// open or pending -> closed
function close(stream, code, reset) {
  stream[kMarks] |= MARK.CLOSED;
  stream[kRstCode] = code;
  timeouts.stop(stream);
  const { close: channel } = stream[kChannels];
  if (channel.hasSubscribers) channel.publish({ stream });

  const ended = stream.writableEnded;
  if (!ended) {
    if ((stream[kMarks] & MARK.ABORTED) === 0) {
      stream[kMarks] |= MARK.ABORTED;
      stream[kCompat]?.aborted(stream);
      stream.emit('aborted');
    }
    // In the middle of what its session has received, the reset overtakes END_STREAM.
    if (reset === RESET.AFTER_BODY && code !== NGHTTP2_CANCEL && engine.isTelling(stream[kHandle]))
      stream[kMarks] |= MARK.CUT_SHORT;
    stream.end();
  }
  if (reset === RESET.NEVER) return;
  if (!ended || stream.writableFinished || code !== NGHTTP2_NO_ERROR || reset === RESET.NOW) sendReset(stream);
  else stream.once('finish', onFinishSendReset);
}

function onFinishSendReset() {
  sendReset(this);
}

// A stream without an id is reset as soon as it has one.
function sendReset(stream) {
  if (stream.pending) {
    stream.push(null);
    stream.once('ready', onReadySubmitReset);
  } else {
    submitReset(stream);
  }
}

function onReadySubmitReset() {
  submitReset(this);
}

function submitReset(stream) {
  const handle = stream[kHandle];
  if (handle === undefined || (stream[kMarks] & MARK.GONE) !== 0) return;
  const session = stream[kSession];
  const amidst = engine.isDispatching();
  // What is canceled in the middle of what has arrived is no hurry.
  const hurries = !amidst || stream[kRstCode] !== NGHTTP2_CANCEL;
  // As in node, what was written leaves before the reset, but END_STREAM would have left a tick later. At the end of a session
  // that goes for all streams.
  if (session.destroyed) {
    if (!hurries || (amidst && IS_QUIET_AMIDST && !mayGiveAway(stream, session))) return;
    outbox.flushUnfinished(handle);
  } else if (hurries) {
    outbox.flush(stream, true);
  }
  // In the middle of what has arrived, a stream that is canceled first hears the rest.
  if (!stream.destroyed && amidst && !hurries) {
    engine.afterBatch(stream, submitReset);
    return;
  }
  stream[kMarks] |= MARK.GONE;
  handle.rstStream(stream[kID], stream[kRstCode]);
  // Both sides have ended, and END_STREAM goes out before the reset, which then resets nothing.
  if (!stream.destroyed && stream._readableState.ended && stream[kBodyCallback] === undefined &&
      (stream[kMarks] & (MARK.HEADERS_SENT | MARK.SHUT | MARK.FILE)) === (MARK.HEADERS_SENT | MARK.SHUT))
    onGone(stream, NGHTTP2_NO_ERROR);
}

// The first stream that is in the middle of a body makes the session send what it has. All that is reset after it is left to
// GOAWAY, and so is its own reset.
function mayGiveAway(stream, session) {
  if (stream[kBodyCallback] === undefined || (stream[kMarks] & MARK.SHUT) !== 0 ||
      (session[kSessionMarks] & SESSION.GAVE_AWAY) !== 0) return false;
  session[kSessionMarks] |= SESSION.GAVE_AWAY;
  return true;
}

// The engine is done with the stream: END_STREAM both ways, or a reset from either side.
function onGone(stream, code) {
  if (stream[kMarks] & MARK.OVER) return;
  stream[kMarks] |= MARK.GONE | MARK.OVER;
  if (!stream.closed) close(stream, code, RESET.NEVER);
  // An answer by the compatibility API finishes. (In node the question for its trailers comes between body and end.)
  if (code === NGHTTP2_NO_ERROR && stream[kCompat] !== undefined && stream[kBodyCallback] !== undefined) outbox.written(stream);
  if (stream.destroyed) return;
  if (!stream.readable || code !== NGHTTP2_NO_ERROR) {
    stream.destroy();
    return;
  }
  // What has arrived can still be read; a request that nobody ever looked at is emptied for its 'end'.
  awaitEnd(stream);
  stream.push(null);
  if (stream[kSession][kType] !== NGHTTP2_SESSION_SERVER || !isUnread(stream)) stream.read(0);
  // Whoever answered by the compatibility API may still be about to read.
  else if (stream[kCompat] !== undefined && stream.readableLength > 0) setImmediate(empty, stream);
  else stream.resume();
  if (stream.readableFlowing !== true && stream.readableLength > 0) keep(stream);
}

// What nobody reads lingers as long as the session, as in node; here it counts as its memory.
function keep(stream) {
  stream[kKept] = stream.readableLength;
  stream[kHandle].keep(stream[kKept]);
}

// onGone() for an answered request that nobody has looked at or listens to, as far as it can be dealt with by that: true
// if there was nobody to tell.
function goneUnseen(stream, code) {
  if (stream[kLate] !== LATE.ENDING || code !== NGHTTP2_NO_ERROR || !isUnheard(stream) || stream[kTimeout] !== null ||
      stream[kChannels].close.hasSubscribers) return false;
  stream[kMarks] |= MARK.CLOSED | MARK.GONE | MARK.OVER;
  stream[kLate] = LATE.GONE;
  return true;
}

// The same for the answer to what was written: to its last body, upon which it finishes and is destroyed, or to another.
function writtenUnseen(stream) {
  if (stream[kLate] === LATE.WRITING) {
    stream[kLate] = FRESH;
    stream[kBody] = undefined;
    stream[kBodyCallback] = undefined;
    stream[kBodyScope] = undefined;
    return true;
  }
  return (stream[kCompat] === undefined || stream[kCompat].isUnheard(stream)) && vanish(stream);
}

function onWritten(stream) {
  if (!vanish(stream)) outbox.written(stream);
}

// -> destroyed
function vanish(stream) {
  if (stream[kLate] !== LATE.GONE || !isUnheard(stream) || stream[kTimeout] !== null) return false;
  stream[kLate] = OVER;
  stream[kBody] = undefined;
  stream[kBodyCallback] = undefined;
  stream[kBodyScope] = undefined;
  stream[kHandle].streams.delete(stream[kID]);
  if (performance.watch.isOn) performance.endStream(stream);
  const session = stream[kSession];
  stream[kSession] = undefined;
  stream[kHandle] = undefined;
  session[kForget](stream);
  stream[kCompat]?.close(stream);
  return true;
}

// Nothing is missing but that somebody who listens reads what has arrived.
function isLeftToReader(stream) {
  return (stream[kMarks] & MARK.OVER) !== 0 && stream.writableFinished && stream.readable &&
    (stream.listenerCount('data') > 0 || stream.listenerCount('readable') > 0);
}

function isUnread(stream) {
  return (stream[kMarks] & MARK.READ) === 0 && stream.readableFlowing === null;
}

function empty(stream) {
  if (isUnread(stream)) stream.resume();
}

// Once it is known that the readable side ends.
function awaitEnd(stream) {
  if (stream[kMarks] & MARK.ENDS) return;
  stream[kMarks] |= MARK.ENDS;
  stream.on('end', onEnd);
}

function onEnd() {
  this[kMaybeDestroy](NGHTTP2_NO_ERROR);
}

// A side is done. The stream goes when it is closed and both are.
function maybeDestroy(stream, code) {
  if (code !== NGHTTP2_NO_ERROR) {
    stream.destroy();
    return;
  }
  if (!stream.writableFinished) return;
  if (!stream.readable && stream.closed) {
    stream.destroy();
    return;
  }
  // The answer is complete and nobody has looked at the request: the peer need not send the rest of it. Not at once, so
  // that streams can still be pushed.
  if (stream[kSession]?.[kType] === NGHTTP2_SESSION_SERVER &&
      (stream[kMarks] & (MARK.HEADERS_SENT | MARK.WAITS_FOR_TRAILERS | MARK.CLOSED)) === MARK.HEADERS_SENT &&
      isUnread(stream))
    setImmediate(closeUnread, stream);
}

function closeUnread(stream) {
  if (isUnread(stream)) stream.close();
}

// -> destroyed: Duplex's _destroy
function destroy(stream, error, callback) {
  const session = stream[kSession];
  const handle = stream[kHandle];
  const code = codeOfDestroy(stream, session, error);
  if (!stream.closed) close(stream, code, handle === undefined ? RESET.NEVER : RESET.NOW);
  stream.push(null);

  if (handle !== undefined) {
    // A reset that still waited for the body waits no longer, unless GOAWAY makes it needless.
    if (!session.destroyed) submitReset(stream);
    handle.streams.delete(stream[kID]);
    if (stream[kKept] > 0) handle.letGo(stream[kKept]);
  }
  if (performance.watch.isOn) performance.endStream(stream);
  stream[kSession] = undefined;
  stream[kHandle] = undefined;
  session[kForget](stream);
  // Whoever wrote what is lost hears of it here.
  outbox.discard(stream);

  // CANCEL is how a request is abandoned: 'aborted' tells it where it matters.
  if (!error && code !== NGHTTP2_NO_ERROR && code !== NGHTTP2_CANCEL)
    error = new ERR_HTTP2_STREAM_ERROR(nameForErrorCode(code));
  if (error) {
    const { error: channel } = stream[kChannels];
    if (channel.hasSubscribers) channel.publish({ stream, error });
  }
  callback(error);
}

// The code of the session's end, if it has one, says more than that this stream failed.
function codeOfDestroy(stream, session, error) {
  if (stream.closed) return stream.rstCode;
  if (isUnprocessed(stream, session)) return NGHTTP2_REFUSED_STREAM;
  const code = session[kGoawayCode] || session[kDestroyCode];
  if (code || !error) return code || NGHTTP2_NO_ERROR;
  return error.name === 'AbortError' && error.code === 'ABORT_ERR' ? NGHTTP2_CANCEL : NGHTTP2_INTERNAL_ERROR;
}

// A request above the last one that a GOAWAY with an error spoke of may be sent again (RFC 9113 section 6.8). Its error is the
// session's, as in node; that it was never processed its code tells.
function isUnprocessed({ id }, session) {
  if (session[kGoawayCode] === NGHTTP2_NO_ERROR || session[kType] !== NGHTTP2_SESSION_CLIENT) return false;
  return id === undefined || (id % 2 === 1 && id > session[kGoawayLastStreamID]);
}

module.exports = {
  IS_QUIET_AMIDST, RESET, awaitEnd, close, destroy, goneUnseen, isLeftToReader, maybeDestroy, onGone, onWritten, writtenUnseen,
};
