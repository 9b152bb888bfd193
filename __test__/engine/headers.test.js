'use strict';

// Header lists through the crossing: the mirror of HPACK's tables, long lists, sensitive fields, odd values.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const http2 = require('node:http2');
const { CLIENT, SERVER, Side, block, sides } = require('./harness');

// Sends `fields` as a request and returns what the server got after the pseudo-headers.
async function received({ client, server }, fields) {
  const id = client.request(fields);
  const [, , , headers, sensitive] = await server.next('onHeaders', id);
  server.respond(id, [], 1);
  await client.next('onStreamClose', id);
  return { list: headers.slice(8), sensitive };
}

test('fields repeated over many requests stay exact', async (t) => {
  const pair = await sides(t);
  const fields = [['user-agent', 'test/1.0'], ['x-custom', 'same'], ['x-twice', 'a=1'], ['x-twice', 'b=2']];
  for (let round = 0; round < 20; round++) {
    const changing = [...fields, ['x-round', String(round)]];
    const { list, sensitive } = await received(pair, changing);
    assert.deepStrictEqual(list, changing.flat());
    assert.strictEqual(sensitive, undefined);
  }
});

test('the mirror follows evictions from the dynamic table', async (t) => {
  const pair = await sides(t);
  // Each round fills the table of 4096 octets several times over, with some fields that come again.
  for (let round = 0; round < 30; round++) {
    const fields = Array.from({ length: 60 }, (_, index) => [`x-${index % 17}`, `${(round * 7 + index) % 40}`.repeat(20)]);
    const { list } = await received(pair, fields);
    assert.deepStrictEqual(list, fields.flat(), `round ${round}`);
  }
});

test('sensitive fields are told, and never mirrored', async (t) => {
  const pair = await sides(t);
  for (let round = 0; round < 3; round++) {
    const { list, sensitive } = await received(pair, [['authorization', 'secret', true], ['x-open', 'value']]);
    assert.deepStrictEqual(list, ['authorization', 'secret', 'x-open', 'value']);
    assert.deepStrictEqual(sensitive, ['authorization']);
  }
  assert.ok(!pair.server.handle.mirror.values.includes('secret'));
});

test('lists of any length arrive in one piece', async (t) => {
  const options = { maxHeaderListPairs: 1e6, maxSendHeaderBlockLength: 1e7, maxSessionMemory: 100 };
  const pair = await sides(t, { client: options, server: { ...options, settings: [[6, 1e7]] } });
  for (const length of [127, 128, 129, 256, 1000, 5000]) {
    const fields = Array.from({ length }, (_, index) => [`name-${index}`, `value ${index}`]);
    const { list } = await received(pair, fields);
    assert.deepStrictEqual(list, fields.flat(), `${length} fields`);
  }
  // The sensitive ones among them too.
  const fields = Array.from({ length: 600 }, (_, index) => [`n${index}`, 'v', index % 50 === 0]);
  const { list, sensitive } = await received(pair, fields);
  assert.deepStrictEqual(list, fields.flatMap(([name, value]) => [name, value]));
  assert.deepStrictEqual(sensitive, fields.filter((field) => field[2]).map(([name]) => name));
});

test('values are Latin-1, and may be empty or long', async (t) => {
  const pair = await sides(t);
  const fields = [['x-latin', 'caf\xe9 \xff'], ['x-empty', ''], ['x-long', 'y'.repeat(20_000)], ['accept', '']];
  const { list } = await received(pair, fields);
  assert.deepStrictEqual(list, fields.flat());
});

test('many requests in one turn', async (t) => {
  const { client, server } = await sides(t, { server: { settings: [[3, 1000]] } });
  await client.next('onSettings');
  // More strings than one batch carries.
  const ids = Array.from({ length: 500 }, (_, index) =>
    client.request(Array.from({ length: 5 }, (__, field) => [`x-${index}-${field}`, `value of ${index}`])));
  for (const [index, id] of ids.entries()) {
    const [, , , headers] = await server.next('onHeaders', id);
    assert.deepStrictEqual(headers.slice(8, 10), [`x-${index}-0`, `value of ${index}`]);
    server.respond(id, [['x-for', String(id)]], 1);
  }
  for (const id of ids) {
    const [, , , headers] = await client.next('onHeaders', id);
    assert.deepStrictEqual(headers, [':status', '200', 'x-for', String(id)]);
  }
});

test("lists of node's client, and to it", async (t) => {
  const sessions = [];
  const listener = net.createServer((socket) => {
    const side = new Side('server', SERVER);
    sessions.push(side);
    side.listener = (name, id, category) => {
      if (name !== 'onHeaders' || category !== 0)
        return;
      const list = [[':status', '200'], ['x-a', '1'], ['x-b', '2'], ['x-a', '3'], ['x-secret', 's', true]];
      side.handle.respondWithBody(id, block(list), list.length, 0, 'body', 'utf8');
    };
    socket.on('error', () => {});
    socket.on('close', () => side.handle.destroy(0));
    side.handle.attach(socket);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = http2.connect(`http://127.0.0.1:${listener.address().port}`);
  t.after(() => {
    client.destroy();
    listener.close();
  });
  for (let round = 0; round < 5; round++) {
    const request = client.request({
      'x-one': ['1', '2'],
      'x-private': 'p',
      [http2.sensitiveHeaders]: ['x-private'],
    });
    const [headers, , raw] = await once(request, 'response');
    assert.deepStrictEqual(raw, [':status', '200', 'x-a', '1', 'x-b', '2', 'x-a', '3', 'x-secret', 's']);
    assert.deepStrictEqual(headers[http2.sensitiveHeaders], ['x-secret']);
    request.resume();
    await once(request, 'close');
    const got = sessions[0].events.findLast(([name]) => name === 'onHeaders');
    assert.deepStrictEqual(got[4].slice(8), ['x-one', '1', 'x-one', '2', 'x-private', 'p']);
    assert.deepStrictEqual(got[5], ['x-private']);
  }
});

test("requests to node's server, and what it answers", async (t) => {
  const server = http2.createServer();
  const got = [];
  server.on('stream', (stream, headers, flags, raw) => {
    got.push(raw);
    stream.additionalHeaders({ ':status': 103, 'link': '<x>' });
    stream.respond({ ':status': 200, 'x-a': ['1', '2'] }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes' }));
    stream.pipe(stream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = net.connect(server.address().port, '127.0.0.1');
  const client = new Side('client', CLIENT);
  t.after(() => {
    client.handle.destroy(0);
    socket.destroy();
    server.close();
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  client.handle.attach(socket);
  for (let round = 0; round < 5; round++) {
    const id = client.request([['x-b', 'odd'], ['x-a', 'order'], ['x-b', 'kept']], 0, 'POST', '/%zz?*');
    const body = Buffer.alloc(100_000, 'e');
    client.handle.write(id, body);
    client.handle.end(id);
    await client.next('onStreamClose', id);
    assert.ok(client.body(id).equals(body));
    const heads = client.events.filter(([name, on]) => name === 'onHeaders' && on === id).map((event) => event.slice(2, 5));
    assert.deepStrictEqual(heads.map(([category, endStream]) => [category, endStream]), [[3, false], [1, false], [3, true]]);
    assert.deepStrictEqual(heads[0][2], [':status', '103', 'link', '<x>']);
    assert.deepStrictEqual(heads[1][2].slice(0, 6), [':status', '200', 'x-a', '1', 'x-a', '2']);
    assert.deepStrictEqual(heads[2][2], ['x-end', 'yes']);
    assert.deepStrictEqual(got[round].slice(2), [
      ':path', '/%zz?*', ':scheme', 'http', ':authority', 'localhost', 'x-b', 'odd', 'x-a', 'order', 'x-b', 'kept',
    ]);
  }
});
