'use strict';

// How an endpoint of ours takes frames, right and wrong: tables of [what is sent, what has to come of it], each played on a
// connection of its own.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { listen } = require('../helpers/endpoints');
const f = require('../helpers/frames');
const http2 = require('../helpers/implementation');
const { rawClient, rawServer } = require('../helpers/raw-peer');

const names = Object.fromEntries(Object.entries(f.code).map(([name, code]) => [code, name]));
const codeOf = ({ type, payload }) => names[payload.readUInt32BE(type === f.type.GOAWAY ? 4 : 0)];
const PROBE = Buffer.from('still on');

// --- What has to come of it ---

/** The connection ends, with this code in its GOAWAY. */
const goaway = (code) => async (peer) => {
  const frame = await peer.frame((each) => each.type === f.type.GOAWAY && codeOf(each) !== 'NO_ERROR');
  assert.ok(frame, 'GOAWAY came');
  assert.strictEqual(codeOf(frame), code);
  await peer.close();
};

const isProbe = (each) => each.type === f.type.PING && each.flags === f.flag.ACK && each.payload.equals(PROBE);

/** The connection goes on: a PING is answered. */
async function alive(peer) {
  peer.send(f.ping(PROBE));
  assert.ok(await peer.frame(isProbe), 'the PING was answered');
}

/** The stream is reset with this code, and the connection goes on. */
const reset = (code, stream = 1) => async (peer) => {
  const frame = await peer.frame((each) => each.type === f.type.RST_STREAM && each.stream === stream);
  assert.ok(frame, 'RST_STREAM came');
  assert.strictEqual(codeOf(frame), code);
  await alive(peer);
};

/** The stream is answered as a whole, and the connection goes on. */
const answered = (stream = 1) => async (peer) => {
  await wholeAnswer(peer, stream);
  await alive(peer);
};

/** The stream is answered as a whole, and that is the end. */
const answeredAtLast = (stream = 1) => async (peer) => {
  await wholeAnswer(peer, stream);
  await peer.close();
};

async function wholeAnswer(peer, stream) {
  const its = (each) => each.stream === stream;
  const ends = ({ type, flags }) => (type === f.type.DATA || type === f.type.HEADERS) && (flags & f.flag.END_STREAM) !== 0;
  assert.ok(await peer.frame((each) => its(each) && ends(each)), 'it was answered');
  assert.ok(!peer.frames.some((each) => its(each) && each.type === f.type.RST_STREAM), 'it was not reset');
}

/** A frame of this type comes, with these flags and this payload. */
const gets = (type, flags, payload) => async (peer) => {
  assert.ok(await peer.frame((each) => (
    each.type === f.type[type] && each.flags === flags && (payload === undefined || each.payload.equals(payload))
  )), `${type} came`);
  await alive(peer);
};

// --- Whom it is done to ---

// Answers when the request is complete, so that its faults come first.
function onStream(stream) {
  stream.on('error', () => {});
  stream.resume();
  stream.on('end', () => {
    if (stream.destroyed) return;
    stream.respond({ ':status': 200 });
    stream.end('hello');
  });
}

/**
 * @param {object} sections by name, tables {title: [octets or (peer) => octets, ..., verdict]}
 */
function againstServer(sections, { bare = false, ...options } = {}) {
  for (const [section, table] of Object.entries(sections)) {
    test(section, async (t) => {
      const { server, port } = await listen(t, { onStream, ...options });
      server.on('sessionError', () => {});
      for (const [title, steps] of Object.entries(table)) {
        await t.test(title, async (each) => {
          const peer = await rawClient(each, { port }, { bare });
          await play(peer, steps);
        });
      }
    });
  }
}

// Functions among the steps are given the peer; octets are sent.
async function play(peer, steps) {
  for (const step of steps) {
    if (typeof step === 'function') await step(peer);
    else peer.send(step);
  }
}

/** The same for a client of ours that has just sent the request of stream 1. */
function againstClient(sections, { bare = false, ...options } = {}) {
  for (const [section, table] of Object.entries(sections)) {
    test(section, async (t) => {
      for (const [title, steps] of Object.entries(table)) {
        await t.test(title, async (each) => {
          const accepted = new Promise((resolve) => { rawServer(each, resolve, { bare }).then(({ url }) => begin(each, url, options)); });
          const peer = await accepted;
          if (!bare) await peer.frame((frame) => frame.type === f.type.HEADERS);
          await play(peer, steps);
        });
      }
    });
  }
}

async function begin(t, url, options) {
  const client = http2.connect(url, options);
  client.on('error', () => {});
  client.on('stream', (pushed) => pushed.on('error', () => {}).resume());
  const request = client.request({ ':path': '/' });
  request.on('error', () => {}).resume();
  t.after(async () => {
    if (client.destroyed) return;
    const closed = once(client, 'close').catch(() => {});
    client.destroy();
    await closed;
  });
}

module.exports = { againstClient, againstServer, alive, answered, answeredAtLast, gets, goaway, reset };
