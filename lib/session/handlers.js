'use strict';

// What the engine tells, and to whom it goes. The table given to engine.setHandlers(); each handler runs in the async
// scope of its stream or session, and ticks drain after it.

const {
  NGHTTP2_COMPRESSION_ERROR, NGHTTP2_FLOW_CONTROL_ERROR, NGHTTP2_FRAME_SIZE_ERROR, NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_STREAM_CLOSED,
} = require('../constants');
const { ERR_HTTP2_SESSION_ERROR, NghttpError } = require('../errors');
const closing = require('../stream/closing');
const heads = require('../stream/heads');
const { isDestroyed } = require('../stream/late');
const reading = require('../stream/reading');
const trailers = require('../stream/trailers');
const { kHandle, kUpdateTimer } = require('../symbols');
const { MARK, kGoawayCode, kGoawayLastStreamID, kMarks } = require('./fields');
const limits = require('./limits');
const originSet = require('./origin-set');
const ping = require('./ping');
const sessionClosing = require('./closing');
const settings = require('./settings');

// Before nghttp2 1.69, only the peer hears of a header block that does not decode.
const [major, minor] = (process.versions.nghttp2 ?? '2.0').split('.').map(Number);
const TELLS_OF_COMPRESSION = major > 1 || minor >= 69;

function onStreamClose(session, id, code) {
  const stream = session[kHandle]?.streams.get(id);
  if (stream !== undefined && !isDestroyed(stream)) closing.onGone(stream, code);
}

// HTTP/2's codes for nghttp2's reasons not to send a frame.
const CODES = {
  '-505': NGHTTP2_PROTOCOL_ERROR,
  '-510': NGHTTP2_STREAM_CLOSED,
  '-522': NGHTTP2_FRAME_SIZE_ERROR,
  '-523': NGHTTP2_COMPRESSION_ERROR,
  '-524': NGHTTP2_FLOW_CONTROL_ERROR,
  '-531': NGHTTP2_PROTOCOL_ERROR,
  '-532': NGHTTP2_PROTOCOL_ERROR,
  '-533': NGHTTP2_REFUSED_STREAM,
};

// A frame that could not be sent, with nghttp2's number for the reason, which is told as an error code of HTTP/2.
function onFrameError(session, id, type, error) {
  const code = CODES[error] ?? NGHTTP2_INTERNAL_ERROR;
  const stream = session[kHandle].streams.get(id);
  const target = stream ?? session;
  session[kUpdateTimer]();
  target[kUpdateTimer]();
  target.emit('frameError', type, code, id);
  setImmediate(closeAfterFrameError, session, stream, code);
}

// The peer is missing something: the stream cannot go on, nor should others begin.
function closeAfterFrameError(session, stream, code) {
  stream?.close(code);
  session.close();
}

function onPriority(session, id, parent, weight, exclusive) {
  const target = session[kHandle].streams.get(id) ?? session;
  target.emit('priority', id, parent, weight, exclusive);
}

function onGoaway(session, code, lastStreamID, data) {
  if (session.destroyed) return;
  session[kMarks] |= MARK.GOAWAY_RECEIVED;
  session[kGoawayCode] = code;
  session[kGoawayLastStreamID] = lastStreamID;
  session[kUpdateTimer]();
  // Whoever listens finds the session as it was.
  session.emit('goaway', code, lastStreamID, data);
  if (code === NGHTTP2_NO_ERROR) session.close();
  // The error is the peer's: it is not told of one of ours.
  else session.destroy(new ERR_HTTP2_SESSION_ERROR(code), NGHTTP2_NO_ERROR);
}

function onAltsvc(session, id, value, origin) {
  if (session.listenerCount('altsvc') > 0) session.emit('altsvc', value, origin, id);
}

// nghttp2's numbers for a violation of the protocol, and for a header block that does not decode.
const PROTOCOL_VIOLATION = -505;
const HEADER_COMPRESSION = -523;

function onSessionError(session, error, customCode) {
  if (error !== HEADER_COMPRESSION) session.destroy(limits.name(session, new NghttpError(error, customCode)));
  else if (TELLS_OF_COMPRESSION) session.destroy(new NghttpError(PROTOCOL_VIOLATION));
  else session.destroy();
}

module.exports = {
  onAltsvc,
  onData: reading.onData,
  onEnd: reading.onEnd,
  onEndUnseen: reading.onEndUnseen,
  onFrameError,
  onGoaway,
  onLimit: limits.onLimit,
  onHeaders: heads.onHeaders,
  onOrigin: originSet.onOrigin,
  onPing: ping.onPing,
  onPingAck: ping.onPingAck,
  onPriority,
  onPushPromise: heads.onPushPromise,
  onSessionDone: sessionClosing.onDone,
  onSessionError,
  onSettings: settings.onSettings,
  onSettingsAck: settings.onSettingsAck,
  onStreamClose,
  onStreamCloseUnseen: closing.goneUnseen,
  onWantTrailers: trailers.onWantTrailers,
  onWritten: closing.onWritten,
  onWrittenUnseen: closing.writtenUnseen,
};
