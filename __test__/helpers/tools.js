'use strict';

// Foreign HTTP/2 programs as peers: curl, nghttp, nghttpd, h2load, proxies, a browser.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { accessSync, constants } = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const packages = {
  curl: 'curl', nghttp: 'nghttp2-client', h2load: 'nghttp2-client', nghttpd: 'nghttp2-server', nghttpx: 'nghttp2-proxy',
  nginx: 'nginx-light', haproxy: 'haproxy', chromium: 'chromium',
  openssl: 'openssl', go: 'golang-go', java: 'openjdk-17-jdk-headless',
};

// Large, and of use to few tests: CI has them or not.
const optional = new Set(['go', 'java']);

function isInstalled(tool) {
  // Where Debian keeps servers is not in everyone's PATH.
  return [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'].some((directory) => {
    try {
      accessSync(path.join(directory, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * A test that needs a program which not every machine has. Without it the test says what to install; in CI, where the
 * programs are installed, it fails, but for those that are large.
 */
function testWith(tool, name, body) {
  if (isInstalled(tool)) return test(name, { timeout: 120_000 }, body);
  if (process.env.CI && !optional.has(tool))
    return test(name, () => { throw new Error(`${tool} is not installed: CI must install ${packages[tool]}`); });
  return test(name, { skip: `${tool} is not on this machine; Debian has it in the package ${packages[tool]}` });
}

/**
 * Starts a program. `stdout` and `stderr` grow while it runs; `printed(pattern)` waits for something on stdout; `ended` is
 * settled with {code, signal, stdout, stderr} after it.
 */
function start(tool, args, { input, cwd } = {}) {
  const env = { ...process.env, PATH: `${process.env.PATH}${path.delimiter}/usr/sbin` };
  const child = spawn(tool, args, { cwd, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const program = { child, stdout: '', stderr: '', ended: undefined };
  child.stdout.setEncoding('latin1').on('data', (text) => { program.stdout += text; });
  child.stderr.setEncoding('latin1').on('data', (text) => { program.stderr += text; });
  if (input !== undefined) child.stdin.end(input);
  program.printed = async (pattern) => {
    while (!pattern.test(program.stdout)) await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
  };
  program.ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout: program.stdout, stderr: program.stderr }));
  });
  return program;
}

/** Runs a program to its end, which must be a good one. */
async function run(tool, args, options) {
  const result = await start(tool, args, options).ended;
  if (result.code !== 0) {
    throw new Error(`${tool} ${args.join(' ')} ended with ${result.code ?? result.signal}:\n${result.stdout}${result.stderr}`);
  }
  return result;
}

/** assert.match() for what a program printed: of a long text, a failure shows the beginning and the end. */
function assertPrinted(text, pattern) {
  if (pattern.test(text)) return;
  const shown = text.length > 4000 ? `${text.slice(0, 2000)}\n[...]\n${text.slice(-2000)}` : text;
  assert.fail(`nothing in the output matches ${pattern}:\n${shown}`);
}

module.exports = { assertPrinted, run, start, testWith };
