'use strict';

// In what pieces a body reaches its listeners: what the peer sent as one frame is not joined with the next, but for what it had to
// cut.

const assert = require('node:assert');
const { randomBytes } = require('node:crypto');
const { test } = require('node:test');
const { listen } = require('../helpers/endpoints');
const { data, flag, headers, request } = require('../helpers/frames');
const { rawClient } = require('../helpers/raw-peer');

const LONGEST_FRAME = 16_384;
const LONGEST_CHUNK = 65_536;
const WINDOW = 1_000_000;

/** Sends `bodies`, each an array of the payloads of its frames, in turn by frames; gives the chunks that came of each. */
async function upload(t, bodies) {
  const received = new Map();
  let ended;
  const all = new Promise((resolve) => { ended = resolve; });
  const { port, server } = await listen(t, {
    settings: { initialWindowSize: WINDOW },
    onStream(stream) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        received.set(stream.id, chunks);
        if (received.size === bodies.length) ended();
      });
    },
  });
  server.on('session', (session) => session.setLocalWindowSize(WINDOW));
  const peer = await rawClient(t, port);
  const ids = bodies.map((body, i) => 2 * i + 1);
  const frames = ids.map((id) => headers(id, request([], { method: 'POST' }), flag.END_HEADERS));
  for (let turn = 0; bodies.some((body) => turn < body.length); turn++) {
    for (const [i, id] of ids.entries())
      if (turn < bodies[i].length) frames.push(data(id, bodies[i][turn]));
  }
  for (const id of ids) frames.push(data(id, '', flag.END_STREAM));
  await peer.sendAll(Buffer.concat(frames));
  await all;
  return ids.map((id) => received.get(id));
}

// Where each of the pieces ends.
function ends(pieces) {
  let length = 0;
  return pieces.map((piece) => length += piece.length);
}

test('no chunk has octets of two frames that their sender ended', async (t) => {
  const messages = [1, 100, 1_024, 1_025, 5_000, 16_383, 16_383, 700].map((length) => randomBytes(length));
  const [chunks, others] = await upload(t, [messages, messages]);
  // A read that ends in the middle of one makes more of them.
  for (const end of ends(messages)) assert.ok(ends(chunks).includes(end) && ends(others).includes(end), `up to ${end}`);
});

test('what streams send in turn comes whole, in chunks of bounded length', async (t) => {
  const bodies = [1, 3, 9].map((count) => Array.from({ length: count }, () => randomBytes(LONGEST_FRAME)));
  for (const [i, body] of bodies.entries()) body.push(randomBytes(10 + 1_000 * i));
  const received = await upload(t, bodies);
  for (const [i, chunks] of received.entries()) {
    assert.ok(Buffer.concat(chunks).equals(Buffer.concat(bodies[i])), `body ${i}`);
    assert.ok(chunks.every((chunk) => chunk.length <= LONGEST_CHUNK));
  }
});
