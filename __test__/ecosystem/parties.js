'use strict';

// Brings two parties together: the server of one case and the client of another (or of the same), each in a process of
// its own, on this package or on node:http2. A case is a file in cases/ that exports
//
//   server(context)   resolves with {port, close, report}; `report` may be left out, or is a promise
//   client(context)   resolves when everything that it asserts has held
//
// with context {key, cert, url, upstream}. The clients trust `cert` (NODE_EXTRA_CA_CERTS). Packages get http2 by the preload
// http2-rs/register, and each process proves at its end that it ran on what it was to run on.

const assert = require('node:assert');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { createCertificate } = require('../helpers/certificate');
const { cleanup } = require('../helpers/cleanup');
const { root, temporaryDirectory } = require('../helpers/packages');

const OURS = 'http2-rs';
const NODE = 'node:http2';

// Whom each end runs on. Where both are ours, a mistake could hide on both ends; hence the others.
const combinations = [{ server: OURS, client: OURS }, { server: OURS, client: NODE }, { server: NODE, client: OURS }];

// As long as a machine under load may take.
const TIMEOUT = 120_000;

class Party {
  constructor(t, name, role, implementation, context) {
    this.title = `${role} of ${name} on ${implementation}`;
    this.implementation = implementation;
    this.child = fork(path.join(__dirname, 'role.mjs'), [name, role], {
      execArgv: implementation === OURS ? ['--require', path.join(root, 'register.js')] : [],
      env: { ...process.env, NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: context.trust, ...context.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.output = '';
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text) => { this.output += text; });
    this.closed = once(this.child, 'close');
    this.timer = setTimeout(() => {
      this.output += `\nstill running after ${TIMEOUT} ms`;
      this.child.kill('SIGKILL');
    }, TIMEOUT);
    cleanup(t, () => {
      clearTimeout(this.timer);
      this.child.kill('SIGKILL');
    });
    this.child.send(context);
  }

  async message() {
    const first = await Promise.race([once(this.child, 'message'), this.closed]);
    if (typeof first[0] !== 'object' || first[0] === null) assert.fail(`${this.title} ended with ${first.join(' ')}:\n${this.output}`);
    return first[0];
  }

  // The report, and the end of the process, which nothing may keep alive.
  async finish() {
    const { implementation, builtin, bundled } = await this.message();
    const [code] = await this.closed;
    clearTimeout(this.timer);
    assert.deepStrictEqual({ implementation, code }, { implementation: this.implementation, code: 0 }, `${this.title}:\n${this.output}`);
    if (implementation === NODE) assert.ok(builtin, `${this.title} did not load node's http2`);
    else assert.ok(!builtin || bundled, `${this.title} loaded node's http2`);
  }
}

function createContext(t) {
  const { key, cert } = createCertificate();
  const trust = path.join(temporaryDirectory(t), 'ca.pem');
  fs.writeFileSync(trust, cert);
  return { key, cert, trust };
}

/** Starts the server of a case: {port, url, report(), stop()}. */
async function startServer(t, name, implementation, context) {
  const party = new Party(t, name, 'server', implementation, context);
  const { port } = await party.message();
  const stop = () => {
    party.child.send('stop');
    return party.finish();
  };
  const report = async () => (await party.message()).report;
  return { port, url: `https://localhost:${port}`, report, stop };
}

/** Runs the client of a case against `url` to its end. */
function runClient(t, name, implementation, context) {
  return new Party(t, name, 'client', implementation, context).finish();
}

/** The whole of it. `upstream` is a case whose server the server talks to; it runs on what the client runs on. */
async function converse(t, { server, client, upstream, ...more }, on) {
  const context = { ...createContext(t), ...more };
  const behind = upstream && await startServer(t, upstream, on.client, context);
  const front = await startServer(t, server, on.server, { ...context, upstream: behind?.url });
  await runClient(t, client, on.client, { ...context, url: front.url });
  await front.stop();
  await behind?.stop();
}

module.exports = { combinations, converse, createContext, NODE, OURS, runClient, startServer };
