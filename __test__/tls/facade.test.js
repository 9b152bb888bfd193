'use strict';

// The object that stands for a TLSSocket: nothing on it may reach into OpenSSL's handle, which it does not have.

const assert = require('node:assert');
const { once } = require('node:events');
const { X509Certificate } = require('node:crypto');
const net = require('node:net');
const { test } = require('node:test');
const tls = require('node:tls');
const { inspect } = require('node:util');
const { TLS13 } = require('../../lib/tls/names');
const { become, establish, kTls } = require('../../lib/tls/socket');
const { createCertificate } = require('../helpers/certificate');

const der = ({ cert }) => new X509Certificate(cert).raw;
const root = createCertificate({ commonName: 'root', names: [] });
const leaf = createCertificate({ issuer: root });

// A connected socket of each kind: one that became a TLSSocket, and the other end, which did not.
async function connected(t, isServer = false) {
  const server = net.createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const socket = net.connect(server.address().port, '127.0.0.1');
  const [[peer]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  t.after(() => { socket.destroy(); peer.destroy(); });
  become(socket, isServer, { roots: [der(root)], max: TLS13 });
  return socket;
}

const INFO = {
  alpn: 'h2', protocol: 'TLSv1.3', cipherSuite: 0x1302, group: 0x1d, servername: 'localhost', resumed: false,
  peer: [der(leaf)], own: der(root), verifyError: undefined,
};

test('it is a TLSSocket and a net.Socket, and nothing is inherited from TLSSocket that knows its handle', async (t) => {
  const socket = await connected(t);
  assert.ok(socket instanceof tls.TLSSocket && socket instanceof net.Socket);
  assert.strictEqual(socket.constructor, tls.TLSSocket);
  assert.match(inspect(socket), /^<?(ref \*1> )?TLSSocket/);
  for (const name of Reflect.ownKeys(tls.TLSSocket.prototype)) {
    if (name === 'constructor') continue;
    assert.notStrictEqual(socket[name], tls.TLSSocket.prototype[name], String(name));
    if (Object.hasOwn(net.Socket.prototype, name)) assert.strictEqual(socket[name], net.Socket.prototype[name]);
  }
  assert.strictEqual(socket.remoteAddress, '127.0.0.1');
});

// What a socket of node answers at the same moment.
const ANSWERS = [
  'getCertificate', 'getCipher', 'getEphemeralKeyInfo', 'getFinished', 'getPeerCertificate', 'getPeerFinished',
  'getPeerX509Certificate', 'getProtocol', 'getSession', 'getSharedSigalgs', 'getTLSTicket', 'getX509Certificate', 'isSessionReused',
];
const PROPERTIES = ['alpnProtocol', 'authorizationError', 'authorized', 'encrypted', 'secureConnecting', 'servername'];

function stateOf(socket) {
  return Object.fromEntries([
    ...ANSWERS.map((name) => [name, socket[name]()]),
    ...PROPERTIES.map((name) => [name, socket[name]]),
  ]);
}

test('before the handshake it answers as node does', async (t) => {
  const socket = await connected(t);
  const node = tls.connect({ port: socket.remotePort, host: '127.0.0.1' }).on('error', () => {});
  t.after(() => node.destroy());
  await once(node, 'connect');
  assert.deepStrictEqual(stateOf(socket), stateOf(node));
  assert.throws(() => socket.exportKeyingMaterial(10, 'label'), { code: 'ERR_TLS_INVALID_STATE' });
});

test('destroyed, it answers as node does', async (t) => {
  const socket = await connected(t);
  const node = tls.connect({ port: socket.remotePort, host: '127.0.0.1' }).on('error', () => {});
  await once(node, 'connect');
  socket.destroy();
  node.destroy();
  assert.deepStrictEqual(stateOf(socket), stateOf(node));
});

test('after the handshake it tells what was negotiated', async (t) => {
  const socket = await connected(t);
  establish(socket, INFO, 'localhost');
  assert.strictEqual(socket.alpnProtocol, 'h2');
  assert.strictEqual(socket.servername, 'localhost');
  assert.strictEqual(socket.getProtocol(), 'TLSv1.3');
  assert.deepStrictEqual(socket.getCipher(),
    { name: 'TLS_AES_256_GCM_SHA384', standardName: 'TLS_AES_256_GCM_SHA384', version: 'TLSv1.3' });
  assert.deepStrictEqual(socket.getEphemeralKeyInfo(), { type: 'ECDH', name: 'X25519', size: 253 });
  assert.strictEqual(socket.isSessionReused(), false);
  assert.strictEqual(socket.getPeerX509Certificate().subject, 'CN=localhost');
  assert.strictEqual(socket.getX509Certificate().subject, 'CN=root');
  assert.strictEqual(socket.getCertificate().subject.CN, 'root');
});

test('a server is not told of the ephemeral key, and may not name itself', async (t) => {
  const socket = await connected(t, true);
  establish(socket, { ...INFO, peer: [] });
  assert.strictEqual(socket.getEphemeralKeyInfo(), null);
  assert.strictEqual(socket.servername, false);
  assert.deepStrictEqual(socket.getPeerCertificate(), {});
  assert.strictEqual(socket.getPeerX509Certificate(), undefined);
  assert.throws(() => socket.setServername('other'), { code: 'ERR_TLS_SNI_FROM_SERVER' });
});

test('details of a certificate lead to its root, which is its own issuer', async (t) => {
  const socket = await connected(t);
  establish(socket, INFO);
  const brief = socket.getPeerCertificate();
  assert.strictEqual(brief.subject.CN, 'localhost');
  assert.strictEqual(brief.issuerCertificate, undefined);
  const detailed = socket.getPeerCertificate(true);
  assert.strictEqual(detailed.issuerCertificate.subject.CN, 'root');
  assert.strictEqual(detailed.issuerCertificate.issuerCertificate, detailed.issuerCertificate);
});

test('an unknown issuer is where details end', async (t) => {
  const socket = await connected(t);
  establish(socket, { ...INFO, peer: [der(createCertificate({ issuer: createCertificate({ commonName: 'other' }) }))] });
  assert.strictEqual(socket.getPeerCertificate(true).issuerCertificate, undefined);
});

test('keying material comes from the engine, checked as node checks it', async (t) => {
  const socket = await connected(t);
  establish(socket, INFO);
  socket[kTls].connection = { exportKeyingMaterial: (...args) => args };
  assert.deepStrictEqual(socket.exportKeyingMaterial(10, 'label', Buffer.from('x')), [10, 'label', Buffer.from('x')]);
  assert.throws(() => socket.exportKeyingMaterial(), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => socket.exportKeyingMaterial(0, 'label'), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => socket.exportKeyingMaterial(10, 'label', 'text'), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('renegotiation is refused as node refuses it for TLS 1.3', async (t) => {
  const socket = await connected(t);
  establish(socket, INFO);
  const error = await new Promise((resolve) => assert.strictEqual(socket.renegotiate({}, resolve), false));
  assert.strictEqual(error.code, 'ERR_SSL_WRONG_SSL_VERSION');
  assert.throws(() => socket.renegotiate(), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.strictEqual(socket.setMaxSendFragment(1024), false);
});

// What most certificates of public authorities have: where their issuer's answers are.
const WITH_INFO_ACCESS = Buffer.from(
  'MIIB0DCCAXegAwIBAgIULhReOiyDEjB5e8ahaLCnwPVGknkwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2' +
  'MTEyMzE0Mzc1M1oXDTM2MTEyMDE0Mzc1M1owFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE' +
  'NF1+PtJfnP92G8X2XS285GnYBuOlquBV/vTyW4tKeMinbBbonMR3O/J9NYiXcRDb8HqxnSut8LMOkwuLR9ZIBaOBpjCBozAdBgNV' +
  'HQ4EFgQUW8pqHTHBtPa7+6AjiON0Uedoy5owHwYDVR0jBBgwFoAUW8pqHTHBtPa7+6AjiON0Uedoy5owDwYDVR0TAQH/BAUwAwEB' +
  '/zBQBggrBgEFBQcBAQREMEIwIAYIKwYBBQUHMAGGFGh0dHA6Ly9vY3NwLmV4YW1wbGUvMB4GCCsGAQUFBzAChhJodHRwOi8vY2Eu' +
  'ZXhhbXBsZS8wCgYIKoZIzj0EAwIDRwAwRAIgK2gHlDK9SVfMGUQ/GOuWK9zLZZw6MmqEqRlEZh9mmQYCIBSsBHZqrmDtgJrpc3ef' +
  'cwO027Y4d5lDBHEwm+QHtvHe',
  'base64');

test('a certificate that says where its issuer answers is told as node tells it', async (t) => {
  const socket = await connected(t);
  establish(socket, { ...INFO, peer: [WITH_INFO_ACCESS] });
  assert.deepEqual({ ...socket.getPeerCertificate().infoAccess }, {
    'OCSP - URI': ['http://ocsp.example/'], 'CA Issuers - URI': ['http://ca.example/'],
  });
});
