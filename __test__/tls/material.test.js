'use strict';

// Keys and certificates in every form that node takes.

const assert = require('node:assert');
const { X509Certificate, createPrivateKey } = require('node:crypto');
const { test } = require('node:test');
const tls = require('node:tls');
const { defaultRoots, readMaterial } = require('../../lib/tls/material');
const { createCertificate } = require('../helpers/certificate');

const ec = createCertificate();
const rsa = createCertificate({ type: 'rsa' });
const root = createCertificate({ commonName: 'root', names: [] });
const middle = createCertificate({ commonName: 'middle', names: [], issuer: root, authority: true });
const leaf = createCertificate({ issuer: middle });

const der = (pem) => new X509Certificate(pem).raw;
const pkcs8 = (pem) => createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });

function onlyPair(options) {
  const { certificates } = readMaterial(options);
  assert.strictEqual(certificates.length, 1);
  return certificates[0];
}

const view = (text) => new DataView(Uint8Array.from(Buffer.from(text)).buffer);

test('PEM as a string, a Buffer, a view or in an array', () => {
  for (const form of [String, Buffer.from, view, (text) => [text], (text) => [Buffer.from(text)]]) {
    const pair = onlyPair({ key: form(ec.key), cert: form(ec.cert), ca: form(root.cert) });
    assert.deepStrictEqual(pair.chain, [der(ec.cert)]);
    assert.deepStrictEqual(pair.key, pkcs8(ec.key));
    assert.strictEqual(pair.curve, 'prime256v1');
  }
});

test('older encodings of keys', () => {
  const sec1 = createPrivateKey(ec.key).export({ type: 'sec1', format: 'pem' });
  assert.deepStrictEqual(onlyPair({ key: sec1, cert: ec.cert }).key, pkcs8(ec.key));
  const pkcs1 = createPrivateKey(rsa.key).export({ type: 'pkcs1', format: 'pem' });
  assert.deepStrictEqual(onlyPair({ key: pkcs1, cert: rsa.cert }).key, pkcs8(rsa.key));
});

test('encrypted keys, with a passphrase of their own or the common one', () => {
  const encrypted = createPrivateKey(ec.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' });
  for (const given of [
    { key: encrypted, passphrase: 'secret' },
    { key: [{ pem: encrypted, passphrase: 'secret' }] },
    { key: [{ pem: encrypted }], passphrase: 'secret' },
    { key: [{ pem: encrypted, passphrase: 'secret' }], passphrase: 'wrong' },
  ]) assert.deepStrictEqual(onlyPair({ ...given, cert: ec.cert }).key, pkcs8(ec.key));
  assert.strictEqual(readMaterial({ key: encrypted, cert: ec.cert, passphrase: 'wrong' }), 'key');
  assert.strictEqual(readMaterial({ key: encrypted, cert: ec.cert }), 'key');
});

test('several pairs, in whatever order', () => {
  const { certificates } = readMaterial({ key: [ec.key, rsa.key], cert: [rsa.cert, ec.cert] });
  assert.deepStrictEqual(certificates.map(({ keyType, chain }) => [keyType, chain]),
    [['ec', [der(ec.cert)]], ['rsa', [der(rsa.cert)]]]);
});

test('a chain, as it is given', () => {
  assert.deepStrictEqual(onlyPair({ key: leaf.key, cert: leaf.cert + middle.cert, ca: root.cert }).chain,
    [der(leaf.cert), der(middle.cert)]);
});

test('a single certificate is completed from `ca`', () => {
  assert.deepStrictEqual(onlyPair({ key: leaf.key, cert: leaf.cert, ca: [root.cert, middle.cert] }).chain,
    [der(leaf.cert), der(middle.cert), der(root.cert)]);
  assert.deepStrictEqual(onlyPair({ key: leaf.key, cert: leaf.cert, ca: root.cert + middle.cert }).chain.length, 3);
  assert.deepStrictEqual(onlyPair({ key: leaf.key, cert: leaf.cert, ca: root.cert }).chain, [der(leaf.cert)]);
});

test('text around the certificates does not matter', () => {
  assert.deepStrictEqual(readMaterial({ ca: `subject=root\n${root.cert}\n# and\n${ec.cert}` }).roots, [der(root.cert), der(ec.cert)]);
  assert.deepStrictEqual(readMaterial({ ca: [] }).roots, []);
});

test('what rustls does not read is named', () => {
  const weak = createCertificate({ type: 'weak' });
  const ed25519 = createCertificate({ type: 'ed25519' });
  for (const { key, cert } of [weak, ed25519]) assert.strictEqual(readMaterial({ key, cert }), 'key');
  assert.strictEqual(readMaterial({ key: ec.key, cert: rsa.cert }), 'key');
  assert.strictEqual(readMaterial({ key: ec.key }), 'key');
  assert.strictEqual(readMaterial({ cert: ec.cert }), 'cert');
  assert.strictEqual(readMaterial({ key: [ec.key, createCertificate().key], cert: [ec.cert] }), 'key');
  assert.strictEqual(readMaterial({ ca: weak.cert }), 'ca');
  assert.strictEqual(readMaterial({ ca: ec.cert.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE') }), 'ca');
  assert.strictEqual(readMaterial({ ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }), 'ca');
  assert.strictEqual(readMaterial({ ca: createPrivateKey(ec.key) }), 'ca');
  assert.strictEqual(readMaterial({ key: createPrivateKey(ec.key), cert: ec.cert }), 'key');
});

test('without key and certificate there is nothing to read', () => {
  assert.deepStrictEqual(readMaterial({}), { roots: undefined, certificates: [] });
});

test('the default roots are node\'s, read once', () => {
  const pem = tls.getCACertificates?.('default') ?? tls.rootCertificates;
  const roots = defaultRoots();
  assert.strictEqual(roots.length, pem.length);
  assert.deepStrictEqual(roots[0], der(pem[0]));
  assert.deepStrictEqual(roots.at(-1), der(pem.at(-1)));
  assert.strictEqual(defaultRoots(), roots);
});
