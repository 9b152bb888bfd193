'use strict';

// The clients of a soak: each lane opens a connection, sends requests of all kinds on it, some at once, ends it in one of many
// ways, and begins again. Every request is accounted for. Run by index.js, over IPC.

const net = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');
const tls = require('node:tls');
const { begin, kinds } = require('./exchanges');
const { answerQuestions } = require('./sample');

const http2 = require(process.env.HTTP2_RS_TEST_MODULE ?? '../..');

const atOnce = 8;
// What a request may at most take, on a machine that is busy with other things.
const patience = 60_000;
const ignore = () => {};

const counts = { connections: 0, connectionsClosed: 0, sent: 0, answered: 0, failed: 0, pushes: 0, octets: 0 };
const reasons = {};
const faults = [];
const control = { stopping: false };

const pick = (list) => list[Math.floor(Math.random() * list.length)];

// How a connection ends, and with it the requests that are under way: those that may fail say how.
const endings = {
  // Every request is still answered.
  close: (connection) => connection.session.close(),
  goaway: (connection) => send(connection, 'goaway'),
  destroy: (connection) => connection.session.destroy(),
  destroyWithError: (connection) => connection.session.destroy(new Error('on purpose')),
  abort: (connection) => connection.socket.destroy(),
  die: (connection) => send(connection, 'die'),
};
const violent = new Set(['destroy', 'destroyWithError', 'abort', 'die']);

function fault(text) {
  if (faults.length < 20) faults.push(text);
}

// Whether a failure is one that was to be expected, by its reason.
function isExplained(connection, outcome) {
  if (outcome.meant.includes(outcome.reason) || violent.has(connection.ending)) return true;
  // Sent when the connection was already on its way out: nobody has processed it, and the reason says so.
  return connection.ending !== undefined &&
    ['NGHTTP2_REFUSED_STREAM', 'ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_INVALID_SESSION'].includes(outcome.reason);
}

// What comes of `promise`, or 'late'. The timer goes with it: a minute's worth of them was most of the client's memory.
async function unlessLate(promise) {
  const settled = new AbortController();
  const { signal } = settled;
  const late = delay(patience, 'late', { ref: false, signal }).catch(ignore);
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
  }
}

async function send(connection, kind) {
  counts.sent += 1;
  const outcome = await unlessLate(begin(connection.session, kind, counts));
  if (outcome === 'late') return fault(`${kind} is not settled after ${patience / 1000} s`);
  // A session that is destroyed without an error ends its streams without one, as in node.
  if (outcome.reason === undefined && !outcome.complete && violent.has(connection.ending)) outcome.reason = 'cut off';
  const { reason } = outcome;
  counts[reason === undefined ? 'answered' : 'failed'] += 1;
  if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + 1;
  const where = `${kind} on a ${connection.over} connection (${connection.ending ?? 'not ending'})`;
  if (reason !== undefined && !isExplained(connection, outcome)) fault(`${where} failed: ${reason}`);
  if (reason === undefined && !outcome.complete) fault(`${where} was cut off without a word`);
  for (const wrong of outcome.faults) fault(`${where}: ${wrong}`);
}

async function connectTo({ ports, cert }) {
  const secure = Math.random() < 0.4;
  const [scheme, port] = secure ? ['https', ports[1]] : ['http', ports[0]];
  const options = { port, host: '127.0.0.1' };
  const socket = secure ? tls.connect({ ...options, ca: cert, servername: 'localhost', ALPNProtocols: ['h2'] }) : net.connect(options);
  const session = http2.connect(`${scheme}://localhost:${port}`, { createConnection: () => socket });
  const connection = { session, socket, ending: undefined, over: secure ? 'TLS' : 'plaintext', closed: undefined };
  counts.connections += 1;
  session.on('error', ignore);
  session.on('stream', (pushed) => {
    counts.pushes += 1;
    pushed.on('error', ignore).resume();
  });
  connection.closed = new Promise((resolve) => session.on('close', resolve));
  connection.closed.then(() => { counts.connectionsClosed += 1; });
  return connection;
}

async function useConnection(endpoint) {
  const connection = await connectTo(endpoint);
  const { session } = connection;
  const last = pick(Object.keys(endings));
  const running = new Set();
  const launch = (work) => {
    running.add(work);
    work.finally(() => running.delete(work));
  };
  for (let left = 5 + Math.floor(Math.random() * 200); left > 0 && !control.stopping && !session.destroyed; left -= 1) {
    while (running.size >= atOnce) await Promise.race(running);
    launch(send(connection, pick(kinds)));
    if (left % 50 === 0) session.ping(ignore);
    if (left % 70 === 0) session.settings({ initialWindowSize: 40_000 + Math.floor(Math.random() * 40_000) });
    // Not all of them in one turn.
    if (left % 3 === 0) await delay(1);
  }
  // What hangs by design would keep a connection from ever closing.
  connection.ending = last;
  const ended = endings[last](connection);
  await Promise.all([...running, ended]);
  if (await unlessLate(connection.closed) === 'late') {
    const { closed, destroyed, socket } = session;
    const state = JSON.stringify({ closed, destroyed, socketDestroyed: socket?.destroyed, state: destroyed ? undefined : session.state });
    fault(`a ${connection.over} connection does not close after ${last}: ${state}`);
    session.destroy();
  }
}

async function lane(endpoint) {
  while (!control.stopping) await useConnection(endpoint);
}

process.once('message', ({ lanes, ...endpoint }) => {
  const all = Promise.all(Array.from({ length: lanes }, () => lane(endpoint)));
  all.catch((error) => fault(error.stack));
  answerQuestions(Object.assign(counts, { reasons, faults }), async () => {
    control.stopping = true;
    await Promise.race([all, delay(2 * patience)]).catch(ignore);
  });
  process.send('running');
});
