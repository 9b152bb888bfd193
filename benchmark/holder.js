'use strict';

// Holds open what memory is measured on: argv is the URL, the number of sessions, and the number of streams on each.
// Always plain node:http2, so that the peer of both implementations is the same.

const http2 = require('node:http2');

const [, , url, ...counts] = process.argv;
const [sessions, streams] = counts.map(Number);
let waiting = sessions * Math.max(1, streams);

function settled() {
  if (--waiting === 0) process.send({ ready: true });
}

for (let i = 0; i < sessions; i++) {
  const session = http2.connect(url, { rejectUnauthorized: false });
  session.on('error', () => {});
  if (streams === 0) session.once('remoteSettings', settled);
  for (let k = 0; k < streams; k++) {
    const stream = session.request({ ':path': '/' }, { endStream: true });
    stream.on('error', () => {});
    stream.once('data', settled);
  }
}
process.on('disconnect', () => process.exit());
