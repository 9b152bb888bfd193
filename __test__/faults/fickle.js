'use strict';

// Sends some bodies to and fro, and prints what became of them: { answers, errors }, the latter of both sessions.

const { randomBytes } = require('node:crypto');
const { createCertificate } = require('../helpers/certificate');
const http2 = require('../helpers/implementation');

const secure = process.argv[2] === 'TLS';
const body = randomBytes(300_000);

function exchange(client) {
  return new Promise((resolve) => {
    const chunks = [];
    const request = client.request({ ':method': 'POST' });
    let outcome = 'no end';
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => { outcome = Buffer.concat(chunks).equals(body) ? 'whole' : 'torn'; });
    request.on('error', (error) => { outcome = error.message; });
    request.on('close', () => resolve(outcome));
    request.end(body);
  });
}

async function main() {
  const certificate = createCertificate();
  const server = secure ? http2.createSecureServer(certificate) : http2.createServer();
  const errors = [];
  server.on('sessionError', (error) => errors.push(error.message));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond();
    stream.pipe(stream);
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const client = http2.connect(`${secure ? 'https' : 'http'}://localhost:${server.address().port}`, { ca: certificate.cert });
  client.on('error', (error) => errors.push(error.message));
  const answers = await Promise.all(Array.from({ length: 5 }, () => exchange(client)));
  client.close();
  server.close();
  process.stdout.write(JSON.stringify({ answers, errors }));
}

main();
