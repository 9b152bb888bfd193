'use strict';

// ClientHttp2Session: request().

const { HTTP2_METHOD_DELETE, HTTP2_METHOD_GET, HTTP2_METHOD_HEAD, NGHTTP2_SESSION_CLIENT } = require('../constants');
const { AbortError, ERR_HTTP2_GOAWAY_SESSION, ERR_HTTP2_INVALID_SESSION } = require('../errors');
const { prepareRequest } = require('../headers');
const { client: channels } = require('../stream/channels');
const { ClientHttp2Stream, submit } = require('../stream/client');
const { MARK, kMarks } = require('../stream/fields');
const { markShut } = require('../stream/outbox');
const {
  kAuthority, kProtocol, kResource, kSentHeaders, kStrictSingleValueFields, kUpdateTimer,
} = require('../symbols');
const { assertIsObject, validateAbortSignal, validateBoolean, validateNumber } = require('../validators');
const { kPendingStreams, kRequestDefaults } = require('./fields');
const { Http2Session } = require('./session');

// Methods whose requests have no content, unless the caller knows better.
const WITHOUT_CONTENT = new Set([HTTP2_METHOD_DELETE, HTTP2_METHOD_GET, HTTP2_METHOD_HEAD]);

// Since Node 26 a request on a session that has ended is a stream that fails; before, request() throws.
const DEFERS_ERRORS = Number.parseInt(process.versions.node, 10) >= 26;

class ClientHttp2Session extends Http2Session {
  constructor(options, socket) {
    super(NGHTTP2_SESSION_CLIENT, options, socket);
  }

  request(headers, options) {
    if (!DEFERS_ERRORS) checkAlive(this);
    this[kUpdateTimer]();
    const request = prepareRequest(headers, defaultsOf(this));
    if (options !== undefined) options = checkedOptions(options);

    const stream = new ClientHttp2Stream(this);
    stream[kSentHeaders] = request;
    if (options?.waitForTrailers) stream[kMarks] |= MARK.WAITS_FOR_TRAILERS;
    if (options?.endStream ?? WITHOUT_CONTENT.has(request.method)) {
      markShut(stream);
      stream.end();
    }
    if (options?.signal) heed(options.signal, stream);
    begin(this, stream);
    if (channels.created.hasSubscribers) channels.created.publish({ stream, headers: request.sent });
    return stream;
  }
}

// What a request has unless it says otherwise. connect() knows where the session leads only after it has made it.
function defaultsOf(session) {
  return session[kRequestDefaults] ??= {
    authority: session[kAuthority],
    scheme: session[kProtocol]?.slice(0, -1),
    strict: session[kStrictSingleValueFields],
  };
}

function checkAlive(session) {
  if (session.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
  if (session.closed) throw new ERR_HTTP2_GOAWAY_SESSION();
}

function checkedOptions(given) {
  assertIsObject(given, 'options');
  const options = { ...given };
  const { endStream, exclusive, parent, signal, silent } = options;
  // Priorities are of the past (RFC 9113 section 5.3.2): checked, and without effect.
  if (parent !== undefined) validateNumber(parent, 'options.parent', 0);
  if (exclusive !== undefined) validateBoolean(exclusive, 'options.exclusive');
  if (silent !== undefined) validateBoolean(silent, 'options.silent');
  if (endStream !== undefined) validateBoolean(endStream, 'options.endStream');
  if ('weight' in options) warnOfPriority();
  if (signal) validateAbortSignal(signal, 'options.signal');
  return options;
}

let warned = false;
function warnOfPriority() {
  if (warned) return;
  warned = true;
  process.emitWarning('Priority signaling has been deprecated as of RFC 9113.', 'DeprecationWarning', 'DEP0194');
}

// The stream is destroyed when the signal aborts.
function heed(signal, stream) {
  const abort = () => stream.destroy(new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) {
    abort();
    return;
  }
  signal.addEventListener('abort', abort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', abort));
}

function begin(session, stream) {
  if (session.destroyed || session.closed) {
    process.nextTick(refuse, session, stream);
  } else if (!session.connecting) {
    submit(stream);
  } else {
    if (stream.destroyed) return;
    const pending = session[kPendingStreams] ??= new Set();
    if (pending.size === 0) session.once('connect', submitPending);
    pending.add(stream);
    stream.cork();
  }
}

// The requests that waited for the connection. One of them may end the session.
function submitPending() {
  for (const stream of [...this[kPendingStreams]])
    stream[kResource].runInAsyncScope(submit, undefined, stream);
}

function refuse(session, stream) {
  try {
    checkAlive(session);
  } catch (error) {
    stream.destroy(error);
  }
}

module.exports = { ClientHttp2Session };
