'use strict';

// Settings of both sides: what is sent, what is acknowledged, what is in force.

const { ERR_HTTP2_INVALID_SESSION, ERR_HTTP2_MAX_PENDING_SETTINGS_ACK, ERR_HTTP2_SETTINGS_CANCEL } =
  require('../errors');
const { settingsToEntries, validateSettings } = require('../settings');
const outbox = require('../stream/outbox');
const { kHandle, kLocalSettings, kRemoteSettings, kUpdateTimer } = require('../symbols');
const { assertIsObject, validateFunction } = require('../validators');
const { kPendingSettings, kWaitingSettings } = require('./fields');
const limits = require('./limits');
const { Pending } = require('./pending');

function submit(session, values, callback) {
  if (session.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
  assertIsObject(values, 'settings');
  validateSettings(values);
  const copy = { ...values };
  if (callback) validateFunction(callback, 'callback');
  if (!session.connecting) {
    send(session, copy, callback);
    return;
  }
  session[kWaitingSettings]++;
  session.once('connect', () => {
    session[kWaitingSettings]--;
    if (!session.destroyed) send(session, copy, callback);
  });
}

function send(session, values, callback) {
  session[kUpdateTimer]();
  outbox.flushAll();
  const sent = new Pending('HTTP2SETTINGS', callback || undefined);
  if (session[kHandle].settings(settingsToEntries(values)) === 0) {
    session[kPendingSettings].push(sent);
    return;
  }
  session[kLocalSettings] = undefined;
  sent.settle(new ERR_HTTP2_SETTINGS_CANCEL());
  session.destroy(new ERR_HTTP2_MAX_PENDING_SETTINGS_ACK());
}

// Acknowledgements come in the order of the SETTINGS. `values` are those in force at this one, which others may have
// followed by now. Callbacks are told how many milliseconds it took.
function onSettingsAck(session, values) {
  session[kUpdateTimer]();
  session[kLocalSettings] = values;
  const sent = session[kPendingSettings].shift();
  if (sent === undefined) {
    session.emit('localSettings', values);
    return;
  }
  sent.conclude(() => {
    sent.callback?.(null, values, sent.duration);
    session.emit('localSettings', values);
  });
}

function onSettings(session, values) {
  session[kUpdateTimer]();
  limits.prefaceCame(session);
  // As in node, not an event for those who do not listen; and a session that is destroyed shows what was looked at.
  const heard = session.listenerCount('remoteSettings') > 0;
  session[kRemoteSettings] = heard ? values : undefined;
  if (heard) session.emit('remoteSettings', values);
}

// What is in force, kept until it changes. Of a session that is destroyed, node still shows its own settings.
function local(session) {
  return inForce(session, kLocalSettings, 'localSettings');
}

// As in node, nothing after the end.
function remote(session) {
  return session.destroyed ? {} : inForce(session, kRemoteSettings, 'remoteSettings');
}

function inForce(session, slot, side) {
  const known = session[slot];
  if (known !== undefined) return known;
  if (session.destroyed || session.connecting) return {};
  return session[slot] = session[kHandle][side]();
}

module.exports = { local, onSettings, onSettingsAck, remote, submit };
