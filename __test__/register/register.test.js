'use strict';

// http2-rs/register: whichever way http2 is asked for, it is this package, the same object everywhere, as long as the
// preload is on and there is a binary.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { createProject, runNode } = require('../helpers/packages');

// Every way to ask for http2 in CommonJS and in a module. What each gave is printed as the name of its implementation.
const CJS = `
  const { createRequire } = require('node:module');
  exports.http2 = require('http2');
  exports.all = [
    require('http2'), require('node:http2'), module.require('http2'), createRequire(__filename)('node:http2'),
    ...(process.getBuiltinModule ? [process.getBuiltinModule('http2'), process.getBuiltinModule('node:http2')] : []),
  ];
`;
const ESM = `
  import first from 'http2';
  import second, { connect, Http2ServerRequest } from 'node:http2';
  import * as namespace from 'node:http2';
  import { createRequire } from 'node:module';
  import dependency from './ways.cjs';
  const third = await import('http2');
  const fourth = await import('node:http2');
  export const all = [
    ...dependency.all, first, second, namespace.default, third.default, fourth.default,
    createRequire(import.meta.url)('http2'),
  ];
  const { http2 } = dependency;
  export const same = all.every((one) => one === http2) && connect === http2.connect &&
    namespace.createServer === http2.createServer && Http2ServerRequest === http2.Http2ServerRequest;
`;
const PRINT = 'console.log(JSON.stringify([...new Set(all.map((http2) => http2.implementation?.name ?? "node"))]), same);';

const files = {
  'ways.cjs': CJS,
  'ways.mjs': ESM,
  'app.cjs': `
    const { all, http2 } = require('./ways.cjs');
    const same = all.every((one) => one === http2);
    ${PRINT}
    import('./ways.mjs').then(({ all, same }) => { ${PRINT} });
  `,
  'app.mjs': `import { all, same } from './ways.mjs'; ${PRINT}`,
  'worker.cjs': `
    const { Worker, isMainThread } = require('node:worker_threads');
    if (isMainThread) for (const file of ['app.cjs', 'app.mjs']) new Worker(require.resolve('./' + file));
  `,
  'child.cjs': `
    const { execFileSync, fork } = require('node:child_process');
    process.stdout.write(execFileSync(process.execPath, [require.resolve('./app.mjs')]));
    fork(require.resolve('./app.cjs'));
  `,
  'nothing.cjs': '',
};

const PACKAGE = '["http2-rs"] true\n';
const NODE = '["node"] true\n';
const NO_BINARY = { NAPI_RS_NATIVE_LIBRARY_PATH: path.join(__dirname, 'no-such.node') };

const preloads = {
  '--require': { args: ['--require', 'http2-rs/register'] },
  '--import': { args: ['--import', 'http2-rs/register'] },
  'NODE_OPTIONS --require': { args: [], env: { NODE_OPTIONS: '--require http2-rs/register' } },
  'NODE_OPTIONS --import': { args: [], env: { NODE_OPTIONS: '--import http2-rs/register' } },
  'both, and twice': { args: ['--require', 'http2-rs/register'], env: { NODE_OPTIONS: '--import http2-rs/register' } },
};

const run = (t, script, { args, env }, more) =>
  runNode(createProject(t, files), [...args, script], { env: { ...env, ...more } });

for (const [how, preload] of Object.entries(preloads)) {
  test(`${how}: CommonJS`, async (t) => {
    const { stdout, stderr } = await run(t, 'app.cjs', preload);
    assert.deepStrictEqual({ stdout, stderr }, { stdout: PACKAGE + PACKAGE, stderr: '' });
  });

  test(`${how}: modules`, async (t) => {
    const { stdout, stderr } = await run(t, 'app.mjs', preload);
    assert.deepStrictEqual({ stdout, stderr }, { stdout: PACKAGE, stderr: '' });
  });

  test(`${how}: Workers`, async (t) => {
    const { stdout, stderr } = await run(t, 'worker.cjs', preload);
    assert.deepStrictEqual({ stdout, stderr }, { stdout: PACKAGE.repeat(3), stderr: '' });
  });
}

test('children get it by NODE_OPTIONS', async (t) => {
  const { stdout, stderr } = await run(t, 'child.cjs', preloads['NODE_OPTIONS --import']);
  assert.deepStrictEqual({ stdout, stderr }, { stdout: PACKAGE.repeat(3), stderr: '' });
});

test('without a binary there is one warning, and node:http2 stays', async (t) => {
  for (const preload of [preloads['--require'], preloads['--import']]) {
    for (const [script, times] of [['app.cjs', 2], ['app.mjs', 1]]) {
      const { code, stdout, stderr } = await run(t, script, preload, NO_BINARY);
      assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: NODE.repeat(times) });
      assert.strictEqual(stderr.match(/Http2RsWarning/g)?.length, 1, stderr);
      assert.ok(stderr.includes(NO_BINARY.NAPI_RS_NATIVE_LIBRARY_PATH), stderr);
    }
  }
});

test('Workers do not warn again', async (t) => {
  const directory = createProject(t, { ...files, 'main.cjs': "require('http2'); require('./worker.cjs');" });
  const { stdout, stderr } = await runNode(directory, [...preloads['--require'].args, 'main.cjs'], { env: NO_BINARY });
  assert.strictEqual(stdout, NODE.repeat(3));
  assert.strictEqual(stderr.match(/Http2RsWarning/g)?.length, 1, stderr);
});

test('a process that never asks for http2 does not load it, and is not warned', async (t) => {
  const { code, stderr } = await run(t, 'nothing.cjs', preloads['--import'], NO_BINARY);
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
});

// A server and a client in a process with flags that take something away from it.
const EXCHANGE = `
  const http2 = require('http2');
  const server = http2.createServer((request, response) => response.end('hello')).listen(0, () => {
    const client = http2.connect('http://localhost:' + server.address().port);
    client.request().setEncoding('utf8').on('data', (text) => console.log(http2.implementation?.name, text)).on('end', () => {
      client.close();
      server.close();
    });
  });
`;

for (const flags of [
  ['--pending-deprecation', '--throw-deprecation'], ['--frozen-intrinsics'], ['--disallow-code-generation-from-strings'],
  ['--disable-proto=throw'], ['--jitless'],
]) {
  test(`with ${flags.join(' ')}`, async (t) => {
    const directory = createProject(t, { 'main.cjs': EXCHANGE });
    const { code, stdout } = await runNode(directory, [...flags, ...preloads['--require'].args, 'main.cjs']);
    assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: 'http2-rs hello\n' });
  });
}

test('where neither addons nor the hooks of import are permitted there is one warning, and node:http2 stays', async (t) => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const { code, stdout, stderr } =
    await run(t, 'app.cjs', { args: [permission, '--allow-fs-read=*', ...preloads['--require'].args] });
  assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: NODE + NODE });
  assert.strictEqual(stderr.match(/Http2RsWarning/g)?.length, 1, stderr);
});

test('HTTP2_RS_DISABLE=1 switches it off', async (t) => {
  const { stdout, stderr } = await run(t, 'app.cjs', preloads['--require'], { HTTP2_RS_DISABLE: '1' });
  assert.deepStrictEqual({ stdout, stderr }, { stdout: NODE + NODE, stderr: '' });
});

test('a package that was handed the classes recognizes what a server makes', async (t) => {
  const directory = createProject(t, {
    'framework.mjs': `
      import { Http2ServerRequest } from 'node:http2';
      export const isHttp2 = (request) => request instanceof Http2ServerRequest;
    `,
    'app.cjs': `
      const http2 = require('http2');
      import('./framework.mjs').then(({ isHttp2 }) => {
        const server = http2.createServer((request, response) => {
          console.log(isHttp2(request), request instanceof require('node:http2').Http2ServerRequest);
          response.end();
        });
        server.listen(0, () => {
          const client = http2.connect('http://localhost:' + server.address().port);
          client.request().resume().on('close', () => { client.close(); server.close(); });
        });
      });
    `,
  });
  const { stdout, stderr } = await runNode(directory, ['--import', 'http2-rs/register', 'app.cjs']);
  assert.deepStrictEqual({ stdout, stderr }, { stdout: 'true true\n', stderr: '' });
});
