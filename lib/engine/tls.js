'use strict';

// TLS by rustls, on the socket of a net.Socket: what lib/tls sees of it. This file is the whole contract.
//
//   serverConfig(options), clientConfig(options)
//                       how a side does TLS, for many connections. Throws what makes it impossible
//   peek(socket, owner) looks at what a client offers, without consuming it: onTlsHello follows. undefined if this
//                       socket cannot be looked at. The socket does not read by itself from here on
//   release(peek)       the socket is its own again, and stopped
//   start({ socket, role, config, servername, alpn, peek }, owner)
//                       takes the socket over and begins the handshake: a TlsConnection, under `kTlsConnection` of the
//                       socket, too; undefined if this socket cannot be taken over.
//                       `servername` is what a client indicates. `alpn` takes the place of the configuration's
//   setHandlers(table)  the callbacks, each with the owner first:
//     onTlsHello(owner, hello)    { servername, alpn, versions, cipherSuites, groups, signatureSchemes }, or null if the
//                                 client speaks something else. `offer` is the last four as one string, to compare
//     onTlsHelloEnd(owner)        no hello will come; the socket is its own again
//     onTlsSecure(owner, info)    before the last of the handshake is sent: whoever does not like it destroys the socket.
//                                 { alpn, protocol, cipherSuite, group, servername, resumed, peer, own, verifyError }
//     onTlsError(owner, error)    { code, message, library, reason, alert, ofOffer }: TLS has failed, and the peer was told
//     onTlsEnd(owner)             the peer ended before the handshake did
//     onTlsKeylog(owner, line)
//   cipherSuites, groups          what rustls has: Maps of IANA's names and numbers
//
// A session is put on a connection by `handle.attach(socket)`. Certificates are looked at when the handshake is over, as
// in node: `verifyError` says what OpenSSL would. If the configuration says `rejectUnauthorized`, such a connection can be
// attached to no session.

const native = require('./load');
const { run, sessions } = require('./dispatch');
const { Takeover, install, isFree, kTakeover, method, replacements, stopReading } = require('./socket');

const kTlsConnection = Symbol('http2-rs.tls-connection');

const { HELLO, HELLO_END, SECURE, FAILED, END, KEY_LINE } = native.tlsEvents;
// Where sockets are no descriptors there is no TLS here, and nothing that uses it.
const { flags, cipherSuites, groups } = native.tls ?? { flags: {}, cipherSuites: [], groups: [] };

// OpenSSL's numbers of its own reasons; alerts have a thousand and their own.
const REASONS = {
  'bad signature': 123,
  'data length too long': 146,
  'length mismatch': 159,
  'no shared cipher': 193,
  'packet length too long': 198,
  'peer did not return a certificate': 199,
  'no application protocol': 235,
  'unexpected message': 244,
  'unexpected record': 245,
  'unsupported protocol': 258,
  'wrong version number': 267,
  'decryption failed or bad record mac': 281,
};
const SSL_LIBRARY = 20 << 23;
const ALERT = 1000;

// Alerts that SSL 3.0 had have another name from OpenSSL 3.2 on.
const [major, minor] = process.versions.openssl.split('.').map(Number);
const OLDEST_ALERTS = major > 3 || (major === 3 && minor >= 2) ? 'ssl/tls alert' : 'sslv3 alert';

let handlers = {};

function setHandlers(table) {
  handlers = table;
}

class Config {
  constructor(native, own) {
    this.native = native;
    // The certificate that is shown, if there is but one to choose.
    this.own = own;
  }
}

function configure(side, options) {
  const {
    alpn = [], certificates = [], ciphers, groups, keylog, maxVersion = 'TLSv1.3', minVersion = 'TLSv1.2',
    partialChain, rejectUnauthorized = true, roots = [],
  } = options;
  const result = native.tlsConfigure(
    side | flag('REJECT_UNAUTHORIZED', rejectUnauthorized) | flag('KEYLOG', keylog) | flag('PARTIAL_CHAIN', partialChain),
    certificates.map(({ key, chain }) => [key, ...chain]),
    roots, alpn, [minVersion, maxVersion], ciphers, groups);
  if (typeof result === 'string')
    throw refusal(result);
  return new Config(result, certificates.length === 1 ? certificates[0].chain[0] : undefined);
}

function flag(name, wanted) {
  return wanted ? flags[name] : 0;
}

function refusal(why) {
  const code = /keys? (may not be consistent|mismatch)/i.test(why) ?
    'ERR_OSSL_X509_KEY_VALUES_MISMATCH' : 'ERR_INVALID_ARG_VALUE';
  return Object.assign(new Error(`rustls cannot use this configuration: ${why}`), { code });
}

function serverConfig(options) {
  const { caHints = true, honorCipherOrder = true, requestCert, tickets = true } = options;
  return configure(
    flags.SERVER | flag('REQUEST_CERTIFICATE', requestCert) | flag('OWN_ORDER', honorCipherOrder) |
      flag('TICKETS', tickets) | flag('NAMES', caHints),
    options);
}

function clientConfig(options) {
  return configure(0, options);
}

// What a client offers. Whoever knows the offer already, which is a string, needs none of its lists.
class Hello {
  constructor([servername, offer, ...alpn]) {
    this.servername = servername;
    this.alpn = alpn;
    this.offer = offer;
  }

  get versions() {
    return this.list(0);
  }

  get cipherSuites() {
    return this.list(1);
  }

  get groups() {
    return this.list(2);
  }

  get signatureSchemes() {
    return this.list(3);
  }

  list(index) {
    const { offer } = this;
    let at = 0;
    for (let before = index; before > 0; before -= 1) at += 1 + offer.charCodeAt(at);
    return Array.from({ length: offer.charCodeAt(at) }, (_, i) => offer.charCodeAt(at + 1 + i));
  }
}

function infoOf([alpn, protocol, numbers, servername, verifyError, ...peer], own) {
  return {
    alpn,
    protocol,
    cipherSuite: numbers.charCodeAt(0),
    group: numbers.charCodeAt(1) || undefined,
    servername,
    resumed: numbers.charCodeAt(2) === 1,
    peer,
    own,
    verifyError,
  };
}

// A connection of the engine's.
class TlsConnection {
  constructor(key, socket, owner) {
    this.key = key;
    this.duplex = socket;
    this.owner = owner;
    // The takeover, which is put in the socket's place when the handshake begins.
    this.socket = undefined;
    this.config = undefined;
    // A session had it.
    this.used = false;
    sessions.set(key, this);
  }

  // What the engine tells, from the dispatcher.
  tls(event, value) {
    switch (event) {
      case HELLO:
        this.tell(handlers.onTlsHello, value === null ? null : new Hello(value));
        break;
      case HELLO_END:
        this.close();
        this.tell(handlers.onTlsHelloEnd);
        break;
      case SECURE:
        this.tell(handlers.onTlsSecure, infoOf(value, this.config.own));
        // A session sends the end of the handshake with its own beginning; who destroyed the socket sends neither.
        native.tlsFlush(this.key);
        break;
      case FAILED:
        this.failed(value);
        break;
      case END:
        this.tell(handlers.onTlsEnd);
        break;
      case KEY_LINE:
        this.tell(handlers.onTlsKeylog, value);
        break;
    }
  }

  tell(handler, value) {
    const { owner } = this;
    run(owner, handler, owner, value);
  }

  failed(failure) {
    // Who is left of a connection that a session had waits for its end only.
    if (this.used)
      this.duplex.destroy();
    else
      this.tell(handlers.onTlsError, errorOf(failure));
  }

  // Puts the connection under a session.
  attach(handle) {
    const { socket } = this;
    if (socket.handle !== this || !native.tlsAttach(handle.key, this.key))
      throw new Error('http2-rs: this TLS connection is not there for a session');
    this.used = true;
    socket.handle = handle;
    return socket;
  }

  exportKeyingMaterial(length, label, context) {
    const { socket, key } = this;
    return native.tlsExport(socket?.handle.key || key, length, label, context);
  }

  abort() {
    this.duplex.destroy();
  }

  // Lets go of the socket.
  close() {
    const { key } = this;
    this.key = 0;
    sessions.delete(key);
    native.tlsClose(key);
  }
}

// A socket under TLS. Its `handle` is the session that it carries, and the connection before and after.
class TlsTakeover extends Takeover {
  constructor(connection, socket) {
    super(connection, socket);
    this.connection = connection;
  }

  get transport() {
    return 'tls';
  }

  tls(event, value) {
    const { connection, duplex, handle } = this;
    if (handle === connection)
      connection.tls(event, value);
    else if (event === FAILED && !duplex.destroyed)
      duplex.destroy(Object.assign(new Error(), errorOf(value)));
  }

  // They go on after the session.
  keepCounters() {}

  close() {
    super.keepCounters();
    super.close();
    this.connection.close();
  }

  // The session is gone. What it wrote still goes out, and the peer's end is still awaited.
  release() {
    this.handle = this.connection;
    this.drained();
  }
}

const tlsReplacements = {
  ...replacements,
  _final: method(function final(callback) {
    // close_notify comes before the end of the stream underneath.
    native.tlsShutDown(this[kTakeover].handle.key);
    Reflect.apply(replacements._final.value, this, [callback]);
  }),
};

// A connection of the engine's that nothing is done with yet.
function open(socket, owner) {
  if (!isFree(socket) || native.tls === undefined)
    return undefined;
  const key = native.tlsOpen(socket._handle.fd);
  return key > 0 ? new TlsConnection(key, socket, owner) : undefined;
}

function peek(socket, owner) {
  // What JavaScript has read is not there to be looked at.
  const connection = socket.readableLength > 0 ? undefined : open(socket, owner);
  if (connection === undefined)
    return undefined;
  stopReading(socket);
  // Nothing is replaced yet, but what becomes of the connection is told the socket.
  connection.socket = new TlsTakeover(connection, socket);
  connection.gone = () => connection.close();
  socket.once('close', connection.gone);
  native.tlsPeek(connection.key);
  return connection;
}

function release(peeked) {
  peeked.duplex.removeListener('close', peeked.gone);
  peeked.close();
}

function start({ socket, config, servername, alpn, peek: peeked }, owner) {
  const connection = peeked ?? open(socket, owner);
  if (connection === undefined || connection.key === 0 || !isFree(socket))
    return undefined;
  if (peeked !== undefined)
    socket.removeListener('close', peeked.gone);
  connection.owner = owner;
  connection.config = config;
  connection.socket = install(new TlsTakeover(connection, socket), (before) => {
    const failure = native.tlsStart(connection.key, config.native, servername, alpn, before);
    if (failure !== undefined)
      throw Object.assign(new Error(), errorOf(failure));
  }, tlsReplacements);
  socket[kTlsConnection] = connection;
  return connection;
}

// An error as node makes it of OpenSSL's.
function errorOf({ reason: given, detail, alert, ofOffer }) {
  const reason = given.replace(/^sslv3 alert/, OLDEST_ALERTS);
  const number = alert === undefined ? REASONS[given] ?? 0 : ALERT + alert;
  const hex = (SSL_LIBRARY + number).toString(16).padStart(8, '0').toUpperCase();
  return {
    code: `ERR_SSL_${reason.replaceAll(' ', '_').toUpperCase()}`,
    message: `error:${hex}:SSL routines::${reason}:${alert === undefined ? detail : `SSL alert number ${alert}`}`,
    library: 'SSL routines',
    reason,
    alert,
    ofOffer,
  };
}

function toMap(pairs) {
  const map = new Map();
  for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1]);
  return map;
}

module.exports = {
  TlsConnection,
  cipherSuites: toMap(cipherSuites),
  clientConfig,
  groups: toMap(groups),
  kTlsConnection,
  peek,
  release,
  serverConfig,
  setHandlers,
  start,
};
