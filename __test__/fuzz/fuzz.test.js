'use strict';

// Things done at random, legal and not, to sessions and streams: nothing crashes or hangs, everything closes once, and what throws
// in node:http2 throws here. The same stories each time; npm run fuzz tells others.

const assert = require('node:assert');
const { test } = require('node:test');
const { SUBJECT } = require('../helpers/modules');
const { broken, compare, tell } = require('./compare');

const range = (first, count) => Array.from({ length: count }, (_, index) => first + index);
const summary = (different) => different.map(({ seed, why }) => `seed ${seed} ${why}`).join('\n');

test('stories told from outside of listeners throw and end as in node', { timeout: 240_000 }, async () => {
  assert.strictEqual(summary(await compare('calm', range(1, 20))), '');
});

test('stories told from inside of listeners, with exceptions, leave nothing open', { timeout: 240_000 }, async () => {
  const outcomes = await tell(SUBJECT, 'wild', range(1000, 40));
  const wrong = [...outcomes].map(([seed, outcome]) => ({ seed, why: broken(outcome) })).filter(({ why }) => why !== undefined);
  assert.strictEqual(summary(wrong), '');
});
