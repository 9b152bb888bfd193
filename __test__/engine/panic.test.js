'use strict';

// A panic in Rust, in whatever layer, becomes an error of its session, and of no other.

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

const place = { session: 0, addon: 1, transport: 2, wire: 3 };

// What sets the trap off, and over which transport.
const traps = [
  ['in what is around a session', 'pair', ({ client }) => native.panic(client.handle.key, place.addon)],
  ['in the transport, when it is read', 'pair', ({ client, server }) => {
    native.panic(client.handle.key, place.transport);
    server.handle.ping(Buffer.alloc(8));
  }],
  ['in the transport, when it is written', 'pair', ({ client }) => {
    native.panic(client.handle.key, place.transport);
    client.handle.ping(Buffer.alloc(8));
  }],
  ['in a callback of the reactor', 'descriptors', ({ client }) => {
    native.panic(client.handle.key, place.transport);
    client.handle.ping(Buffer.alloc(8));
  }],
  ['in the wire, inside of h2', 'pair', ({ client }) => {
    const id = client.request([], 0, 'POST');
    native.panic(client.handle.key, place.wire, id);
  }],
];

for (const [where, over, spring] of traps) {
  test(`a panic ${where}`, async (t) => {
    const broken = await sides(t, { over });
    const whole = await sides(t, { over });
    await broken.client.next('onSettings');
    await broken.client.next('onSettingsAck');
    spring(broken);
    assert.deepStrictEqual(await broken.client.next('onSessionError'), [-902, 'ERR_HTTP2_INTERNAL']);
    broken.client.handle.destroy(2);
    await turn();
    assert.strictEqual(broken.client.names().filter((name) => name === 'onSessionError').length, 1);

    const request = whole.client.request();
    await whole.server.next('onHeaders', request);
  });
}
