'use strict';

// node primary.js <module> <scheduling policy>: a cluster whose two workers serve HTTP/2 on one port, and what becomes of sessions
// when one worker is disconnected and the other one killed. Run by cluster.test.js.

const cluster = require('node:cluster');
const { once } = require('node:events');
const { load } = require('../helpers/modules');
const { report } = require('../helpers/child');

const [, , moduleName, policy] = process.argv;
const http2 = load(moduleName);

// A worker that got no connection yet gets one of so many.
const MOST_SESSIONS = 200;

function serve() {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'] === '/open') {
      stream.respond();
      stream.resume();
      stream.on('end', () => stream.end('done'));
    } else stream.respond({ 'x-worker': String(cluster.worker.id) }, { endStream: true });
  });
  server.listen(0, '127.0.0.1');
}

function open(port) {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  return session;
}

// Unlike once(), whether or not there is an error first.
const closing = (emitter) => new Promise((resolve) => emitter.on('close', resolve));

/** The id of the worker that answers. */
async function ask(session) {
  const stream = session.request();
  stream.resume();
  const [headers] = await once(stream, 'response');
  return Number(headers['x-worker']);
}

/** A stream whose answer has begun, and goes on for as long as its request does. */
async function hold(session) {
  const stream = session.request({ ':path': '/open', ':method': 'POST' });
  stream.on('error', () => {});
  stream.resume();
  await once(stream, 'response');
  return stream;
}

/** One session with each worker, by its id. */
async function sessionsOfAll(port) {
  const sessions = new Map();
  for (let opened = 0; sessions.size < 2 && opened < MOST_SESSIONS; opened++) {
    const session = open(port);
    const id = await ask(session);
    if (sessions.has(id)) session.close();
    else sessions.set(id, session);
  }
  return sessions;
}

async function main() {
  cluster.schedulingPolicy = cluster[policy];
  cluster.setupPrimary({ exec: __filename, args: process.argv.slice(2) });
  const workers = [cluster.fork(), cluster.fork()];
  const [[{ port }]] = await Promise.all(workers.map((worker) => once(worker, 'listening')));
  const sessions = await sessionsOfAll(port);
  const [first, second] = workers;

  // What a worker has begun it serves to the end; whoever connects after that gets to the other one.
  const held = await hold(sessions.get(first.id));
  const over = [closing(held), closing(sessions.get(first.id)), once(first, 'exit')];
  first.disconnect();
  held.end('rest');
  await over[0];
  // Only newer ones close the sessions of a server that is closed.
  sessions.get(first.id).close();
  const [, , exit] = await Promise.all(over);
  const later = open(port);
  const laterAnsweredBy = await ask(later);

  const lost = await hold(sessions.get(second.id));
  const closed = [lost, later, sessions.get(second.id)].map(closing);
  const killed = once(second, 'exit');
  second.process.kill('SIGKILL');
  await Promise.all(closed);
  report({ answered: [...sessions.keys()].sort(), held: held.rstCode, exit, laterAnsweredBy, killed: await killed });
}

if (cluster.isPrimary) main();
else serve();
