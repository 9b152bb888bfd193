'use strict';

// Header lists that come faster than they are told, since JavaScript is blocked: some thirty octets stand for 60 KiB each (HPACK's
// table), so that what bounds the input does not bound them. They are taken in as they are told, and all arrive.

const assert = require('node:assert');
const { once } = require('node:events');
const { connect, exchange, listen } = require('../helpers/endpoints');
const f = require('../helpers/frames');
const { collectGarbage } = require('../helpers/growth');
const http2 = require('../helpers/implementation');
const { rawClient, rawServer } = require('../helpers/raw-peer');
const { answer, idOf, many, overBoth } = require('./arena');

const open = f.flag.END_HEADERS;
const mebibyte = 1024 * 1024;
const count = 3000;
// All of them are 180 MiB.
const allowed = 50 * mebibyte;

const entry = f.indexedLiteral('x', 'y'.repeat(3900));
const bomb = (list, index) => Buffer.concat([list, index === 0 ? entry : Buffer.alloc(15, f.indexed(62))]);

const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);

// V8's heap is left out: what 3,000 streams come to there, 20 to 80 MiB, depends on when V8 collects.
function memory() {
  const { rss, heapTotal } = process.memoryUsage();
  return rss - heapTotal;
}

/** Counts lists, and how far memory goes beyond where it was. */
class Watch {
  lists = 0;
  most = 0;

  async begin() {
    await collectGarbage();
    this.before = memory();
    this.complete = new Promise((resolve) => { this.resolve = resolve; });
  }

  see(headers) {
    if (!headers.x?.startsWith('yyy')) return;
    this.lists += 1;
    if (this.lists % 50 === 0) this.most = Math.max(this.most, memory() - this.before);
    if (this.lists === count) this.resolve();
  }

  async end() {
    await this.complete;
    assert.ok(this.most < allowed, `memory grew by ${(this.most / mebibyte).toFixed(0)} MiB`);
  }
}

overBoth('requests', async (t, { secure }) => {
  const watch = new Watch();
  const endpoint = await listen(t, {
    secure,
    onStream(stream, headers) {
      watch.see(headers);
      stream.on('error', () => {});
      answer(stream);
    },
  });
  const peer = await rawClient(t, endpoint);
  await watch.begin();
  await peer.sendAll(many(count, (index) => f.headers(idOf(index), bomb(f.request(), index))));
  block();
  await watch.end();
  assert.strictEqual((await exchange(await connect(t, endpoint), { ':path': '/' })).body.toString(), 'answer');
});

overBoth('trailers', async (t, { secure }) => {
  const watch = new Watch();
  let opened = 0;
  const endpoint = await listen(t, {
    secure,
    onStream(stream) {
      opened += 1;
      stream.on('error', () => {}).on('trailers', (trailers) => watch.see(trailers)).resume();
      stream.respond();
    },
  });
  const peer = await rawClient(t, endpoint);
  await peer.sendAll(many(count, (index) => f.headers(idOf(index), f.request([], { method: 'POST' }), open)));
  await peer.until(() => opened === count && peer.frames.filter((each) => each.type === f.type.HEADERS).length === count);
  await watch.begin();
  await peer.sendAll(many(count, (index) => f.headers(idOf(index), bomb(Buffer.alloc(0), index), open | f.flag.END_STREAM)));
  block();
  await watch.end();
});

// A server that sends our client such lists: `tell(client, request, watch)` has the client's listeners, `make(index)` the frames.
async function fromServer(t, { secure }, { tell, make, ...options }) {
  const watch = new Watch();
  const peers = [];
  const server = await rawServer(t, (peer) => peers.push(peer), { secure });
  const client = http2.connect(server.url, { ...server.options, ...options });
  t.after(() => client.destroy());
  client.on('error', () => {});
  await once(client, 'connect');
  for (let index = 0; index < count; index += 1) {
    const request = client.request({ ':path': '/' });
    request.on('error', () => {}).resume();
    tell(client, request, watch);
  }
  while (peers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [peer] = peers;
  await peer.until(() => peer.frames.filter((each) => each.type === f.type.HEADERS).length === count);
  await watch.begin();
  await peer.sendAll(many(count, make));
  block();
  await watch.end();
  peer.leave();
  await once(client, 'close');
}

overBoth('answers', (t, options) => fromServer(t, options, {
  tell: (client, request, watch) => request.on('response', (headers) => watch.see(headers)),
  make: (index) => f.headers(idOf(index), bomb(f.response(), index), open),
}));

overBoth('informational answers', (t, options) => fromServer(t, options, {
  tell: (client, request, watch) => request.on('headers', (headers) => watch.see(headers)),
  make: (index) => f.headers(idOf(index), bomb(f.response([], 103), index), open),
}));

overBoth('promises', (t, options) => fromServer(t, options, {
  maxReservedRemoteStreams: count,
  maxSessionMemory: 1000,
  tell(client, request, watch) {
    if (client.listenerCount('stream') > 0) return;
    client.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      watch.see(headers);
    });
  },
  make: (index) => f.pushPromise(idOf(index), 2 * index + 2, bomb(f.request(), index)),
}));
