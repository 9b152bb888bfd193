'use strict';

// What GOAWAY promises: what was processed ends, what was not may be tried again, and after an error nothing is taken in.

const assert = require('node:assert');
const { exchange, connect, listen } = require('../helpers/endpoints');
const f = require('../helpers/frames');
const http2 = require('../helpers/implementation');
const { rawClient, rawServer } = require('../helpers/raw-peer');
const { answer, overBoth } = require('./arena');

const open = f.flag.END_HEADERS;

// Three requests to a server that processes the first, says GOAWAY, and goes on with that one. How each ended.
async function threeRequests(t, code, secure) {
  const { url, options } = await rawServer(t, async (peer) => {
    await peer.until(() => peer.frames.filter((each) => each.type === f.type.HEADERS).length === 3);
    peer.send(f.goaway(1, code));
    peer.send(f.headers(1, f.response(), open), f.data(1, 'done', f.flag.END_STREAM));
  }, { secure });
  const client = http2.connect(url, options);
  t.after(() => client.destroy());
  const closed = new Promise((resolve) => client.on('close', resolve));
  let sessionError;
  client.on('error', (error) => { sessionError = error; });
  const outcomes = await Promise.all([1, 2, 3].map((number) => new Promise((resolve) => {
    const request = client.request({ ':path': `/${number}` });
    const outcome = { body: '', error: undefined };
    request.setEncoding('utf8');
    request.on('data', (text) => { outcome.body += text; });
    request.on('error', (error) => { outcome.error = error.code; });
    request.on('close', () => resolve({ ...outcome, code: request.rstCode }));
  })));
  await closed;
  return { outcomes, sessionError };
}

const refused = { body: '', error: 'ERR_HTTP2_STREAM_ERROR', code: f.code.REFUSED_STREAM };

// The error is the session's, as in node; the code tells.
const unprocessed = { ...refused, error: 'ERR_HTTP2_SESSION_ERROR' };

overBoth('a graceful GOAWAY lets requests up to the last stream end, and refuses those above', async (t, { secure }) => {
  const { outcomes, sessionError } = await threeRequests(t, f.code.NO_ERROR, secure);
  assert.deepStrictEqual(outcomes, [{ body: 'done', error: undefined, code: 0 }, refused, refused]);
  assert.strictEqual(sessionError, undefined);
});

overBoth('a GOAWAY with an error ends the session, but what was not processed may be tried again', async (t, { secure }) => {
  const { outcomes, sessionError } = await threeRequests(t, f.code.INTERNAL_ERROR, secure);
  assert.deepStrictEqual(outcomes, [
    { body: '', error: 'ERR_HTTP2_SESSION_ERROR', code: f.code.INTERNAL_ERROR }, unprocessed, unprocessed,
  ]);
  assert.strictEqual(sessionError.code, 'ERR_HTTP2_SESSION_ERROR');
});

overBoth('a request that is refused by GOAWAY can be sent again on a new session', async (t, { secure }) => {
  const endpoint = await listen(t, { secure, onStream: answer });
  const { outcomes } = await threeRequests(t, f.code.ENHANCE_YOUR_CALM, secure);
  assert.deepStrictEqual(outcomes[2], unprocessed);
  assert.strictEqual((await exchange(await connect(t, endpoint), { ':path': '/3' })).body.toString(), 'answer');
});

overBoth('after our GOAWAY with an error nothing is taken in (CVE-2026-48937)', async (t, { secure }) => {
  const seen = [];
  const endpoint = await listen(t, {
    secure,
    onStream(stream) {
      seen.push(`stream ${stream.id}`);
      stream.on('error', () => {});
      stream.on('data', () => seen.push('data'));
    },
  });
  const failed = new Promise((resolve) => endpoint.server.on('sessionError', (error) => resolve(seen.push(error.code))));
  const peer = await rawClient(t, endpoint);
  peer.send(f.headers(1, f.request([], { method: 'POST' }), open));
  peer.send(f.ping());
  await peer.frame((each) => each.type === f.type.PING);
  // The fault, and in the same octets what would be fine.
  const fine = [f.data(1, 'late'), f.headers(3, f.request()), f.data(1, 'end', f.flag.END_STREAM), f.ping(Buffer.from('too late'))];
  peer.send(f.data(0, 'x'), ...fine);
  assert.strictEqual(await peer.goawayCode(), f.code.PROTOCOL_ERROR);
  peer.send(...fine);
  await Promise.all([peer.close(), failed]);
  assert.deepStrictEqual(seen, ['stream 1', 'ERR_HTTP2_ERROR']);
  assert.ok(!peer.frames.some((each) => each.type === f.type.PING && each.payload.toString() === 'too late'));
});

overBoth('a server that closes finishes what it has begun, and takes no more', async (t, { secure }) => {
  const paths = [];
  const endpoint = await listen(t, {
    secure,
    onStream(stream, headers) {
      paths.push(headers[':path']);
      stream.session.close();
      stream.resume();
      stream.on('end', () => {
        stream.respond();
        stream.end('done');
      });
    },
  });
  const peer = await rawClient(t, endpoint);
  peer.send(f.headers(1, f.request([], { method: 'POST', path: '/first' }), open));
  const goaway = await peer.frame((each) => each.type === f.type.GOAWAY);
  assert.deepStrictEqual([goaway.payload.readUInt32BE(0), goaway.payload.readUInt32BE(4)], [1, f.code.NO_ERROR]);
  peer.send(f.headers(3, f.request([], { path: '/second' })), f.data(1, 'x', f.flag.END_STREAM));
  const body = await peer.frame((each) => each.type === f.type.DATA);
  assert.deepStrictEqual([body.stream, body.payload.toString()], [1, 'done']);
  assert.deepStrictEqual(paths, ['/first']);
});

overBoth('GOAWAY data of any length that fits a frame arrives', async (t, { secure }) => {
  const length = 200_000;
  const goaway = f.goaway(0, f.code.NO_ERROR, Buffer.alloc(length, 'x'));
  const { url, options } = await rawServer(t, (peer) => peer.send(goaway), { secure });
  const client = http2.connect(url, { ...options, settings: { maxFrameSize: 2 ** 20 } });
  t.after(() => client.destroy());
  client.on('error', () => {});
  const data = await new Promise((resolve) => client.on('goaway', (code, last, opaque) => resolve(opaque)));
  assert.strictEqual(data.length, length);
});
