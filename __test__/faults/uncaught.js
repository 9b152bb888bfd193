'use strict';

// Listeners that throw, in a process that goes on all the same. Run by loop.test.js.

const { once } = require('node:events');
const http2 = require('../helpers/implementation');

const requests = 20;
const thrown = new Set();
const caught = new Set();
process.on('uncaughtException', (error) => caught.add(error.message));

// Each of them throws once, when it has done its work.
function fail(where) {
  if (thrown.has(where)) return;
  thrown.add(where);
  throw new Error(where);
}

async function main() {
  const server = http2.createServer();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(50_000));
    fail('server stream');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  let octets = 0;
  const answers = await Promise.all(Array.from({ length: requests }, () => {
    const request = client.request({ ':path': '/' });
    request.on('response', () => fail('client response'));
    request.on('data', (chunk) => {
      octets += chunk.length;
      fail('client data');
    });
    request.on('end', () => fail('client end'));
    return new Promise((resolve) => request.on('close', () => resolve(request.rstCode)));
  }));
  client.close();
  server.close();
  await once(server, 'close');
  const answered = answers.filter((code) => code === 0).length;
  process.stdout.write(JSON.stringify({ caught: [...caught].sort(), answered, octets }));
}

main();
