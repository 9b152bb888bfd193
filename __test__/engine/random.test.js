'use strict';

// Random commands in random order, from listeners and from outside, over every transport. Whatever is answered, nothing
// panics, the sessions can still be destroyed, and nothing of them is left.

const assert = require('node:assert');
const { test } = require('node:test');
const { sessions } = require('../../lib/engine/dispatch');
const { block, sides, turn } = require('./harness');

// A small generator with a seed, so that a failure can be had again.
function generator(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

const CHUNKS = [...[0, 1, 1000, 20_000, 100_000].map((length) => Buffer.alloc(length)), 'text', 'ä'.repeat(9000)];
const LISTS = [
  [[':status', '200']], [[':status', '103']], [[':status', '204'], ['content-length', '5']], [['x', 'y']], [],
  [[':status', '200'], ['set-cookie', 'secret', true], ['x-long', 'z'.repeat(30_000)]],
  [[':method', 'GET'], [':path', '/'], [':scheme', 'http'], [':authority', 'a']],
];

const COMMANDS = [
  ({ handle }, next) => handle.request(block(LISTS[next(7)]), LISTS[next(7)].length, next(4)),
  (side, next) => side.request([['x', String(next(9))]], next(4), 'POST'),
  (side, next) => side.request([], 0, 'CONNECT'),
  ({ handle }, next, id) => { const list = LISTS[next(7)]; handle.respond(id, block(list), list.length, next(4)); },
  ({ handle }, next, id) => handle.respond(id, block(LISTS[0]), 1, 2 * next(2)),
  ({ handle }, next, id) => handle.respondWithBody(id, block(LISTS[0]), 1, next(4), CHUNKS[next(7)], 'utf8'),
  ({ handle }, next, id) => handle.info(id, block(LISTS[1]), 1),
  ({ handle }, next, id) => { const list = LISTS[next(7)]; handle.trailers(id, block(list), list.length); },
  ({ handle }, next, id) => { const promised = handle.pushPromise(id, block(LISTS[6]), 4, 0); return promised; },
  ({ handle }, next, id) => handle.write(id, CHUNKS[next(7)], 'utf8'),
  ({ handle }, next, id) => handle.write(id, CHUNKS[next(5)]),
  ({ handle }, next, id) => handle.writev(id, [{ chunk: CHUNKS[next(5)] }, { chunk: CHUNKS[next(7)], encoding: 'latin1' }]),
  ({ handle }, next, id) => handle.end(id),
  ({ handle }, next, id) => handle.rstStream(id, next(14)),
  ({ handle }, next, id) => handle.readStart(id),
  ({ handle }, next, id) => handle.readStop(id),
  ({ handle }, next, id) => handle.priority(id, next(10), next(300), next(2) === 1),
  ({ handle }, next) => handle.settings([[1 + next(8), next(2 ** 20)]]),
  ({ handle }, next) => handle.settings([[4, next(70_000)], [1, next(5000)]]),
  ({ handle }) => handle.ping(Buffer.alloc(8)),
  ({ handle }, next, id) => handle.goaway(next(14), next(2) * id, CHUNKS[next(3)]),
  ({ handle }, next, id) => handle.altsvc(next(2) * id, 'https://a', 'b'),
  ({ handle }) => handle.origin(['https://a', 'https://b']),
  ({ handle }, next) => handle.setLocalWindowSize(next(2 ** 31)),
  ({ handle }, next, id) => handle.setNextStreamID(id + next(6)),
  ({ handle }, next, id) => [handle.state(), handle.streamState(id), handle.counters(), handle.localSettings(), handle.hasPendingData],
  ({ handle }) => handle.deliver(),
  ({ handle }, next) => next(20) === 0 && handle.close(),
  ({ handle }, next) => next(60) === 0 && handle.destroy(next(14)),
  ({ duplex }, next) => next(60) === 0 && duplex.end(),
  ({ duplex }, next) => next(60) === 0 && duplex.destroy(),
];

async function play(t, seed, over) {
  const next = generator(seed);
  const settings = [[3, 1000], [8, 1]];
  const pair = await sides(t, { over, client: { settings: next(2) ? settings : [] }, server: { settings } });
  const both = [pair.client, pair.server];
  const act = (side) => {
    const ids = [...side.handle.streams.values()].map((stream) => stream.id);
    const id = ids.length > 0 && next(10) > 0 ? ids[next(ids.length)] : next(12);
    COMMANDS[next(COMMANDS.length)](side, next, id);
  };
  for (const side of both) {
    side.listener = (name, error, code) => {
      side.events.length = 0;
      assert.notStrictEqual(code, 'ERR_HTTP2_INTERNAL', `seed ${seed}`);
      if (next(3) === 0)
        act(both[next(2)]);
    };
  }
  for (let step = 0; step < 60; step++) {
    for (let count = next(8); count > 0; count--)
      act(both[next(2)]);
    await turn();
  }
  for (const side of both) {
    side.handle.destroy(0);
    side.duplex.destroy();
  }
  await turn();
}

const ROUNDS = process.env.HTTP2_RS_FULL ? 300 : 60;

for (const over of ['pair', 'sockets', 'descriptors']) {
  test(`random commands over ${over}`, { timeout: 120_000 }, async (t) => {
    const before = sessions.size;
    for (let seed = 1; seed <= ROUNDS; seed++)
      await play(t, seed * 7919, over);
    assert.strictEqual(sessions.size, before);
  });
}
