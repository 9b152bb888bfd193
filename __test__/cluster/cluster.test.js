'use strict';

// The sockets of a cluster's workers come from the primary, or are accepted on a descriptor that they share.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { runChild } = require('../helpers/child');
const { ORACLE, SUBJECT } = require('../helpers/modules');

const play = async (moduleName, policy) =>
  (await runChild(path.join(__dirname, 'primary.js'), [moduleName, policy], { timeout: 60_000 })).report;

for (const policy of ['SCHED_RR', 'SCHED_NONE']) {
  test(`two workers answer; one is disconnected and the other one killed: ${policy}`, async () => {
    const [expected, actual] = await Promise.all([play(ORACLE, policy), play(SUBJECT, policy)]);
    assert.deepStrictEqual(actual, expected);
    assert.deepStrictEqual(actual, {
      answered: [1, 2], held: 0, exit: [0, null], laterAnsweredBy: 2, killed: [null, 'SIGKILL'],
    });
  });
}
