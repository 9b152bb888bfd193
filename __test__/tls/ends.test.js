'use strict';

// A session that is ended by what its peer's end came with, before it was told of that end, still lets go of its socket.

const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const { cleanup } = require('../helpers/cleanup');
const { listen } = require('../helpers/endpoints');
const f = require('../helpers/frames');
const { rawClient } = require('../helpers/raw-peer');

// A way to a server on which everything waits, once it is held, for the client's end: then all comes at once.
async function wayTo(t, { port }) {
  let held;
  const proxy = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    far.on('error', () => {}).on('data', (chunk) => near.write(chunk)).on('end', () => near.end());
    near.on('error', () => {}).on('data', (chunk) => (held ? held.push(chunk) : far.write(chunk)));
    near.on('end', () => far.end(Buffer.concat(held)));
    cleanup(t, () => {
      near.destroy();
      far.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  cleanup(t, () => proxy.close());
  return { port: proxy.address().port, hold: () => { held = []; } };
}

function end(session) {
  session.close();
  session.destroy();
}

const whens = {
  'at GOAWAY': (session) => session.on('goaway', () => end(session)),
  'at the end of a request': (session) => session.on('stream', (stream) => stream.resume().on('end', () => end(session))),
  'while a request is unread': (session) => session.on('goaway', () => setImmediate(() => setImmediate(end, session))),
};

for (const [when, arrange] of Object.entries(whens)) {
  for (const secure of [false, true]) {
    test(`a session ends ${when}, ${secure ? 'TLS' : 'plaintext'}`, { timeout: 30_000 }, async (t) => {
      const endpoint = await listen(t, { secure, onStream: (stream) => stream.on('error', () => {}).respond() });
      const { port, hold } = await wayTo(t, endpoint);
      const accepted = once(endpoint.server, 'session');
      const peer = await rawClient(t, { ...endpoint, port });
      const [session] = await accepted;
      arrange(session);
      const opened = once(session, 'stream');
      peer.send(f.headers(1, f.request([], { method: 'POST' }), f.flag.END_HEADERS));
      await opened;
      const closed = once(session, 'close');
      hold();
      peer.send(f.data(1, 'body', f.flag.END_STREAM));
      peer.socket.end(f.goaway(0));
      await closed;
    });
  }
}
