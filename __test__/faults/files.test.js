'use strict';

// A file that changes while it is sent.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { connect, listen } = require('../helpers/endpoints');
const { eventually, watch } = require('./watch');

const length = 3_000_000;

// Sends a file of 3 MB and lets `change` have it when the first part of it has arrived.
async function send(t, change, respond) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-file-'));
  const file = path.join(directory, 'body');
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  fs.writeFileSync(file, Buffer.alloc(length, 'x'));
  let streamSeen;
  const ofServer = new Promise((resolve) => { streamSeen = resolve; });
  const endpoint = await listen(t, {
    onStream(stream) {
      streamSeen(watch(stream));
      respond(stream, file);
    },
  });
  const client = await connect(t, endpoint);
  const request = client.request({ ':path': '/' });
  request.once('data', () => change(file));
  const [outcome, server] = await eventually({ 'end of the request': watch(request), 'end of the stream': ofServer });
  // Another request is answered.
  const after = await eventually({ 'second answer': watch(client.request({ ':path': '/' })) });
  return { outcome, server, after: after[0] };
}

const byPath = (stream, file) => stream.respondWithFile(file, {}, { onError: () => stream.close(2) });
const byDescriptor = (stream, file) => {
  let descriptor;
  try {
    descriptor = fs.openSync(file, 'r');
  } catch {
    return stream.close(2);
  }
  stream.respondWithFD(descriptor);
  stream.on('close', () => fs.closeSync(descriptor));
};

for (const [name, respond] of [['respondWithFile', byPath], ['respondWithFD', byDescriptor]]) {
  test(`a file that is removed while ${name} sends it arrives whole`, async (t) => {
    const { outcome, after } = await send(t, (file) => fs.rmSync(file), respond);
    assert.strictEqual(outcome.octets, length);
    assert.deepStrictEqual([outcome.end, outcome.reset], [1, 0]);
    assert.strictEqual(after.reset, 2, 'it is not there any more');
  });

  test(`a file that is truncated while ${name} sends it ends where it ends`, async (t) => {
    const { outcome, server } = await send(t, (file) => fs.truncateSync(file, 100_000), respond);
    assert.ok(outcome.octets >= 100_000 && outcome.octets < length, `${outcome.octets} octets arrived`);
    assert.strictEqual(outcome.close + server.close, 2);
  });
}
