'use strict';

// The origins for which a connection is authoritative, as far as the client knows (RFC 8336 section 2.3): that of the
// certificate's name at first, and what ORIGIN frames add.

const { ERR_HTTP2_TOO_MANY_ORIGINS } = require('../errors');
const { kSocket, kUpdateTimer, kOptions } = require('../symbols');
const { kOriginSet } = require('./fields');
const limits = require('./limits');

// An origin costs memory for as long as the session lives.
const MAX_ORIGIN_SET_SIZE = 128;

function initialize(session) {
  if (session[kOriginSet] !== undefined) return session[kOriginSet];
  const set = session[kOriginSet] = new Set();
  const socket = session[kSocket];
  let host = socket.servername;
  if (host == null || host === false) {
    // Without a name there is the address, in brackets where colons need them.
    host = socket.remoteFamily === 'IPv6' ? `[${socket.remoteAddress}]` : socket.remoteAddress;
  }
  let origin = `https://${host}`;
  if (socket.remotePort != null) origin += `:${socket.remotePort}`;
  // Only the URL knows whether the port goes without saying.
  set.add(new URL(origin).origin);
  return set;
}

function list(session) {
  if (!session.encrypted || session.destroyed) return undefined;
  return [...initialize(session)];
}

function onOrigin(session, origins) {
  if (!session.encrypted || session.destroyed) return;
  session[kUpdateTimer]();
  const set = initialize(session);
  const limit = session[kOptions].maxOriginSetSize ?? MAX_ORIGIN_SET_SIZE;
  for (const origin of origins) {
    set.add(origin);
    if (set.size > limit) {
      limits.onLimit(session, 0, 'originSet');
      session.destroy(limits.name(session, new ERR_HTTP2_TOO_MANY_ORIGINS(limit)));
      return;
    }
  }
  session.emit('origin', origins);
}

// RFC 9110 section 7.4: the server does not speak for this origin after all.
function remove(session, request) {
  if (request !== undefined) session[kOriginSet]?.delete(`${request.scheme}://${request.authority}`);
}

module.exports = { list, onOrigin, remove };
