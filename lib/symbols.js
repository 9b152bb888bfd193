'use strict';

// The symbols under which the API objects keep what is not public. Their descriptions are node's where node has a
// symbol of that meaning, since inspect() and debuggers show them.

const net = require('node:net');

// node's own timer slot: net.Socket.prototype.setTimeout, borrowed by sessions and streams, stores its timer there.
const kTimeout = Object.getOwnPropertySymbols(new net.Socket())
  .find(({ description }) => description === 'timeout') ?? Symbol('timeout');

module.exports = {
  kAfterAsyncWrite: Symbol('kAfterAsyncWrite'),
  kAlpnProtocol: Symbol('alpnProtocol'),
  kAuthority: Symbol('authority'),
  // The hooks by which a stream reaches its request and response (lib/compat/link.js).
  kCompat: Symbol('compat'),
  kEncrypted: Symbol('encrypted'),
  kHandle: Symbol('kHandle'),
  kID: Symbol('id'),
  kInit: Symbol('init'),
  kInspect: Symbol.for('nodejs.util.inspect.custom'),
  kLocalSettings: Symbol('local-settings'),
  kMaybeDestroy: Symbol('kMaybeDestroy'),
  kNativeFields: Symbol('kNativeFields'),
  kOptions: Symbol('options'),
  kOwner: Symbol('owner'),
  kProceed: Symbol('proceed'),
  kProtocol: Symbol('protocol'),
  kProxySocket: Symbol('proxySocket'),
  kRejection: Symbol.for('nodejs.rejection'),
  kRemoteSettings: Symbol('remote-settings'),
  kRequest: Symbol('request'),
  kRequestAsyncResource: Symbol('requestAsyncResource'),
  // The AsyncResource in which the dispatcher runs every callback of a session or stream.
  kResource: Symbol('resource'),
  kResponse: Symbol('response'),
  kSensitiveHeaders: Symbol('sensitiveHeaders'),
  kSentHeaders: Symbol('sent-headers'),
  kSentTrailers: Symbol('sent-trailers'),
  kServer: Symbol('server'),
  kSession: Symbol('session'),
  kSessions: Symbol('sessions'),
  kSocket: Symbol('socket'),
  kState: Symbol('state'),
  kStream: Symbol('stream'),
  kStrictSingleValueFields: Symbol('strictSingleValueFields'),
  kTimeout,
  kType: Symbol('type'),
  kUpdateTimer: Symbol('kUpdateTimer'),
  kWriteGeneric: Symbol('write-generic'),
};
