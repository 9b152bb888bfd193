'use strict';

// Pings and their answers, which come in the order of the pings.

const { randomBytes } = require('node:crypto');
const { ERR_HTTP2_INVALID_SESSION, ERR_HTTP2_PING_CANCEL, ERR_HTTP2_PING_LENGTH } = require('../errors');
const outbox = require('../stream/outbox');
const { kHandle, kUpdateTimer } = require('../symbols');
const { validateBuffer, validateFunction } = require('../validators');
const { kPendingPings } = require('./fields');
const { Pending } = require('./pending');

const LENGTH = 8;

function send(session, payload, callback) {
  if (session.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
  if (typeof payload === 'function') {
    callback = payload;
    payload = undefined;
  }
  if (payload) {
    validateBuffer(payload, 'payload');
    if (payload.byteLength !== LENGTH) throw new ERR_HTTP2_PING_LENGTH();
  }
  validateFunction(callback, 'callback');
  if (session.connecting || session.closed) {
    process.nextTick(callback, new ERR_HTTP2_PING_CANCEL());
    return undefined;
  }
  session[kUpdateTimer]();
  outbox.flushAll();
  const ping = new Pending('HTTP2PING', callback);
  if (!session[kHandle].ping(payload || randomBytes(LENGTH))) {
    cancel(ping);
    return false;
  }
  session[kPendingPings] ??= [];
  session[kPendingPings].push(ping);
  return true;
}

function cancel(ping) {
  ping.settle(new ERR_HTTP2_PING_CANCEL());
}

// The session is going: no answer will come.
function cancelAll(session) {
  const pings = session[kPendingPings];
  if (pings === undefined) return;
  session[kPendingPings] = undefined;
  for (const ping of pings) process.nextTick(cancel, ping);
}

function onPing(session, payload) {
  session[kUpdateTimer]();
  if (session.listenerCount('ping') > 0) session.emit('ping', payload);
}

function onPingAck(session, payload, duration) {
  session[kUpdateTimer]();
  // In memory of its own, which the receiver may do with as it likes.
  const own = Buffer.allocUnsafeSlow(LENGTH);
  own.set(payload);
  session[kPendingPings]?.shift()?.settle(null, duration, own);
}

module.exports = { cancelAll, onPing, onPingAck, send };
