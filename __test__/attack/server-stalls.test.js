'use strict';

// Clients that begin and do not go on, or take and do not read: what they hold is bounded, and the others do not wait.

const assert = require('node:assert');
const { once } = require('node:events');
const oracle = require('node:http2');
const { test } = require('node:test');
const { connect, exchange, listen } = require('../helpers/endpoints');
const f = require('../helpers/frames');
const http2 = require('../helpers/implementation');
const { rawClient } = require('../helpers/raw-peer');
const { againstServer, answer, idOf, many, overBoth, watchLimits } = require('./arena');

const open = f.flag.END_HEADERS;
const isReset = (code) => (each) => each.type === f.type.RST_STREAM && each.payload.readUInt32BE(0) === code;
const isPong = (each) => each.type === f.type.PING && (each.flags & f.flag.ACK) !== 0;

// Each is sent when the one before it has been dealt with.
async function oneByOne(peer, count, make) {
  for (let index = 0; index < count; index++) {
    const number = Buffer.from(String(index).padStart(8));
    peer.send(make(index), f.ping(number));
    await peer.frame((each) => isPong(each) && each.payload.equals(number));
  }
}

overBoth('streams that are opened and never finished end at maxSessionMemory', againstServer, {
  survives: true,
  server: { maxSessionMemory: 1 },
  onStream: () => {},
  async attack(peer) {
    await peer.sendAll(many(1650, (index) => f.headers(idOf(index), f.request([], { method: 'POST' }), open)));
    await peer.frame(isReset(f.code.ENHANCE_YOUR_CALM));
  },
  judge({ limits, streams }) {
    assert.ok(streams.length > 100 && streams.length < 1600, `${streams.length} streams fit`);
    assert.strictEqual(limits[0].limit, 'sessionMemory');
    assert.strictEqual(limits[0].streamId, idOf(streams.length));
  },
});

// Clients open as many streams as they are let: undici once 10,000 on one session of a server with all the defaults.
test('no fewer streams fit into maxSessionMemory than in node:http2', async (t) => {
  const fitting = async (implementation) => {
    let count = 0;
    const onStream = (stream) => {
      count += 1;
      stream.on('error', () => {});
    };
    const endpoint = await listen(t, { implementation, maxSessionRejectedStreams: 20_000, onStream });
    const peer = await rawClient(t, endpoint);
    await peer.sendAll(Buffer.concat([many(20_000, (index) => f.headers(idOf(index), f.request(), open)), f.ping()]));
    await peer.frame(isPong);
    return count;
  };
  const [ours, nodes] = [await fitting(http2), await fitting(oracle)];
  assert.ok(ours >= nodes, `${ours} streams fit, and ${nodes} in node:http2`);
});

overBoth('whoever goes on opening streams that are refused loses the session', againstServer, {
  server: { maxSessionMemory: 1 },
  onStream: () => {},
  attack: (peer) => peer.sendAll(many(3000, (index) => f.headers(idOf(index), f.request([], { method: 'POST' }), open))),
  async judge({ error, limits, peer }) {
    assert.deepStrictEqual([error.errno, error.limit], [-902, 'rejectedStreams']);
    assert.deepStrictEqual(limits.at(-1), { limit: 'rejectedStreams', streamId: 0 });
    assert.strictEqual(await peer.goawayCode(), f.code.ENHANCE_YOUR_CALM);
  },
});

// A stream that is over while its reader pauses stays until somebody reads it, as in node.
for (const [which, onStream, end] of [
  ['', (stream) => stream.pause(), () => Buffer.alloc(0)],
  [', even if their streams are over', (stream) => stream.on('data', () => {}).pause(), (id) => f.rstStream(id, f.code.NO_ERROR)],
]) {
  overBoth(`bodies that the application does not read are bounded by maxSessionMemory${which}`, againstServer, {
    survives: true,
    server: { maxSessionMemory: 1 },
    onStream,
    async attack(peer) {
      const body = many(3, () => f.data(0, Buffer.alloc(16_000)));
      await oneByOne(peer, 40, (index) => {
        const id = idOf(index);
        for (let at = 0; at < body.length; at += 16_009) body.writeUInt32BE(id, at + 5);
        return Buffer.concat([f.headers(id, f.request([], { method: 'POST' }), open), body, end(id)]);
      });
    },
    judge({ limits, streams }) {
      assert.ok(streams.length * 48_000 < 1_100_000, `${streams.length} bodies of 48 KB fit into 1 MB`);
      assert.strictEqual(limits[0].limit, 'sessionMemory');
    },
  });
}

overBoth('answers that the client does not read are bounded: no new stream while they wait', againstServer, {
  survives: true,
  server: { maxSessionMemory: 1 },
  onStream: (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(400_000));
  },
  async attack(peer) {
    await oneByOne(peer, 20, (index) => f.headers(idOf(index), f.request()));
  },
  judge({ limits, streams }) {
    assert.ok(streams.length <= 4, `${streams.length} answers of 400 KB were begun within 1 MB`);
    assert.strictEqual(limits[0].limit, 'sessionMemory');
  },
});

overBoth('a peer that asks and never reads the answers is left to wait, and the others are served', againstServer, {
  peer: { reads: false },
  survives: true,
  onStream: (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(65_000));
  },
  async attack(peer) {
    peer.send(f.windowUpdate(0, 2 ** 30), many(100, (index) => f.headers(idOf(index), f.request())));
    peer.send(many(500, () => f.ping()));
  },
});

// The session closes by itself, without an error: node has none.
async function missesPreface(t, { octets, secure }) {
  const limits = watchLimits(t);
  const endpoint = await listen(t, { secure, prefaceTimeout: 1000, onStream: answer });
  const errors = [];
  endpoint.server.on('sessionError', (error) => errors.push(error));
  const honest = await connect(t, endpoint);
  const peer = await rawClient(t, endpoint, { bare: true });
  peer.send(octets);
  await peer.close();
  assert.deepStrictEqual(limits, [{ limit: 'prefaceTimeout', streamId: 0 }]);
  assert.strictEqual(await peer.goawayCode(), f.code.SETTINGS_TIMEOUT);
  assert.deepStrictEqual(errors, []);
  assert.strictEqual((await exchange(honest, { ':path': '/' })).body.toString(), 'answer');
}

overBoth('a connection that says nothing is closed after prefaceTimeout', missesPreface, { octets: Buffer.alloc(0) });
overBoth('so is one with half a preface', missesPreface, { octets: f.PREFACE.subarray(0, 10) });
overBoth('so is one without SETTINGS', missesPreface, { octets: f.PREFACE });
overBoth('so is one with half of its SETTINGS', missesPreface, { octets: Buffer.concat([f.PREFACE, f.settings([1, 1]).subarray(0, 12)]) });

for (const [name, garbage] of Object.entries({
  'an HTTP/1 request': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'zeros': Buffer.alloc(1000),
  'a preface with a fault at its end': Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r '),
  'a TLS client hello': Buffer.from('1603010200010001fc0303', 'hex'),
})) {
  overBoth(`${name} in place of the preface ends the connection`, againstServer, {
    peer: { bare: true },
    attack: (peer) => peer.sendAll(garbage),
    async judge({ error, peer }) {
      assert.deepStrictEqual([error.code, error.errno, error.limit], ['ERR_HTTP2_ERROR', -903, undefined]);
      assert.strictEqual(await peer.goawayCode(), f.code.PROTOCOL_ERROR);
    },
  });
}

overBoth('half a frame, and then nothing: the session waits and holds no more than that', againstServer, {
  survives: true,
  async attack(peer) {
    peer.send(f.ping(), f.headers(1, f.request(), open).subarray(0, 20));
    await peer.frame(isPong);
  },
});

overBoth('a floodTolerance of 10 lets ten times as many pass', async (t, { secure }) => {
  const endpoint = await listen(t, { secure, floodTolerance: 10, onStream: answer });
  const errors = [];
  endpoint.server.on('sessionError', (error) => errors.push(error));
  const peer = await rawClient(t, endpoint);
  await peer.sendAll(many(9000, () => f.priority(1, 3)));
  peer.send(f.ping());
  assert.ok(await peer.frame(isPong));
  assert.deepStrictEqual(errors, []);
  const failed = once(endpoint.server, 'sessionError');
  await peer.sendAll(many(5000, () => f.priority(1, 3)));
  await peer.close();
  assert.strictEqual((await failed)[0].limit, 'priorities');
});

overBoth('what an honest download needs is no flood', async (t, { secure }) => {
  // A client that credits every kilobyte at once: tens of thousands of WINDOW_UPDATEs, and a PING for each ten of them.
  const size = 30_000_000;
  const endpoint = await listen(t, {
    secure,
    onStream(stream) {
      stream.respond({ ':status': 200 });
      stream.end(Buffer.alloc(size));
    },
  });
  const errors = [];
  endpoint.server.on('sessionError', (error) => errors.push(error));
  const peer = await rawClient(t, endpoint);
  peer.send(f.headers(1, f.request()));
  let seen = 0;
  let received = 0;
  await peer.until(() => {
    const updates = [];
    for (const each of peer.frames.splice(0)) {
      if (each.type !== f.type.DATA) continue;
      received += each.payload.length;
      for (let left = each.payload.length; left > 0; left -= 1800) {
        const some = Math.min(left, 1800);
        updates.push(f.windowUpdate(0, some));
        if (left === each.payload.length) updates.push(f.windowUpdate(1, left));
        if (++seen % 10 === 0) updates.push(f.ping());
      }
    }
    if (updates.length > 0) peer.send(...updates);
    return received === size;
  });
  assert.deepStrictEqual(errors, []);
  assert.strictEqual(received, size);
});

overBoth('a session that has ended does not wait for ever for its peer to hang up', async (t, { secure }) => {
  const endpoint = await listen(t, { secure, onStream: (stream) => stream.on('error', () => {}) });
  endpoint.server.on('sessionError', () => {});
  const started = once(endpoint.server, 'session');
  const peer = await rawClient(t, endpoint, { hangsUp: false });
  const [session] = await started;
  const closed = new Promise((resolve) => session.on('close', resolve));
  // The session closes for the first frame, and has an error by the second. The peer keeps its side open.
  peer.send(f.headers(1, f.request([], { method: 'POST' }), open), f.goaway(0), f.data(0, 'x'));
  await closed;
  assert.ok(session.destroyed);
});
