'use strict';

// Workers end in the middle of everything, and leave nothing behind.

const assert = require('node:assert');
const { once } = require('node:events');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { describe, untilFlat } = require('../helpers/growth');

const WORKER = path.join(__dirname, 'busy-worker.js');

async function end(how) {
  const worker = new Worker(WORKER, { workerData: how });
  const exited = new Promise((resolve) => { worker.on('exit', resolve); });
  worker.on('error', ({ message }) => assert.strictEqual(message, 'on purpose'));
  const [message] = await once(worker, 'message');
  assert.strictEqual(message, 'busy');
  if (how === 'terminate')
    await worker.terminate();
  else if (how === 'terminate later')
    setTimeout(() => worker.terminate(), 10 * Math.random());
  const code = await exited;
  assert.strictEqual(code, how.startsWith('terminate') || how === 'throw' ? 1 : 0);
}

for (const how of ['terminate', 'terminate later', 'exit', 'exit in a listener', 'throw', 'end']) {
  test(`workers that ${how}`, { timeout: 120_000 }, async () => {
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 4 }, () => end(how)));
  });
}

test('the main thread goes on beside them', async (t) => {
  const { sides } = require('./harness');
  const { client, server } = await sides(t, { over: 'sockets' });
  const workers = new Set();
  for (let count = 0; count < 4; count++) {
    const ended = end('terminate later').then(() => workers.delete(ended));
    workers.add(ended);
  }
  while (workers.size > 0) {
    const id = client.request();
    await server.next('onHeaders', id);
    server.respond(id, [], 1);
    await client.next('onStreamClose', id);
  }
});

test('memory does not grow with the number of workers', { timeout: 120_000 }, async () => {
  const round = () => Promise.all(Array.from({ length: 4 }, () => end('terminate')));
  const memory = await untilFlat(round, { least: 6, most: 30 });
  assert.ok(memory.flat, describe(memory));
});
