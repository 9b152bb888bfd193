'use strict';

// Uses up the descriptors of this process and goes on making requests. Run by sockets.test.js.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http2 = require('../helpers/implementation');
const { LIMITED, giveBack, useUp } = require('./descriptors');
const { watch } = require('./watch');

async function answer(url) {
  const client = http2.connect(url);
  let failure;
  client.on('error', (error) => { failure = error; });
  const closed = new Promise((resolve) => client.on('close', resolve));
  const { end, reset, octets } = await watch(client.request({ ':path': '/' }));
  client.close();
  await closed;
  return end === 1 && reset === 0 && octets === 5 ? 'answered' : failure?.code ?? 'failed without a word';
}

async function main(url) {
  // What is loaded late is loaded now.
  await answer(url);
  // A descriptor for the socket, and none for the engine's duplicate of it.
  let used = useUp(1);
  const withOneLeft = await answer(url);
  giveBack(used);
  used = useUp(0);
  const withNone = await answer(url);
  giveBack(used);
  const afterwards = await answer(url);
  process.stdout.write(JSON.stringify({ withOneLeft, withNone, afterwards }));
}

// The server is a process of its own, so that it has descriptors.
async function start() {
  const server = http2.createServer((request, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const argv = [...LIMITED, __filename, `http://127.0.0.1:${server.address().port}`];
  const child = spawn('/bin/sh', argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  server.close();
  process.exitCode = code ?? 1;
}

if (process.argv[2] === undefined) start();
else main(process.argv[2]);
