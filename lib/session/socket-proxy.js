'use strict';

// `session.socket`: the socket for whom only wants to know or to tune it. Reading, writing and ending are the session's
// business; timeouts and the hold on the event loop mean the session's own.

const { ERR_HTTP2_NO_SOCKET_MANIPULATION, ERR_HTTP2_SOCKET_UNBOUND } = require('../errors');
const { kSocket } = require('../symbols');

const OF_SESSION = new Set(['ref', 'setTimeout', 'unref']);
// Since Node 26 destroy() ends the session; before, it is as forbidden as the others.
if (Number.parseInt(process.versions.node, 10) >= 26) OF_SESSION.add('destroy');
const FORBIDDEN = new Set([
  'destroy', 'emit', 'end', 'pause', 'read', 'resume', 'setEncoding', 'setKeepAlive', 'setNoDelay', 'write',
]);

function socketOf(session) {
  const socket = session[kSocket];
  if (socket === undefined) throw new ERR_HTTP2_SOCKET_UNBOUND();
  return socket;
}

function ownerOf(session, name) {
  if (OF_SESSION.has(name)) return session;
  if (FORBIDDEN.has(name)) throw new ERR_HTTP2_NO_SOCKET_MANIPULATION();
  return socketOf(session);
}

const handler = {
  get(session, name) {
    const owner = ownerOf(session, name);
    const value = owner[name];
    return typeof value === 'function' ? value.bind(owner) : value;
  },

  set(session, name, value) {
    ownerOf(session, name)[name] = value;
    return true;
  },

  getPrototypeOf(session) {
    return Reflect.getPrototypeOf(socketOf(session));
  },
};

function guardedSocket(session) {
  return new Proxy(session, handler);
}

module.exports = { guardedSocket };
