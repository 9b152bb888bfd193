'use strict';

// What listeners may do in the middle of a batch, and what they can count on between two events.

const assert = require('node:assert');
const { AsyncLocalStorage, AsyncResource, executionAsyncId } = require('node:async_hooks');
const { test } = require('node:test');
const { kResource } = require('../../lib/symbols');
const f = require('../helpers/frames');
const { CLIENT, SERVER, Side, block, duplexPair, sides, sockets, turn } = require('./harness');

const ANSWER = block([[':status', '200']]);

// Sends several requests, which the server is told of in one batch.
async function requests({ client, server }, count) {
  await client.next('onSettings');
  return Array.from({ length: count }, () => client.request());
}

test('a session that is destroyed in a listener hears no more', async (t) => {
  const { client, server } = await sides(t);
  await requests({ client, server }, 5);
  let heard = 0;
  server.listener = (name) => {
    if (name === 'onHeaders' && ++heard === 2)
      server.handle.destroy(2);
  };
  const [code] = await client.next('onGoaway');
  assert.strictEqual(code, 2);
  await turn();
  assert.strictEqual(heard, 2);
});

test('a stream that left its session hears no more', async (t) => {
  const { client, server } = await sides(t);
  await client.next('onSettings');
  const id = client.request([], 0);
  client.handle.write(id, 'body', 'utf8');
  client.handle.end(id);
  server.listener = (name) => {
    if (name === 'onHeaders')
      server.handle.streams.delete(id);
  };
  await server.next('onHeaders');
  await turn();
  assert.deepStrictEqual(server.names().filter((name) => name === 'onData' || name === 'onEnd'), []);
});

test('other sessions of a batch are not touched by one that ends', async (t) => {
  const pairs = await Promise.all(Array.from({ length: 4 }, () => sides(t)));
  for (const { client } of pairs)
    await client.next('onSettings');
  pairs[0].server.listener = (name) => {
    if (name === 'onHeaders') {
      pairs[1].server.handle.destroy(0);
      pairs[2].server.handle.destroy(0);
    }
  };
  for (const { client } of pairs)
    client.request();
  await pairs[0].server.next('onHeaders');
  await pairs[3].server.next('onHeaders');
  await turn();
  assert.ok(!pairs[1].server.names().includes('onHeaders'));
  assert.ok(!pairs[2].server.names().includes('onHeaders'));
});

test('sessions made in a listener get none of the events of those that went', async (t) => {
  const { client, server } = await sides(t);
  await requests({ client, server }, 20);
  const made = [];
  server.listener = (name) => {
    if (name !== 'onHeaders')
      return;
    server.handle.destroy(0);
    for (let count = 0; count < 50; count++) {
      const side = new Side('made', CLIENT);
      side.handle.attach(duplexPair()[0]);
      made.push(side);
    }
  };
  await server.next('onHeaders');
  await turn();
  for (const side of made) {
    assert.deepStrictEqual(side.events, []);
    side.handle.destroy(0);
  }
});

test('a listener that throws loses nothing of the rest', async (t) => {
  const { client, server } = await sides(t, { over: 'sockets' });
  const ids = await requests({ client, server }, 3);
  const errors = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => errors.push(error.message));
  t.after(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners)
      process.on('uncaughtException', listener);
  });
  server.listener = (name, id) => {
    if (name !== 'onHeaders')
      return;
    server.handle.respondWithBody(id, ANSWER, 1, 0, 'ok', 'utf8');
    process.nextTick(() => { throw new Error(`tick of ${id}`); });
    throw new Error(`listener of ${id}`);
  };
  for (const id of ids)
    await client.next('onStreamClose', id);
  assert.deepStrictEqual(errors, ids.flatMap((id) => [`listener of ${id}`, `tick of ${id}`]));
});

test('ticks and microtasks drain between two events', async (t) => {
  const { client, server } = await sides(t, { over: 'sockets' });
  const ids = await requests({ client, server }, 3);
  const order = [];
  server.listener = (name, id) => {
    if (name !== 'onHeaders')
      return;
    order.push(`listener ${id}`);
    process.nextTick(() => order.push(`tick ${id}`));
    Promise.resolve().then(() => order.push(`microtask ${id}`));
  };
  for (const id of ids)
    await server.next('onHeaders', id);
  assert.deepStrictEqual(order, ids.flatMap((id) => [`listener ${id}`, `tick ${id}`, `microtask ${id}`]));
});

test('each callback runs in the async scope of whom it concerns', async (t) => {
  const storage = new AsyncLocalStorage();
  const { client, server } = await storage.run('session', () => sides(t));
  await client.next('onSettings');
  await client.next('onSettingsAck');
  const id = storage.run('stream', () => client.request());
  const seen = {};
  const ticks = {};
  client.listener = (name) => {
    seen[name] = storage.getStore();
    process.nextTick(() => { ticks[name] = storage.getStore(); });
    const target = name === 'onPing' ? client : client.handle.streams.get(id);
    assert.strictEqual(executionAsyncId(), target[kResource].asyncId());
  };
  await server.next('onHeaders');
  server.handle.respondWithBody(id, ANSWER, 1, 0, 'ok', 'utf8');
  server.handle.ping(Buffer.alloc(8));
  await client.next('onStreamClose');
  assert.deepStrictEqual(seen,
    { onHeaders: 'stream', onData: 'stream', onEnd: 'stream', onStreamClose: 'stream', onPing: 'session' });
  assert.deepStrictEqual(ticks, seen);
  assert.ok(client[kResource] instanceof AsyncResource);
});

// A server's side on a descriptor, and the socket at its other end, to which frames are written by hand.
async function served(t) {
  const [near, far] = await sockets(t);
  const server = new Side('server', SERVER);
  far.on('error', () => {}).on('close', () => server.handle.destroy(0));
  near.on('error', () => {}).resume();
  server.handle.attach(far);
  t.after(() => {
    server.handle.destroy(0);
    far.destroy();
    near.destroy();
  });
  near.write(Buffer.concat([f.PREFACE, f.settings()]));
  await server.next('onSettings');
  return { near, server };
}

for (const count of [1, 2]) {
  test(`a body whose rest is told on demand comes in its order, with ${count} sessions in the batch`, async (t) => {
    const peers = await Promise.all(Array.from({ length: count }, () => served(t)));
    let asked = false;
    for (const { near, server } of peers) {
      server.listener = (name) => {
        if (name !== 'onData' || asked) return;
        asked = true;
        for (const peer of peers) peer.near.write(f.data(1, 'd', f.flag.END_STREAM));
        for (const peer of peers) peer.server.handle.deliver();
      };
      const head = f.headers(1, f.request([], { method: 'POST' }), f.flag.END_HEADERS);
      near.write(Buffer.concat([head, ...['a', 'b', 'c'].map((text) => f.data(1, text))]));
    }
    for (const { server } of peers) {
      await server.next('onEnd');
      await turn();
      assert.strictEqual(server.body(1).toString(), 'abcd');
      assert.deepStrictEqual(server.names().slice(-6), ['onHeaders', 'onData', 'onData', 'onData', 'onData', 'onEnd']);
    }
  });
}

test('events that wait are told on demand, and once', async (t) => {
  const { client, server } = await sides(t);
  await requests({ client, server }, 2);
  const heard = [];
  server.listener = (name, id) => {
    if (name === 'onHeaders' || name === 'onPing')
      heard.push([name, id]);
    // A dispatch within the dispatch of the same session.
    if (name === 'onHeaders')
      server.handle.deliver();
  };
  await server.next('onHeaders', 3);
  client.handle.ping(Buffer.from('abcdefgh'));
  await server.next('onPing');
  await turn();
  assert.deepStrictEqual(heard.filter(([name]) => name === 'onHeaders'), [['onHeaders', 1], ['onHeaders', 3]]);
  assert.strictEqual(heard.filter(([name]) => name === 'onPing').length, 1);
});
