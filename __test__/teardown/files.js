'use strict';

// A server and a client in one environment, with files on their way: argv or workerData is { file, exits }. Says 'reading'
// once reads are under way; a read from a pipe that nobody writes to stays so.

const { isMainThread, parentPort, workerData } = require('node:worker_threads');
const http2 = require('../helpers/implementation');

const { file, exits } = isMainThread ? JSON.parse(process.argv[2]) : workerData;
const streams = 6;

const server = http2.createServer();
server.on('stream', (stream) => {
  stream.on('error', () => {});
  stream.respondWithFile(file);
});

function reading() {
  if (isMainThread) process.stdout.write('reading\n');
  else parentPort.postMessage('reading');
  if (exits) process.exit(0);
}

server.listen(0, '127.0.0.1', () => {
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  client.on('error', () => {});
  let answered = 0;
  for (let count = 0; count < streams; count++) {
    const request = client.request();
    request.on('error', () => {});
    request.on('response', () => {
      if (++answered === streams) setImmediate(reading);
    });
    request.resume();
  }
});
