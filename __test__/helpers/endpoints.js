'use strict';

// Servers and clients for tests, closed again when the test is over.

const { once } = require('node:events');

const http2 = require('./implementation');
const { createCertificate } = require('./certificate');
const { cleanup } = require('./cleanup');

/**
 * @param {object} t the test's context
 * @param {object} options secure; implementation (the one under test unless given); onStream; any option of the server
 * @returns {Promise<{server, port, url, cert}>}
 */
async function listen(t, { secure = false, implementation = http2, onStream, onRequest, ...options } = {}) {
  const { key, cert } = secure ? createCertificate() : {};
  const server = secure
    ? implementation.createSecureServer({ key, cert, ...options })
    : implementation.createServer(options);
  if (onStream) server.on('stream', onStream);
  if (onRequest) server.on('request', onRequest);
  const sessions = new Set();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup(t, async () => {
    for (const session of sessions) session.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address();
  return { server, sessions, port, cert, url: `${secure ? 'https' : 'http'}://localhost:${port}` };
}

/** A client of what listen() returned, connected. */
async function connect(t, { url, cert, port }, { implementation = http2, ...options } = {}) {
  const { hostname, protocol } = new URL(url);
  const client = implementation.connect(`${protocol}//${hostname}:${port}`, { host: '127.0.0.1', ca: cert, ...options });
  cleanup(t, async () => {
    if (client.destroyed) return;
    client.destroy();
    await once(client, 'close');
  });
  await once(client, 'connect');
  return client;
}

/** Sends a request and collects the whole answer: {headers, rawHeaders, trailers, body}. */
function exchange(client, headers, { body, ...options } = {}) {
  const request = client.request(headers, { endStream: body === undefined, ...options });
  if (body !== undefined) request.end(body);
  return answerOf(request);
}

function answerOf(request) {
  return new Promise((resolve, reject) => {
    const answer = { headers: undefined, rawHeaders: undefined, trailers: undefined, body: undefined };
    const chunks = [];
    request.on('response', (headers, flags, rawHeaders) => Object.assign(answer, { headers, rawHeaders }));
    request.on('trailers', (trailers) => { answer.trailers = trailers; });
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', reject);
    request.on('close', () => {
      if (request.rstCode !== 0) reject(new Error(`the stream was reset with code ${request.rstCode}`));
      resolve({ ...answer, body: Buffer.concat(chunks), request });
    });
  });
}

/** The whole of a readable stream as one Buffer. */
async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

module.exports = { answerOf, collect, connect, exchange, listen };
