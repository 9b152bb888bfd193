'use strict';

// Which ClientHellos rustls answers as OpenSSL would.

const assert = require('node:assert');
const EventEmitter = require('node:events');
const { test } = require('node:test');
const { Contexts } = require('../../lib/tls/contexts');
const { planContext } = require('../../lib/tls/decide');
const { pairFor } = require('../../lib/tls/hello');
const { createCertificate } = require('../helpers/certificate');

const ec = createCertificate();
const p384 = createCertificate({ type: 'p384' });
const rsa = createCertificate({ type: 'rsa' });

const MODERN = {
  servername: 'localhost', alpn: ['h2', 'http/1.1'], versions: [0x0304, 0x0303], cipherSuites: [0x1301, 0x1302, 0xc02b, 0xc02f],
  groups: [0x1d, 0x17, 0x18], signatureSchemes: [0x0403, 0x0503, 0x0804, 0x0401],
};
const TLS12 = { ...MODERN, versions: [0x0303] };

// Says yes to the hello, and no to each of the others.
function check({ name, privateKey, ...options }, yes, ...no) {
  const plan = planContext(options);
  assert.strictEqual(plan.obstacle, undefined);
  assert.notStrictEqual(pairFor(plan, yes), undefined);
  for (const hello of no) assert.strictEqual(pairFor(plan, hello), undefined, JSON.stringify(hello));
}

test('HTTP/2 is what it is for', () => {
  const offering = (...alpn) => ({ ...MODERN, alpn });
  check(ec, offering('http/1.1', 'h2'), offering(), offering('http/1.1'), offering('h2c'));
});

test('versions, as the server limits them', () => {
  check(ec, MODERN, { ...MODERN, versions: [0x0302, 0x0301] }, { ...MODERN, versions: [] });
  check({ ...ec, minVersion: 'TLSv1.3' }, MODERN, TLS12);
  check({ ...ec, maxVersion: 'TLSv1.2' }, MODERN, { ...MODERN, versions: [0x0304] });
  check({ ...ec, minVersion: 'TLSv1' }, TLS12, { ...MODERN, versions: [0x0301] });
});

test('a suite for the version and for the key', () => {
  check(ec, { ...TLS12, cipherSuites: [0xc02b] }, { ...TLS12, cipherSuites: [0xc02f] }, { ...TLS12, cipherSuites: [0x1301] });
  check(rsa, { ...TLS12, cipherSuites: [0xc02f] }, { ...TLS12, cipherSuites: [0xc02b] }, { ...TLS12, cipherSuites: [0x002f] });
  check(ec, { ...MODERN, cipherSuites: [0x1303] }, { ...MODERN, cipherSuites: [0x1304, 0xc02b] });
});

test('suites of ChaCha20 for TLS 1.2 come after others that only OpenSSL has', () => {
  check(ec, TLS12, { ...TLS12, cipherSuites: [0xcca9, 0xc023] });
  check({ ...ec, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }, { ...TLS12, cipherSuites: [0xcca9] });
});

test('a group, and for TLS 1.2 that of the certificate, too', () => {
  check(ec, { ...MODERN, groups: [0x1d] }, { ...MODERN, groups: [0x19] }, { ...MODERN, groups: [] });
  check(ec, { ...TLS12, groups: [0x17] }, { ...TLS12, groups: [0x1d] });
  check(p384, { ...TLS12, groups: [0x18] }, { ...TLS12, groups: [0x1d, 0x17] });
  check(rsa, { ...TLS12, groups: [0x1d] });
});

test('a signature scheme for the key', () => {
  check(ec, { ...MODERN, signatureSchemes: [0x0403] }, { ...MODERN, signatureSchemes: [0x0503, 0x0804] });
  check(p384, { ...MODERN, signatureSchemes: [0x0503] }, { ...MODERN, signatureSchemes: [0x0403] });
  check(rsa, { ...MODERN, signatureSchemes: [0x0804] }, { ...MODERN, signatureSchemes: [0x0401] });
  check(rsa, { ...TLS12, signatureSchemes: [0x0401] }, { ...TLS12, signatureSchemes: [0x0201] });
});

test('with two certificates, TLS 1.2 is left to OpenSSL', () => {
  check({ key: [ec.key, rsa.key], cert: [ec.cert, rsa.cert] }, MODERN, TLS12);
});

test('of two certificates, the one whose signatures the client knows; both known, that of the elliptic curve', () => {
  const plan = planContext({ key: [rsa.key, ec.key], cert: [rsa.cert, ec.cert] });
  assert.strictEqual(pairFor(plan, MODERN).keyType, 'ec');
  assert.strictEqual(pairFor(plan, { ...MODERN, signatureSchemes: [0x0804] }).keyType, 'rsa');
});

test('a client that says it has fallen back is judged by OpenSSL', () => {
  check(ec, TLS12, { ...TLS12, cipherSuites: [...TLS12.cipherSuites, 0x5600] });
});

test('an offer that was answered before is answered alike, if it is for HTTP/2', () => {
  const contexts = new Contexts(new EventEmitter(), { key: ec.key, cert: ec.cert, ALPNProtocols: ['h2'] });
  const choose = (offer, hello) => contexts.choose({ ...MODERN, offer, ...hello });
  const first = choose('modern');
  assert.ok(first.config);
  assert.deepStrictEqual(choose('modern'), first);
  assert.strictEqual(choose('modern', { alpn: ['h2,http/1.1'] }), undefined);
  assert.strictEqual(choose('old', { versions: [0x0301] }), undefined);
  assert.strictEqual(choose('old', { versions: [0x0301] }), undefined);
});

test('no more offers are remembered than there are kinds of clients', () => {
  const contexts = new Contexts(new EventEmitter(), { key: ec.key, cert: ec.cert, ALPNProtocols: ['h2'] });
  for (let i = 0; i < 1000; i += 1) assert.ok(contexts.choose({ ...MODERN, offer: `offer ${i}` }));
  assert.ok(contexts.shared.pairs.size < 100);
});
