'use strict';

// Which TLS carries a connection: rustls where every option is honoured exactly, node's own everywhere else. What is not in
// these tables is not understood, and goes to node's, as does everything invalid: node says what is wrong with it.

const { constants } = require('node:crypto');
const tls = require('node:tls');
const environment = require('./environment');
const { readMaterial } = require('./material');
const { TLS12, TLS13, VERSIONS, parseCiphers, parseGroups } = require('./names');

// Rules: whether rustls honours a value of an option.

const any = () => true;
const absent = (value) => value === undefined || value === null;
const off = (value) => !value;
const text = (value) => absent(value) || typeof value === 'string';
const version = (value) => off(value) || VERSIONS.has(value);

// Bits of OpenSSL's options that say what rustls does anyway, or that translate.
const SAFE_BITS = [
  'SSL_OP_ALL', 'SSL_OP_CIPHER_SERVER_PREFERENCE', 'SSL_OP_NO_COMPRESSION', 'SSL_OP_NO_ENCRYPT_THEN_MAC',
  'SSL_OP_NO_RENEGOTIATION', 'SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION', 'SSL_OP_NO_SSLv2', 'SSL_OP_NO_SSLv3',
  'SSL_OP_NO_TLSv1', 'SSL_OP_NO_TLSv1_1', 'SSL_OP_NO_TLSv1_2', 'SSL_OP_NO_TLSv1_3',
].reduce((bits, name) => bits | (constants[name] ?? 0), 0);
const MAX_UINT32 = 2 ** 32 - 1;

function safeBits(value) {
  return off(value) || (Number.isInteger(value) && value > 0 && value <= MAX_UINT32 && (value & ~SAFE_BITS) === 0);
}

// A name that goes out as it is given. The dot at the end, capitals and anything beyond ASCII are OpenSSL's to send.
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

function plainName(value) {
  return off(value) ||
    (typeof value === 'string' && value.length <= 253 && !/(?:^|\.)[0-9]+$/.test(value) &&
      value.split('.').every((label) => LABEL.test(label)));
}

// Those of tls.createSecureContext(), which servers and clients take too.
const CONTEXT = {
  allowPartialTrustChain: off,
  ca: any,
  cert: any,
  certificateCompression: absent,
  ciphers: (value) => off(value) || typeof value === 'string',
  clientCertEngine: absent,
  crl: absent,
  dhparam: absent,
  ecdhCurve: (value) => value === undefined || typeof value === 'string',
  honorCipherOrder: any,
  key: any,
  maxVersion: version,
  minVersion: version,
  passphrase: text,
  pfx: absent,
  privateKeyEngine: absent,
  privateKeyIdentifier: absent,
  secureOptions: safeBits,
  secureProtocol: off,
  // Sessions of rustls belong to one configuration, and no context widens that.
  sessionIdContext: text,
  sessionTimeout: absent,
  sigalgs: absent,
  ticketKeys: absent,
};

// A later setSecureContext() leaves these as they were.
const STICKY = new Set(['sessionTimeout', 'ticketKeys']);

// Those of every session of HTTP/2, and of the HTTP/1 beside it: none concerns TLS.
const HTTP = Object.fromEntries(`
  allowHTTP1 captureRejections connectionsCheckingInterval headersTimeout http1Options Http1IncomingMessage Http1ServerResponse
  Http2ServerRequest Http2ServerResponse IncomingMessage insecureHTTPParser joinDuplicateHeaders keepAliveTimeout
  keepAliveTimeoutBuffer maxDeflateDynamicTableSize maxHeaderListPairs maxHeaderSize maxOriginSetSize maxOutstandingPings
  maxOutstandingSettings maxReservedRemoteStreams maxSendHeaderBlockLength maxSessionInvalidFrames maxSessionMemory
  maxSessionRejectedStreams maxSettings optimizeEmptyRequests origins paddingStrategy peerMaxConcurrentStreams
  rejectNonStandardBodyWrites remoteCustomSettings requestTimeout requireHostHeader selectPadding ServerResponse settings
  shouldUpgradeCallback streamResetBurst streamResetRate strictFieldWhitespaceValidation strictSingleValueFields tls
  uniqueHeaders unknownProtocolTimeout
`.trim().split(/\s+/).map((name) => [name, any]));

const SERVER = {
  ...HTTP,
  ...CONTEXT,
  ALPNCallback: off,
  // Always those of HTTP/2, once lib/options.js is done.
  ALPNProtocols: any,
  SNICallback: off,
  // Of net.Server, which makes the sockets in any case.
  allowHalfOpen: any,
  blockList: any,
  enableTrace: (value) => absent(value) || value === false,
  handshakeTimeout: (value) => off(value) || typeof value === 'number',
  highWaterMark: any,
  keepAlive: any,
  keepAliveInitialDelay: any,
  noDelay: any,
  pauseOnConnect: off,
  pskCallback: off,
  pskIdentityHint: off,
  rejectUnauthorized: any,
  requestCert: any,
};

const CLIENT = {
  ...HTTP,
  ...CONTEXT,
  ALPNCallback: off,
  ALPNProtocols: any,
  // Of net.Socket, which makes the connection in any case.
  allowHalfOpen: any,
  autoSelectFamily: any,
  autoSelectFamilyAttemptTimeout: any,
  blockList: any,
  family: any,
  hints: any,
  highWaterMark: any,
  host: any,
  keepAlive: any,
  keepAliveInitialDelay: any,
  localAddress: any,
  localPort: any,
  lookup: any,
  noDelay: any,
  port: any,
  signal: any,
  timeout: any,
  // Of tls.connect()
  checkServerIdentity: (value) => typeof value === 'function',
  createConnection: off,
  enableTrace: (value) => absent(value) || value === false,
  minDHSize: (value) => typeof value === 'number' && value >= 1,
  onread: off,
  path: off,
  protocol: any,
  pskCallback: off,
  rejectUnauthorized: any,
  requestOCSP: off,
  secureContext: off,
  servername: plainName,
  session: off,
  socket: off,
};

function firstRefused(options, table) {
  const refused = Object.keys(options)
    .find((name) => !Object.hasOwn(table, name) || !table[name](options[name]));
  return refused && `options.${refused}`;
}

// [least, greatest] version, or the name of the option that leaves none to rustls.
function versionsOf({ minVersion, maxVersion, secureOptions }, isServer) {
  let min = VERSIONS.get(minVersion || tls.DEFAULT_MIN_VERSION);
  let max = VERSIONS.get(maxVersion || tls.DEFAULT_MAX_VERSION);
  if (secureOptions & constants.SSL_OP_NO_TLSv1_2) min = TLS13;
  if (secureOptions & constants.SSL_OP_NO_TLSv1_3) max = Math.min(max, TLS12);
  if (!(max >= TLS12)) return 'options.maxVersion';
  // A client says at once what it would accept; a server sees what a client offers, and leaves old ones to node.
  if (!isServer && !(min >= TLS12)) return 'options.minVersion';
  if (min > max) return 'options.minVersion';
  return [Math.max(min, TLS12), max];
}

// What a configuration of rustls is made of, from options of tls.createSecureContext() that passed the table; or
// { obstacle }, the name of what cannot be honoured.
function contextPlan(options, isServer) {
  const versions = versionsOf(options, isServer);
  if (typeof versions === 'string') return { obstacle: versions };
  let [min, max] = versions;
  const suites = parseCiphers(options.ciphers || tls.DEFAULT_CIPHERS, isServer);
  if (suites === undefined) return { obstacle: 'options.ciphers' };
  if (!suites.some((suite) => suite.version === TLS12)) min = TLS13;
  if (min > max) return { obstacle: 'options.ciphers' };
  const groups = parseGroups(options.ecdhCurve ?? tls.DEFAULT_ECDH_CURVE);
  // To OpenSSL, but not to rustls, groups rule out certificates as well, up to TLS 1.2.
  if (groups === undefined || (min === TLS12 && !['secp256r1', 'secp384r1'].every((name) => groups.some((group) => group.name === name))))
    return { obstacle: 'options.ecdhCurve' };
  const material = readMaterial(options);
  if (typeof material === 'string') return { obstacle: `options.${material}` };
  const preference = (options.secureOptions & constants.SSL_OP_CIPHER_SERVER_PREFERENCE) !== 0;
  return { obstacle: undefined, min, max, suites, groups, honorCipherOrder: preference || options.honorCipherOrder !== false, ...material };
}

// The plan for a secure context of a server, given to its constructor or at run time.
function planContext(options) {
  const obstacle = firstRefused(options, SERVER) ?? environment.obstacle();
  if (obstacle !== undefined) return { obstacle };
  const plan = contextPlan(options, true);
  if (plan.obstacle === undefined && plan.certificates.length === 0) return { obstacle: 'a server without a certificate' };
  return plan;
}

// What stays in a server's way whatever its secure context becomes, or undefined: setSecureContext() replaces those options
// only, and not even all of them.
function lastingObstacle(options) {
  const kept = Object.keys(options).filter((name) => !Object.hasOwn(CONTEXT, name) || STICKY.has(name));
  return firstRefused(Object.fromEntries(kept.map((name) => [name, options[name]])), SERVER);
}

// The plan for a server name (addContext()), on top of the server's own. Of a context that is chosen by name node uses the
// certificate and the roots only; the rest is the server's.
function planName(options, base, { ca }) {
  const obstacle = base.obstacle ?? firstRefused(options, CONTEXT);
  if (obstacle !== undefined) return { obstacle };
  const material = readMaterial(options, ca);
  if (typeof material === 'string') return { obstacle: `options.${material}` };
  // Beside one of another type, the server's own certificate stays in use.
  const [pair] = material.certificates;
  if (material.certificates.length !== 1 || base.certificates.some(({ keyType }) => keyType !== pair.keyType))
    return { obstacle: 'options.cert' };
  return { ...base, ...material };
}

function clientObstacle(options) {
  return firstRefused(options, CLIENT) ?? environment.clientObstacle(!options.ca);
}

module.exports = { CLIENT, CONTEXT, SERVER, clientObstacle, contextPlan, lastingObstacle, planContext, planName };
