'use strict';

// A server and a client in the middle of transfers in both directions, in a Worker or in a process: whoever runs this ends it
// while everything is in motion. Says 'moving' (to the parent of the Worker, or on stdout) once that is so.
//
// As a Worker, workerData is {secure, exit}; as a process, the arguments are the same words. `exit`: calls process.exit()
// itself in the middle instead of waiting to be terminated.

const { once } = require('node:events');
const { duplexPair } = require('node:stream');
const { isMainThread, parentPort, workerData } = require('node:worker_threads');
const { createCertificate } = require('../helpers/certificate');
const http2 = require('../helpers/implementation');

const words = isMainThread ? process.argv.slice(2) : workerData;
const secure = words.includes('secure');
const sessions = 3;
// The requests that must have got far before it counts as moving: all but those of the session over Duplexes.
const enough = 4;
const chunk = Buffer.alloc(20_000, 'x');

function moving() {
  if (isMainThread) process.stdout.write('moving\n');
  else parentPort.postMessage('moving');
  if (words.includes('exit')) setImmediate(() => process.exit(0));
}

// Writes for as long as the stream takes it.
function flood(stream) {
  const more = () => {
    while (!stream.destroyed && stream.write(chunk));
  };
  stream.on('drain', more).on('error', () => {});
  more();
}

async function main() {
  const { key, cert } = secure ? createCertificate() : {};
  const server = secure ? http2.createSecureServer({ key, cert }) : http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.resume();
    if (headers[':path'] === '/file') return stream.respondWithFile(process.execPath);
    stream.respond({ ':status': 200 });
    flood(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `${secure ? 'https' : 'http'}://localhost:${server.address().port}`;

  let left = enough;
  for (let index = 0; index < sessions; index += 1) {
    const options = { host: '127.0.0.1', ca: cert };
    // One of them over a pair of Duplexes that are no sockets.
    if (duplexPair && !secure && index === 0) {
      const [near, far] = duplexPair();
      server.emit('connection', far);
      options.createConnection = () => near;
    }
    const client = http2.connect(url, options);
    for (const path of ['/flood', '/file']) {
      const request = client.request({ ':method': 'POST', ':path': path });
      flood(request);
      let bytes = 0;
      request.on('data', (data) => {
        if (bytes < 200_000 && bytes + data.length >= 200_000) {
          left -= 1;
          if (left === 0) moving();
        }
        bytes += data.length;
      });
    }
    setInterval(() => client.ping(() => {}), 1);
  }
}

main();
