'use strict';

// Two peers of ours that send each other more than all buffers and windows between them hold. If each read only once it had got
// rid of its own, both would wait for ever.

const assert = require('node:assert');
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
