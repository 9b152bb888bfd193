'use strict';

// Servers that flood our client.

const assert = require('node:assert');
const f = require('../helpers/frames');
const { againstClient, endedFor, many, overBoth } = require('./arena');

const PROTO = -505;
const CALLBACK_FAILURE = -902;
const FLOODED = -904;
const TOO_MANY_CONTINUATIONS = -905;

const tooManyInvalidFrames = endedFor('invalidFrames', CALLBACK_FAILURE, 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES');
const open = f.flag.END_HEADERS;

function tooManyOrigins({ client, error, limits }) {
  assert.deepStrictEqual(limits.at(-1), { limit: 'originSet', streamId: 0 });
  assert.deepStrictEqual([error.code, error.limit], ['ERR_HTTP2_TOO_MANY_ORIGINS', 'originSet']);
  assert.strictEqual(client.originSet, undefined);
}

const floods = {
  'SETTINGS': [() => many(50_000, () => f.settings()), endedFor('settings', FLOODED)],
  'one SETTINGS with thousands of entries': [
    () => f.settings(...Array.from({ length: 2400 }, () => [6, 1])),
    endedFor('settingsEntries', PROTO),
  ],
  'PING': [() => many(50_000, () => f.ping()), endedFor('acknowledgements', FLOODED)],
  'PRIORITY': [() => many(50_000, () => f.priority(1, 3)), endedFor('priorities', PROTO)],
  'WINDOW_UPDATE': [(id) => many(50_000, () => f.windowUpdate(id, 1)), endedFor('windowUpdates', FLOODED)],
  'CONTINUATION without end': [
    (id) => Buffer.concat([
      f.headers(id, f.response(), 0),
      many(1000, (index) => f.continuation(id, f.literal(`a${index}`, 'x'.repeat(1000)))),
    ]),
    endedFor('continuations', TOO_MANY_CONTINUATIONS),
  ],
  'empty CONTINUATION frames': [
    (id) => Buffer.concat([f.headers(id, f.response(), 0), many(1000, () => f.continuation(id, Buffer.alloc(0)))]),
    endedFor('continuations', TOO_MANY_CONTINUATIONS),
  ],
  'CONTINUATION after a PUSH_PROMISE': [
    (id) => Buffer.concat([f.pushPromise(id, 2, f.request(), 0), many(1000, () => f.continuation(id, Buffer.alloc(0)))]),
    endedFor('continuations', TOO_MANY_CONTINUATIONS),
  ],
  'empty DATA': [
    (id) => Buffer.concat([f.headers(id, f.response(), open), many(3000, () => f.data(id))]),
    tooManyInvalidFrames,
  ],
  'DATA that is all padding': [
    (id) => Buffer.concat([f.headers(id, f.response(), open), many(3000, () => f.data(id, [1, 0], f.flag.PADDED))]),
    tooManyInvalidFrames,
  ],
  '1xx answers': [
    (id) => many(20_000, () => f.headers(id, f.response([], 103), open)),
    endedFor('informationalHeaders', FLOODED),
  ],
  'ALTSVC': [() => many(20_000, () => f.altsvc(0, 'https://a.example', 'h2=":1"')), endedFor('announcements', FLOODED)],
  // The set of origins is one of TLS: elsewhere nothing is kept of them.
  'ORIGIN (CVE-2026-48619)': [
    () => many(20_000, (index) => f.origin(`https://a${index}.example`)),
    (outcome) => outcome.secure ? tooManyOrigins(outcome) : endedFor('announcements', FLOODED)(outcome),
  ],
  'the same ORIGIN again': [() => many(20_000, () => f.origin('https://a.example')), endedFor('announcements', FLOODED)],
  'GOAWAY': [() => many(3000, () => f.goaway(1)), endedFor('goaways', FLOODED)],
  'frames of an unknown type': [() => many(50_000, () => f.frame(0xee, 0, 0)), endedFor('unknownFrames', PROTO)],
  'promises that are refused': [
    (id) => many(20_000, (index) => f.pushPromise(id, 2 * index + 2, f.request())),
    endedFor('refusedPushes', FLOODED),
  ],
  'promises that are wrong': [
    (id) => many(3000, (index) => f.pushPromise(id, 2 * index + 2, f.block([[':method', 'GET']]))),
    tooManyInvalidFrames,
  ],
  'RST_STREAM on a stream that is over': [
    (id) => many(50_000, () => f.rstStream(id)),
    endedFor('lateFrames', FLOODED),
  ],
};

for (const [name, [flood, judge]] of Object.entries(floods)) {
  overBoth(`our client stops a flood: ${name}`, againstClient, {
    attack: (peer, id) => peer.sendAll(flood(id)),
    judge,
  });
}

overBoth('an answer of endless header lists costs its request only', againstClient, {
  survives: true,
  async attack(peer, id) {
    peer.send(f.headers(id, Buffer.concat([f.response(), f.indexedLiteral('x', 'y'.repeat(4000)), Buffer.alloc(10_000, f.indexed(62))])));
    await peer.frame((each) => each.type === f.type.RST_STREAM);
  },
  judge({ request, limits, client, peer }) {
    const reset = peer.frames.find((each) => each.type === f.type.RST_STREAM);
    assert.strictEqual(reset.payload.readUInt32BE(0), f.code.ENHANCE_YOUR_CALM);
    assert.deepStrictEqual(limits, [{ limit: 'headerListSize', streamId: request.id }]);
    assert.ok(!client.destroyed);
  },
});
