'use strict';

// What it costs to cross between JavaScript and the engine: node benchmark/crossing.js

const { AsyncResource } = require('node:async_hooks');
const { Duplex } = require('node:stream');
const engine = require('../lib/engine');
const native = require('../lib/engine/load');
const { kResource } = require('../lib/symbols');

const SERVER = 0;
const ROUNDS = 7;

let told = 0;
const handlers = [
  'onHeaders', 'onPushPromise', 'onData', 'onEnd', 'onWritten', 'onShutdown', 'onWantTrailers', 'onStreamClose',
  'onFrameError', 'onPriority', 'onSettings', 'onSettingsAck', 'onPing', 'onPingAck', 'onGoaway', 'onAltsvc', 'onOrigin',
  'onSessionError', 'onSessionDone',
].map((name) => [name, () => { told++; }]);
engine.setHandlers(Object.fromEntries(handlers));

function frame(type, flags, id, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]);
// :method GET, :path /, :scheme http, :authority x, all of the static table but for the last, which is stored.
const FIRST = Buffer.from([0x82, 0x84, 0x86, 0x41, 1, 0x78]);
const AGAIN = Buffer.from([0x82, 0x84, 0x86, 0xbe]);

function session() {
  const owner = { [kResource]: new AsyncResource('Bench') };
  const handle = engine.createSession(owner, SERVER, { maxSessionMemory: 1000, settings: [[3, 1e6]] });
  owner.handle = handle;
  handle.attach(new Duplex({ read() {}, write(chunk, encoding, callback) { callback(); } }));
  native.receive(handle.key, PREFACE);
  handle.deliver();
  return handle;
}

// The best of several rounds, in nanoseconds of one of `count`.
function measure(name, count, prepare, act) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const context = prepare();
    const start = process.hrtime.bigint();
    act(context);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
    context?.destroy?.(0);
  }
  console.log(`${name.padEnd(72)} ${best.toFixed(0).padStart(6)} ns`);
}

function repeat(count, make) {
  return Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
}

const BLOCK = ':status\x00200\x00content-type\x00text/plain\x00content-length\x0012\x00';

function all() {
  const calls = 100_000;
  measure('a call with one number', calls, session, ({ key }) => {
    for (let count = 0; count < calls; count++)
      native.readStop(0, key);
  });
  measure('a call that finds its session and stream', calls, session, (handle) => {
    for (let count = 0; count < calls; count++)
      handle.readStop(7);
  });
  measure('a list of 3 fields in, refused by the session', calls, session, (handle) => {
    for (let count = 0; count < calls; count++)
      handle.respond(7, BLOCK, 3, 0);
  });
  measure('a write of 12 octets, refused by the session', calls, session, (handle) => {
    for (let count = 0; count < calls; count++)
      handle.write(7, 'hello world!', 'latin1');
  });

  const events = 900;
  const priority = repeat(events, () => frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 15])));
  const received = () => {
    const handle = session();
    native.receive(handle.key, frame(1, 4, 1, FIRST));
    handle.deliver();
    native.receive(handle.key, priority);
    return handle;
  };
  told = 0;
  measure('an event without strings: told, in its scope, with ticks drained', events, received, () => native.turn());
  measure('an event without strings: told, in its scope', events, received, (handle) => handle.deliver());

  const requests = 400;
  const indexed = Buffer.concat([frame(1, 5, 1, FIRST), repeat(requests - 1, (index) => frame(1, 5, index * 2 + 3, AGAIN))]);
  const asked = () => {
    const handle = session();
    native.receive(handle.key, indexed);
    return handle;
  };
  measure('a request of 4 indexed fields, 2 events', requests, asked, (handle) => handle.deliver());
  const literal = repeat(requests, (index) =>
    frame(1, 5, index * 2 + 1, Buffer.concat([Buffer.from([0x82, 0x84, 0x86, 0x01, 1, 0x78]), ...Array.from({ length: 4 }, (_, at) =>
      Buffer.from([0x00, 3, 0x78, 0x2d, 0x61 + at, 12, ...Buffer.from('hello world!')]))])));
  const spelt = () => {
    const handle = session();
    native.receive(handle.key, literal);
    return handle;
  };
  measure('a request of 3 indexed fields and 5 that are spelt out, 2 events', requests, spelt, (handle) => handle.deliver());
}

all();
process.exitCode = told > 0 ? 0 : 1;
