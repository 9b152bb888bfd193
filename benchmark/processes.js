'use strict';

// Child processes of a run: the implementations under test, the load generators, and asking them questions over IPC.

const { fork, spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

class Peer {
  constructor(file, argv, { node, module, env }) {
    this.questions = 0;
    this.child = fork(path.join(__dirname, file), argv, {
      execPath: node,
      execArgv: path.basename(node).startsWith('node') ? ['--expose-gc'] : [],
      env: { ...process.env, HTTP2_BENCH_MODULE: module, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    });
    this.exited = once(this.child, 'exit');
    this.child.on('error', (error) => { this.failure = error; });
  }

  /** The first message of the child: that it is ready, and where. */
  async ready() {
    const [message] = await Promise.race([
      once(this.child, 'message'),
      this.exited.then(([code]) => { throw this.failure ?? new Error(`${this.child.spawnargs[1]} ended with ${code}`); })
    ]);
    return message;
  }

  async ask(question = {}) {
    const id = ++this.questions;
    this.child.send({ ...question, id });
    for (;;) {
      const [answer] = await Promise.race([
        once(this.child, 'message'),
        this.exited.then(([code, signal]) => { throw new Error(`a process under test ended with ${code ?? signal}`); })
      ]);
      if (answer.id === id) return answer;
    }
  }

  async stop() {
    if (this.child.connected) this.child.disconnect();
    await this.exited;
  }
}

/** Runs a command to its end and gives its standard output. */
async function capture(command, argv) {
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => { output += chunk; });
  child.stderr.on('data', (chunk) => { output += chunk; });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  return output;
}

function scratch() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'http2-bench-'));
}

function requireTool(name) {
  const found = spawnSync(name, ['--version'], { stdio: 'ignore' });
  if (found.error) {
    throw new Error(`${name} is not installed: it comes with nghttp2 (Debian: nghttp2-client and nghttp2-server, Homebrew: nghttp2)`);
  }
}

module.exports = { Peer, capture, scratch, requireTool };
