'use strict';

// `req.socket` and `res.socket`: the session's socket, as far as one request may see it. Events and life and death are
// the stream's; bytes are nobody's, since they belong to the whole session.

const { ERR_HTTP2_NO_SOCKET_MANIPULATION } = require('../errors');
const { kProxySocket, kSocket } = require('../symbols');

const OF_STREAM = new Set(['on', 'once', 'end', 'emit', 'destroy', 'readable', 'writable', 'destroyed']);
const FORBIDDEN = new Set(['read', 'write', 'pause', 'resume']);

// The socket behind a stream; after the session, the stream stands in for it.
function socketOf(stream) {
  return stream.session?.[kSocket] ?? stream;
}

// Which object a member belongs to.
function ownerOf(stream, name) {
  if (OF_STREAM.has(name)) return stream;
  if (name === 'setTimeout') return stream.session ?? stream;
  if (FORBIDDEN.has(name)) throw new ERR_HTTP2_NO_SOCKET_MANIPULATION();
  return socketOf(stream);
}

const handler = {
  has(stream, name) {
    return name in stream || name in socketOf(stream);
  },

  get(stream, name) {
    const owner = ownerOf(stream, name);
    const value = owner[name];
    return typeof value === 'function' ? value.bind(owner) : value;
  },

  set(stream, name, value) {
    ownerOf(stream, name)[name] = value;
    return true;
  },

  getPrototypeOf(stream) {
    return Reflect.getPrototypeOf(socketOf(stream));
  },
};

// One proxy for a stream's request and response.
function proxySocket(stream) {
  stream[kProxySocket] ??= new Proxy(stream, handler);
  return stream[kProxySocket];
}

module.exports = { proxySocket };
