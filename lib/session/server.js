'use strict';

// ServerHttp2Session: what only a server says to its clients.

const { NGHTTP2_SESSION_SERVER } = require('../constants');
const {
  ERR_HTTP2_ALTSVC_INVALID_ORIGIN, ERR_HTTP2_ALTSVC_LENGTH, ERR_HTTP2_INVALID_ORIGIN, ERR_HTTP2_INVALID_SESSION,
  ERR_HTTP2_ORIGIN_LENGTH, ERR_INVALID_ARG_TYPE, ERR_INVALID_CHAR, ERR_OUT_OF_RANGE,
} = require('../errors');
const { kHandle, kServer, kSessions } = require('../symbols');
const { validateString } = require('../validators');
const limits = require('./limits');
const { Http2Session } = require('./session');

const STREAM_ID_BOUND = 2 ** 32;
// What a frame of the least maximum size holds, less its own lengths.
const MAX_LENGTH = 16382;
// What a field's value may consist of (RFC 7838 section 3).
const VISIBLE = /^[\t\x20-\x5b\x5d-\x7e\x80-\xff]*$/;

class ServerHttp2Session extends Http2Session {
  constructor(options, socket, server) {
    super(NGHTTP2_SESSION_SERVER, options, socket);
    this[kServer] = server;
    server?.[kSessions].add(this);
    limits.expectPreface(this, options.prefaceTimeout);
  }

  get server() {
    return this[kServer];
  }

  // Another place where an origin, or the origin of a stream, can be had (RFC 7838 section 4).
  altsvc(alt, originOrStream) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    let id = 0;
    let origin = '';
    if (typeof originOrStream === 'number') {
      if (!(originOrStream > 0 && originOrStream < STREAM_ID_BOUND) || !Number.isInteger(originOrStream))
        throw new ERR_OUT_OF_RANGE('originOrStream', `> 0 && < ${STREAM_ID_BOUND}`, originOrStream);
      id = originOrStream;
    } else if (originOrStream !== undefined) {
      origin = originOf(originOrStream);
      if (typeof origin !== 'string')
        throw new ERR_INVALID_ARG_TYPE('originOrStream', ['string', 'number', 'URL', 'object'], originOrStream);
      if (origin === 'null' || origin.length === 0) throw new ERR_HTTP2_ALTSVC_INVALID_ORIGIN();
    }
    validateString(alt, 'alt');
    if (!VISIBLE.test(alt)) throw new ERR_INVALID_CHAR('alt');
    if (Buffer.byteLength(origin) + Buffer.byteLength(alt) > MAX_LENGTH) throw new ERR_HTTP2_ALTSVC_LENGTH();
    this[kHandle].altsvc(id, origin, alt);
  }

  // The origins for which this connection may be used (RFC 8336 section 2).
  origin(...origins) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    if (origins.length === 0) return;
    const list = [];
    let length = 0;
    for (const given of origins) {
      const origin = originOf(given);
      validateString(origin, 'origin');
      if (origin === 'null') throw new ERR_HTTP2_INVALID_ORIGIN();
      list.push(origin);
      // Each with its own length in front.
      length += Buffer.byteLength(origin) + 2;
    }
    if (length - 2 > MAX_LENGTH) throw new ERR_HTTP2_ORIGIN_LENGTH();
    this[kHandle].origin(list);
  }
}

// A URL, in whatever form, or what has an `origin`.
function originOf(given) {
  if (typeof given === 'string') return parse(given).origin;
  if (given !== null && typeof given === 'object') return given.origin;
  return given;
}

// As in node, the error does not say what was parsed.
function parse(text) {
  try {
    return new URL(text);
  } catch (error) {
    delete error.input;
    throw error;
  }
}

module.exports = { ServerHttp2Session };
