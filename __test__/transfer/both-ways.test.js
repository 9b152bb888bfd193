'use strict';

// Two peers of ours that send each other more than all buffers and windows between them hold, be it bodies or header lists. If
// each read only once it had got rid of its own, both would wait for ever.

const assert = require('node:assert');
const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { test } = require('node:test');
const { listen, connect } = require('../helpers/endpoints');

const mebibyte = 1024 * 1024;
const streams = 4;
const octets = 32 * mebibyte;
const settings = { initialWindowSize: 16 * mebibyte };

async function send(stream, length) {
  const chunk = Buffer.alloc(length, 'x');
  for (let sent = 0; sent < octets; sent += length) {
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  stream.end();
}

async function receive(stream) {
  let received = 0;
  stream.on('data', ({ length }) => { received += length; });
  await once(stream, 'end');
  return received;
}

for (const length of [256 * 1024, 16 * 1024, 1024]) {
  test(`bodies both ways at once, in pieces of ${length}`, { timeout: 120_000 }, async (t) => {
    const uploads = [];
    const endpoint = await listen(t, {
      settings,
      onStream(stream) {
        stream.respond();
        uploads.push(receive(stream));
        send(stream, length);
      },
    });
    endpoint.server.on('session', (session) => session.setLocalWindowSize(64 * mebibyte));
    const client = await connect(t, endpoint, { settings });
    client.setLocalWindowSize(64 * mebibyte);
    const downloads = Array.from({ length: streams }, () => {
      const request = client.request({ ':method': 'POST' });
      send(request, length);
      return receive(request);
    });
    assert.deepStrictEqual(await Promise.all(downloads), Array(streams).fill(octets));
    assert.deepStrictEqual(await Promise.all(uploads), Array(streams).fill(octets));
  });
}

test('requests and answers with long lists both ways at once', { timeout: 120_000 }, async (t) => {
  const count = 20_000;
  // None is like another, so that each goes over the wire as it is.
  const list = () => ({ 'x-list': randomBytes(500).toString('hex') });
  const options = { maxSessionMemory: 1000 };
  const endpoint = await listen(t, { ...options, onStream: (stream) => stream.respond(list(), { endStream: true }) });
  const client = await connect(t, endpoint, options);
  let answers = 0;
  await Promise.all(Array.from({ length: count }, () => {
    const request = client.request(list()).resume();
    request.on('response', () => { answers += 1; });
    return once(request, 'close');
  }));
  assert.strictEqual(answers, count);
});
