'use strict';

// ServerHttp2Stream: a request as the server sees it, and the answer to it.

const {
  HTTP2_HEADER_STATUS, HTTP_STATUS_NO_CONTENT, HTTP_STATUS_NOT_MODIFIED, HTTP_STATUS_RESET_CONTENT,
  HTTP_STATUS_SWITCHING_PROTOCOLS, NGHTTP2_FLAG_END_HEADERS, NGHTTP2_FLAG_END_STREAM,
} = require('../constants');
const {
  ERR_HTTP2_HEADERS_AFTER_RESPOND, ERR_HTTP2_HEADERS_SENT, ERR_HTTP2_INVALID_INFO_STATUS, ERR_HTTP2_INVALID_STREAM,
  ERR_HTTP2_STATUS_101,
} = require('../errors');
const { IN_RESPONSE, packHeaders, prepareResponse } = require('../headers');
const {
  kAuthority, kHandle, kID, kProceed, kProtocol, kSentHeaders, kSession, kStrictSingleValueFields, kUpdateTimer,
} = require('../symbols');
const { assertIsObject } = require('../validators');
const { server: channels } = require('./channels');
const { MARK, kChannels, kHead, kMarks, kSentInfoHeaders } = require('./fields');
const file = require('./file');
const { isDestroyed } = require('./late');
const outbox = require('./outbox');
const push = require('./push');
const { Http2Stream, open } = require('./stream');

class ServerHttp2Stream extends Http2Stream {
  constructor(session, handle, id, headers) {
    super(session);
    open(this, handle, id);
    // What a pushed request has unless it says otherwise.
    this[kProtocol] = headers[':scheme'];
    this[kAuthority] = headers[':authority'] ?? headers.host;
  }

  get pushAllowed() {
    return push.isAllowed(this);
  }

  pushStream(headers, options, callback) {
    push.start(this, headers, options, callback);
  }

  respond(headers, options) {
    if (isDestroyed(this) || this.closed) throw new ERR_HTTP2_INVALID_STREAM();
    if (this.headersSent) throw new ERR_HTTP2_HEADERS_SENT();
    assertIsObject(options, 'options');
    // Read before anything is begun. A stream that was ended has no body to wait for.
    const endStream = options?.endStream || (this[kMarks] & MARK.SHUT) !== 0;
    const head = begin(this, headers, options);
    if (endStream || !mayHaveBody(this, head.status)) respondAlone(this, head);
    else respondLater(this, head);
  }

  respondWithFD(fd, headers, options) {
    file.respondWithFD(this, fd, headers, options);
  }

  respondWithFile(path, headers, options) {
    file.respondWithFile(this, path, headers, options);
  }

  additionalHeaders(headers) {
    if (this.destroyed || this.closed) throw new ERR_HTTP2_INVALID_STREAM();
    if (this.headersSent) throw new ERR_HTTP2_HEADERS_AFTER_RESPOND();
    assertIsObject(headers, 'headers');
    const status = checkInformational(headers?.[HTTP2_HEADER_STATUS]);
    this[kUpdateTimer]();
    const list = packHeaders(status === undefined ? headers ?? {} : { ...headers, [HTTP2_HEADER_STATUS]: status },
      IN_RESPONSE, this[kSession][kStrictSingleValueFields]);
    this[kSentInfoHeaders] ??= [];
    this[kSentInfoHeaders].push(list);
    const error = this[kHandle].info(this[kID], list.block, list.count);
    if (error < 0) outbox.failed(this, error);
  }

  [kProceed]() {
    this.respond();
  }
}
ServerHttp2Stream.prototype[kChannels] = channels;

// RFC 9110 section 15.2, but for 101, which HTTP/2 has no use for.
function checkInformational(value) {
  if (value === undefined || value === null) return undefined;
  const status = value | 0;
  if (status === HTTP_STATUS_SWITCHING_PROTOCOLS) throw new ERR_HTTP2_STATUS_101();
  if (status < 100 || status >= 200) throw new ERR_HTTP2_INVALID_INFO_STATUS(status);
  return status;
}

// From here on the response has begun.
function begin(stream, headers, options) {
  stream[kUpdateTimer]();
  const sendDate = options === undefined || options.sendDate == null || Boolean(options.sendDate);
  const head = prepareResponse(headers, sendDate, stream[kSession][kStrictSingleValueFields]);
  if (options?.waitForTrailers) stream[kMarks] |= MARK.WAITS_FOR_TRAILERS;
  stream[kSentHeaders] = head;
  stream[kMarks] |= MARK.HEADERS_SENT;
  if (channels.finish.hasSubscribers) publishFinish(stream, head);
  return head;
}

function mayHaveBody(stream, status) {
  return status !== HTTP_STATUS_NO_CONTENT && status !== HTTP_STATUS_RESET_CONTENT &&
    status !== HTTP_STATUS_NOT_MODIFIED && (stream[kMarks] & MARK.HEAD_REQUEST) === 0;
}

// A head and nothing else.
function respondAlone(stream, head) {
  // After the heads that wait there, as on every stream of the session.
  outbox.flushAll();
  outbox.markShut(stream);
  stream.end();
  const error = stream[kHandle].respond(stream[kID], head.block, head.count, outbox.END_STREAM, head.kept);
  if (error < 0) outbox.failed(stream, error);
}

// A head that leaves with what is written in the same tick.
function respondLater(stream, head) {
  stream[kHead] = head;
  outbox.post(stream);
}

function publishFinish(stream, head) {
  channels.finish.publish({ stream, headers: head.sent, flags: NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS });
}

module.exports = { ServerHttp2Stream };
