'use strict';

// Http2Stream: one stream of a session as a stream.Duplex. What both sides have in common.

const { AsyncResource } = require('node:async_hooks');
const { Duplex } = require('node:stream');
const { NGHTTP2_NO_ERROR } = require('../constants');
const { ERR_HTTP2_INVALID_STREAM } = require('../errors');
const { inspectAs } = require('../inspect');
const performance = require('../performance');
const {
  kCompat, kHandle, kID, kInspect, kMaybeDestroy, kProceed, kProxySocket, kRequest, kResource, kResponse, kSentHeaders,
  kSentTrailers, kSession, kTimeout, kUpdateTimer,
} = require('../symbols');
const timeouts = require('../timeouts');
const { validateFunction, validateInteger } = require('../validators');
const catchUp = require('./catch-up');
const closing = require('./closing');
const {
  MARK, kBody, kBodyCallback, kBodyEncoding, kBodyScope, kFinalCallback, kHead, kMarks, kRstCode, kSentInfoHeaders,
} = require('./fields');
const { FRESH, kCatchUp, kLate, late } = require('./late');
const reading = require('./reading');
const trailers = require('./trailers');
const writing = require('./writing');

const MAX_CODE = 2 ** 32 - 1;

// A stream decides itself when it is destroyed: when the protocol is done with it and both sides are over.
const DUPLEX_OPTIONS = { allowHalfOpen: true, autoDestroy: false, decodeStrings: false };

// A Duplex, from the moment somebody looks.
const LateDuplex = late(Duplex, DUPLEX_OPTIONS);

class Http2Stream extends LateDuplex {
  constructor(session) {
    super();
    this[kSession] = session;
    this[kHandle] = undefined;
    this[kID] = undefined;
    this[kMarks] = 0;
    this[kRstCode] = NGHTTP2_NO_ERROR;
    this[kResource] = new AsyncResource('HTTP2STREAM');
    this[kTimeout] = null;

    this[kHead] = undefined;
    this[kBody] = undefined;
    this[kBodyEncoding] = undefined;
    this[kBodyCallback] = undefined;
    this[kBodyScope] = undefined;
    this[kFinalCallback] = undefined;
    this[kSentHeaders] = undefined;
    this[kSentInfoHeaders] = undefined;
    this[kSentTrailers] = undefined;

    // The compatibility API's.
    this[kCompat] = undefined;
    this[kRequest] = undefined;
    this[kResponse] = undefined;
    this[kProxySocket] = undefined;
  }

  get id() {
    return this[kID];
  }

  get session() {
    return this[kSession];
  }

  get pending() {
    return (this[kMarks] & MARK.OPEN) === 0;
  }

  get closed() {
    return (this[kMarks] & MARK.CLOSED) !== 0;
  }

  get aborted() {
    return (this[kMarks] & MARK.ABORTED) !== 0;
  }

  get headersSent() {
    return (this[kMarks] & MARK.HEADERS_SENT) !== 0;
  }

  get headRequest() {
    return (this[kMarks] & MARK.HEAD_REQUEST) !== 0;
  }

  get endAfterHeaders() {
    return (this[kMarks] & MARK.END_AFTER_HEADERS) !== 0;
  }

  get rstCode() {
    return this[kRstCode];
  }

  get sentHeaders() {
    return this[kSentHeaders]?.sent;
  }

  get sentInfoHeaders() {
    return this[kSentInfoHeaders]?.map((list) => list.sent);
  }

  get sentTrailers() {
    return this[kSentTrailers]?.sent;
  }

  // As in node, what the engine holds counts here and in writableLength.
  get bufferSize() {
    // What a reset has made needless is not in the engine's queue.
    return (this[kMarks] & MARK.GONE ? 0 : writing.bodySize(this)) + this.writableLength;
  }

  get state() {
    const handle = this[kHandle];
    return this.destroyed || handle === undefined ? {} : handle.streamState(this[kID]);
  }

  sendTrailers(headers) {
    trailers.send(this, headers);
  }

  close(code = NGHTTP2_NO_ERROR, callback = undefined) {
    validateInteger(code, 'code', 0, MAX_CODE);
    if (callback !== undefined) validateFunction(callback, 'callback');
    if (this.closed) return;
    if (callback !== undefined) this.once('close', callback);
    closing.close(this, code, closing.RESET.AFTER_BODY);
  }

  priority(options) {
    warnOfPriority();
    if (this.destroyed) throw new ERR_HTTP2_INVALID_STREAM();
  }

  _read(size) {
    reading.read(this);
  }

  _write(chunk, encoding, callback) {
    writing.write(this, chunk, encoding, callback);
  }

  _writev(chunks, callback) {
    writing.write(this, chunks, '', callback);
  }

  _final(callback) {
    writing.final(this, callback);
  }

  _destroy(error, callback) {
    closing.destroy(this, error, callback);
  }

  _onTimeout() {
    timeouts.expire(this, writing.isSending(this), this[kHandle]);
  }

  [kUpdateTimer]() {
    if (this[kTimeout] !== null) timeouts.refresh(this);
  }

  [kMaybeDestroy](code = NGHTTP2_NO_ERROR) {
    closing.maybeDestroy(this, code);
  }

  // Called before the first write.
  [kProceed]() {}

  [kCatchUp](stage) {
    catchUp(this, stage);
  }

  [kInspect](depth, options) {
    return inspectAs(this, 'Http2Stream', {
      id: this[kID] || '<pending>',
      closed: this.closed,
      destroyed: this.destroyed,
      state: this.state,
      readableState: this._readableState,
      writableState: this._writableState,
    }, depth);
  }
}
Http2Stream.prototype.setTimeout = timeouts.setTimeout;
// As in node, where the deprecated method is assigned.
Object.defineProperty(Http2Stream.prototype, 'priority', { enumerable: true });

// The one call by which a short answer ends, or a long one begins, is as good as all that a Duplex would make of it.
LateDuplex.prototype.end = function end(chunk, encoding, callback) {
  if (this[kLate] === FRESH && callback === undefined && writing.endUnseen(this, chunk, encoding)) return this;
  return Reflect.apply(Duplex.prototype.end, this, [chunk, encoding, callback]);
};
LateDuplex.prototype.write = function write(chunk, encoding, callback) {
  if (this[kLate] === FRESH && callback === undefined && writing.writeUnseen(this, chunk, encoding)) return true;
  return Reflect.apply(Duplex.prototype.write, this, [chunk, encoding, callback]);
};
Object.defineProperties(LateDuplex.prototype, { end: { enumerable: false }, write: { enumerable: false } });

let warned = false;
function warnOfPriority() {
  if (warned) return;
  warned = true;
  process.emitWarning('http2Stream.priority is longer supported after priority signalling was deprecated in RFC 9113',
    'DeprecationWarning', 'DEP0194');
}

// pending -> open: the stream has its id.
function open(stream, handle, id) {
  stream[kMarks] |= MARK.OPEN;
  stream[kHandle] = handle;
  stream[kID] = id;
  handle.streams.set(id, stream);
  if (performance.watch.isOn) performance.beginStream(stream);
}

module.exports = { Http2Stream, open };
