'use strict';

// A connection that is reset after any octet of an exchange, in either direction, as seen by a client and by a server.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { runScriptToEnd } = require('../helpers/processes');

const step = process.env.HTTP2_RS_FULL ? 1 : 9;

for (const transport of ['socket', 'pipe']) {
  test(`a connection reset at every ${step === 1 ? 'octet' : `${step} octets`}, ${transport}`, { timeout: 300_000 }, async (t) => {
    const options = { env: { HTTP2_RS_TRANSPORT: transport }, timeout: 290_000 };
    const { cuts } = JSON.parse(await runScriptToEnd(path.join(__dirname, 'cut.js'), [String(step)], options));
    t.diagnostic(`cut at ${cuts} places`);
    assert.ok(cuts > 30);
  });
}
