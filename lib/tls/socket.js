'use strict';

// The TLSSocket of a connection that rustls carries. It is the net.Socket of that connection with another prototype: its
// addresses, timeouts, counters and events stay what they are, and everything that node asks OpenSSL is answered here.
//
// What rustls cannot tell is answered as node does when there is none, and never silently different: options and listeners
// that would make a difference lead to node's own TLS in the first place (lib/tls/decide.js).

const { AsyncResource } = require('node:async_hooks');
const { X509Certificate } = require('node:crypto');
const net = require('node:net');
const tls = require('node:tls');
const { kResource } = require('../symbols');
const {
  validateBuffer, validateFunction, validateInt32, validateObject, validateString, validateUint32,
} = require('../validators');
const { peerCertificate, toLegacy } = require('./certificates');
const { ERR_TLS_INVALID_STATE, ERR_TLS_SNI_FROM_SERVER } = require('./errors');
const { VERSION_NAMES, cipherInfo, keyInfo, suitesByNumber } = require('./names');

// What is known of the TLS of a socket; an instance of Tls.
const kTls = Symbol('http2-rs.tls');

class Tls {
  constructor(isServer, roots, maxVersion) {
    this.isServer = isServer;
    // DER of what is trusted, or undefined for node's own.
    this.roots = roots;
    // What getProtocol() says until a version is chosen.
    this.maxVersion = maxVersion;
    this.connection = undefined;
    // What the engine tells of a finished handshake (lib/engine/tls.js).
    this.info = undefined;
  }
}

// Methods of node's that speak to OpenSSL answer null once the socket is gone.
function whileOpen(answer) {
  return function method(...args) {
    return this._handle ? Reflect.apply(answer, this, [this[kTls], ...args]) : null;
  };
}

// There is nothing of this kind.
const none = whileOpen(() => undefined);

class RustlsSocket extends tls.TLSSocket {
  exportKeyingMaterial(length, label, context) {
    validateUint32(length, 'length', true);
    validateString(label, 'label');
    if (context !== undefined) validateBuffer(context, 'context');
    const material = this._secureEstablished
      ? this[kTls].connection.exportKeyingMaterial(length, label, context) : undefined;
    if (material === undefined) throw new ERR_TLS_INVALID_STATE();
    return material;
  }

  getPeerX509Certificate() {
    const certificate = this._handle && this[kTls].info?.peer[0];
    return certificate ? new X509Certificate(certificate) : undefined;
  }

  getX509Certificate() {
    const certificate = this._handle && this[kTls].info?.own;
    return certificate ? new X509Certificate(certificate) : undefined;
  }

  setServername(name) {
    validateString(name, 'name');
    if (this[kTls].isServer) throw new ERR_TLS_SNI_FROM_SERVER();
  }

  // rustls has no renegotiation; node has none for TLS 1.3, and says so in these words.
  renegotiate(options, callback) {
    validateObject(options, 'options');
    if (callback !== undefined) validateFunction(callback, 'callback');
    if (this.destroyed) return undefined;
    const error = new Error('error:0A00010A:SSL routines::wrong ssl version');
    Object.assign(error, { library: 'SSL routines', reason: 'wrong ssl version', code: 'ERR_SSL_WRONG_SSL_VERSION' });
    if (callback) process.nextTick(callback, error);
    return false;
  }

  // The size of records belongs to the configuration: it cannot be changed for one connection.
  setMaxSendFragment(size) {
    validateInt32(size, 'size');
    return false;
  }

  setSession() {}

  setKeyCert() {}

  disableRenegotiation() {}
}

const { prototype } = RustlsSocket;

// Those that a connection under way may be asked, too.
const answers = {
  enableTrace: none,
  getCertificate: whileOpen(({ info }) => (info?.own ? toLegacy(new X509Certificate(info.own)) : {})),
  getCipher: whileOpen(({ info }) => info && cipherInfo(suitesByNumber.get(info.cipherSuite))),
  getEphemeralKeyInfo: whileOpen(({ isServer, info }) => (isServer ? null : { ...keyInfo(info?.group) })),
  getFinished: none,
  getPeerCertificate: whileOpen(({ info, roots }, detailed) => peerCertificate(info?.peer ?? [], roots, detailed)),
  getPeerFinished: none,
  getProtocol: whileOpen(({ info, maxVersion }) => info?.protocol ?? maxVersion),
  getSession: none,
  getSharedSigalgs: whileOpen(() => []),
  getTLSTicket: none,
  isSessionReused: whileOpen(({ info }) => info?.resumed ?? false),
};

function define(name, value) {
  Object.defineProperty(prototype, name, { value, configurable: true, enumerable: true, writable: true });
}

for (const [name, answer] of Object.entries(answers)) define(name, answer);

// What is left of TLSSocket is how it deals with its own handle: here it is net.Socket's, or nothing.
for (const name of Reflect.ownKeys(tls.TLSSocket.prototype)) {
  if (Object.hasOwn(prototype, name)) continue;
  define(name, Object.hasOwn(net.Socket.prototype, name) ? net.Socket.prototype[name] : () => undefined);
}
// To programs it is a TLSSocket.
prototype.constructor = tls.TLSSocket;

// What is told of this socket is told in the async context of this moment.
function enterScope(socket) {
  socket[kResource] ??= new AsyncResource('TLSWRAP', { requireManualDestroy: true });
}

function leaveScope(socket) {
  socket[kResource]?.emitDestroy();
  socket[kResource] = undefined;
}

// Makes a net.Socket the TLSSocket of its connection, with a handshake ahead.
function become(socket, isServer, { roots, max }) {
  Object.setPrototypeOf(socket, prototype);
  socket[kTls] = new Tls(isServer, roots, VERSION_NAMES.get(max));
  enterScope(socket);
  socket._tlsOptions = { isServer };
  socket._secureEstablished = false;
  socket._controlReleased = false;
  socket.secureConnecting = true;
  socket.servername = null;
  socket.alpnProtocol = null;
  socket.authorized = false;
  socket.authorizationError = null;
  socket.encrypted = true;
  socket.ssl = null;
}

// The handshake is over: what it led to can be seen. `servername` is what the client asked for, if it did.
function establish(socket, info, servername) {
  socket[kTls].info = info;
  socket._secureEstablished = true;
  socket.alpnProtocol = info.alpn;
  socket.servername = servername || false;
}

// From here on its errors are for those who hold it.
function release(socket) {
  socket._controlReleased = true;
  socket.secureConnecting = false;
}

module.exports = { become, enterScope, establish, kTls, leaveScope, release };
