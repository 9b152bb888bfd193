'use strict';

// Event loops and clocks that do not go evenly, windows that are huge, and memory that is collected at any time.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { connect, exchange, listen } = require('../helpers/endpoints');
const { runScriptToEnd } = require('../helpers/processes');
const { eventually, watch } = require('./watch');

const mebibyte = 1024 * 1024;

function block(milliseconds) {
  const until = process.hrtime.bigint() + BigInt(milliseconds) * 1_000_000n;
  while (process.hrtime.bigint() < until);
}

for (const secure of [false, true]) {
  test(`an event loop that is blocked for seconds in mid-stream, ${secure ? 'TLS' : 'plaintext'}`, async (t) => {
    const endpoint = await listen(t, {
      secure,
      onStream(stream) {
        stream.respond({ ':status': 200 });
        stream.write(Buffer.alloc(200_000));
        setTimeout(() => block(1500), 5);
        setTimeout(() => stream.end(Buffer.alloc(200_000)), 10);
      },
    });
    const client = await connect(t, endpoint);
    const answers = Array.from({ length: 2 }, () => watch(client.request({ ':path': '/' })));
    for (const { end, reset, octets } of await eventually({ answers: Promise.all(answers) }).then(([all]) => all)) {
      assert.deepStrictEqual({ end, reset, octets }, { end: 1, reset: 0, octets: 400_000 });
    }
  });
}

test('a clock that jumps back and forth', async (t) => {
  const now = Date.now;
  t.after(() => { Date.now = now; });
  const endpoint = await listen(t, { onStream: (stream) => stream.respond({ ':status': 200 }, { endStream: true }) });
  const client = await connect(t, endpoint);
  client.setTimeout(60_000, () => client.destroy(new Error('the session has timed out')));
  const year = 365 * 24 * 3600 * 1000;
  for (const jump of [year, -year, -50 * year, 100 * year, 0]) {
    Date.now = () => now() + jump;
    const { headers } = await exchange(client, { ':path': '/' });
    assert.strictEqual(headers[':status'], 200);
    await new Promise((resolve, reject) => {
      client.ping((error, duration) => error ? reject(error) : resolve(assert.ok(duration >= 0 && duration < 60_000)));
    });
  }
});

test('windows as large as they can be cost nothing', async (t) => {
  const settings = {
    initialWindowSize: 2 ** 31 - 1, maxFrameSize: 2 ** 24 - 1, headerTableSize: 2 ** 32 - 1, maxConcurrentStreams: 2 ** 32 - 1,
  };
  const endpoint = await listen(t, { settings, onStream: (stream) => stream.pipe(stream) });
  endpoint.server.on('session', (session) => session.setLocalWindowSize(2 ** 31 - 1));
  const before = process.memoryUsage();
  const client = await connect(t, endpoint, { settings });
  client.setLocalWindowSize(2 ** 31 - 1);
  const sent = Buffer.alloc(3_000_000, 'x');
  const { body } = await exchange(client, { ':path': '/', ':method': 'POST' }, { body: sent });
  assert.ok(body.equals(sent));
  const { external, rss } = process.memoryUsage();
  assert.ok(external - before.external < 100 * mebibyte && rss - before.rss < 200 * mebibyte);
});

test('memory that is collected between any two calls', { timeout: 300_000 }, async () => {
  const script = path.join(__dirname, 'collected.js');
  const { calls, collections } = JSON.parse(await runScriptToEnd(script, [], { execArgv: ['--expose-gc'], timeout: 290_000 }));
  assert.ok(collections > 2 * calls && calls > 50, `${collections} collections, ${calls} calls`);
});

test('exceptions that nobody catches, in mid-stream', { timeout: 120_000 }, async () => {
  const outcome = JSON.parse(await runScriptToEnd(path.join(__dirname, 'uncaught.js')));
  // Every listener's exception arrives, and every request has its answer.
  const caught = ['client data', 'client end', 'client response', 'server stream'];
  assert.deepStrictEqual(outcome, { caught, answered: 20, octets: 20 * 50_000 });
});
