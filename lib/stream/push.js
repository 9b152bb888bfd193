'use strict';

// Pushed streams, on the server's side.

const { HTTP2_METHOD_HEAD } = require('../constants');
const {
  ERR_HTTP2_INVALID_STREAM, ERR_HTTP2_NESTED_PUSH, ERR_HTTP2_OUT_OF_STREAMS, ERR_HTTP2_PUSH_DISABLED, NghttpError,
} = require('../errors');
const { IN_REQUEST, packHeaders } = require('../headers');
const {
  kAuthority, kHandle, kID, kProtocol, kSentHeaders, kSession, kStrictSingleValueFields, kUpdateTimer,
} = require('../symbols');
const { assertIsObject, validateFunction } = require('../validators');
const { server: channels } = require('./channels');
const { MARK, kMarks } = require('./fields');
const outbox = require('./outbox');

const STREAM_ID_NOT_AVAILABLE = -509;
const STREAM_CLOSED = -510;

function isAllowed(stream) {
  const session = stream[kSession];
  return !stream.destroyed && !stream.closed && session !== undefined && !session.closed && !session.destroyed &&
    Boolean(session.remoteSettings.enablePush);
}

function start(parent, headers, options, callback) {
  if (!isAllowed(parent)) throw new ERR_HTTP2_PUSH_DISABLED();
  // A pushed stream is no request.
  if (parent[kID] % 2 === 0) throw new ERR_HTTP2_NESTED_PUSH();
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  validateFunction(callback, 'callback');
  assertIsObject(options, 'options');
  assertIsObject(headers, 'headers');

  const session = parent[kSession];
  session[kUpdateTimer]();
  const request = complete(parent, headers);
  const isHead = request[':method'] === HTTP2_METHOD_HEAD;
  const endStream = isHead || Boolean(options?.endStream);
  const list = packHeaders(request, IN_REQUEST, session[kStrictSingleValueFields]);
  outbox.flush(parent);
  const handle = session[kHandle];
  const id = handle.pushPromise(parent[kID], list.block, list.count, endStream ? outbox.END_STREAM : 0);
  if (id < 0) {
    process.nextTick(callback, errorOf(id));
    return;
  }

  const stream = new parent.constructor(session, handle, id, request);
  stream[kSentHeaders] = list;
  stream.push(null);
  if (channels.created.hasSubscribers) channels.created.publish({ stream, headers: list.sent });
  if (endStream) stream.end();
  if (isHead) stream[kMarks] |= MARK.HEAD_REQUEST;
  process.nextTick(tell, callback, stream, list);
}

// What is left out is that of the request for which is pushed.
function complete(parent, headers) {
  const request = { ...headers };
  const fill = (name, value) => {
    if (request[name] === undefined) request[name] = value;
  };
  fill(':method', 'GET');
  if (request.host === undefined) fill(':authority', parent[kAuthority]);
  fill(':scheme', parent[kProtocol]);
  fill(':path', '/');
  return request;
}

function errorOf(status) {
  switch (status) {
    case STREAM_ID_NOT_AVAILABLE:
      return new ERR_HTTP2_OUT_OF_STREAMS();
    case STREAM_CLOSED:
      return new ERR_HTTP2_INVALID_STREAM();
    default:
      return new NghttpError(status);
  }
}

function tell(callback, stream, list) {
  if (channels.start.hasSubscribers) channels.start.publish({ stream, headers: list.sent });
  callback(null, stream, list.sent, 0);
}

module.exports = { isAllowed, start };
