'use strict';

// A session that is done waits for those who read what its streams have received, but not for ever: it lets go of its
// socket, and what was received can still be read.

const assert = require('node:assert');
const { once } = require('node:events');
const { connect } = require('node:http2');
const { test } = require('node:test');
const http2 = require('../helpers/implementation');

test('a reader who does not come holds no socket, and loses nothing', { timeout: 60_000 }, async (t) => {
  const server = http2.createServer();
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${server.address().port}`);
  t.after(() => client.destroy());

  const body = Buffer.alloc(30_000, 'abc');
  client.request({ ':path': '/', ':method': 'POST' }).resume().end(body);
  const [stream] = await once(server, 'stream');
  const { session } = stream;
  stream.pause();
  stream.respond({ ':status': 200 }, { endStream: true });
  await once(stream, 'finish');
  client.close();
  await once(session, 'close');

  assert.deepStrictEqual([session.destroyed, stream.destroyed, stream.closed, stream.rstCode], [true, false, true, 0]);
  assert.strictEqual(session.socket, undefined);
  const read = [];
  stream.on('data', (chunk) => read.push(chunk)).on('error', assert.ifError).resume();
  await once(stream, 'close');
  assert.ok(Buffer.concat(read).equals(body));
  assert.strictEqual(stream.readableEnded, true);
});
