'use strict';

// The README's examples with packages of others.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const http2 = require('../..');
const { answerOf } = require('../helpers/endpoints');
const { cleanup } = require('../helpers/cleanup');
const { createProject, linkPackages, runNode } = require('../helpers/packages');
const { listening } = require('../helpers/ports');
const { readmeProject } = require('../helpers/readme');
const { start } = require('../helpers/tools');

const PRELOAD = ['--import', 'http2-rs/register'];

async function projectWith(t, ...packages) {
  const readme = await readmeProject();
  const directory = createProject(t, readme.files);
  linkPackages(directory, path.join(__dirname, 'node_modules'), packages);
  return { ...readme, directory };
}

test('fastify', async (t) => {
  const { cert, directory, port } = await projectWith(t, 'fastify');
  const server = start(process.execPath, [...PRELOAD, 'fastify.mjs'], { cwd: directory });
  cleanup(t, () => server.child.kill());
  await listening(port);
  const client = http2.connect(`https://localhost:${port}`, { ca: cert });
  const { body } = await answerOf(client.request());
  assert.deepStrictEqual(JSON.parse(body), { version: '2.0' });
  client.close();
});

test('gRPC', async (t) => {
  const { directory } = await projectWith(t, '@grpc');
  const { stdout, stderr } = await runNode(directory, [...PRELOAD, 'grpc.mjs']);
  assert.deepStrictEqual({ stdout, stderr }, { stdout: 'Hello, world\n', stderr: '' });
});
