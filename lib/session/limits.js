'use strict';

// The limits that a peer has run into (SECURITY.md has them all), for operators. Beyond node's own errors and events, so
// nothing that listens to those sees a difference: an error that ends a session for a limit has its name as `limit`, and
// the diagnostics channel `http2-rs.limit` gets { session, limit, streamId } for these and for limits that have cost the
// peer a single stream only (`streamId` is 0 if it was the session).

const { channel } = require('node:diagnostics_channel');
const { NGHTTP2_SETTINGS_TIMEOUT } = require('../constants');
const { kLimit, kPrefaceTimer } = require('./fields');

// As long as node gives TLS for its handshake.
const PREFACE_TIMEOUT = 120_000;

const exceeded = channel('http2-rs.limit');

function onLimit(session, streamId, limit) {
  if (streamId === 0) session[kLimit] = limit;
  if (exceeded.hasSubscribers) exceeded.publish({ session, limit, streamId });
}

// Gives an error the name of the limit that was behind it.
function name(session, error) {
  if (session[kLimit] !== undefined) error.limit = session[kLimit];
  return error;
}

// A client that has connected and says nothing, or half of its preface, does not keep its socket for ever. It is told, and
// there is no error: node has none for it. A `timeout` of 0 is none.
function expectPreface(session, timeout = PREFACE_TIMEOUT) {
  if (timeout > 0) session[kPrefaceTimer] = setTimeout(missPreface, timeout, session).unref();
}

// The preface ends with SETTINGS; or the session has ended.
function prefaceCame(session) {
  if (session[kPrefaceTimer] === undefined) return;
  clearTimeout(session[kPrefaceTimer]);
  session[kPrefaceTimer] = undefined;
}

function missPreface(session) {
  onLimit(session, 0, 'prefaceTimeout');
  session.destroy(null, NGHTTP2_SETTINGS_TIMEOUT);
}

module.exports = { expectPreface, name, onLimit, prefaceCame };
