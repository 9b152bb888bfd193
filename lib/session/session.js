'use strict';

// Http2Session: one HTTP/2 connection. What both sides have in common.

const { AsyncResource } = require('node:async_hooks');
const EventEmitter = require('node:events');
const net = require('node:net');
const { TLSSocket } = require('node:tls');
const { NGHTTP2_NO_ERROR, NGHTTP2_SESSION_SERVER } = require('../constants');
const engine = require('../engine');
const {
  ERR_HTTP2_INVALID_SESSION, ERR_HTTP2_SOCKET_BOUND, ERR_OUT_OF_RANGE, NghttpError,
} = require('../errors');
const { inspectAs } = require('../inspect');
const { engineOptions } = require('../options');
const performance = require('../performance');
const outbox = require('../stream/outbox');
const { isSending } = require('../stream/writing');
const {
  kAlpnProtocol, kEncrypted, kHandle, kInspect, kLocalSettings, kMaybeDestroy, kOptions, kProxySocket, kRejection,
  kRemoteSettings, kResource, kSocket, kStrictSingleValueFields, kTimeout, kType, kUpdateTimer,
} = require('../symbols');
const timeouts = require('../timeouts');
const { validateBuffer, validateInt32, validateNumber } = require('../validators');
const closing = require('./closing');
const {
  MARK, kBoundSession, kDestroyCode, kForget, kGoawayCode, kGoawayLastStreamID, kLimit, kMarks, kOriginSet, kPendingPings,
  kPendingSettings, kPendingStreams, kPrefaceTimer, kReadersTimer, kRequestDefaults, kWaitingSettings,
} = require('./fields');
const originSet = require('./origin-set');
const ping = require('./ping');
const settings = require('./settings');
const { guardedSocket } = require('./socket-proxy');

const MAX_STREAM_ID = 2 ** 32 - 1;
// Its identifier when HTTP/2 runs over cleartext TCP (RFC 9113 section 3.1 tells its history).
const CLEARTEXT = 'h2c';

class Http2Session extends EventEmitter {
  constructor(type, options, socket) {
    super();
    if (socket[kBoundSession] !== undefined) throw new ERR_HTTP2_SOCKET_BOUND();

    this[kType] = type;
    this[kOptions] = options;
    this[kSocket] = socket;
    this[kProxySocket] = null;
    this[kHandle] = undefined;
    this[kMarks] = 0;
    this[kResource] = new AsyncResource('HTTP2SESSION');
    this[kTimeout] = null;
    this[kStrictSingleValueFields] = options.strictSingleValueFields;
    this[kEncrypted] = undefined;
    this[kAlpnProtocol] = undefined;
    this[kOriginSet] = undefined;
    this[kLimit] = undefined;
    this[kLocalSettings] = undefined;
    this[kRemoteSettings] = undefined;
    this[kPendingPings] = undefined;
    this[kPendingSettings] = [];
    this[kWaitingSettings] = 0;
    // Requests that wait for the connection.
    this[kPendingStreams] = undefined;
    this[kPrefaceTimer] = undefined;
    this[kReadersTimer] = undefined;
    this[kRequestDefaults] = undefined;
    this[kGoawayCode] = NGHTTP2_NO_ERROR;
    this[kGoawayLastStreamID] = 0;
    this[kDestroyCode] = NGHTTP2_NO_ERROR;

    socket[kBoundSession] = this;
    socket.on('error', closing.onSocketError);
    socket.on('close', closing.onSocketClose);
    // What would wait for more to send waits here already, for the end of the event loop's turn.
    if (typeof socket.setNoDelay === 'function') socket.setNoDelay();
    // RFC 9113 section 9.2.1
    if (typeof socket.disableRenegotiation === 'function') socket.disableRenegotiation();

    // Any other stream is as ready as it will ever say, and so is a socket that will not connect any more.
    if (socket instanceof net.Socket && (socket.connecting || socket.secureConnecting) && !socket.destroyed) {
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => tryConnect(this, socket));
    } else {
      connectNow(this, socket);
    }
  }

  get type() {
    return this[kType];
  }

  get socket() {
    const proxy = this[kProxySocket];
    if (proxy !== null) return proxy;
    return this[kProxySocket] = guardedSocket(this);
  }

  get encrypted() {
    return this[kEncrypted];
  }

  get alpnProtocol() {
    return this[kAlpnProtocol];
  }

  // What carries the session, once it is connected: 'socket', 'tls' (both in the engine) or 'pipe'. node has no such thing.
  get transport() {
    return this[kHandle]?.transport;
  }

  get originSet() {
    return originSet.list(this);
  }

  get connecting() {
    return (this[kMarks] & MARK.CONNECTED) === 0;
  }

  get closed() {
    return (this[kMarks] & MARK.CLOSED) !== 0;
  }

  get destroyed() {
    return (this[kMarks] & MARK.DESTROYED) !== 0;
  }

  get goawayCode() {
    return this[kGoawayCode];
  }

  get goawayLastStreamID() {
    return this[kGoawayLastStreamID];
  }

  get pendingSettingsAck() {
    return this[kPendingSettings].length + this[kWaitingSettings] > 0;
  }

  get state() {
    return this.connecting || this.destroyed ? {} : this[kHandle].state();
  }

  get localSettings() {
    return settings.local(this);
  }

  get remoteSettings() {
    return settings.remote(this);
  }

  settings(values, callback) {
    settings.submit(this, values, callback);
  }

  ping(payload, callback) {
    return ping.send(this, payload, callback);
  }

  setNextStreamID(id) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    validateNumber(id, 'id');
    if (id <= 0 || id > MAX_STREAM_ID) throw new ERR_OUT_OF_RANGE('id', `> 0 and <= ${MAX_STREAM_ID}`, id);
    // As in node, a TypeError before the session is connected.
    this[kHandle].setNextStreamID(id);
  }

  setLocalWindowSize(windowSize) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    validateInt32(windowSize, 'windowSize', 0);
    const error = this[kHandle].setLocalWindowSize(windowSize);
    if (error !== 0) this.destroy(new NghttpError(error));
  }

  goaway(code = NGHTTP2_NO_ERROR, lastStreamID = 0, opaqueData = undefined) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    if (opaqueData !== undefined) validateBuffer(opaqueData, 'opaqueData');
    validateNumber(code, 'code');
    validateNumber(lastStreamID, 'lastStreamID');
    whenConnected(this, sendGoaway, code, lastStreamID, opaqueData);
  }

  close(callback) {
    closing.close(this, callback);
  }

  destroy(error = NGHTTP2_NO_ERROR, code = undefined) {
    closing.destroy(this, error, code);
  }

  ref() {
    const socket = this[kSocket];
    if (typeof socket?.ref === 'function') socket.ref();
  }

  unref() {
    const socket = this[kSocket];
    if (typeof socket?.unref === 'function') socket.unref();
  }

  _onTimeout() {
    const handle = this[kHandle];
    timeouts.expire(this, handle !== undefined && [...handle.streams.values()].some(isSending), handle);
  }

  [kUpdateTimer]() {
    if (this[kTimeout] !== null && !this.destroyed) timeouts.refresh(this);
  }

  [kMaybeDestroy](error) {
    closing.maybeDestroy(this, error);
  }

  // A stream of this session has been destroyed.
  [kForget](stream) {
    this[kPendingStreams]?.delete(stream);
    if (this.closed && !this.destroyed) closing.checkSoon(this, stream);
  }

  [kRejection](error, event, ...args) {
    if (event === 'stream') args[0].destroy(error);
    else this.destroy(error);
  }

  [kInspect](depth, options) {
    return inspectAs(this, 'Http2Session', {
      type: this[kType],
      closed: this.closed,
      destroyed: this.destroyed,
      state: this.state,
      localSettings: this.localSettings,
      remoteSettings: this.remoteSettings,
    }, depth);
  }
}
Http2Session.prototype.setTimeout = timeouts.setTimeout;

// Where the constructor throws, nobody has a session that could end the socket.
function connectNow(session, socket) {
  try {
    connect(session, socket);
  } catch (error) {
    socket[kBoundSession] = undefined;
    socket.destroy();
    throw error;
  }
}

function tryConnect(session, socket) {
  try {
    connect(session, socket);
  } catch (error) {
    socket.destroy(error);
  }
}

// connecting -> open: the engine takes the socket over. A session that was destroyed in the meantime still emits
// 'connect', for those who wait to learn that there is nothing to do.
function connect(session, socket) {
  const options = session[kOptions];
  const plain = session.destroyed ? undefined : engineOptions(options);
  process.nextTick(emitConnect, session, socket);
  if (plain === undefined) return;
  const handle = engine.createSession(session, session[kType], plain);
  session[kHandle] = handle;
  session[kMarks] |= MARK.CONNECTED;
  if (performance.watch.isOn) performance.beginSession(session);
  session[kEncrypted] = Boolean(socket.encrypted);
  session[kAlpnProtocol] = session[kEncrypted] ? socket.alpnProtocol : CLEARTEXT;
  // The initial SETTINGS await their acknowledgement like any other.
  session[kPendingSettings].push(undefined);
  handle.attach(socket);
  if (session[kType] === NGHTTP2_SESSION_SERVER && Array.isArray(options.origins)) session.origin(...options.origins);
}

function emitConnect(session, socket) {
  session.emit('connect', session, socket);
}

// Calls `action(session, a, b, c)`, now or in 'connect', unless the session is destroyed by then.
function whenConnected(session, action, a, b, c) {
  if (session.connecting) {
    session.once('connect', () => whenConnected(session, action, a, b, c));
  } else if (!session.destroyed) {
    action(session, a, b, c);
  }
}

function sendGoaway(session, code, lastStreamID, opaqueData) {
  session[kUpdateTimer]();
  outbox.flushAll();
  session[kHandle].goaway(code, lastStreamID, opaqueData);
}

module.exports = { Http2Session, whenConnected };
