'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { runScriptToEnd } = require('../helpers/processes');

// They would run while the engine is in the middle of its work.
test('setters that a program has put into the prototypes of everything are not run', async () => {
  const outcome = JSON.parse(await runScriptToEnd(path.join(__dirname, 'prototypes.js')));
  assert.deepStrictEqual(outcome, { octets: 50_000, acknowledged: true, window: 70_000, last: 0 });
});
