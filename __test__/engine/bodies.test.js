'use strict';

// Bodies both ways: whole, in order, in memory that stays what it was.

const assert = require('node:assert');
const { createHash, randomBytes } = require('node:crypto');
const { test } = require('node:test');
const { sides, turn } = require('./harness');

const WINDOW = [[4, 2 ** 24]];

function hash(...chunks) {
  const digest = createHash('sha256');
  for (const chunk of chunks)
    digest.update(chunk);
  return digest.digest('hex');
}

// A request whose body the server gets while `write` writes it.
async function upload(t, options, write) {
  const pair = await sides(t, { server: { settings: WINDOW }, ...options });
  const { client, server } = pair;
  await client.next('onSettings');
  const id = client.request([], 0, 'POST');
  await server.next('onHeaders');
  server.handle.setLocalWindowSize(2 ** 24);
  await write(client, id, pair);
  client.handle.end(id);
  await server.next('onEnd');
  return { ...pair, id };
}

for (const over of ['pair', 'sockets', 'descriptors']) {
  for (const length of [1, 1000, 1024, 1025, 16_384, 16_385, 300_000, 3_000_000]) {
    test(`one write of ${length} octets over ${over}`, async (t) => {
      const body = randomBytes(length);
      const { server, id } = await upload(t, { over }, (client, stream) => client.handle.write(stream, body));
      assert.strictEqual(hash(server.body(id)), hash(body));
    });
  }
}

test('writes of many sizes, each answered once, in order', async (t) => {
  const chunks = Array.from({ length: 200 }, (_, index) => randomBytes(1 + (index * 7919) % 40_000));
  const { client, server, id } = await upload(t, { over: 'sockets' }, async (side, stream) => {
    for (const chunk of chunks) {
      assert.strictEqual(side.handle.write(stream, chunk), 0);
      await side.next('onWritten');
    }
  });
  assert.strictEqual(hash(server.body(id)), hash(...chunks));
  assert.strictEqual(client.names().filter((name) => name === 'onWritten').length, chunks.length);
});

test('writev writes strings and octets, and is answered once', async (t) => {
  const { client, server, id } = await upload(t, {}, (side, stream) => side.handle.writev(stream, [
    { chunk: 'ä', encoding: 'utf8' },
    { chunk: 'ä', encoding: 'latin1' },
    { chunk: '6162', encoding: 'hex' },
    { chunk: Buffer.from('end'), encoding: 'buffer' },
    { chunk: Buffer.alloc(20_000, 'x') },
  ]));
  const expected = Buffer.concat([Buffer.from('ä'), Buffer.from('ä', 'latin1'), Buffer.from('abend'), Buffer.alloc(20_000, 'x')]);
  assert.deepStrictEqual(server.body(id), expected);
  await client.next('onWritten');
  await turn();
  assert.strictEqual(client.names().filter((name) => name === 'onWritten').length, 1);
});

for (const [encoding, text] of [
  ['utf8', 'zwölf 😀 \ud800'], ['utf-8', 'ü'], ['latin1', 'zwölf'], ['binary', '\xff'], ['ascii', 'abcé'], ['ucs2', 'zwölf'],
  ['utf16le', '😀'], ['hex', 'deadbeef'], ['base64', 'aGVsbG8='], ['base64url', 'aGVsbG8_'], [undefined, 'ö'],
]) {
  test(`strings as ${encoding}`, async (t) => {
    const { server, id } = await upload(t, {}, (client, stream) => client.handle.write(stream, text, encoding));
    assert.deepStrictEqual(server.body(id), Buffer.from(text, encoding));
  });
}

test('long strings', async (t) => {
  const text = 'äöü€'.repeat(50_000);
  const { server, id } = await upload(t, {}, (client, stream) => client.handle.write(stream, text, 'utf8'));
  assert.strictEqual(server.body(id).toString(), text);
});

test('other views and shared memory are sent as the octets they are', async (t) => {
  const shared = new Uint8Array(new SharedArrayBuffer(20_000)).fill(7);
  const { server, id } = await upload(t, {}, (client, stream) => {
    client.handle.write(stream, new DataView(Uint8Array.from([1, 2, 3]).buffer, 1));
    client.handle.write(stream, Uint16Array.from([0x0101]));
    client.handle.write(stream, shared);
  });
  assert.deepStrictEqual(server.body(id), Buffer.concat([Buffer.from([2, 3, 1, 1]), Buffer.alloc(20_000, 7)]));
});

test('what was received stays what it was', async (t) => {
  // Copies are compared with the buffers that were handed out long after.
  const { client, server } = await sides(t, { over: 'sockets' });
  const handed = [];
  server.listener = (name, id, buffer) => {
    if (name === 'onData')
      handed.push([buffer, Buffer.from(buffer)]);
  };
  for (let round = 0; round < 30; round++) {
    const id = client.request([], 0, 'POST');
    client.handle.write(id, randomBytes(40_000));
    client.handle.end(id);
    await server.next('onEnd', id);
    server.respond(id, [], 1);
    await client.next('onStreamClose', id);
  }
  globalThis.gc?.();
  assert.ok(handed.length > 30);
  for (const [buffer, copy] of handed) {
    assert.ok(buffer.equals(copy));
    assert.ok(Buffer.isBuffer(buffer));
    assert.strictEqual(Object.getPrototypeOf(buffer), Buffer.prototype);
  }
});

test('a small body does not keep more than itself', async (t) => {
  const { server, id } = await upload(t, {}, (client, stream) => client.handle.write(stream, 'small', 'utf8'));
  const [buffer] = server.events.filter(([name, on]) => name === 'onData' && on === id).map((event) => event[2]);
  // Node's pool, and no memory of the engine's.
  assert.strictEqual(buffer.buffer, Buffer.allocUnsafe(1).buffer);
});

// Detaches the memory under a buffer, as far as this node lets it.
function detach({ buffer }) {
  try {
    if (buffer.transfer)
      buffer.transfer();
    else
      structuredClone(buffer, { transfer: [buffer] });
  } catch {
    // Node's own pool, for one, is not to be had.
  }
}

test('a received piece may be transferred away, and nothing else goes with it', async (t) => {
  const { client, server } = await sides(t, { server: { settings: WINDOW }, over: 'descriptors' });
  await client.next('onSettings');
  const received = new Map();
  let transferred = 0;
  server.listener = (name, id, buffer) => {
    if (name !== 'onData')
      return;
    received.set(id, [...received.get(id) ?? [], Buffer.from(buffer)]);
    detach(buffer);
    transferred += buffer.length === 0;
  };
  const bodies = new Map();
  for (let count = 0; count < 4; count++) {
    const id = client.request([], 0, 'POST');
    bodies.set(id, randomBytes(60_000));
    client.handle.write(id, bodies.get(id));
    client.handle.end(id);
  }
  for (const [id, body] of bodies) {
    await server.next('onEnd', id);
    assert.strictEqual(hash(...received.get(id)), hash(body), `stream ${id}`);
  }
  assert.ok(transferred > 0);
});

test('a body that is transferred away before it was sent breaks its session, and nothing else', async (t) => {
  const { client, server } = await sides(t, { server: { settings: [[4, 1000]] } });
  await client.next('onSettings');
  const id = client.request([], 0, 'POST');
  await server.next('onHeaders');
  server.handle.readStop(id);
  const body = new Uint8Array(100_000);
  assert.strictEqual(client.handle.write(id, body), 0);
  await turn();
  structuredClone(body.buffer, { transfer: [body.buffer] });
  client.handle.ping(Buffer.alloc(8));
  const [error, code] = await client.next('onSessionError');
  assert.deepStrictEqual([error, code], [-902, 'ERR_HTTP2_INTERNAL']);
  assert.strictEqual(client.handle.write(id, 'x', 'utf8'), -519);
});

test('commands that send by themselves do not read a body that was transferred away', async (t) => {
  for (const command of [
    ({ handle }, id) => handle.rstStream(id, 8),
    ({ handle }, id) => handle.pushPromise(id, ':method\0GET\0:scheme\0http\0:authority\0x\0:path\0/p\0', 4, 0),
  ]) {
    const { client, server } = await sides(t);
    await client.next('onSettings');
    const id = client.request([], 1);
    await server.next('onHeaders');
    server.handle.respond(id, ':status\x00200\0', 1, 0);
    const body = new Uint8Array(100_000);
    assert.strictEqual(server.handle.write(id, body), 0);
    structuredClone(body.buffer, { transfer: [body.buffer] });
    assert.strictEqual(command(server, id), -519);
    const [error, code] = await server.next('onSessionError');
    assert.deepStrictEqual([error, code], [-902, 'ERR_HTTP2_INTERNAL']);
  }
});

test('a slow reader holds the writer back', async (t) => {
  const { client, server } = await sides(t, { over: 'sockets' });
  const id = client.request([], 0, 'POST');
  await server.next('onHeaders');
  server.handle.readStop(id);
  const written = () => client.names().filter((name) => name === 'onWritten').length;
  for (let count = 0; count < 20; count++)
    client.handle.write(id, Buffer.alloc(16_384));
  for (let count = 0; count < 20; count++)
    await turn();
  // A window of 65,535.
  assert.strictEqual(written(), 3);
  assert.strictEqual(server.body(id).length, 65_535);
  server.handle.readStart(id);
  while (written() < 20)
    await client.next('onWritten');
  client.handle.end(id);
  await server.next('onEnd');
  assert.strictEqual(server.body(id).length, 20 * 16_384);
});
