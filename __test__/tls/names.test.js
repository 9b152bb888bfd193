'use strict';

// The names that stand for one thing in OpenSSL, in the RFCs and on the wire.

const assert = require('node:assert');
const { constants } = require('node:crypto');
const { test } = require('node:test');
const tls = require('node:tls');
const { TLS12, TLS13, cipherInfo, parseCiphers, parseGroups, suitesByNumber } = require('../../lib/tls/names');

const names = (suites) => suites?.map(({ name }) => name);

test('node knows every suite by the name it has here', () => {
  const known = new Set(tls.getCiphers());
  for (const { name } of suitesByNumber.values()) assert.ok(known.has(name.toLowerCase()), name);
});

test('a default list begins with what node prefers', () => {
  const order = constants.defaultCoreCipherList.split(':');
  const server = names(parseCiphers(constants.defaultCoreCipherList, true));
  assert.deepStrictEqual(server, order.slice(0, server.length));
  const client = names(parseCiphers(constants.defaultCoreCipherList, false));
  assert.deepStrictEqual(client.slice(0, server.length), server);
  assert.ok(client.includes('ECDHE-RSA-CHACHA20-POLY1305'));
});

test('a list of names keeps its order, and TLS 1.3 keeps its suites unless they are named', () => {
  assert.deepStrictEqual(names(parseCiphers('ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256', true)), [
    'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256',
    'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256',
  ]);
  assert.deepStrictEqual(names(parseCiphers('TLS_AES_128_GCM_SHA256', true)), ['TLS_AES_128_GCM_SHA256']);
  assert.deepStrictEqual(names(parseCiphers('TLS_AES_128_GCM_SHA256::ECDHE-RSA-AES128-GCM-SHA256', false)),
    ['TLS_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256']);
});

test('what only OpenSSL understands is not understood', () => {
  for (const list of ['HIGH', 'ECDHE-RSA-AES128-GCM-SHA256:!aNULL', 'DEFAULT@SECLEVEL=0', 'AES128-SHA', 'TLS_AES_128_CCM_SHA256', ':'])
    assert.strictEqual(parseCiphers(list, true), undefined, list);
  for (const list of ['P-521', 'X25519:brainpoolP256r1', '', 'auto:P-256']) assert.strictEqual(parseGroups(list), undefined, list);
});

test('a group has several names', () => {
  for (const list of ['P-256:X25519', 'prime256v1:X25519', 'secp256r1:x25519'])
    assert.deepStrictEqual(parseGroups(list).map(({ name }) => name), ['secp256r1', 'X25519']);
});

test('a suite is told as getCipher() tells it', () => {
  const info = (number) => cipherInfo(suitesByNumber.get(number));
  assert.deepStrictEqual(info(0x1301),
    { name: 'TLS_AES_128_GCM_SHA256', standardName: 'TLS_AES_128_GCM_SHA256', version: 'TLSv1.3' });
  assert.deepStrictEqual(info(0xc02f),
    { name: 'ECDHE-RSA-AES128-GCM-SHA256', standardName: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', version: 'TLSv1.2' });
  for (const { version } of suitesByNumber.values()) assert.ok(version === TLS12 || version === TLS13);
});
