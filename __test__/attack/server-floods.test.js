'use strict';

// Clients that flood our server with frames that cost them little. Each is stopped, and told to calm down; the application
// hears of it as node:http2's tells it, and the operator which limit it was.

const f = require('../helpers/frames');
const { againstServer, endedFor, idOf, many, overBoth } = require('./arena');

const PROTO = -505;
const CALLBACK_FAILURE = -902;
const FLOODED = -904;
const TOO_MANY_CONTINUATIONS = -905;

const upload = f.headers(1, f.request([], { method: 'POST' }), f.flag.END_HEADERS);
const tooManyInvalidFrames = endedFor('invalidFrames', CALLBACK_FAILURE, 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES');

// What is sent, and how it ends.
const floods = {
  'rapid reset (CVE-2023-44487)': [
    () => many(3000, (index) => Buffer.concat([f.headers(idOf(index), f.request()), f.rstStream(idOf(index))])),
    endedFor('streamResets', PROTO),
  ],
  'MadeYouReset (CVE-2025-8671) by a WINDOW_UPDATE of nothing': [
    () => many(3000, (index) => Buffer.concat([f.headers(idOf(index), f.request()), f.windowUpdate(idOf(index), 0)])),
    tooManyInvalidFrames,
  ],
  'MadeYouReset by a window that overflows': [
    () => many(3000, (index) => Buffer.concat([f.headers(idOf(index), f.request()), f.windowUpdate(idOf(index), 2 ** 31 - 1)])),
    tooManyInvalidFrames,
  ],
  'MadeYouReset by a body longer than it said': [
    () => many(3000, (index) => Buffer.concat([
      f.headers(idOf(index), f.request([['content-length', '1']], { method: 'POST' }), f.flag.END_HEADERS),
      f.data(idOf(index), '22', f.flag.END_STREAM),
    ])),
    tooManyInvalidFrames,
  ],
  'MadeYouReset by HEADERS that depend on themselves': [
    () => many(3000, (index) => f.frame(
      f.type.HEADERS, f.flag.END_HEADERS | f.flag.END_STREAM | f.flag.PRIORITY, idOf(index),
      Buffer.concat([f.uint32(idOf(index)), Buffer.from([0]), f.request()]),
    )),
    tooManyInvalidFrames,
  ],
  'CONTINUATION without end (CVE-2024-27983)': [
    () => Buffer.concat([
      f.headers(1, f.request(), f.flag.END_STREAM),
      many(1000, (index) => f.continuation(1, f.literal(`a${index}`, 'x'.repeat(1000)))),
    ]),
    endedFor('continuations', TOO_MANY_CONTINUATIONS),
  ],
  'empty CONTINUATION frames': [
    () => Buffer.concat([f.headers(1, f.request(), f.flag.END_STREAM), many(1000, () => f.continuation(1, Buffer.alloc(0)))]),
    endedFor('continuations', TOO_MANY_CONTINUATIONS),
  ],
  'SETTINGS (CVE-2019-9515)': [() => many(50_000, () => f.settings()), endedFor('settings', FLOODED)],
  'one SETTINGS with thousands of entries (CVE-2020-11080)': [
    () => f.settings(...Array.from({ length: 2400 }, () => [6, 1])),
    endedFor('settingsEntries', PROTO),
  ],
  'PING (CVE-2019-9512)': [() => many(50_000, () => f.ping()), endedFor('acknowledgements', FLOODED)],
  'PRIORITY (CVE-2019-9513)': [
    () => many(50_000, (index) => f.priority(idOf(index % 100), idOf((index + 1) % 100))),
    endedFor('priorities', PROTO),
  ],
  'WINDOW_UPDATE': [() => many(50_000, () => f.windowUpdate(0, 1)), endedFor('windowUpdates', FLOODED)],
  'WINDOW_UPDATE on a stream that is over': [
    () => Buffer.concat([upload, f.rstStream(1), many(50_000, () => f.windowUpdate(1, 1))]),
    endedFor('windowUpdates', FLOODED),
  ],
  'empty DATA (CVE-2019-9518)': [() => Buffer.concat([upload, many(3000, () => f.data(1))]), tooManyInvalidFrames],
  'DATA that is all padding': [
    () => Buffer.concat([upload, many(3000, () => f.data(1, [1, 0], f.flag.PADDED))]),
    tooManyInvalidFrames,
  ],
  'empty HEADERS': [() => many(3000, (index) => f.headers(idOf(index), Buffer.alloc(0))), tooManyInvalidFrames],
  'RST_STREAM on a stream that is over': [
    () => Buffer.concat([upload, many(50_000, () => f.rstStream(1))]),
    endedFor('lateFrames', FLOODED),
  ],
  'GOAWAY': [() => Buffer.concat([upload, many(3000, () => f.goaway(0))]), endedFor('goaways', FLOODED)],
  'frames of an unknown type': [() => many(50_000, () => f.frame(0xee, 0, 0)), endedFor('unknownFrames', PROTO)],
  'lists that are too long (HPACK bomb)': [
    () => Buffer.concat([
      f.headers(1, Buffer.concat([f.request(), f.indexedLiteral('x', 'y'.repeat(4000))])),
      // 16 kilobytes that stand for 60 megabytes each.
      many(3000, (index) => f.headers(idOf(index + 1), Buffer.concat([f.request(), Buffer.alloc(16_000, f.indexed(62))]))),
    ]),
    tooManyInvalidFrames,
  ],
};

for (const [name, [flood, judge]] of Object.entries(floods)) {
  overBoth(`our server stops a flood: ${name}`, againstServer, {
    attack: (peer) => peer.sendAll(flood()),
    judge,
  });
}
