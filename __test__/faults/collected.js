'use strict';

// Collects all garbage before and after every call of the engine, in the middle of transfers. What the engine refers to without
// holding it shows at once. Run by loop.test.js with --expose-gc.

const assert = require('node:assert');
const { once } = require('node:events');
const native = require('../../lib/engine/load');

let calls = 0;
let collections = 0;

function collect() {
  collections += 1;
  global.gc({ type: 'minor' });
  if (collections % 8 === 0) global.gc();
}

for (const [name, call] of Object.entries(native)) {
  if (typeof call !== 'function') continue;
  native[name] = (...args) => {
    calls += 1;
    collect();
    const answer = call(...args);
    collect();
    collections += 1;
    return answer;
  };
}

const http2 = require('../..');

async function main() {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200, 'x-echo': headers['x-name'] });
    stream.pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  const echoes = Array.from({ length: 5 }, async (_, index) => {
    const request = client.request({ ':method': 'POST', ':path': '/', 'x-name': `name ${index}` });
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('response', (headers) => assert.strictEqual(headers['x-echo'], `name ${index}`));
    // Nothing but the engine holds these.
    for (let piece = 0; piece < 8; piece += 1) request.write(Buffer.alloc(9000 * piece + 10, index * 8 + piece));
    request.write('a string');
    request.end();
    await once(request, 'close');
    const sent = Buffer.concat([...Array.from({ length: 8 }, (_, piece) => Buffer.alloc(9000 * piece + 10, index * 8 + piece)),
      Buffer.from('a string')]);
    assert.ok(Buffer.concat(chunks).equals(sent));
  });
  await Promise.all(echoes);
  client.close();
  server.close();
  await once(server, 'close');
  process.stdout.write(JSON.stringify({ calls, collections }));
}

main();
