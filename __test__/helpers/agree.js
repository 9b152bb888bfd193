'use strict';

// Programs of two ends that talk over a socket are scheduled apart when the machine is busy, and node:http2 itself then
// tells another order now and then: of two reads what was one, of one what was two. A difference between two
// implementations is what shows every time.

const assert = require('node:assert/strict');

const TRIES = 3;

/**
 * Asserts that `compare()`, which plays something anew on each call and resolves with [actual, expected], comes to the same
 * on both sides. What took a second try is said in the output of the test.
 */
async function agree(t, compare) {
  for (let tries = 1; ; tries += 1) {
    const [actual, expected] = await compare();
    try {
      assert.deepEqual(actual, expected);
      return;
    } catch (difference) {
      if (tries === TRIES) throw difference;
      t.diagnostic(`played again: ${difference.message}`);
    }
  }
}

module.exports = { agree };
