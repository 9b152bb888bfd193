'use strict';

const { Readable } = require('node:stream');

const { ERR_INVALID_ARG_VALUE } = require('../errors');
const { kRequest, kStream } = require('../symbols');
const { MADE, OVER, isDestroyed, isUnheard, kCatchUp, kLate, late, readToEnd } = require('../stream/late');
const { validateString } = require('../validators');
const { link } = require('./link');
const { proxySocket } = require('./socket');
const {
  kAborted, kClosed, kHeaders, kOnClose, kRawHeaders, kRawTrailers, kReading, kTrailers,
} = require('./symbols');

// The body: 'data' and 'end' of the stream feed its request, which in turn holds the stream back.
function onStreamData(chunk) {
  if (!this[kRequest].push(chunk)) this.pause();
}

function onStreamEnd() {
  this[kRequest].push(null);
}

function onPause() {
  this[kStream].pause();
}

function onResume() {
  this[kStream].resume();
}

function resume(stream) {
  stream.resume();
}

// The stream follows the request from the moment that matters: the first read, or a pause before it.
function follow(request) {
  if (request.listeners('pause').includes(onPause)) return;
  request.on('pause', onPause);
  request.on('resume', onResume);
}

const OPTIONS = { autoDestroy: false };

class Http2ServerRequest extends late(Readable, OPTIONS) {
  constructor(stream, headers, options, rawHeaders) {
    super(options ? { ...OPTIONS, ...options } : undefined);
    this[kStream] = stream;
    this[kHeaders] = headers;
    this[kRawHeaders] = rawHeaders;
    // Made when somebody asks: hardly a request has any.
    this[kTrailers] = undefined;
    this[kRawTrailers] = undefined;
    this[kAborted] = false;
    this[kReading] = false;
    this[kClosed] = false;
    stream[kRequest] = this;
    link(stream);
  }

  get aborted() {
    return this[kAborted];
  }

  get complete() {
    return this[kAborted] || this[kClosed] || this.readableEnded || isDestroyed(this[kStream]);
  }

  get stream() {
    return this[kStream];
  }

  get headers() {
    return this[kHeaders];
  }

  get rawHeaders() {
    return this[kRawHeaders];
  }

  get trailers() {
    this[kTrailers] ??= {};
    return this[kTrailers];
  }

  get rawTrailers() {
    this[kRawTrailers] ??= [];
    return this[kRawTrailers];
  }

  get httpVersionMajor() {
    return 2;
  }

  get httpVersionMinor() {
    return 0;
  }

  get httpVersion() {
    return '2.0';
  }

  get socket() {
    return proxySocket(this[kStream]);
  }

  get connection() {
    return this.socket;
  }

  // Programs rewrite the method and the target of a request (method-override, mounted applications).
  get method() {
    return this[kHeaders][':method'];
  }

  set method(method) {
    validateString(method, 'method');
    if (method.trim() === '') throw new ERR_INVALID_ARG_VALUE('method', method);
    this[kHeaders][':method'] = method;
  }

  get url() {
    return this[kHeaders][':path'];
  }

  set url(url) {
    this[kHeaders][':path'] = url;
  }

  get authority() {
    const headers = this[kHeaders];
    return headers[':authority'] ?? headers.host;
  }

  get scheme() {
    return this[kHeaders][':scheme'];
  }

  setTimeout(msecs, callback) {
    if (!this[kClosed]) this[kStream].setTimeout(msecs, callback);
    return this;
  }

  pause() {
    follow(this);
    return super.pause();
  }

  _read(size) {
    const stream = this[kStream];
    if (this[kReading]) {
      process.nextTick(resume, stream);
      return;
    }
    this[kReading] = true;
    follow(this);
    if (stream.readableEnded) {
      this.push(null);
      return;
    }
    // Before the stream's own listener, which may destroy it: the request ends first.
    stream.prependListener('end', onStreamEnd);
    stream.on('data', onStreamData);
  }

  [kOnClose]() {
    this[kClosed] = true;
    if (this[kReading]) {
      this.push(null);
    } else if (this[kLate] !== MADE && isUnheard(this)) {
      // What a body that nobody reads comes to, without the two ticks that it takes.
      this[kLate] = OVER;
    } else {
      // Whoever waits for the end of a body that nobody reads still sees it.
      this.push(null);
      this.resume();
    }
    this.emit('close');
  }

  [kCatchUp](stage) {
    if (stage === OVER) readToEnd(this);
  }
}

module.exports = { Http2ServerRequest };
