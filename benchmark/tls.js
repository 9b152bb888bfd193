'use strict';

// node benchmark/tls.js: what connections over TLS cost a server, on this package and on node:http2 in turn: processor time of
// a connection with a full and with a resumed handshake, and memory of an idle session. A connection is everything from
// accept() to 'close': the handshake, a session whose SETTINGS the client has seen, and both ends' close_notify. Clients are
// node:tls, in this process, and not counted. What they have negotiated is printed: both servers have the same P-256 key.

const { spawnSync, fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

const IMPLEMENTATIONS = { 'http2-rs': path.join(__dirname, '..'), 'node:http2': 'node:http2' };
const ROUNDS = 3;
const HANDSHAKES = 1500;
// The just-in-time compiler is done by then, on both sides.
const WARM_UP = 3000;
const IDLE = 1000;
const AT_ONCE = 10;

// What a client of HTTP/2 begins with: the preface, and SETTINGS that change nothing (RFC 9113, 3.4).
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');

function serve(name) {
  const http2 = require(IMPLEMENTATIONS[name]);
  const server = http2.createSecureServer({ key: fs.readFileSync(process.env.KEY), cert: fs.readFileSync(process.env.CERT) });
  let sessions = 0;
  server.on('session', () => { sessions += 1; });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', ({ collect }) => {
    if (collect) for (let i = 0; i < 5; i += 1) globalThis.gc();
    const { user, system } = process.cpuUsage();
    process.send({ cpu: user + system, rss: process.memoryUsage.rss(), sessions });
  });
}

function makeCertificate(directory) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(directory, name));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
    '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  if (made.status !== 0) throw new Error('openssl could not make a certificate');
  return { KEY: key, CERT: cert };
}

async function ask(server, question = {}) {
  server.send(question);
  const [usage] = await once(server, 'message');
  return usage;
}

// A connection on which the server's SETTINGS have come. What follows its handshake is a ticket for the next one.
async function connect(port, session) {
  const socket = tls.connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false, session });
  const connection = { socket, ticket: undefined };
  socket.on('session', (ticket) => { connection.ticket = ticket; });
  await once(socket, 'secureConnect');
  if (socket.isSessionReused() !== (session !== undefined)) throw new Error('not the handshake that was meant');
  socket.write(PREFACE);
  await once(socket, 'data');
  return connection;
}

async function close({ socket }) {
  const closed = once(socket, 'close');
  socket.end();
  await closed;
}

// Microseconds of the server's processor time for each of so many connections.
async function handshakes(server, port, session, count) {
  const before = await ask(server);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i = 0; i < count / AT_ONCE; i += 1) await close(await connect(port, session));
  }));
  const after = await ask(server);
  if (after.sessions - before.sessions !== count) throw new Error('the server has not seen all these sessions');
  return (after.cpu - before.cpu) / count;
}

// Octets of resident memory for each session that does nothing.
async function idle(server, port) {
  const before = await ask(server, { collect: true });
  const connections = [];
  for (let i = 0; i < IDLE; i += 1) connections.push(await connect(port));
  const after = await ask(server, { collect: true });
  await Promise.all(connections.map(close));
  return (after.rss - before.rss) / IDLE;
}

async function measure(name, env) {
  const server = fork(__filename, [name], { execArgv: ['--expose-gc'], env: { ...process.env, ...env } });
  const [{ port }] = await once(server, 'message');
  const first = await connect(port);
  const { socket } = first;
  const { type, name: group = type } = socket.getEphemeralKeyInfo();
  const negotiated = `${socket.getProtocol()} ${socket.getCipher().name} ${group}`;
  await close(first);
  const session = first.ticket;
  await handshakes(server, port, undefined, WARM_UP);
  await handshakes(server, port, session, WARM_UP);
  const result = {
    negotiated,
    full: await handshakes(server, port, undefined, HANDSHAKES),
    resumed: await handshakes(server, port, session, HANDSHAKES),
    memory: await idle(server, port) / 1024,
  };
  server.kill();
  return result;
}

async function main() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-bench-tls-'));
  try {
    const env = makeCertificate(directory);
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const name of Object.keys(IMPLEMENTATIONS)) {
        const { full, resumed, memory, negotiated } = await measure(name, env);
        console.log(`${round} ${name.padEnd(12)} full ${full.toFixed(0)} us, resumed ${resumed.toFixed(0)} us, ` +
          `idle ${memory.toFixed(1)} KiB  (${negotiated})`);
      }
    }
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

if (process.send) serve(process.argv[2]);
else main();
