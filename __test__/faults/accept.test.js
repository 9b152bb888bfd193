'use strict';

// A server that runs out of descriptors accepts what it can and is as before when it has some again.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { runChild } = require('../helpers/child');
const { ORACLE, SUBJECT } = require('../helpers/modules');

const play = async (moduleName) =>
  (await runChild(path.join(__dirname, 'no-descriptors-to-accept.js'), [moduleName], { timeout: 60_000 })).report;

test('a server without descriptors refuses connections as node does, and goes on', { skip: process.platform === 'win32' }, async () => {
  const [expected, actual] = await Promise.all([play(ORACLE), play(SUBJECT)]);
  assert.deepStrictEqual(actual, expected);
  assert.strictEqual(actual.afterwards, 'answered');
});
