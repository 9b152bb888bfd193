'use strict';

// What a session says of what carries it.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { Duplex } = require('node:stream');
const { test } = require('node:test');
const { setTimeout } = require('node:timers/promises');
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

test('what has arrived is read to its end though the peer has hung up', async (t) => {
  let stream;
  const endpoint = await listen(t, {
    onStream(request) {
      stream = request;
      stream.respond();
      stream.end();
      stream.on('data', () => {}).pause();
    },
  });
  const client = await connect(t, endpoint);
  const request = client.request({ ':method': 'POST' });
  request.resume().end(Buffer.alloc(5000));
  await once(request, 'close');
  client.close();
  // Long enough for a server to see the end of its socket.
  await setTimeout(50);

  let length = 0;
  stream.on('data', (chunk) => { length += chunk.length; });
  await once(stream.resume(), 'end');
  assert.strictEqual(length, 5000);
});
