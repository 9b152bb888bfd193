'use strict';

// An environment that goes away in the middle of everything: a Worker that is terminated or that exits, a process that exits.
// Nothing crashes, and what the Worker held is given back.

const assert = require('node:assert');
const { once } = require('node:events');
const { readdirSync, readlinkSync } = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { connect, listen } = require('../helpers/endpoints');
const { describe, untilFlat } = require('../helpers/growth');
const { runScript } = require('../helpers/processes');

const busy = path.join(__dirname, 'busy.js');

// The sockets that this process has open.
function openSockets() {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

async function startBusy(words) {
  const worker = new Worker(busy, { workerData: words });
  const exited = once(worker, 'exit');
  await once(worker, 'message');
  return { worker, exited };
}

for (const words of [[], ['secure']]) {
  const over = words.length ? 'TLS' : 'plaintext';

  test(`a Worker terminated in mid-stream leaves nothing, ${over}`, { timeout: 120_000 }, async (t) => {
    const terminate = async () => {
      const { worker } = await startBusy(words);
      await worker.terminate();
    };
    await terminate();
    const canCountSockets = process.platform === 'linux';
    const socketsBefore = canCountSockets && openSockets();
    const memory = await untilFlat(terminate, { least: 10, most: 40 });
    if (canCountSockets) assert.strictEqual(openSockets(), socketsBefore);
    t.diagnostic(describe(memory));
    assert.ok(memory.flat, `memory grows with the number of Workers: ${describe(memory)}`);
  });

  test(`a Worker that calls process.exit() in mid-stream, ${over}`, { timeout: 120_000 }, async () => {
    for (let index = 0; index < 5; index += 1) {
      const { exited } = await startBusy([...words, 'exit']);
      assert.deepStrictEqual(await exited, [0]);
    }
  });

  test(`a process that calls process.exit() in mid-stream, ${over}`, { timeout: 120_000 }, async () => {
    for (let index = 0; index < 5; index += 1) {
      const { code, signal, stdout, stderr } = await runScript(busy, [...words, 'exit']);
      assert.deepStrictEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'moving\n', stderr: '' });
    }
  });
}

test('the peers of a terminated Worker see their sessions close', { timeout: 120_000 }, async (t) => {
  const endpoint = await listen(t, {
    onStream(stream) {
      stream.on('error', () => {});
      stream.respond({ ':status': 200 });
      stream.write('begun');
    },
  });
  const worker = new Worker(`
    const { workerData, parentPort } = require('node:worker_threads');
    const http2 = require(workerData.implementation);
    const client = http2.connect(workerData.url);
    client.request({ ':method': 'POST' }).on('data', () => parentPort.postMessage('begun'));
  `, { eval: true, workerData: { url: endpoint.url, implementation: require.resolve('../helpers/implementation') } });
  const closed = once(endpoint.server, 'session').then(([session]) => {
    session.on('error', () => {});
    return once(session, 'close');
  });
  await once(worker, 'message');
  await worker.terminate();
  await closed;
  // The server is not harmed.
  const client = await connect(t, endpoint);
  const request = client.request({});
  await once(request, 'response');
  request.close();
  await delay(1);
});
