'use strict';

const { AsyncResource } = require('node:async_hooks');
const { Stream } = require('node:stream');

const { NGHTTP2_NO_ERROR } = require('../constants');
const {
  ERR_HTTP2_HEADERS_SENT, ERR_HTTP2_INFO_STATUS_NOT_ALLOWED, ERR_HTTP2_INVALID_STREAM, ERR_HTTP2_STATUS_INVALID,
  ERR_INVALID_ARG_VALUE, ERR_INVALID_HTTP_TOKEN, ERR_STREAM_WRITE_AFTER_END,
} = require('../errors');
const { kProxySocket, kRequest, kResponse, kStream } = require('../symbols');
const { MARK, kMarks } = require('../stream/fields');
const { isDestroyed } = require('../stream/late');
const trailers = require('../stream/trailers');
const { validateFunction, validateObject } = require('../validators');
const { hintsToFields } = require('./early-hints');
const { checkField, checkHeaderName, fieldKey, rawPairs } = require('./fields');
const { link } = require('./link');
const { proxySocket } = require('./socket');
const {
  kAppendHeader, kBeforeClose, kBeginSend, kClosed, kEndCallback, kEnded, kHeaders, kOnClose, kSendDate, kSetHeader, kStatusCode,
  kTrailers,
} = require('./symbols');
const { warnOfStatusMessage } = require('./warnings');

// Fast properties rather than a dictionary: see headers/incoming.
const { setPrototypeOf } = Object;

function onStreamDrain() {
  this[kResponse].emit('drain');
}

class Http2ServerResponse extends Stream {
  constructor(stream, options) {
    super(options);
    this.writable = true;
    this.req = stream[kRequest] ?? null;
    this[kStream] = stream;
    this[kHeaders] = setPrototypeOf({}, null);
    this[kTrailers] = undefined;
    this[kStatusCode] = 200;
    this[kSendDate] = true;
    this[kEndCallback] = undefined;
    // end() was called.
    this[kEnded] = false;
    // 'finish' and 'close' were emitted.
    this[kClosed] = false;
    stream[kResponse] = this;
    link(stream);
  }

  // What a Writable would tell.

  get writableEnded() {
    return this[kEnded];
  }

  get finished() {
    return this[kEnded];
  }

  get writableCorked() {
    return this[kStream].writableCorked;
  }

  get writableHighWaterMark() {
    return this[kStream].writableHighWaterMark;
  }

  get writableObjectMode() {
    return this[kStream].writableObjectMode;
  }

  get writableFinished() {
    return this[kStream].writableFinished;
  }

  get writableLength() {
    return this[kStream].writableLength;
  }

  get writableNeedDrain() {
    return this[kStream].writableNeedDrain;
  }

  cork() {
    this[kStream].cork();
  }

  uncork() {
    this[kStream].uncork();
  }

  get stream() {
    return this[kStream];
  }

  get socket() {
    return this[kClosed] ? undefined : proxySocket(this[kStream]);
  }

  get connection() {
    return this.socket;
  }

  // The head.

  get headersSent() {
    return this[kStream].headersSent;
  }

  get _header() {
    return this.headersSent;
  }

  get sendDate() {
    return this[kSendDate];
  }

  set sendDate(value) {
    this[kSendDate] = Boolean(value);
  }

  get statusCode() {
    return this[kStatusCode];
  }

  set statusCode(value) {
    const code = value | 0;
    if (code >= 100 && code < 200) throw new ERR_HTTP2_INFO_STATUS_NOT_ALLOWED();
    if (code < 100 || code > 599) throw new ERR_HTTP2_STATUS_INVALID(code);
    this[kStatusCode] = code;
  }

  get statusMessage() {
    warnOfStatusMessage();
    return '';
  }

  set statusMessage(value) {
    warnOfStatusMessage();
  }

  getHeader(name) {
    return this[kHeaders][fieldKey(name)];
  }

  getHeaderNames() {
    return Object.keys(this[kHeaders]);
  }

  getHeaders() {
    return Object.assign(setPrototypeOf({}, null), this[kHeaders]);
  }

  hasHeader(name) {
    return fieldKey(name) in this[kHeaders];
  }

  setHeader(name, value) {
    const key = fieldKey(name);
    checkUnsent(this);
    this[kSetHeader](key, value);
  }

  [kSetHeader](key, value) {
    if (checkHeader(this, key, value)) this[kHeaders][key] = value;
  }

  appendHeader(name, value) {
    const key = fieldKey(name);
    checkUnsent(this);
    this[kAppendHeader](key, value);
  }

  [kAppendHeader](key, value) {
    if (!checkHeader(this, key, value)) return;
    const present = this[kHeaders][key];
    // A list that the program gave is the list that grows.
    if (present === undefined) this.setHeader(key, value);
    else if (!Array.isArray(present)) this[kHeaders][key] = [present].concat(value);
    else if (Array.isArray(value)) present.push(...value);
    else present.push(value);
  }

  removeHeader(name) {
    const key = fieldKey(name);
    checkUnsent(this);
    if (key === 'date') this[kSendDate] = false;
    else delete this[kHeaders][key];
  }

  writeHead(statusCode, statusMessage, headers) {
    const stream = this[kStream];
    if (this[kClosed] || isDestroyed(stream) || stream.closed) return this;
    checkUnsent(this);
    if (typeof statusMessage === 'string') warnOfStatusMessage();
    if (headers === undefined && typeof statusMessage === 'object') headers = statusMessage;
    if (Array.isArray(headers)) setRawHeaders(this, headers);
    else if (typeof headers === 'object') setHeaders(this, headers);
    this[kStatusCode] = statusCode;
    this[kBeginSend]();
    return this;
  }

  flushHeaders() {
    if (!this[kClosed]) sendHead(this);
  }

  [kBeginSend]() {
    const headers = this[kHeaders];
    headers[':status'] = this[kStatusCode];
    this[kStream].respond(headers, {
      endStream: this[kEnded],
      waitForTrailers: true,
      sendDate: this[kSendDate],
    });
  }

  // The body.

  write(chunk, encoding, callback) {
    if (typeof encoding === 'function') {
      callback = encoding;
      encoding = undefined;
    }
    const stream = this[kStream];
    let error;
    if (this[kEnded]) error = new ERR_STREAM_WRITE_AFTER_END();
    else if (this[kClosed]) error = new ERR_HTTP2_INVALID_STREAM();
    else if (stream.destroyed) return false;
    if (error !== undefined) {
      if (typeof callback === 'function') process.nextTick(callback, error);
      this.destroy(error);
      return false;
    }
    sendHead(this);
    if (stream.write(chunk, encoding, callback)) return true;
    if (!stream.listeners('drain').includes(onStreamDrain)) stream.on('drain', onStreamDrain);
    return false;
  }

  end(chunk, encoding, callback) {
    if (typeof chunk === 'function') {
      callback = chunk;
      chunk = undefined;
    } else if (typeof encoding === 'function') {
      callback = encoding;
      encoding = undefined;
    }
    if (this[kEnded] || this[kClosed]) {
      if (typeof callback === 'function') process.nextTick(callback);
      return this;
    }
    const hasBody = chunk !== undefined && chunk !== null;
    const stream = this[kStream];
    // In one piece, unless the program wants to see each write.
    const atOnce = hasBody && this.write === write && !isDestroyed(stream);
    if (atOnce) sendHead(this);
    else if (hasBody) this.write(chunk, encoding);
    // Nothing waits behind the body, unless somebody listens for the moment: then all of the response is one call.
    if (this[kTrailers] === undefined && stream.listenerCount('wantTrailers') === 0) trailers.expect(stream, false);
    // Where the stream was ended by its head alone, or is gone, it has no 'finish' to wait for.
    const isOver = callback !== undefined && (stream.writableEnded || stream.destroyed);
    if (atOnce) stream.end(chunk, encoding);
    this[kEnded] = true;
    if (typeof callback === 'function') {
      if (isOver) this.once('finish', callback);
      else callWhenFinished(this, callback);
    }
    // Without a body the head ends the stream.
    sendHead(this);
    if (isDestroyed(stream)) this[kOnClose]();
    else if (!atOnce) stream.end();
    return this;
  }

  destroy(error) {
    this[kStream].destroy(error);
  }

  setTimeout(msecs, callback) {
    if (!this[kClosed]) this[kStream].setTimeout(msecs, callback);
  }

  // Trailers.

  setTrailer(name, value) {
    const key = fieldKey(name);
    checkField(key, value);
    if (this[kTrailers] === undefined) {
      this[kTrailers] = { __proto__: null };
      // They may be named even after end(), in the same tick.
      trailers.expect(this[kStream], true);
    }
    this[kTrailers][key] = value;
  }

  addTrailers(headers) {
    for (const name of Object.keys(headers)) this.setTrailer(name, headers[name]);
  }

  // What goes out before or beside the response.

  writeInformation(statusCode, headers) {
    if (typeof statusCode !== 'number' || statusCode < 100 || statusCode > 199 || statusCode === 101)
      throw new ERR_HTTP2_STATUS_INVALID(statusCode);
    const stream = this[kStream];
    if (this[kClosed] || stream.headersSent) return false;
    if (headers !== undefined && headers !== null) validateObject(headers, 'headers');
    stream.additionalHeaders({ ...headers, ':status': statusCode });
    return true;
  }

  writeContinue() {
    return this.writeInformation(100);
  }

  writeEarlyHints(hints) {
    const fields = hintsToFields(hints);
    return fields === undefined ? false : this.writeInformation(103, fields);
  }

  createPushResponse(headers, callback) {
    validateFunction(callback, 'callback');
    if (this[kClosed]) {
      process.nextTick(callback, new ERR_HTTP2_INVALID_STREAM());
      return;
    }
    this[kStream].pushStream(headers, {}, (error, stream) => {
      if (error) callback(error);
      else callback(null, new Http2ServerResponse(stream));
    });
  }

  [kBeforeClose]() {
    const stream = this[kStream];
    if (stream[kMarks] & MARK.OVER && stream.rstCode === NGHTTP2_NO_ERROR) callEndCallback(this);
  }

  [kOnClose]() {
    if (this[kClosed]) return;
    const stream = this[kStream];
    // A HEAD request is over on the wire before its handler calls end(), and not before that for the handler.
    if (stream.headRequest && !this[kEnded]) return;
    this[kClosed] = true;
    stream[kProxySocket] = undefined;
    this.emit('finish');
    this.emit('close');
  }
}

const { write } = Http2ServerResponse.prototype;

// A stream goes as soon as nothing of it is left, which may be before it can emit 'finish'.
function callWhenFinished(response, callback) {
  response[kEndCallback] = AsyncResource.bind(callback);
  response[kStream].once('finish', () => callEndCallback(response));
}

function callEndCallback(response) {
  const callback = response[kEndCallback];
  if (callback === undefined) return;
  response[kEndCallback] = undefined;
  callback();
}

function checkUnsent(response) {
  if (response[kStream].headersSent) throw new ERR_HTTP2_HEADERS_SENT();
}

// False where the field is to be left out. A name that is no token ends the stream, but is kept as node keeps it.
function checkHeader(response, key, value) {
  if (!checkField(key, value)) return false;
  if (!checkHeaderName(key)) response.destroy(new ERR_INVALID_HTTP_TOKEN('Header name', key));
  return true;
}

// The implicit head. By way of the method, since programs put their own in its place to see the head go out.
function sendHead(response) {
  if (!response[kStream].headersSent) response.writeHead(response[kStatusCode]);
}

function setHeaders(response, headers) {
  for (const name of Object.keys(headers)) response[kSetHeader](fieldKey(name), headers[name]);
}

// The fields of a list take the place of all that have their names.
function setRawHeaders(response, list) {
  const pairs = rawPairs(list);
  for (const [name] of pairs) response.removeHeader(name);
  if (pairs !== list && list.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', list);
  for (const [name, value] of pairs) response[kAppendHeader](fieldKey(name), value);
}

module.exports = { Http2ServerResponse };
