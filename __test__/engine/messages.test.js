'use strict';

// Messages between two handles: what each side is told, and in which order.

const assert = require('node:assert');
const { test } = require('node:test');
const native = require('../../lib/engine/load');
const { block, sides, turn } = require('./harness');

// What a side was told of streams, but for bodies: of what came in, in its order, and of what went out.
const RECEIVED = ['onHeaders', 'onEnd', 'onStreamClose'];
const SENT = ['onWritten', 'onShutdown'];

function received(side) {
  return side.names().filter((name) => RECEIVED.includes(name));
}

function sent(side) {
  return side.names().filter((name) => SENT.includes(name)).sort();
}

for (const over of ['pair', 'sockets', 'descriptors']) {
  test(`a request with a body and its answer, over ${over}`, async (t) => {
    const { client, server } = await sides(t, { over });
    const id = client.request([['x-test', 'one'], ['x-test', 'two']], 0, 'POST', '/upload');
    assert.strictEqual(id, 1);
    assert.strictEqual(client.handle.write(id, Buffer.from('some ')), 0);
    assert.strictEqual(client.handle.write(id, 'body', 'utf8'), 0);
    assert.strictEqual(client.handle.end(id), 0);

    const [stream, category, endStream, headers] = await server.next('onHeaders');
    assert.deepStrictEqual([stream, category, endStream], [1, 0, false]);
    assert.deepStrictEqual(headers, [
      ':method', 'POST', ':path', '/upload', ':scheme', 'http', ':authority', 'localhost',
      'x-test', 'one', 'x-test', 'two',
    ]);
    await server.next('onEnd', 1);
    assert.strictEqual(server.body(1).toString(), 'some body');

    assert.strictEqual(server.respond(1, [['content-type', 'text/plain']]), 0);
    server.handle.write(1, 'answer', 'latin1');
    server.handle.end(1);
    await client.next('onStreamClose');
    await server.next('onStreamClose');
    assert.strictEqual(client.body(1).toString(), 'answer');

    assert.deepStrictEqual(received(client), ['onHeaders', 'onEnd', 'onStreamClose']);
    assert.deepStrictEqual(received(server), ['onHeaders', 'onEnd', 'onStreamClose']);
    assert.deepStrictEqual(sent(client), ['onShutdown', 'onWritten', 'onWritten']);
    assert.ok(sent(server).includes('onShutdown'));
  });
}

test('head, body and end cross at once and are answered as three commands are', async (t) => {
  const { client, server } = await sides(t);
  const id = client.request();
  await server.next('onHeaders');
  assert.strictEqual(server.handle.respondWithBody(id, block([[':status', '200']]), 1, 0, 'hällo', 'utf8'), 0);
  await client.next('onStreamClose');
  await server.next('onStreamClose');
  assert.strictEqual(client.body(id).toString(), 'hällo');
  assert.deepStrictEqual(received(server), ['onHeaders', 'onEnd', 'onStreamClose']);
  assert.ok(sent(server).includes('onShutdown'));
});

test('an answer without a body', async (t) => {
  const { client, server } = await sides(t);
  const id = client.request();
  await server.next('onHeaders');
  server.respond(id, [], 1);
  const [, category, endStream] = await client.next('onHeaders');
  assert.deepStrictEqual([category, endStream], [1, true]);
  await client.next('onEnd', id);
  assert.deepStrictEqual(await client.next('onStreamClose'), [id, 0]);
});

test('informational answers and trailers are headers of category 3', async (t) => {
  const { client, server } = await sides(t);
  const id = client.request();
  await server.next('onHeaders');
  assert.strictEqual(server.handle.info(id, block([[':status', '103'], ['link', '<a>']]), 2), 0);
  server.respond(id, [], 2);
  server.handle.write(id, 'x', 'utf8');
  server.handle.end(id);
  await server.next('onWantTrailers', id);
  assert.strictEqual(server.handle.trailers(id, block([['x-sum', '1']]), 1), 0);
  await client.next('onStreamClose');
  const heads = client.events.filter(([name]) => name === 'onHeaders').map((event) => event.slice(2));
  assert.deepStrictEqual(heads, [
    [3, false, [':status', '103', 'link', '<a>']],
    [1, false, [':status', '200']],
    [3, true, ['x-sum', '1']],
  ]);
});

test('a pushed stream', async (t) => {
  const { client, server } = await sides(t);
  const id = client.request();
  await server.next('onHeaders');
  const list = [[':method', 'GET'], [':path', '/pushed'], [':scheme', 'http'], [':authority', 'localhost']];
  const promised = server.handle.pushPromise(id, block(list), list.length, 0);
  assert.strictEqual(promised, 2);
  server.open(promised);
  server.handle.respondWithBody(promised, block([[':status', '200']]), 1, 0, 'pushed', 'utf8');
  server.respond(id, [], 1);
  const [parent, pushed, headers] = await client.next('onPushPromise');
  assert.deepStrictEqual([parent, pushed, headers], [id, 2, list.flat()]);
  const [, category] = await client.next('onHeaders', 2);
  assert.strictEqual(category, 2);
  await client.next('onStreamClose', 2);
  assert.strictEqual(client.body(2).toString(), 'pushed');
});

test('a GOAWAY that comes while a promise is on its way out closes the promised stream', async (t) => {
  const { client, server } = await sides(t);
  const id = client.request([], 0, 'POST');
  await server.next('onHeaders');
  const list = [[':method', 'GET'], [':path', '/pushed'], [':scheme', 'http'], [':authority', 'localhost']];
  const promised = server.handle.pushPromise(id, block(list), list.length, 0);
  server.open(promised);
  native.receive(server.handle.key, Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  assert.deepStrictEqual(await server.next('onStreamClose'), [promised, 7]);
  server.respond(id, [], 1);
  client.handle.end(id);
  await client.next('onStreamClose', id);
  assert.ok(!server.names().includes('onSessionError'));
});

test('a reset cancels what was not sent', async (t) => {
  const { client, server } = await sides(t, { client: { settings: [[4, 1000]] } });
  const id = client.request();
  await server.next('onHeaders');
  client.handle.readStop(id);
  server.respond(id);
  server.handle.write(id, Buffer.alloc(5000));
  await client.next('onHeaders');
  assert.strictEqual(client.handle.rstStream(id, 8), 0);
  assert.deepStrictEqual(await server.next('onStreamClose'), [id, 8]);
  assert.deepStrictEqual(await client.next('onStreamClose'), [id, 8]);
  await turn();
  const written = server.events.filter(([name]) => name === 'onWritten');
  // Told only to those who still have the stream.
  assert.deepStrictEqual(written, []);
});

test('commands on what is not there answer with a number', async (t) => {
  const { client, server } = await sides(t);
  for (const answer of [server.respond(7), client.handle.write(9, 'x', 'utf8'), client.handle.end(9)])
    assert.ok(Number.isInteger(answer) && answer <= 0);
  assert.strictEqual(client.handle.request('no list', 3, 0), -501);
  assert.strictEqual(client.handle.streamState(99), undefined);
  client.handle.destroy(0);
  assert.strictEqual(client.request(), -519);
  assert.strictEqual(client.handle.write(1, 'x', 'utf8'), -519);
  assert.strictEqual(client.handle.ping(Buffer.alloc(8)), false);
  assert.strictEqual(client.handle.state(), undefined);
  assert.strictEqual(client.handle.hasPendingData, false);
  assert.strictEqual(client.handle.destroyed, true);
});

test('connection frames: settings, ping, goaway, altsvc, origin, priority', async (t) => {
  const { client, server } = await sides(t, { server: { settings: [[3, 77]] } });
  await client.next('onSettings');
  assert.strictEqual(client.handle.remoteSettings().maxConcurrentStreams, 77);
  assert.strictEqual(client.handle.settings([[4, 12345]]), 0);
  await client.next('onSettingsAck');
  await client.next('onSettingsAck');
  assert.strictEqual(client.handle.localSettings().initialWindowSize, 12345);
  assert.strictEqual(server.handle.remoteSettings().initialWindowSize, 12345);

  assert.strictEqual(client.handle.ping(Buffer.from('12345678')), true);
  assert.deepStrictEqual(await server.next('onPing'), [Buffer.from('12345678')]);
  const [payload, duration] = await client.next('onPingAck');
  assert.deepStrictEqual(payload, Buffer.from('12345678'));
  assert.ok(duration > 0 && duration < 10_000);
  assert.strictEqual(client.handle.counters().pingRTT, duration);

  assert.strictEqual(server.handle.altsvc(0, 'https://example.org', 'h2=":8000"'), 0);
  assert.deepStrictEqual(await client.next('onAltsvc'), [0, 'h2=":8000"', 'https://example.org']);
  assert.strictEqual(server.handle.origin(['https://a.example', 'https://b.example']), 0);
  assert.deepStrictEqual(await client.next('onOrigin'), [['https://a.example', 'https://b.example']]);

  const id = client.request();
  await server.next('onHeaders');
  assert.strictEqual(client.handle.priority(id, 0, 42, false), 0);
  assert.deepStrictEqual(await server.next('onPriority'), [id, 0, 42, false]);

  server.handle.goaway(0xfffffff0, 0, Buffer.from('reason'));
  const [code, last, data] = await client.next('onGoaway');
  assert.deepStrictEqual([code, last, data], [0xfffffff0, id, Buffer.from('reason')]);
});

test('a graceful close is done when the last stream is', async (t) => {
  const { client, server } = await sides(t);
  const id = client.request();
  await server.next('onHeaders');
  client.handle.close();
  await server.next('onGoaway');
  assert.ok(!client.names().includes('onSessionDone'));
  server.respond(id, [], 1);
  await client.next('onSessionDone');
});
