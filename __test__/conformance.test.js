'use strict';

// The runner of Node's own tests: whichever way a test asks for http2 it gets the package, and a run that did not is no pass.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { execute } = require('../conformance/execute');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-conformance-'));
const packagePath = path.join(scratch, 'index.js');
fs.writeFileSync(packagePath, 'module.exports = { standIn: true };');

async function outcome(name, source, options) {
  const file = path.join(scratch, name);
  fs.writeFileSync(file, source);
  return execute({ test: file, node: process.execPath, job: 0, scratch, packagePath, timeout: 20_000, ...options });
}

const ways = {
  'require.js': "require('assert')(require('http2').standIn && require('node:http2') === require('http2'))",
  'create-require.js': "require('assert')(require('module').createRequire(__filename)('http2').standIn)",
  'import.mjs': "import http2 from 'node:http2'; import assert from 'node:assert'; assert(http2.standIn)",
  'dynamic-import.js': "import('http2').then(({ default: http2 }) => require('assert')(http2.standIn))",
  'worker.js': `
    const { Worker, isMainThread } = require('worker_threads');
    if (isMainThread) new Worker(__filename).on('exit', (code) => require('assert').strictEqual(code, 0));
    else require('assert')(require('http2').standIn);
  `,
  'child.js': `
    const { execFileSync } = require('child_process');
    if (process.argv[2]) require('assert')(require('http2').standIn);
    else execFileSync(process.execPath, [__filename, 'child']);
  `,
  ...(process.getBuiltinModule && { 'builtin.js': "require('assert')(process.getBuiltinModule('http2').standIn)" }),
};

for (const [name, source] of Object.entries(ways)) {
  test(`the package is handed out: ${name}`, async () => {
    const { result, output } = await outcome(name, source);
    assert.strictEqual(result, 'pass', output);
  });
}

test("a test that reaches Node's own implementation is no pass", async () => {
  const source = "// Flags: --expose-internals\nrequire('http2'); require('internal/http2/compat');";
  const { result, detail } = await outcome('builtin-loaded.js', source);
  assert.strictEqual(result, 'unproven', detail);
});

test('a test that asks for nothing is no pass', async () => {
  assert.strictEqual((await outcome('nothing.js', '')).result, 'unproven');
  const { result } = await outcome('bare-child.js', `
    if (process.argv[2]) require('http2').createServer();
    else require('child_process').execFileSync(process.execPath, [__filename, 'child'], { env: {} });
  `);
  assert.strictEqual(result, 'unproven');
});

test('failures, skips and tests that do not end', async () => {
  const failed = await outcome('fails.js', "require('http2'); throw new RangeError('on purpose');");
  assert.deepStrictEqual([failed.result, failed.detail], ['fail', 'RangeError: on purpose']);
  const skipped = await outcome('skips.js', "console.log('1..0 # Skipped: no crypto');");
  assert.deepStrictEqual([skipped.result, skipped.detail], ['skip', 'no crypto']);
  const endless = await outcome('endless.js', "require('http2'); setInterval(() => {}, 1000);", { timeout: 1000 });
  assert.strictEqual(endless.result, 'timeout');
});

test.after(() => fs.rmSync(scratch, { recursive: true }));
