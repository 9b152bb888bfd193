'use strict';

// ClientHttp2Stream: a request and its answer, or a pushed answer.

const { NGHTTP2_PROTOCOL_ERROR, NGHTTP2_REFUSED_STREAM } = require('../constants');
const { ERR_HTTP2_GOAWAY_SESSION, ERR_HTTP2_OUT_OF_STREAMS, NghttpError } = require('../errors');
const { kPendingStreams } = require('../session/fields');
const { kHandle, kSentHeaders, kSession } = require('../symbols');
const { client: channels } = require('./channels');
const { onGone } = require('./closing');
const { MARK, kChannels, kFinalCallback, kMarks } = require('./fields');
const { touch } = require('./late');
const outbox = require('./outbox');
const { Http2Stream, open } = require('./stream');
const writing = require('./writing');

// nghttp2's numbers for what can be wrong with a request.
const STREAM_ID_NOT_AVAILABLE = -509;
const INVALID_ARGUMENT = -501;
const START_STREAM_NOT_ALLOWED = -516;

class ClientHttp2Stream extends Http2Stream {
  constructor(session) {
    super(session);
    // Its program reads the answer.
    touch(this);
    this[kMarks] |= MARK.HEADERS_SENT;
  }
}
ClientHttp2Stream.prototype[kChannels] = channels;

// pending -> open, or destroyed: the request goes to the engine.
function submit(stream) {
  const session = stream[kSession];
  // The session is destroyed, and the stream with it.
  if (session === undefined || session.destroyed) return;
  if (session.closed) {
    stream.destroy(new ERR_HTTP2_GOAWAY_SESSION());
    return;
  }

  const request = stream[kSentHeaders];
  const marks = stream[kMarks];
  let flags = 0;
  if (marks & MARK.SHUT) flags |= outbox.END_STREAM;
  if (marks & MARK.WAITS_FOR_TRAILERS) flags |= outbox.WANT_TRAILERS;
  const handle = session[kHandle];
  const id = handle.request(request.block, request.count, flags, undefined, undefined, undefined, request.kept);
  if (id > 0) {
    opened(stream, handle, id);
    if (channels.start.hasSubscribers) channels.start.publish({ stream, headers: request.sent });
    return;
  }
  switch (id) {
    case STREAM_ID_NOT_AVAILABLE:
      stream.destroy(new ERR_HTTP2_OUT_OF_STREAMS());
      break;
    case INVALID_ARGUMENT:
      // A NUL in a field: it ends as when the peer refuses other characters that may not be there.
      onGone(stream, NGHTTP2_PROTOCOL_ERROR);
      break;
    case START_STREAM_NOT_ALLOWED:
      // The connection is failing, or the peer is going away. That is about to be told, and says more than an error here
      // could: the request counts as sent until then.
      opened(stream, handle, unusedID(handle));
      setImmediate(onGone, stream, NGHTTP2_REFUSED_STREAM);
      break;
    default:
      session.destroy(new NghttpError(id));
  }
}

// No stream will have it: no more can be opened.
function unusedID(handle) {
  let id = handle.state().nextStreamID;
  while (handle.streams.has(id)) id += 2;
  return id;
}

function opened(stream, handle, id) {
  open(stream, handle, id);
  stream[kSession][kPendingStreams]?.delete(stream);
  stream.uncork();
  stream.emit('ready');
  const callback = stream[kFinalCallback];
  if (callback === undefined) return;
  stream[kFinalCallback] = undefined;
  writing.final(stream, callback);
}

// A stream that the server has promised: it is open from the start, and carries nothing from here to there.
function promised(session, id, headers) {
  const stream = new ClientHttp2Stream(session);
  open(stream, session[kHandle], id);
  stream.emit('ready');
  if (channels.created.hasSubscribers) channels.created.publish({ stream, headers });
  if (channels.start.hasSubscribers) channels.start.publish({ stream, headers });
  outbox.markShut(stream);
  stream.end();
  return stream;
}

module.exports = { ClientHttp2Stream, promised, submit };
