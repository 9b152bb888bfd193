'use strict';

// Files as bodies.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { block, sides, turn } = require('./harness');

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-file-'));
test.after(() => fs.rmSync(directory, { recursive: true }));

const CONTENT = randomBytes(300_000);
const FILE = path.join(directory, 'content');
fs.writeFileSync(FILE, CONTENT);

// Answers a request with the file and returns what the client got and what `done` was told.
async function answer(t, { offset = 0, length = -1, flags = 0, file = FILE } = {}) {
  const { client, server } = await sides(t, { over: 'sockets' });
  const id = client.request();
  await server.next('onHeaders');
  const fd = fs.openSync(file, 'r');
  t.after(() => fs.closeSync(fd));
  let status;
  const done = new Promise((resolve) => {
    status = server.handle.respondFile(id, block([[':status', '200']]), 1, fd, offset, length, flags, resolve);
  });
  assert.strictEqual(status, 0);
  return { client, server, id, done };
}

for (const [name, options, expected] of [
  ['all of it', {}, CONTENT],
  ['from an offset', { offset: 1000 }, CONTENT.subarray(1000)],
  ['a part', { offset: 70_000, length: 100_001 }, CONTENT.subarray(70_000, 170_001)],
  ['more than there is', { offset: 299_990, length: 50 }, CONTENT.subarray(299_990)],
  ['nothing', { length: 0 }, CONTENT.subarray(0, 0)],
  ['beyond its end', { offset: 400_000 }, CONTENT.subarray(0, 0)],
  ['from where it stands', { offset: -1, length: 10 }, CONTENT.subarray(0, 10)],
]) {
  test(`a file: ${name}`, async (t) => {
    const { client, server, id, done } = await answer(t, options);
    await client.next('onEnd', id);
    assert.ok(client.body(id).equals(expected));
    assert.strictEqual(await done, 0);
    await server.next('onStreamClose', id);
    // The pieces are the engine's own affair; the end is not.
    assert.ok(!server.names().includes('onWritten'));
    assert.ok(server.names().includes('onShutdown'));
  });
}

test('trailers after a file', async (t) => {
  const { client, server, id } = await answer(t, { flags: 2 });
  await server.next('onWantTrailers', id);
  server.handle.trailers(id, block([['x-sum', '1']]), 1);
  await client.next('onStreamClose', id);
  assert.ok(client.body(id).equals(CONTENT));
});

test('a file that cannot be read resets its stream', async (t) => {
  const { client, id, done } = await answer(t, { file: directory });
  assert.deepStrictEqual(await client.next('onStreamClose', id), [id, 2]);
  assert.ok(await done < 0);
});

test('a file whose stream is reset is left alone', async (t) => {
  const { client, id, done } = await answer(t);
  await client.next('onHeaders', id);
  client.handle.rstStream(id, 8);
  assert.ok(await done < 0);
});

test('a file whose session is destroyed is left alone', async (t) => {
  const { server, done } = await answer(t);
  server.handle.destroy(0);
  assert.ok(await done < 0);
  await turn();
});

test('trailers are asked for when all of the file is out', async (t) => {
  // More than the client's windows let through at once.
  const file = path.join(directory, 'long');
  const content = randomBytes(1_000_000);
  fs.writeFileSync(file, content);
  const { client, server, id } = await answer(t, { file, flags: 2 });
  await server.next('onWantTrailers', id);
  server.handle.trailers(id, block([['x-sum', '1']]), 1);
  // As the API does with a stream whose last word was said.
  server.handle.rstStream(id, 0);
  await client.next('onStreamClose', id);
  assert.ok(client.body(id).equals(content));
});

test('a file that shrinks while it is sent ends early', async (t) => {
  const file = path.join(directory, 'shrinking');
  fs.writeFileSync(file, Buffer.alloc(1_000_000, 'x'));
  const { client, server } = await sides(t, { over: 'sockets' });
  const id = client.request();
  client.handle.readStop(id);
  await server.next('onHeaders');
  const fd = fs.openSync(file, 'r');
  t.after(() => fs.closeSync(fd));
  const done = new Promise((resolve) => {
    server.handle.respondFile(id, block([[':status', '200']]), 1, fd, 0, 1_000_000, 0, resolve);
  });
  await client.next('onData', id);
  fs.truncateSync(file, 500_000);
  client.handle.readStart(id);
  await client.next('onEnd', id);
  assert.strictEqual(client.body(id).length, 500_000);
  assert.strictEqual(await done, 0);
});

test('no more of a file is read than its reader takes, but for some pieces', { skip: !fs.existsSync('/proc/self/fdinfo') }, async (t) => {
  const file = path.join(directory, 'unread');
  fs.writeFileSync(file, Buffer.alloc(8_000_000, 'x'));
  const { client, server } = await sides(t, { over: 'sockets' });
  const id = client.request();
  client.handle.readStop(id);
  await server.next('onHeaders');
  const fd = fs.openSync(file, 'r');
  t.after(() => fs.closeSync(fd));
  server.handle.respondFile(id, block([[':status', '200']]), 1, fd, -1, -1, 0, () => {});
  await client.next('onData', id);
  for (let count = 0; count < 200; count++) await turn();
  const [, position] = /pos:\s+(\d+)/.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  // The client's window, which is 64 KiB, and two pieces.
  assert.ok(position > 0 && position <= 65_536 + 2 * 131_072, position);
});

test('a file on its way keeps the process alive', () => {
  const script = `
    const { sides, block } = require(${JSON.stringify(require.resolve('./harness'))});
    sides({ after() {} }).then(async ({ client, server }) => {
      const id = client.request();
      await server.next('onHeaders');
      const fd = require('node:fs').openSync(${JSON.stringify(FILE)}, 'r');
      server.handle.respondFile(id, block([[':status', '200']]), 1, fd, 0, -1, 0, () => {});
      await client.next('onEnd', id);
      console.log(client.body(id).length);
    });
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 20_000 });
  assert.strictEqual(stdout + stderr, '300000\n');
});
