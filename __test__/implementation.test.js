'use strict';

// http2.implementation says what runs: this release, made of the crates that Cargo.lock names.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const http2 = require('..');
const { version } = require('../package.json');

const lock = fs.readFileSync(path.join(__dirname, '..', 'Cargo.lock'), 'utf8');
const locked = (name) => lock.match(new RegExp(`name = "${name}"\nversion = "([^"]+)"`))[1];

test('the implementation names itself and its versions', () => {
  assert.deepStrictEqual({ ...http2.implementation }, {
    name: 'http2-rs', version, h2: locked('h2'), rustls: locked('rustls'),
  });
  assert.ok(Object.isFrozen(http2.implementation));
});

test('the crate and the package have one version', () => {
  assert.strictEqual(locked('http2-rs'), version);
});

test('every export can be imported by its name', async () => {
  const namespace = await import('../index.js');
  for (const name of Object.keys(http2)) assert.strictEqual(namespace[name], http2[name], name);
  assert.strictEqual(namespace.default, http2);
});

test('the preload hands out every export by its name', async () => {
  const source = fs.readFileSync(path.join(__dirname, '..', 'lib', 'register', 'http2.mjs'), 'utf8');
  const names = source.match(/export const \{([^}]*)\}/)[1].match(/\w+/g);
  assert.deepStrictEqual(names.sort(), Object.keys(http2).sort());
});
