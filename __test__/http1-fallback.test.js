'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const https = require('node:https');
const test = require('node:test');
const tls = require('node:tls');
const nodeHttp2 = require('node:http2');
const http2 = require('..');
const { createCertificate } = require('./helpers/certificate');

const credentials = createCertificate();

async function listening(server) {
  server.listen(0);
  await once(server, 'listening');
  return server.address().port;
}

function get(port, options) {
  return new Promise((resolve, reject) => {
    https.get({ port, rejectUnauthorized: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => { text += chunk; }).on('end', () => resolve({ response, text }));
    }).on('error', reject);
  });
}

test('a server with allowHTTP1 answers HTTP/1 clients', async () => {
  const server = http2.createSecureServer({ ...credentials, allowHTTP1: true }, (request, response) => {
    response.end(`${request.httpVersion} ${request.url} ${request.socket.server === server}`);
  });
  const port = await listening(server);
  const { response, text } = await get(port, { path: '/x', agent: false });
  assert.strictEqual(response.statusCode, 200);
  assert.strictEqual(text, '1.1 /x true');
  server.close();
  await once(server, 'close');
});

test('http1Options choose the classes and timeouts of HTTP/1', async () => {
  class Request extends http.IncomingMessage {
    agentName() { return this.headers['user-agent']; }
  }
  class Response extends http.ServerResponse {
    text(text) { this.end(`<${text}>`); }
  }
  const server = http2.createSecureServer({
    ...credentials,
    allowHTTP1: true,
    http1Options: { IncomingMessage: Request, ServerResponse: Response, keepAliveTimeout: 12345 },
  }, (request, response) => response.text(`${request.agentName()} ${request.socket.server.keepAliveTimeout}`));
  const port = await listening(server);
  const { text } = await get(port, { agent: false, headers: { 'user-agent': 'tester' } });
  assert.strictEqual(text, '<tester 12345>');
  server.close();
  await once(server, 'close');
});

test('close() ends idle keep-alive connections of HTTP/1', async () => {
  const server = http2.createSecureServer({ ...credentials, allowHTTP1: true }, (request, response) => response.end());
  const port = await listening(server);
  const agent = new https.Agent({ keepAlive: true });
  await get(port, { agent });
  // Let the server see its answer off.
  await new Promise((resolve) => setImmediate(resolve));
  server.close();
  await once(server, 'close');
  agent.destroy();
});

test('upgrades of HTTP/1 reach the server', async () => {
  const server = http2.createSecureServer({ ...credentials, allowHTTP1: true });
  server.on('request', () => assert.fail('an upgrade is no request'));
  server.on('upgrade', (request, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
  });
  const port = await listening(server);
  const request = https.request({
    port, agent: false, rejectUnauthorized: false, headers: { connection: 'upgrade', upgrade: 'echo' },
  }).end();
  const [response, socket] = await once(request, 'upgrade');
  assert.strictEqual(response.statusCode, 101);
  socket.destroy();
  server.close();
  await once(server, 'close');
});

test('what is no HTTP/1 either is a clientError', async () => {
  const server = http2.createSecureServer({ ...credentials, allowHTTP1: true });
  const port = await listening(server);
  const socket = tls.connect({ port, rejectUnauthorized: false }, () => socket.write('nonsense\r\n\r\n'));
  socket.on('error', () => {});
  const [error, peer] = await once(server, 'clientError');
  assert.strictEqual(error.code, 'HPE_INVALID_METHOD');
  peer.destroy();
  server.close();
  await once(server, 'close');
});

// Everything that a TLS client without ALPN gets from a server, to the end of the connection.
async function readAll(port) {
  const socket = tls.connect({ port, rejectUnauthorized: false });
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
  await once(socket, 'close');
  return text;
}

test('a client that does not choose HTTP/2 is told so, in node\'s words', async () => {
  const answers = [];
  for (const api of [http2, nodeHttp2]) {
    const server = api.createSecureServer({ ...credentials, unknownProtocolTimeout: 5000 });
    answers.push(await readAll(await listening(server)));
    server.close();
  }
  assert.match(answers[0], /^HTTP\/1\.0 403 Forbidden\r\n/);
  assert.strictEqual(answers[0], answers[1]);
});

test('a listener for unknownProtocol has the connection for itself', async () => {
  const server = http2.createSecureServer({ ...credentials, unknownProtocolTimeout: 10 });
  server.on('unknownProtocol', (socket) => setTimeout(() => socket.end('mine'), 100));
  assert.strictEqual(await readAll(await listening(server)), 'mine');
  server.close();
});

test('a refused client that does not hang up is cut off', async () => {
  const server = http2.createSecureServer({ ...credentials, unknownProtocolTimeout: 50, allowHalfOpen: true });
  const port = await listening(server);
  const accepted = once(server, 'secureConnection');
  const socket = tls.connect({ port, rejectUnauthorized: false, allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  const [peer] = await accepted;
  await once(peer, 'close');
  socket.destroy();
  server.close();
  await once(server, 'close');
});
