'use strict';

// A panic in Rust becomes an error of its session.

const assert = require('node:assert');
const { test } = require('node:test');
const native = require('../../lib/engine/load');
const { sides, turn } = require('./harness');

test('a panic breaks its session, and no other', async (t) => {
  const broken = await sides(t);
  const whole = await sides(t);
  await broken.client.next('onSettings');
  const id = broken.client.request([], 0);
  assert.ok(native.panic(broken.client.handle.key) < 0);
  const [error, code] = await broken.client.next('onSessionError');
  assert.deepStrictEqual([error, code], [-902, 'ERR_HTTP2_INTERNAL']);

  // Whatever is still done with it answers, and nothing is told a second time.
  assert.ok(broken.client.handle.write(id, 'x', 'utf8') < 0);
  assert.ok(broken.client.request() < 0);
  assert.strictEqual(broken.client.handle.state(), undefined);
  assert.strictEqual(broken.client.handle.counters(), undefined);
  broken.server.handle.ping(Buffer.alloc(8));
  await turn();
  assert.strictEqual(broken.client.names().filter((name) => name === 'onSessionError').length, 1);
  broken.client.handle.destroy(2);

  const request = whole.client.request();
  await whole.server.next('onHeaders', request);
});

test('a panic in a listener is told when its turn comes', async (t) => {
  const { client, server } = await sides(t);
  await client.next('onSettings');
  client.request();
  client.request();
  server.listener = (name, id) => {
    if (name === 'onHeaders')
      native.panic(server.handle.key);
  };
  await server.next('onSessionError');
  client.request();
  await turn();
  assert.strictEqual(server.names().at(-1), 'onSessionError', 'nothing comes out of a broken session');
});
