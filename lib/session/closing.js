'use strict';

// How a session ends: close() lets streams finish, destroy() does not, and either way the socket goes last.

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_SESSION_CLIENT } = require('../constants');
const engine = require('../engine');
const { ERR_HTTP2_SESSION_ERROR, ERR_HTTP2_STREAM_CANCEL, ERR_SOCKET_CLOSED } = require('../errors');
const performance = require('../performance');
const { IS_QUIET_AMIDST, isLeftToReader } = require('../stream/closing');
const outbox = require('../stream/outbox');
const { kHandle, kMaybeDestroy, kProxySocket, kServer, kSessions, kSocket, kType } = require('../symbols');
const timeouts = require('../timeouts');
const { MARK, kBoundSession, kDestroyCode, kMarks, kPendingStreams, kReadersTimer } = require('./fields');
const limits = require('./limits');
const ping = require('./ping');

// -> closed: no new streams; what is open may end.
function close(session, callback) {
  if (session.closed || session.destroyed) return;
  session[kMarks] |= MARK.CLOSED;
  if (typeof callback === 'function') session.once('close', callback);
  // The engine says GOAWAY.
  if (session[kHandle] !== undefined) closeEngine(session);
  else session.once('connect', onConnectClose);
  session[kMaybeDestroy]();
}

function onConnectClose() {
  if (!this.destroyed) closeEngine(this);
}

function closeEngine(session) {
  outbox.flushAll();
  session[kHandle].close();
}

// A closed session is destroyed when nothing is left to do; any session, when there is an error.
function maybeDestroy(session, error) {
  if (session.destroyed) return;
  if (error == null) {
    if (!session.closed || session[kPendingStreams]?.size > 0) return;
    const handle = session[kHandle];
    if (handle !== undefined && (handle.streams.size > 0 || handle.hasPendingData)) return;
  }
  session.destroy(error);
}

// Later, since whoever has just destroyed its last stream is still busy with it; but hardly later if the engine has said
// that it is done, and nothing but the stream was in the way.
function checkSoon(session, stream) {
  if (session[kType] === NGHTTP2_SESSION_CLIENT && stream.id !== undefined) session[kMarks] |= MARK.LINGERS;
  if (session[kMarks] & MARK.CHECKING) return;
  session[kMarks] |= MARK.CHECKING;
  if ((session[kMarks] & (MARK.DONE | MARK.LINGERS)) === MARK.DONE) process.nextTick(check, session);
  else setImmediate(check, session);
}

function onDone(session) {
  session[kMarks] |= MARK.DONE;
  if ((session[kMarks] & MARK.LINGERS) === 0) session[kMaybeDestroy]();
  if (session.destroyed) return;
  // Somebody still reads what a stream has received. Until then nobody needs to know that the peer hangs up.
  session[kHandle].pauseInput();
  if (session[kHandle].streams.size > 0)
    session[kReadersTimer] = setTimeout(endWithoutReaders, READERS_TIME, session).unref();
}

// How long, in milliseconds, a session that is done waits for the readers of its streams. node waits for ever, so that a
// reader who never comes keeps the socket of a peer that is long gone.
const READERS_TIME = 10_000;

// What has arrived stays with the streams that somebody listens to, whenever he reads it. The others are destroyed.
function endWithoutReaders(session) {
  if (session.destroyed) return;
  session[kMarks] |= MARK.LEAVES_READERS;
  end(session, NGHTTP2_NO_ERROR);
}

function check(session) {
  if (session[kMarks] & MARK.LINGERS) session[kHandle]?.deliver();
  session[kMarks] &= ~(MARK.CHECKING | MARK.LINGERS);
  session[kMaybeDestroy]();
}

// -> destroyed. `error` may be a code. The peer is told `code`.
function destroy(session, error, code) {
  if (session.destroyed) return;
  // The engine takes a number. What cannot be one throws.
  if (code !== undefined && session[kHandle] !== undefined) code = +code;
  if (typeof error === 'number') {
    code = error;
    error = code === NGHTTP2_NO_ERROR ? undefined : new ERR_HTTP2_SESSION_ERROR(code);
  }
  if (code === undefined && error != null) code = NGHTTP2_INTERNAL_ERROR;
  end(session, code ?? NGHTTP2_NO_ERROR, error);
}

function end(session, code, error) {
  session[kMarks] |= MARK.DESTROYED;
  session[kDestroyCode] = code;
  timeouts.stop(session);
  clearTimeout(session[kReadersTimer]);
  limits.prefaceCame(session);
  session.removeAllListeners('timeout');

  const handle = session[kHandle];
  const pending = session[kPendingStreams];
  if (pending?.size > 0) {
    const cancel = new ERR_HTTP2_STREAM_CANCEL(error);
    for (const stream of pending) stream.destroy(cancel);
  }
  if (handle !== undefined) {
    const leaves = (session[kMarks] & MARK.LEAVES_READERS) !== 0;
    for (const stream of handle.streams.values())
      if (!leaves || !isLeftToReader(stream)) stream.destroy(error);
    if (performance.watch.isOn) performance.endSession(session, handle.counters());
    // The last frames are written to the socket here.
    handle.destroy(code, IS_QUIET_AMIDST && engine.isDispatching());
  }
  ping.cancelAll(session);
  release(session, error);
}

// The session lets go of its socket, and the socket ends.
function release(session, error) {
  const socket = session[kSocket];
  session[kProxySocket] = undefined;
  session[kSocket] = undefined;
  session[kHandle] = undefined;
  if (socket === undefined) return;
  socket[kBoundSession] = undefined;
  socket[kServer] = undefined;

  if (socket.destroyed) {
    process.nextTick(emitClose, session, error);
    return;
  }
  socket.on('close', () => emitClose(session, error));
  if (session.closed && error == null) {
    // Reading goes on, so that the peer's end is seen.
    socket.resume();
    socket.end();
    linger(socket, Infinity);
  } else {
    // What has just been written leaves first.
    socket.end(() => setImmediate(destroySocket, socket, error));
  }
}

// A peer that neither reads what is left nor ends its side keeps the socket for so long.
const LINGER = 120_000;

// `before` is how much was to be written the last time.
function linger(socket, before) {
  const timer = setTimeout(() => {
    const left = socket.writableLength;
    if (left > 0 && left < before) linger(socket, left);
    else socket.destroy();
  }, LINGER).unref();
  socket.once('close', () => clearTimeout(timer));
}

function destroySocket(socket, error) {
  socket.destroy(error);
}

function emitClose(session, error) {
  session[kServer]?.[kSessions].delete(session);
  if (error) session.emit('error', error);
  session.emit('close');
}

// --- The socket's listeners ---

function onSocketError(error) {
  const session = this[kBoundSession];
  if (session === undefined) return;
  // A peer that said goodbye may hang up as it likes, whether a read finds that out or a write.
  if ((error.code === 'ECONNRESET' || error.code === 'EPIPE') && session[kMarks] & MARK.GOAWAY_RECEIVED) session.destroy();
  else session.destroy(error);
}

function onSocketClose() {
  const session = this[kBoundSession];
  if (session === undefined) return;
  // Both sides were done, and somebody still reads what a stream has received: the session ends after that. (pauseInput() is
  // too late for a stream that has already seen its end.)
  if (session[kMarks] & MARK.DONE && session[kHandle]?.streams.size > 0) return;
  const error = session.connecting ? new ERR_SOCKET_CLOSED() : undefined;
  for (const stream of session[kHandle]?.streams.values() ?? []) stream.close(NGHTTP2_CANCEL);
  for (const stream of session[kPendingStreams] ?? []) stream.close(NGHTTP2_CANCEL);
  session.close();
  if (!session.destroyed) end(session, NGHTTP2_NO_ERROR, error);
  // With nothing to do it was destroyed by that; that it never was connected is told all the same, and 'close' once more.
  else if (error !== undefined) process.nextTick(emitClose, session, error);
}

module.exports = { checkSoon, close, destroy, maybeDestroy, onDone, onSocketClose, onSocketError };
