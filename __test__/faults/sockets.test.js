'use strict';

// Streams and sockets that fail in ways of the system's.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');
const { Duplex } = require('node:stream');
const { test } = require('node:test');
const { listen } = require('../helpers/endpoints');
const f = require('../helpers/frames');
const http2 = require('../helpers/implementation');
const { runScriptToEnd } = require('../helpers/processes');
const { rawClient, rawServer } = require('../helpers/raw-peer');
const { eventually, watch } = require('./watch');

for (const code of ['EPIPE', 'ENOBUFS', 'ECONNRESET']) {
  test(`a stream whose writing fails with ${code}`, async () => {
    const duplex = new Duplex({
      read() {},
      write(chunk, encoding, callback) { callback(Object.assign(new Error(`write ${code}`), { code })); },
    });
    const client = http2.connect('http://localhost', { createConnection: () => duplex });
    const failed = once(client, 'error');
    const closed = new Promise((resolve) => client.on('close', resolve));
    const requests = [watch(client.request({ ':path': '/' })), watch(client.request({ ':path': '/', ':method': 'POST' }))];
    const [error] = await failed;
    assert.strictEqual(error.code, code);
    await eventually({ "'close' of the session": closed, 'end of the requests': Promise.all(requests) });
    assert.ok(duplex.destroyed);
  });
}

test('a peer that goes away while it is written to', async (t) => {
  let streams = 0;
  const outcomes = [];
  const endpoint = await listen(t, {
    onStream(stream) {
      streams += 1;
      outcomes.push(watch(stream));
      stream.respond({ ':status': 200 });
      const more = () => { while (!stream.destroyed && stream.write(Buffer.alloc(50_000))); };
      stream.on('drain', more);
      more();
    },
  });
  endpoint.server.on('session', (session) => session.on('error', () => {}));
  for (let round = 0; round < 10; round += 1) {
    const socket = net.connect(endpoint.port, '127.0.0.1');
    const settings = { initialWindowSize: 1_000_000 };
    const client = http2.connect(endpoint.url, { createConnection: () => socket, settings });
    client.on('error', () => {});
    const request = client.request({ ':path': '/' });
    const closed = watch(request);
    request.once('data', () => socket.destroy());
    await eventually({ 'end of the request': closed });
  }
  await eventually({ 'end of the streams': Promise.all(outcomes) });
  assert.strictEqual(streams, 10);
});

// A peer that is gone when it is written to: EPIPE or ECONNRESET, whichever the system says.
for (const secure of [false, true]) {
  const transport = secure ? 'TLS' : 'plaintext';

  test(`our server writes to a peer that has shut its socket, ${transport}`, async (t) => {
    const streams = [];
    const endpoint = await listen(t, {
      secure,
      onStream(stream) {
        streams.push(watch(stream));
        stream.respond({ ':status': 200 });
        stream.write('begun');
        // Whatever goes out after the peer has gone: the first write is answered by a reset, those after it fail.
        const timer = setInterval(() => stream.destroyed ? clearInterval(timer) : stream.write(Buffer.alloc(1000)), 1);
      },
    });
    endpoint.server.on('session', (session) => session.on('error', () => {}));
    const sessions = once(endpoint.server, 'session');
    const peer = await rawClient(t, endpoint);
    const [session] = await sessions;
    const closed = new Promise((resolve) => session.on('close', resolve));
    peer.send(f.headers(1, f.request()));
    await peer.frame((each) => each.type === f.type.DATA);
    peer.leave();
    await eventually({ "'close' of the session": closed, 'end of the stream': Promise.all(streams) });
    assert.strictEqual(streams.length, 1);
  });

  test(`our client writes to a peer that has shut its socket, ${transport}`, async (t) => {
    let accept;
    const accepted = new Promise((resolve) => { accept = resolve; });
    const server = await rawServer(t, (peer) => accept(peer), { secure });
    const client = http2.connect(server.url, server.options);
    client.on('error', () => {});
    const closed = new Promise((resolve) => client.on('close', resolve));
    const request = client.request({ ':path': '/', ':method': 'POST' });
    const ended = watch(request);
    request.write('begun');
    const timer = setInterval(() => request.destroyed ? clearInterval(timer) : request.write(Buffer.alloc(1000)), 1);
    const peer = await accepted;
    await peer.frame((each) => each.type === f.type.DATA);
    peer.leave();
    await eventually({ "'close' of the session": closed, 'end of the request': ended });
  });
}

test('a process without descriptors', { timeout: 60_000 }, async () => {
  const outcome = JSON.parse(await runScriptToEnd(path.join(__dirname, 'no-descriptors.js')));
  assert.deepStrictEqual(outcome, { withOneLeft: 'answered', withNone: 'EMFILE', afterwards: 'answered' });
});
