'use strict';

// A thousand sessions destroyed in mid-request leave no handle, no memory and no callback that is never called.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { describe } = require('../helpers/growth');
const { runScriptToEnd } = require('../helpers/processes');

for (const transport of ['plaintext', 'tls']) {
  test(`1,000 sessions destroyed in mid-request, ${transport}`, { timeout: 300_000 }, async (t) => {
    const script = path.join(__dirname, 'sessions.js');
    const left = JSON.parse(await runScriptToEnd(script, [transport], { timeout: 290_000 }));
    t.diagnostic(describe(left.memory));
    assert.ok(left.opened >= 1000);
    assert.strictEqual(left.closed, left.opened, "sessions without 'close'");
    assert.strictEqual(left.requestsClosed, left.requests, "requests without 'close'");
    assert.strictEqual(left.callbacksCalled, left.callbacks, 'callbacks never called');
    assert.strictEqual(left.handles, 0, 'handles left');
    // Whatever the collector takes for a reference on the stack stays.
    assert.ok(left.collected >= left.opened - 10, `only ${left.collected} of ${left.opened} sessions were collected`);
    assert.ok(left.memory.flat, `memory grows with the number of sessions: ${describe(left.memory)}`);
  });
}
