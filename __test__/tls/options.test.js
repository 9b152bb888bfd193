'use strict';

// Every option of node's TLS, on either side: honoured by rustls or left to node, and none unknown.

const assert = require('node:assert');
const { constants } = require('node:crypto');
const { describe, test } = require('node:test');
const net = require('node:net');
const tls = require('node:tls');
const { CLIENT, CONTEXT, SERVER, clientObstacle, contextPlan, planContext } = require('../../lib/tls/decide');
const { clientOptions, offerHttp2, serverOptions } = require('../../lib/options');
const { createCertificate } = require('../helpers/certificate');

// Where it is set, it stands in the way of clients of older versions of node.
const { NODE_EXTRA_CA_CERTS } = process.env;
delete process.env.NODE_EXTRA_CA_CERTS;

const { key, cert } = createCertificate();
const rsa = createCertificate({ type: 'rsa' });
const nothing = () => undefined;

// Names that are read of `options` while `action(options)` runs.
function namesRead(action, options = {}) {
  const names = new Set();
  action(new Proxy(options, {
    get(target, name) {
      if (typeof name === 'string') names.add(name);
      return target[name];
    },
    has(target, name) {
      names.add(name);
      return name in target;
    },
  }));
  return names;
}

// Names that the source of a function reads of something called `options`.
function namesIn(method) {
  return [...method.toString().matchAll(/\boptions\??\.(\w+)/g)].map(([, name]) => name);
}

const inherited = new Set(Reflect.ownKeys(Object.prototype));

// Given by node to itself.
const INTERNAL = new Set(['singleUse']);

function assertKnown(names, table) {
  for (const name of names)
    if (!inherited.has(name) && !INTERNAL.has(name)) assert.ok(Object.hasOwn(table, name), `options.${name} is in no table`);
}

describe('no option is unknown', () => {
  test('of tls.createSecureContext()', () => {
    assertKnown(namesRead((options) => tls.createSecureContext(options), { key, cert }), CONTEXT);
  });

  test('of a server', () => {
    assertKnown(namesRead((options) => tls.createServer(options), { key, cert }), SERVER);
    assertKnown(namesIn(tls.Server.prototype.setSecureContext), SERVER);
    assertKnown(namesRead((options) => net.createServer(options)), SERVER);
  });

  test('of a client', () => {
    // Places that connect() does not take from its caller.
    const elsewhere = new Set([
      'SNICallback', 'credentials', 'handshakeTimeout', 'isServer', 'pipe', 'pskIdentityHint', 'requestCert', 'server',
    ]);
    const names = [tls.connect, tls.TLSSocket, tls.TLSSocket.prototype._init, net.Socket.prototype.connect]
      .flatMap(namesIn).filter((name) => !elsewhere.has(name));
    assert.ok(names.includes('checkServerIdentity'), 'the source of tls.connect() can be read');
    assertKnown(names, CLIENT);
  });

  test('those that lib/options.js sets are honoured', () => {
    assert.strictEqual(planContext(offerHttp2(serverOptions({ key, cert, allowHTTP1: true }))).obstacle, undefined);
    const options = offerHttp2(serverOptions(clientOptions({ ca: cert })), 'localhost');
    assert.strictEqual(clientObstacle({ ...options, host: 'localhost', port: '443' }), undefined);
  });

  test('one that is in no table goes to node', () => {
    assert.strictEqual(planContext({ key, cert, fromTheFuture: 1 }).obstacle, 'options.fromTheFuture');
    assert.strictEqual(clientObstacle({ fromTheFuture: undefined }), 'options.fromTheFuture');
  });
});

// name: [values that rustls honours, values that are node's]. For both sides unless the other table says otherwise.
const CONTEXT_VALUES = {
  allowPartialTrustChain: [[undefined, false], [true]],
  ca: [[undefined, cert, [cert, rsa.cert]], ['-----BEGIN X509 CERTIFICATE-----']],
  certificateCompression: [[undefined, null], [['zlib']]],
  ciphers: [
    [undefined, '', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_AES_128_GCM_SHA256'], ['HIGH', 5, 'AES128-SHA', 'DEFAULT:@SECLEVEL=0'],
  ],
  clientCertEngine: [[undefined, null], ['engine']],
  crl: [[undefined, null], ['crl', []]],
  dhparam: [[undefined, null], ['auto']],
  ecdhCurve: [[undefined, 'auto', 'X25519:P-256:P-384'], ['P-521', null, 'P-256', 7]],
  honorCipherOrder: [[undefined, true, false], []],
  maxVersion: [[undefined, 'TLSv1.2', 'TLSv1.3'], ['TLSv1.1', 'TLSv1', 'SSLv3', 3]],
  passphrase: [[undefined, 'unused'], [5]],
  pfx: [[undefined, null], [Buffer.from('x')]],
  privateKeyEngine: [[undefined, null], ['engine']],
  privateKeyIdentifier: [[undefined, null], ['id']],
  secureOptions: [
    [undefined, 0, constants.SSL_OP_NO_TLSv1 | constants.SSL_OP_NO_TLSv1_1, constants.SSL_OP_NO_TLSv1_3, constants.SSL_OP_NO_TLSv1_2],
    [constants.SSL_OP_NO_TICKET, constants.SSL_OP_PRIORITIZE_CHACHA, constants.SSL_OP_NO_TLSv1_2 | constants.SSL_OP_NO_TLSv1_3, '4'],
  ],
  secureProtocol: [[undefined, ''], ['TLSv1_2_method']],
  sessionIdContext: [[undefined, 'mine'], [6]],
  sessionTimeout: [[undefined, null], [300]],
  sigalgs: [[undefined, null], ['ecdsa_secp256r1_sha256']],
  ticketKeys: [[undefined, null], [Buffer.alloc(48)]],
};

const SERVER_VALUES = {
  ...CONTEXT_VALUES,
  ALPNCallback: [[undefined], [nothing]],
  ALPNProtocols: [[['h2']], []],
  SNICallback: [[undefined, null], [nothing]],
  allowHalfOpen: [[true, false], []],
  blockList: [[undefined, new net.BlockList()], []],
  cert: [[cert, [cert], Buffer.from(cert)], [undefined, rsa.cert, 'no certificate']],
  enableTrace: [[undefined, false], [true, 'yes']],
  handshakeTimeout: [[undefined, 0, 1000], ['1000']],
  highWaterMark: [[1], []],
  keepAlive: [[true], []],
  keepAliveInitialDelay: [[5], []],
  key: [[key, [key], [{ pem: key }], Buffer.from(key)], [undefined, rsa.key, 'no key']],
  minVersion: [[undefined, 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], ['SSLv3', 5]],
  noDelay: [[true], []],
  pauseOnConnect: [[false], [true]],
  pskCallback: [[undefined], [nothing]],
  pskIdentityHint: [[undefined], ['hint']],
  rejectUnauthorized: [[undefined, true, false, 'x'], []],
  requestCert: [[undefined, true, false, 'x'], []],
};

const CLIENT_VALUES = {
  ...CONTEXT_VALUES,
  ALPNCallback: [[undefined], [nothing]],
  ALPNProtocols: [[['h2']], []],
  allowHalfOpen: [[true, false], []],
  autoSelectFamily: [[true, false], []],
  autoSelectFamilyAttemptTimeout: [[20], []],
  blockList: [[undefined, new net.BlockList()], []],
  cert: [[], []],
  checkServerIdentity: [[nothing, tls.checkServerIdentity], [undefined, 'no']],
  createConnection: [[undefined], [nothing]],
  enableTrace: [[undefined, false], [true, 'yes']],
  family: [[4], []],
  highWaterMark: [[1], []],
  hints: [[0], []],
  host: [['localhost', '::1', 'LOCALHOST'], []],
  keepAlive: [[true], []],
  keepAliveInitialDelay: [[5], []],
  key: [[], []],
  localAddress: [['127.0.0.1'], []],
  localPort: [[0], []],
  lookup: [[nothing], []],
  minDHSize: [[1024], [undefined, 0, '5']],
  minVersion: [[undefined, 'TLSv1.2', 'TLSv1.3'], ['TLSv1', 'TLSv1.1', 'SSLv3']],
  noDelay: [[true], []],
  onread: [[undefined], [{}]],
  path: [[undefined], ['/socket']],
  port: [[1], []],
  protocol: [['https:'], []],
  pskCallback: [[undefined], [nothing]],
  rejectUnauthorized: [[undefined, true, false], []],
  requestOCSP: [[undefined, false], [true]],
  secureContext: [[undefined], [tls.createSecureContext()]],
  servername: [
    [undefined, '', 'localhost', 'a_b.example', 'xn--bcher-kva.example'],
    ['127.0.0.1', '::1', 'Example.com', 'example.com.', 'a..b', 'bücher.example', '-a.example', 'host.7', 5, 'a'.repeat(64)],
  ],
  session: [[undefined], [Buffer.alloc(1)]],
  signal: [[new AbortController().signal], []],
  socket: [[undefined], [new net.Socket()]],
  timeout: [[50], []],
};

// Options of HTTP are in both tables and say nothing about TLS.
const isHttp = (name) => [SERVER, CLIENT].every((table) => Object.hasOwn(table, name) && table[name](Symbol('anything')));

function obstacleOfClient(options) {
  const obstacle = clientObstacle(options);
  return obstacle ?? contextPlan(options, false).obstacle;
}

for (const [side, table, values, base, obstacle] of [
  ['server', SERVER, SERVER_VALUES, { key, cert }, (options) => planContext(options).obstacle],
  ['client', CLIENT, CLIENT_VALUES, {}, obstacleOfClient],
]) {
  describe(`a ${side}`, () => {
    test('every option of the table is tried here', () => {
      for (const name of Object.keys(table)) assert.ok(Object.hasOwn(values, name) || isHttp(name), name);
    });
    for (const [name, [honoured, nodes]] of Object.entries(values)) {
      test(`options.${name}`, () => {
        for (const value of honoured) assert.strictEqual(obstacle({ ...base, [name]: value }), undefined, String(value));
        for (const value of nodes) assert.notStrictEqual(obstacle({ ...base, [name]: value }), undefined, String(value));
      });
    }
  });
}

test('what is in the way is named', () => {
  assert.strictEqual(planContext({ key, cert, pfx: 'x' }).obstacle, 'options.pfx');
  assert.strictEqual(planContext({ key, cert, ciphers: 'HIGH' }).obstacle, 'options.ciphers');
  assert.strictEqual(planContext({}).obstacle, 'a server without a certificate');
  assert.strictEqual(obstacleOfClient({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }), 'options.minVersion');
  assert.strictEqual(obstacleOfClient({ maxVersion: 'TLSv1.2', ciphers: 'TLS_AES_128_GCM_SHA256' }), 'options.ciphers');
});

test('functions of node:tls that a program has replaced keep being called', (t) => {
  for (const name of ['connect', 'createSecureContext']) {
    const original = tls[name];
    t.after(() => { tls[name] = original; });
    tls[name] = (...args) => Reflect.apply(original, tls, args);
    assert.match(clientObstacle({}), new RegExp(`tls\\.${name}`));
    assert.match(planContext({ key, cert }).obstacle, new RegExp(`tls\\.${name}`));
    tls[name] = original;
  }
});

test('defaults that a program has changed count', (t) => {
  const { DEFAULT_CIPHERS, DEFAULT_MAX_VERSION, DEFAULT_ECDH_CURVE } = tls;
  t.after(() => Object.assign(tls, { DEFAULT_CIPHERS, DEFAULT_MAX_VERSION, DEFAULT_ECDH_CURVE }));
  tls.DEFAULT_CIPHERS = 'HIGH';
  assert.strictEqual(planContext({ key, cert }).obstacle, 'options.ciphers');
  tls.DEFAULT_CIPHERS = DEFAULT_CIPHERS;
  tls.DEFAULT_MAX_VERSION = 'TLSv1.1';
  assert.strictEqual(planContext({ key, cert }).obstacle, 'options.maxVersion');
  tls.DEFAULT_MAX_VERSION = DEFAULT_MAX_VERSION;
  tls.DEFAULT_ECDH_CURVE = 'P-521';
  assert.strictEqual(planContext({ key, cert }).obstacle, 'options.ecdhCurve');
});

test('the environment counts', (t) => {
  t.after(() => {
    for (const name of ['NODE_TLS_REJECT_UNAUTHORIZED', 'OPENSSL_CONF', 'NODE_EXTRA_CA_CERTS']) delete process.env[name];
    if (NODE_EXTRA_CA_CERTS !== undefined) process.env.NODE_EXTRA_CA_CERTS = NODE_EXTRA_CA_CERTS;
  });
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  assert.strictEqual(clientObstacle({}), 'NODE_TLS_REJECT_UNAUTHORIZED');
  assert.strictEqual(planContext({ key, cert }).obstacle, undefined);
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.OPENSSL_CONF = '/dev/null';
  assert.strictEqual(clientObstacle({}), 'OPENSSL_CONF');
  assert.strictEqual(planContext({ key, cert }).obstacle, 'OPENSSL_CONF');
  delete process.env.OPENSSL_CONF;
  process.env.NODE_EXTRA_CA_CERTS = '/extra.pem';
  const readable = tls.getCACertificates !== undefined;
  assert.strictEqual(clientObstacle({}), readable ? undefined : 'NODE_EXTRA_CA_CERTS');
  assert.strictEqual(clientObstacle({ ca: cert }), undefined);
});
