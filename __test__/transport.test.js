'use strict';

// What a session says of what carries it.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { Duplex } = require('node:stream');
const { test } = require('node:test');
const { connect, listen } = require('./helpers/endpoints');
const http2 = require('./helpers/implementation');

const { HTTP2_RS_TRANSPORT: forced, HTTP2_RS_TLS: forcedTLS } = process.env;
const onSockets = process.platform !== 'win32';

// A stream that is no socket, around one.
function wrap(socket) {
  const duplex = new Duplex({
    read() {},
    write(chunk, encoding, callback) { socket.write(chunk, encoding, callback); },
    final(callback) { socket.end(callback); },
    destroy(error, callback) {
      socket.destroy();
      callback(error);
    },
  });
  socket.on('data', (chunk) => duplex.push(chunk)).on('end', () => duplex.push(null)).on('error', (error) => duplex.destroy(error));
  return duplex;
}

test('a socket is taken over by the engine', async (t) => {
  const client = await connect(t, await listen(t));
  assert.strictEqual(client.transport, onSockets && forced !== 'pipe' ? 'socket' : 'pipe');
});

test('so is a socket that becomes a TLS connection', async (t) => {
  const client = await connect(t, await listen(t, { secure: true }));
  assert.strictEqual(client.transport, onSockets && forcedTLS !== 'node' ? 'tls' : 'pipe');
});

test('any other stream stays where it is', async (t) => {
  const endpoint = await listen(t);
  const client = await connect(t, endpoint, { createConnection: () => wrap(net.connect(endpoint.port, '127.0.0.1')) });
  assert.strictEqual(client.transport, 'pipe');
});

test('there is none before the connection and after its end', async (t) => {
  const { port } = await listen(t);
  const client = http2.connect(`http://127.0.0.1:${port}`);
  assert.strictEqual(client.transport, undefined);
  await once(client, 'connect');
  client.destroy();
  assert.strictEqual(client.transport, undefined);
});
