'use strict';

// What has brought node:http2 down, by name. The floods among them are in server-floods.test.js and client-floods.test.js.

const assert = require('node:assert');
const f = require('../helpers/frames');
const { againstClient, againstServer, idOf, many, overBoth } = require('./arena');

const open = f.flag.END_HEADERS;
const isPong = (each) => each.type === f.type.PING && (each.flags & f.flag.ACK) !== 0;

overBoth('CVE-2025-59465: HEADERS of any malformed kind cost the connection, or only the stream', async (t, { secure }) => {
  const malformed = {
    'an index that is none': f.indexed(2 ** 30),
    'index 0': Buffer.from([0x80]),
    'half of an integer': Buffer.from([0xff, 0xff, 0xff]),
    'an integer without end': Buffer.alloc(100, 0xff),
    'a string beyond the block': Buffer.from([0x00, 0x7f, 0x61]),
    'Huffman padding that is none': Buffer.from([0x00, 0x81, 0x00, 0x01, 0x61]),
    'the end of Huffman strings': Buffer.from([0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x01, 0x61]),
    'a table size beyond the limit': Buffer.concat([f.tableSize(2 ** 30), f.request()]),
    'a table size in the middle': Buffer.concat([f.request(), f.tableSize(0)]),
    'octets that are no field name': f.request([['\0\r\n', 'x']]),
    'octets that are no field value': f.request([['x', 'a\0b\r\nc: d']]),
    'no pseudo-header fields': f.block([['a', 'b']]),
    'two methods': f.request([[':method', 'GET']]),
    'a name in capitals': f.request([['Upper', 'x']]),
    'a connection header field': f.request([['connection', 'close']]),
  };
  for (const [name, list] of Object.entries(malformed)) {
    await t.test(name, (each) => againstServer(each, {
      secure,
      survives: true,
      async attack(peer) {
        peer.send(f.headers(1, list), f.ping());
        await Promise.race([peer.frame(isPong), peer.close()]);
      },
    }));
  }
});

overBoth('CVE-2024-27983: CONTINUATION and then a reset of the connection', againstServer, {
  survives: true,
  async attack(peer) {
    await peer.sendAll(Buffer.concat([f.headers(1, f.request(), f.flag.END_STREAM), f.continuation(1, f.literal('a', 'b'))]));
    peer.cut();
  },
});

overBoth('CVE-2025-23085: connections that break off without a word, in every state', againstServer, {
  survives: true,
  onStream(stream) {
    stream.respond({ ':status': 200 });
    stream.write(Buffer.alloc(200_000));
  },
  async attack(peer) {
    peer.send(
      f.headers(1, f.request()), f.headers(3, f.request([], { method: 'POST' }), open), f.data(3, 'half'),
      f.headers(5, f.request(), 0), f.continuation(5, Buffer.alloc(0)).subarray(0, 5),
    );
    await peer.frame((each) => each.type === f.type.DATA);
    peer.cut();
  },
});

overBoth('CVE-2026-21714: windows that overflow', async (t, { secure }) => {
  await t.test("the connection's", (each) => againstServer(each, {
    secure,
    attack: (peer) => peer.sendAll(Buffer.concat([f.headers(1, f.request()), f.windowUpdate(0, 2 ** 31 - 1)])),
    async judge({ error, peer }) {
      assert.deepStrictEqual([error.code, error.errno], ['ERR_HTTP2_ERROR', -524]);
      assert.strictEqual(await peer.goawayCode(), f.code.FLOW_CONTROL_ERROR);
    },
  }));
  await t.test("a stream's", (each) => againstServer(each, {
    secure,
    survives: true,
    async attack(peer) {
      peer.send(f.headers(1, f.request([], { method: 'POST' }), open), f.windowUpdate(1, 2 ** 31 - 1));
      await peer.frame(({ type, payload }) => type === f.type.RST_STREAM && payload.readUInt32BE(0) === f.code.FLOW_CONTROL_ERROR);
    },
  }));
  await t.test("every stream's, by SETTINGS", (each) => againstServer(each, {
    secure,
    attack: (peer) => peer.sendAll(Buffer.concat([
      f.headers(1, f.request([], { method: 'POST' }), open), f.windowUpdate(1, 1000), f.settings([4, 2 ** 31 - 1]),
    ])),
    async judge({ peer }) {
      assert.strictEqual(await peer.goawayCode(), f.code.FLOW_CONTROL_ERROR);
    },
  }));
});

overBoth('CVE-2026-48619: an origin set has a size', againstClient, {
  survives: true,
  async attack(peer, id) {
    peer.send(many(100, (index) => f.origin(...Array.from({ length: 100 }, (_, number) => `https://a${index * 100 + number}.example`))));
    peer.send(f.headers(id, f.response()), f.ping());
    await Promise.race([peer.frame(isPong), peer.close()]);
  },
  judge({ client, secure, limits }) {
    // It is for TLS only: elsewhere nothing is kept.
    if (!secure) return assert.strictEqual(client.originSet, undefined);
    assert.deepStrictEqual(limits, [{ limit: 'originSet', streamId: 0 }]);
  },
});

overBoth('CVE-2019-9511, CVE-2019-9517: data dribbled out, and a window of nothing', againstServer, {
  survives: true,
  onStream(stream) {
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(100_000));
  },
  async attack(peer) {
    peer.send(f.settings([4, 0]), many(50, (index) => f.headers(idOf(index), f.request())));
    for (let turn = 0; turn < 200; turn++) peer.send(f.windowUpdate(idOf(turn % 50), 1));
    const octets = () => peer.frames.reduce((sum, { type, payload }) => sum + (type === f.type.DATA ? payload.length : 0), 0);
    await peer.until(() => octets() === 200);
  },
});

overBoth('CVE-2019-9516: fields without a name are held to the limits of any list', againstServer, {
  survives: true,
  async attack(peer) {
    peer.send(f.headers(1, f.request(Array.from({ length: 2000 }, () => ['', '']))), f.ping());
    await peer.frame(isPong);
  },
  judge({ streams }) {
    assert.strictEqual(streams.length, 0);
  },
});
