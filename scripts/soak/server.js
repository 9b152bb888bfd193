'use strict';

// The server of a soak: answers every kind of request, and ends sessions when asked to. Run by index.js, over IPC.

const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createCertificate } = require('../../__test__/helpers/certificate');
const { countEvents, judgeEnding } = require('../../__test__/helpers/endings');
const { Checker, piece, pour } = require('./pattern');
const { answerQuestions } = require('./sample');

const http2 = require(process.env.HTTP2_RS_TEST_MODULE ?? '../..');

const counts = { sessions: 0, sessionsClosed: 0, streams: 0, streamsClosed: 0, bodiesBroken: 0, faults: [] };
const sessions = new Set();
// By both ports, since a client may use one of its own for either server: what lies beneath a session can be cut only from
// beneath it.
const sockets = new Map();
const endsOf = ({ localPort, remotePort }) => `${localPort} ${remotePort}`;
const ignore = () => {};

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-soak-'));
const file = path.join(directory, 'body');
const fileLength = 300_000;
for (let offset = 0; offset < fileLength; offset += 60_000) fs.appendFileSync(file, piece(offset, Math.min(60_000, fileLength - offset)));
process.on('exit', () => fs.rmSync(directory, { recursive: true, force: true }));

const answers = {
  large(stream, { length }) {
    stream.respond({ ':status': 200, 'content-length': length });
    pour(stream, Number(length));
  },

  upload(stream) {
    const checker = new Checker();
    stream.on('data', (chunk) => checker.take(chunk));
    stream.on('end', () => {
      if (!checker.intact) counts.bodiesBroken += 1;
      // 'end' can come when the stream has been given up already, as in node.
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ':status': 200 });
      stream.end(JSON.stringify({ length: checker.length, intact: checker.intact }));
    });
  },

  echo(stream) {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  },

  push(stream) {
    for (let index = 0; index < 3; index += 1) {
      // Refused when the client has just gone, which its own stream will tell.
      if (stream.destroyed || !stream.pushAllowed) break;
      stream.pushStream({ ':path': `/pushed/${index}` }, (error, pushed) => {
        if (error) return;
        count(pushed);
        pushed.respond({ ':status': 200 });
        pour(pushed, 10_000);
      });
    }
    stream.respond({ ':status': 200 });
    stream.end('pushed');
  },

  reset(stream, { code }) {
    stream.respond({ ':status': 200 });
    stream.write(piece(0, 1000));
    setImmediate(() => stream.close(Number(code)));
  },

  file(stream) {
    stream.respondWithFile(file, { 'x-length': fileLength });
  },

  slow(stream) {
    stream.respond({ ':status': 200 });
    let left = 5;
    const timer = setInterval(() => {
      if (stream.destroyed) return clearInterval(timer);
      left -= 1;
      if (left > 0) return stream.write('drip');
      clearInterval(timer);
      stream.end('drip');
    }, 20);
  },

  silence: ignore,

  // The rest of the requests that got here are answered; those that come later are refused.
  goaway(stream) {
    stream.respond({ ':status': 200 });
    stream.end('goodbye');
    stream.session.close();
  },

  die(stream) {
    sockets.get(endsOf(stream.session.socket))?.destroy();
  },
};

function count(stream) {
  counts.streams += 1;
  const seen = countEvents(stream);
  const { session } = stream;
  stream.once('close', () => {
    counts.streamsClosed += 1;
    setImmediate(() => {
      for (const wrong of judgeEnding(stream, seen, session.destroyed)) {
        if (counts.faults.length < 20) counts.faults.push(`a stream of the server: ${wrong}`);
      }
    });
  });
}

function onStream(stream, headers) {
  count(stream);
  // It can have been reset before this was told, as in node.
  if (stream.destroyed || stream.closed) return;
  const { pathname, searchParams } = new URL(headers[':path'], 'http://localhost');
  answers[pathname.slice(1)]?.(stream, Object.fromEntries(searchParams));
}

// The compatibility API, whose listener sees every request.
function onRequest(request, response) {
  if (request.stream.destroyed) return;
  if (request.url === '/small') {
    response.setHeader('content-type', 'text/plain');
    response.end('hello world');
  } else if (request.url === '/trailers') {
    request.resume().on('end', () => {
      response.addTrailers({ answer: String(request.trailers.question) });
      response.end('with trailers');
    });
  }
}

function onSession(session) {
  counts.sessions += 1;
  sessions.add(session);
  session.on('error', ignore).on('close', () => {
    counts.sessionsClosed += 1;
    sessions.delete(session);
  });
}

function onConnection(socket) {
  const ends = endsOf(socket);
  sockets.set(ends, socket);
  socket.on('error', ignore).on('close', () => {
    // The ports may be another connection's already.
    if (sockets.get(ends) === socket) sockets.delete(ends);
  });
}

async function listen(server) {
  server.on('connection', onConnection);
  server.on('stream', onStream).on('request', onRequest).on('session', onSession).on('tlsClientError', ignore);
  server.on('sessionError', ignore);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

async function main() {
  const { key, cert } = createCertificate();
  const servers = [http2.createServer(), http2.createSecureServer({ key, cert })];
  const ports = await Promise.all(servers.map(listen));
  answerQuestions(counts, async () => {
    for (const session of sessions) session.close();
    // The clients are gone: what is still there after so long stays.
    for (let waited = 0; sessions.size > 0 && waited < 60_000; waited += 20) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  process.send({ ports, cert });
}

main();
