'use strict';

// node run-case.js <module> <case>: plays one case with both peers in this process and reports the three lines that
// expected.txt has for it.

const { load } = require('../helpers/modules');
const { report } = require('../helpers/child');
const { spy } = require('../helpers/spy');
const cases = require('./cases');

const [, , moduleName, caseName] = process.argv;
const http2 = load(moduleName);
const { server: serve, client: act, method = 'GET', body, data } = cases[caseName];

// How long the server stays up after the client's session: on Node 22 and later server.close() also closes idle
// sessions, which must not mix into the case.
const LINGER_MS = 20;

// Long enough for the body that follows the response.
const MIDSTREAM_MS = 10;
const midstream = [];
const soon = (action) => midstream.push(action);

const logs = { serverStream: [], clientStream: [], serverSession: [], clientSession: [] };

function record(emitter, log, onEvent) {
  spy(emitter, (name, [error]) => {
    log.push(name === 'error' ? `error:${error.code}` : name);
    onEvent?.(name);
  });
  emitter.on('error', () => {});
}

const server = http2.createServer();
server.on('session', (session) => record(session, logs.serverSession));
server.on('stream', (stream) => {
  logs.serverStream.push('stream');
  record(stream, logs.serverStream);
  serve(stream, soon);
});

server.listen(0, () => {
  const session = http2.connect(`http://localhost:${server.address().port}`);
  record(session, logs.clientSession);
  // Both peers have settled by then, so the order does not hang on who is faster.
  session.once('remoteSettings', () => request(session));
  session.on('close', () => setTimeout(() => server.close(), LINGER_MS));
});

function request(session) {
  const log = logs.clientStream;
  const stream = session.request({ ':path': '/', ':method': method });
  record(stream, log, (name) => {
    if (name !== 'response')
      return;
    for (const action of midstream)
      setTimeout(action, MIDSTREAM_MS);
    process.nextTick(() => log.push('(tick)'));
    Promise.resolve().then(() => log.push('(microtask)'));
  });
  if (data) {
    stream.on('response', () => log.push('(L:response)'));
    stream.on('data', () => {});
  } else {
    stream.resume();
  }
  act?.(stream, session, soon);
  if (body) {
    stream.write(body[0]);
    stream.end(body[1]);
  }
  stream.on('close', () => session.close());
}

process.on('exit', () => {
  report([
    `S: ${logs.serverStream.join(' ')}`,
    `C: ${logs.clientStream.join(' ')}`,
    `s: ${logs.serverSession.join(' ')} | c: ${logs.clientSession.join(' ')}`,
  ]);
});
