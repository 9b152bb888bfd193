'use strict';

// node benchmark/tls.js: what connections over TLS cost a server, on this package and on node:http2 in turn: processor time of
// a full and of a resumed handshake, and memory of an idle session. Clients are node:tls, in this process, and not counted.

const { spawnSync, fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

const IMPLEMENTATIONS = { 'http2-rs': path.join(__dirname, '..'), 'node:http2': 'node:http2' };
const ROUNDS = 3;
const HANDSHAKES = 1000;
const IDLE = 1000;
const AT_ONCE = 10;

function serve(name) {
  const http2 = require(IMPLEMENTATIONS[name]);
  const server = http2.createSecureServer({ key: fs.readFileSync(process.env.KEY), cert: fs.readFileSync(process.env.CERT) });
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', () => {
    for (let i = 0; i < 5; i += 1) globalThis.gc();
    const { user, system } = process.cpuUsage();
    process.send({ cpu: user + system, rss: process.memoryUsage().rss });
  });
}

function makeCertificate(directory) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(directory, name));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
    '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  if (made.status !== 0) throw new Error('openssl could not make a certificate');
  return { KEY: key, CERT: cert };
}

async function ask(server) {
  server.send('usage');
  const [usage] = await once(server, 'message');
  return usage;
}

// A connection whose handshake is over, with the ticket that came after it.
async function connect(port, session) {
  const socket = tls.connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false, session });
  socket.on('error', () => {});
  const ticket = once(socket, 'session');
  await once(socket, 'secureConnect');
  socket.resume();
  return { socket, ticket };
}

async function handshakes(server, port, session) {
  const before = await ask(server);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i = 0; i < HANDSHAKES / AT_ONCE; i += 1) {
      const { socket } = await connect(port, session);
      if (socket.isSessionReused() !== (session !== undefined)) throw new Error('not the handshake that was meant');
      socket.destroy();
    }
  }));
  return ((await ask(server)).cpu - before.cpu) / HANDSHAKES;
}

async function idle(server, port) {
  const before = await ask(server);
  const sockets = [];
  for (let i = 0; i < IDLE; i += 1) sockets.push((await connect(port)).socket);
  const bytes = ((await ask(server)).rss - before.rss) / IDLE;
  for (const socket of sockets) socket.destroy();
  return bytes;
}

async function measure(name, env) {
  const server = fork(__filename, [name], { execArgv: ['--expose-gc'], env: { ...process.env, ...env } });
  const [{ port }] = await once(server, 'message');
  const { socket, ticket } = await connect(port);
  const [session] = await ticket;
  socket.destroy();
  // Everything that is made once is made now.
  await handshakes(server, port);
  const result = {
    memory: await idle(server, port) / 1024,
    full: await handshakes(server, port),
    resumed: await handshakes(server, port, session),
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
        const { full, resumed, memory } = await measure(name, env);
        console.log(`${round} ${name.padEnd(12)} full ${full.toFixed(0)} us, resumed ${resumed.toFixed(0)} us, ` +
          `idle ${memory.toFixed(1)} KiB`);
      }
    }
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

if (process.send) serve(process.argv[2]);
else main();
