'use strict';

// A session that is done waits for those who read what its streams have received, but not for ever: it lets go of its
// socket, and what was received can still be read.

const assert = require('node:assert');
const { once } = require('node:events');
const { connect } = require('node:http2');
const { test } = require('node:test');
const http2 = require('../helpers/implementation');

const body = Buffer.alloc(30_000, 'abc');

// A stream that has received a body and was answered, in a session that its peer has left.
async function abandoned(t, read) {
  const server = http2.createServer();
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${server.address().port}`);
  t.after(() => client.destroy());
  client.request({ ':path': '/', ':method': 'POST' }).resume().end(body);
  const [stream] = await once(server, 'stream');
  const { session } = stream;
  read(stream);
  stream.pause();
  stream.respond({ ':status': 200 }, { endStream: true });
  await once(stream, 'finish');
  client.close();
  await once(session, 'close');
  assert.deepStrictEqual([session.destroyed, session.socket], [true, undefined]);
  return stream;
}

test('a reader who is slow holds no socket, and loses nothing', { timeout: 60_000 }, async (t) => {
  const chunks = [];
  const stream = await abandoned(t, (stream) => stream.on('data', (chunk) => chunks.push(chunk)).on('error', assert.ifError));
  assert.deepStrictEqual([stream.destroyed, stream.closed, stream.rstCode], [false, true, 0]);
  stream.resume();
  await once(stream, 'close');
  assert.ok(Buffer.concat(chunks).equals(body));
  assert.strictEqual(stream.readableEnded, true);
});

test('a stream that nobody listens to is closed with its session', { timeout: 60_000 }, async (t) => {
  let closed = 0;
  const stream = await abandoned(t, (stream) => stream.on('close', () => { closed += 1; }).on('error', assert.ifError));
  assert.deepStrictEqual([stream.destroyed, stream.rstCode, closed], [true, 0, 1]);
});
