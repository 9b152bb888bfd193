'use strict';

// Opens sessions and destroys them in mid-request, again and again, and prints what is left. Run by sessions.test.js.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');
const tls = require('node:tls');
const { promisify } = require('node:util');
const { createCertificate } = require('../helpers/certificate');
const { collectGarbage, untilFlat } = require('../helpers/growth');
const http2 = require('../helpers/implementation');

const secure = process.argv[2] === 'tls';
const perRound = 240;
// 1,000 sessions.
const rounds = 4;
const atOnce = 20;
// What is still missing after so many milliseconds never comes.
const patience = 30_000;

const ignore = () => {};
// events.once() would also reject with the errors that are caused here on purpose.
const closed = (session) => new Promise((resolve) => session.once('close', resolve));
const outcome = { opened: 0, closed: 0, requests: 0, requestsClosed: 0, callbacks: 0, callbacksCalled: 0, collected: 0 };
const registry = new FinalizationRegistry(() => { outcome.collected += 1; });

function expectCallback() {
  outcome.callbacks += 1;
  let called = false;
  return () => {
    if (called) throw new Error('a callback was called twice');
    called = true;
    outcome.callbacksCalled += 1;
  };
}

function track(session) {
  outcome.opened += 1;
  registry.register(session);
  session.on('error', ignore);
  session.on('close', () => { outcome.closed += 1; });
}

// A client with requests in every state: answered and half read, uploading, answered not at all, not yet sent.
async function one(url, cert, index) {
  const { port } = new URL(url);
  const socket = secure
    ? tls.connect({ host: '127.0.0.1', port, ca: cert, servername: 'localhost', ALPNProtocols: ['h2'] })
    : net.connect({ host: '127.0.0.1', port });
  const session = http2.connect(url, { createConnection: () => socket });
  track(session);
  if (index % 10 === 9) {
    // Destroyed before it is connected.
    session.request({ ':path': '/never' }).on('error', ignore);
    session.destroy();
    return closed(session);
  }
  const requests = ['/answer', '/upload', '/silence'].map((path) => {
    const request = session.request({ ':path': path, ':method': path === '/upload' ? 'POST' : 'GET' });
    outcome.requests += 1;
    request.on('error', ignore).on('close', () => { outcome.requestsClosed += 1; });
    return request;
  });
  requests[1].write(Buffer.alloc(200_000), expectCallback());
  await once(requests[0], 'response');
  session.ping(Buffer.alloc(8), expectCallback());
  // node:http2 does not call back for settings that are still unacknowledged then; so neither is demanded.
  session.settings({ initialWindowSize: 70_000 });
  const ended = closed(session);
  if (index % 3 === 0) session.destroy();
  else if (index % 3 === 1) session.destroy(new Error('on purpose'));
  else socket.destroy();
  await ended;
}

async function many(url, cert, count) {
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => one(url, cert, done + index)));
  }
}

const connections = (server) => promisify(server.getConnections).call(server);

// Until nothing of the sessions is left, as far as that ever comes: what is missing then is for the test to tell.
async function settle(server, handlesBefore) {
  const isSettled = async () => await connections(server) === 0 && outcome.callbacksCalled === outcome.callbacks &&
    outcome.collected === outcome.opened && process.getActiveResourcesInfo().length <= handlesBefore;
  for (const since = Date.now(); !await isSettled() && Date.now() - since < patience;) {
    await collectGarbage();
    await delay(5);
  }
}

async function main() {
  const { key, cert } = secure ? createCertificate() : {};
  const server = secure ? http2.createSecureServer({ key, cert }) : http2.createServer();
  server.on('session', track);
  server.on('tlsClientError', ignore);
  server.on('stream', (stream, headers) => {
    stream.on('error', ignore);
    if (headers[':path'] !== '/answer') return;
    stream.respond({ ':status': 200 });
    stream.write(Buffer.alloc(100_000));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `${secure ? 'https' : 'http'}://localhost:${server.address().port}`;

  // Node looks at it when it closes a socket, and it is a handle that stays.
  assert.ok(process.stderr);
  const handlesBefore = process.getActiveResourcesInfo().length;
  const memory = await untilFlat(async () => {
    await many(url, cert, perRound);
    await settle(server, handlesBefore);
  }, { least: rounds });
  const handles = process.getActiveResourcesInfo().length - handlesBefore;
  server.close();
  await once(server, 'close');
  process.stdout.write(JSON.stringify({ ...outcome, handles, memory }));
  // Nothing is left that keeps the process: it ends by itself.
}

main();
