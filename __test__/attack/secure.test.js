'use strict';

// Attacks from beneath TLS, and what those through it leave behind. The rest of this directory is run over TLS, too.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const tls = require('node:tls');
const { cleanup } = require('../helpers/cleanup');
const { connect, exchange, listen } = require('../helpers/endpoints');
const f = require('../helpers/frames');
const { rawClient } = require('../helpers/raw-peer');
const { againstClient, againstServer, answer, endedFor, idOf, many } = require('./arena');

const open = f.flag.END_HEADERS;
const hello = Buffer.from('160301020001', 'hex');

// A server over TLS with a client that minds its own business; `stillServes` sees whether it still can.
async function arena(t, options) {
  const endpoint = await listen(t, { secure: true, onStream: answer, ...options });
  endpoint.server.on('stream', (stream) => stream.on('error', () => {}));
  endpoint.server.on('tlsClientError', () => {});
  const bystander = await connect(t, endpoint);
  const stillServes = async () => {
    for (const client of [bystander, await connect(t, endpoint)]) {
      assert.strictEqual((await exchange(client, { ':path': '/' })).body.toString(), 'answer');
    }
  };
  return { ...endpoint, stillServes };
}

for (const [name, octets] of Object.entries({
  'nothing': Buffer.alloc(0),
  'half of a hello': hello,
  'a hello octet by octet, without end': undefined,
})) {
  test(`a TLS handshake of ${name} ends after handshakeTimeout`, async (t) => {
    const endpoint = await arena(t, { handshakeTimeout: 2000 });
    const socket = net.connect(endpoint.port, '127.0.0.1');
    cleanup(t, () => socket.destroy());
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {}).resume();
    await once(socket, 'connect');
    if (octets !== undefined) {
      socket.write(octets);
    } else {
      socket.write(hello);
      const drip = setInterval(() => socket.write('\0'), 20);
      cleanup(t, () => clearInterval(drip));
    }
    await endpoint.stillServes();
    await closed;
    await endpoint.stillServes();
  });
}

test('garbage beneath TLS after the handshake', async (t) => {
  const endpoint = await arena(t);
  const socket = net.connect(endpoint.port, '127.0.0.1');
  const secure = tls.connect({ socket, ca: endpoint.cert, servername: 'localhost', ALPNProtocols: ['h2'] });
  cleanup(t, () => socket.destroy());
  secure.on('error', () => {});
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(secure, 'secureConnect');
  secure.write(Buffer.concat([f.PREFACE, f.settings(), f.headers(1, f.request([], { method: 'POST' }), open)]));
  await once(secure, 'data');
  socket.write(Buffer.alloc(5000, 0x17));
  await closed;
  await endpoint.stillServes();
});

test('a peer over TLS that asks and never reads is left to wait, and goes without a trace', async (t) => {
  const endpoint = await arena(t, { onStream: (stream, headers) => {
    if (headers[':path'] === '/') return answer(stream);
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(1_000_000));
  } });
  const peer = await rawClient(t, endpoint, { bare: true, reads: false });
  peer.send(f.PREFACE, f.settings([4, 2 ** 30]), f.windowUpdate(0, 2 ** 30));
  peer.send(many(20, (index) => f.headers(idOf(index), f.request([], { path: '/large' }))));
  await endpoint.stillServes();
  const [last] = [...endpoint.sessions].slice(2);
  assert.ok(last !== undefined, 'its session is there');
  const before = endpoint.sessions.size;
  peer.leave();
  while (endpoint.sessions.size >= before) await new Promise((resolve) => setTimeout(resolve, 5));
  await endpoint.stillServes();
});

test('a flood over TLS leaves no memory behind in our server', (t) => againstServer(t, {
  secure: true,
  measured: true,
  attack: (peer) => peer.sendAll(many(3000, (index) => Buffer.concat([f.headers(idOf(index), f.request()), f.rstStream(idOf(index))]))),
  judge: endedFor('streamResets', -505),
}));

test('a flood over TLS leaves no memory behind in our client', (t) => againstClient(t, {
  secure: true,
  measured: true,
  attack: (peer) => peer.sendAll(many(50_000, () => f.settings())),
  judge: endedFor('settings', -904),
}));
