'use strict';

// A thousand sessions destroyed in mid-request leave no handle, no memory and no callback that is never called.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { runScriptToEnd } = require('../helpers/processes');

const mebibyte = 1024 * 1024;

for (const transport of ['plaintext', 'tls']) {
  test(`1,000 sessions destroyed in mid-request, ${transport}`, { timeout: 120_000 }, async (t) => {
    const script = path.join(__dirname, 'sessions.js');
    const left = JSON.parse(await runScriptToEnd(script, [transport], { execArgv: ['--expose-gc'], timeout: 110_000 }));
    t.diagnostic(`resident +${(left.rss / mebibyte).toFixed(1)} MiB, heap +${(left.heapUsed / mebibyte).toFixed(2)} MiB`);
    assert.ok(left.opened >= 1000);
    assert.strictEqual(left.closed, left.opened, "sessions without 'close'");
    assert.strictEqual(left.requestsClosed, left.requests, "requests without 'close'");
    assert.strictEqual(left.callbacksCalled, left.callbacks, 'callbacks never called');
    assert.strictEqual(left.handles, 0, 'handles left');
    assert.ok(left.collected >= left.opened - 10, `only ${left.collected} of ${left.opened} sessions were collected`);
    assert.ok(left.heapUsed < 2 * mebibyte, `the heap grew by ${left.heapUsed} bytes`);
    assert.ok(left.external < 2 * mebibyte, `external memory grew by ${left.external} bytes`);
    assert.ok(left.rss < 40 * mebibyte, `resident memory grew by ${left.rss} bytes`);
  });
}
