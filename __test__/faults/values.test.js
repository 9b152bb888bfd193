'use strict';

// Values that are not what they seem: memory that is shared, resized or taken away, and objects that run code when they are read.

const assert = require('node:assert');
const { test } = require('node:test');
const { connect, listen } = require('../helpers/endpoints');
const { eventually, watch } = require('./watch');

// A client of a server that answers with the number of octets it got.
async function counting(t) {
  const endpoint = await listen(t, { onStream(stream) {
    let octets = 0;
    stream.on('error', () => {});
    stream.on('data', (chunk) => { octets += chunk.length; });
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'x-octets': octets });
      stream.end();
    });
  } });
  const client = await connect(t, endpoint);
  return { client, again: () => connect(t, endpoint) };
}

// Sends what `write` writes: how many octets arrived, and how the stream ended.
async function send(client, write) {
  const request = client.request({ ':method': 'POST', ':path': '/' });
  let octets;
  request.on('response', (headers) => { octets = Number(headers['x-octets']); });
  const ended = watch(request);
  write(request);
  request.end();
  const [outcome] = await eventually({ 'end of the request': ended });
  return { ...outcome, octets };
}

const canResize = typeof ArrayBuffer.prototype.resize === 'function';

test('chunks of any memory there is', async (t) => {
  const { client } = await counting(t);
  for (const chunk of [
    new Uint8Array(new SharedArrayBuffer(1000)), Buffer.from(new SharedArrayBuffer(70_000)), new DataView(new ArrayBuffer(30)),
    ...canResize ? [new Uint8Array(new ArrayBuffer(50_000, { maxByteLength: 100_000 }))] : [],
  ]) {
    assert.strictEqual((await send(client, (request) => request.write(chunk))).octets, chunk.byteLength);
  }
});

const resized = (length) => (request) => {
  const memory = new ArrayBuffer(50_000, { maxByteLength: 100_000 });
  request.write(new Uint8Array(memory));
  memory.resize(length);
};

test('memory that is taken away once it is written fails its stream, and nothing else', async (t) => {
  const { client } = await counting(t);
  for (const takeAway of [
    (request) => {
      const chunk = new Uint8Array(50_000);
      request.write(chunk);
      structuredClone(chunk, { transfer: [chunk.buffer] });
    },
    (request) => {
      const chunk = new Uint8Array(50_000);
      request.cork();
      request.write('before');
      request.write(chunk);
      request.uncork();
      structuredClone(chunk, { transfer: [chunk.buffer] });
    },
    ...canResize ? [resized(10)] : [],
  ]) {
    const { octets, failure } = await send(client, takeAway);
    assert.strictEqual(octets, undefined);
    assert.deepStrictEqual([failure?.code, failure?.message], ['ERR_HTTP2_ERROR', 'Invalid argument']);
  }
  if (canResize) assert.strictEqual((await send(client, resized(100_000))).octets, 50_000);
  assert.strictEqual((await send(client, (request) => request.write(new Uint8Array(0)))).octets, 0);
  assert.strictEqual((await send(client, (request) => request.write('fine'))).octets, 4);
});

for (const [name, ask] of Object.entries({
  'a getter of a header': (client) => client.request({ ':path': '/', get 'x-a'() { return client.destroy(); } }),
  "a header's toString()": (client) => client.request({ ':path': '/', 'x-a': { toString: () => String(client.destroy()) } }),
  'a getter of an option': (client) => client.request({ ':path': '/' }, { get endStream() { return client.destroy() ?? true; } }),
})) {
  test(`${name} that destroys the session`, async (t) => {
    const { client, again } = await counting(t);
    let outcome;
    // Whether it throws or fails, it does not hang, as it does in node.
    try {
      [outcome] = await eventually({ 'end of the request': watch(ask(client)) });
    } catch (error) {
      outcome = { failure: error };
    }
    assert.match(String(outcome.failure?.code), /^ERR_/);
    assert.strictEqual((await send(await again(), (request) => request.write('fine'))).octets, 4);
  });
}

test('the last stream id there is', async (t) => {
  const { client } = await counting(t);
  client.setNextStreamID(2 ** 31 - 1);
  assert.strictEqual((await send(client, (request) => request.write('last'))).octets, 4);
  const { failure } = await eventually({ 'end of the request': watch(client.request({ ':path': '/' })) }).then(([all]) => all);
  assert.strictEqual(failure.code, 'ERR_HTTP2_OUT_OF_STREAMS');
});
