'use strict';

// Streams of every kind carry a session.

const assert = require('node:assert');
const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const net = require('node:net');
const { Duplex, PassThrough } = require('node:stream');
const { test } = require('node:test');
const tls = require('node:tls');
const { createCertificate } = require('../helpers/certificate');
const { CLIENT, SERVER, Side, duplexPair, sides, sockets, turn } = require('./harness');

// Attaches a client and a server to two streams and sends a request over them.
async function exchange(t, near, far) {
  const client = new Side('client', CLIENT);
  const server = new Side('server', SERVER);
  t.after(() => {
    client.handle.destroy(0);
    server.handle.destroy(0);
    near.destroy();
    far.destroy();
  });
  for (const duplex of [near, far])
    duplex.on('error', () => {});
  assert.strictEqual(client.handle.attach(near, 'pipe'), 'pipe');
  assert.strictEqual(server.handle.attach(far, 'pipe'), 'pipe');
  assert.strictEqual(server.handle.transport, 'pipe');
  await roundTrip(client, server);
  return { client, server };
}

async function roundTrip(client, server) {
  const id = client.request([], 0, 'POST');
  client.handle.write(id, Buffer.alloc(30_000, 'q'));
  client.handle.end(id);
  await server.next('onEnd', id);
  assert.strictEqual(server.body(id).length, 30_000);
  server.respond(id);
  server.handle.write(id, Buffer.alloc(30_000, 'a'));
  server.handle.end(id);
  await client.next('onStreamClose', id);
  assert.strictEqual(client.body(id).length, 30_000);
}

test('a pair of streams', (t) => exchange(t, ...duplexPair()));

test('plain sockets', async (t) => exchange(t, ...await sockets(t)));

test('TLS sockets', async (t) => {
  const [near, far] = await sockets(t);
  const { key, cert } = createCertificate();
  const server = new tls.TLSSocket(far, { isServer: true, key, cert });
  const client = tls.connect({ socket: near, rejectUnauthorized: false });
  await once(client, 'secureConnect');
  await exchange(t, client, server);
});

test('TLS over streams that are no sockets', async (t) => {
  const [near, far] = duplexPair();
  const { key, cert } = createCertificate();
  const server = new tls.TLSSocket(far, { isServer: true, key, cert });
  const client = tls.connect({ socket: near, rejectUnauthorized: false });
  await once(client, 'secureConnect');
  await exchange(t, client, server);
});

test('a stream that hands out strings', async (t) => {
  const [near, far] = duplexPair();
  far.setEncoding('latin1');
  await exchange(t, near, far);
});

test('a stream that hands out one octet at a time', async (t) => {
  const [near, far] = duplexPair();
  const cutter = new Duplex({
    read() {},
    write(chunk, encoding, callback) { far.write(chunk, callback); },
    final(callback) { far.end(callback); },
  });
  far.on('data', (chunk) => {
    for (const octet of chunk)
      cutter.push(Buffer.from([octet]));
  });
  const client = new Side('client', CLIENT);
  const server = new Side('server', SERVER);
  t.after(() => {
    client.handle.destroy(0);
    server.handle.destroy(0);
  });
  client.handle.attach(near, 'pipe');
  server.handle.attach(cutter, 'pipe');
  const id = client.request([['x-a', 'b']], 0, 'POST');
  client.handle.write(id, 'octet by octet', 'utf8');
  client.handle.end(id);
  await server.next('onEnd');
  assert.strictEqual(server.body(id).toString(), 'octet by octet');
});

test('a stream with data in it, paused', async (t) => {
  const [near, far] = await sockets(t);
  const client = new Side('client', CLIENT);
  const server = new Side('server', SERVER);
  t.after(() => {
    client.handle.destroy(0);
    server.handle.destroy(0);
    near.destroy();
    far.destroy();
  });
  client.handle.attach(near, 'pipe');
  const id = client.request();
  far.pause();
  far.read(0);
  while (far.readableLength === 0)
    await turn();
  server.handle.attach(far, 'pipe');
  await server.next('onHeaders', id);
});

test('a stream whose first data was put back', async (t) => {
  const [near, far] = await sockets(t);
  const client = new Side('client', CLIENT);
  const server = new Side('server', SERVER);
  t.after(() => {
    client.handle.destroy(0);
    server.handle.destroy(0);
    near.destroy();
    far.destroy();
  });
  client.handle.attach(near, 'pipe');
  client.request();
  const [first] = await once(far, 'data');
  far.pause();
  far.unshift(first);
  server.handle.attach(far, 'pipe');
  await server.next('onHeaders');
});

test('a corked stream is written when it is uncorked', async (t) => {
  const [near, far] = await sockets(t);
  near.cork();
  setTimeout(() => near.uncork(), 20);
  await exchange(t, near, far);
});

test('one write at a time', async (t) => {
  let open = 0;
  let most = 0;
  const slow = new Duplex({
    read() {},
    write(chunk, encoding, callback) {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        callback();
      });
    },
    highWaterMark: 1e9,
  });
  const client = new Side('client', CLIENT, { settings: [[4, 2 ** 20]] });
  t.after(() => client.handle.destroy(0));
  client.handle.attach(slow, 'pipe');
  for (let count = 0; count < 50; count++) {
    client.handle.ping(Buffer.alloc(8));
    client.request();
    await turn();
  }
  assert.strictEqual(most, 1);
});

test('a stream that does not take what is written holds the session back, and then its peer', async (t) => {
  const { client, server } = await sides(t, { over: 'sockets' });
  await client.next('onSettings');
  let release;
  server.duplex._write = (chunk, encoding, callback) => { release = callback; };
  server.duplex._writev = null;
  // Answers fill what the stream holds; resets, which the peer could make any number, are what is not let grow behind them.
  let answered = 0;
  server.listener = (name, id) => {
    if (name !== 'onHeaders')
      return;
    if (answered++ < 30)
      server.respond(id, [['x-long', randomBytes(8000).toString('hex')]], 1);
    else
      server.handle.rstStream(id, 8);
  };
  for (let round = 0; round < 500 && !server.duplex.isPaused(); round++) {
    for (let count = 0; count < 20; count++)
      client.request();
    await turn();
  }
  assert.ok(server.duplex.isPaused(), 'the stream was paused');
  delete server.duplex._write;
  server.duplex._writev = net.Socket.prototype._writev;
  release();
  while (server.duplex.isPaused())
    await turn();
});

test('what was received before the end of the stream is told before its close', async (t) => {
  const [near, far] = duplexPair();
  const server = new Side('server', SERVER);
  const order = [];
  server.listener = (name) => order.push(name);
  far.on('close', () => {
    order.push('close');
    server.handle.destroy(0);
  });
  server.handle.attach(far, 'pipe');
  const client = new Side('client', CLIENT);
  client.handle.attach(near, 'pipe');
  client.request();
  await server.next('onHeaders');
  await server.next('onSettingsAck');
  await turn();
  client.request();
  far.once('data', () => far.destroy());
  await once(far, 'close');
  client.handle.destroy(0);
  assert.deepStrictEqual(order.slice(-3), ['onHeaders', 'onEnd', 'close']);
});

test('a stream that fails to write loses nothing of what it has handed over', async (t) => {
  const [near, far] = duplexPair();
  const client = new Side('client', CLIENT);
  const server = new Side('server', SERVER);
  t.after(() => client.handle.destroy(0));
  client.handle.attach(near, 'pipe');
  let received = '';
  let told;
  const failing = new Duplex({
    read() {},
    write(chunk, encoding, callback) { callback(new Error('no')); },
  });
  failing.on('error', () => { told = received; });
  server.listener = (name, id) => {
    if (name === 'onHeaders')
      received += `${id} `;
  };
  const chunks = [];
  far.on('data', (chunk) => chunks.push(chunk));
  // More lists than are told at once.
  const list = Array.from({ length: 60 }, (_, index) => [`x-${index}`, 'v'.repeat(1000)]);
  const ids = Array.from({ length: 40 }, () => client.request(list));
  for (let count = 0; count < 20; count++)
    await turn();
  server.handle.attach(failing, 'pipe');
  failing.push(Buffer.concat(chunks));
  await new Promise((resolve) => failing.on('close', resolve));
  server.handle.destroy(0);
  assert.strictEqual(told, ids.map((id) => `${id} `).join(''));
});

test('a stream that is destroyed, or fails to write, takes nothing more', async (t) => {
  const failing = new Duplex({
    read() {},
    write(chunk, encoding, callback) { callback(new Error('no')); },
  });
  failing.on('error', () => {});
  const client = new Side('client', CLIENT);
  t.after(() => client.handle.destroy(0));
  client.handle.attach(failing, 'pipe');
  for (let count = 0; count < 5; count++) {
    client.request();
    await turn();
  }
  assert.ok(failing.destroyed);
});

test('a stream that has ended already', async (t) => {
  const ended = new PassThrough();
  ended.end();
  ended.resume();
  await once(ended, 'end');
  const client = new Side('client', CLIENT);
  t.after(() => client.handle.destroy(0));
  client.handle.attach(ended, 'pipe');
  await turn();
});

test('a destroyed session lets go of its stream', async (t) => {
  const { client, server } = await sides(t, { over: 'sockets' });
  await client.next('onSettings');
  client.handle.destroy(0);
  server.handle.destroy(0);
  for (const event of ['data', 'end'])
    assert.deepStrictEqual(client.duplex.listeners(event).filter((listener) => listener.name === ''), []);
  // It flows on, so that it sees its peer's end.
  server.duplex.end('not HTTP/2');
  await once(client.duplex, 'end');
});

test('GOAWAY of a destroyed session goes out before the end of the stream', async (t) => {
  const { client, server } = await sides(t, { over: 'sockets' });
  await client.next('onSettings');
  server.handle.destroy(11);
  server.duplex.end();
  const [code] = await client.next('onGoaway');
  assert.strictEqual(code, 11);
});
