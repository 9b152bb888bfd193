'use strict';

// Programs in other languages, with TLS and HTTP/2 of their own, as peers of a server and of a client whose TLS is the engine's.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const http2 = require('../..');
const { createCertificate } = require('../helpers/certificate');
const { cleanup } = require('../helpers/cleanup');
const { run, start, testWith } = require('../helpers/tools');

const SIZE = 2 ** 20;
const { key, cert } = createCertificate();
const root = path.join(__dirname, '../..');
const scripts = path.join(__dirname, 'languages');

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-languages-'));
process.on('exit', () => fs.rmSync(directory, { recursive: true, force: true }));
const [certFile, keyFile] = [['cert.pem', cert], ['key.pem', key]].map(([name, text]) => {
  const file = path.join(directory, name);
  fs.writeFileSync(file, text);
  return file;
});

// Echoes what is posted, and tells others what carries them.
async function serve(t) {
  const server = http2.createSecureServer({ key, cert });
  server.on('stream', (stream, headers) => {
    stream.respond({ 'content-type': 'application/json' });
    if (headers[':method'] === 'POST') stream.pipe(stream);
    else stream.end(JSON.stringify({ transport: stream.session.transport, path: headers[':path'] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup(t, () => server.close());
  return `https://localhost:${server.address().port}`;
}

function isServed(stdout) {
  const { version, ...answers } = JSON.parse(stdout);
  assert.match(version, /^HTTP.2/);
  assert.deepStrictEqual(answers, {
    first: { transport: 'tls', path: '/first' },
    echoed: true,
    many: Array.from({ length: 50 }, (_, number) => `/${number}`),
  });
}

// One that has the packages: of this checkout's own, where CI puts them, or the machine's.
const python = [path.join(root, '.cache/python/bin/python'), 'python3']
  .find((file) => spawnSync(file, ['-c', 'import h2, httpx'], { stdio: 'ignore' }).status === 0);
const wanted = 'Python with httpx[http2] is not on this machine; it is looked for in .cache/python, too, where python3 -m venv puts it';

test('a client in Python', { skip: python === undefined && !process.env.CI && wanted, timeout: 120_000 }, async (t) => {
  assert.ok(python, wanted);
  isServed((await run(python, [path.join(scripts, 'client.py'), await serve(t), certFile])).stdout);
});

testWith('go', 'a client in Go', async (t) => {
  isServed((await run('go', ['run', path.join(scripts, 'client.go'), await serve(t), certFile])).stdout);
});

testWith('java', 'a client in Java', async (t) => {
  isServed((await run('java', [path.join(scripts, 'Client.java'), await serve(t), certFile])).stdout);
});

testWith('go', 'a server in Go', async (t) => {
  const binary = path.join(directory, 'server');
  await run('go', ['build', '-o', binary, path.join(scripts, 'server.go')]);
  const program = start(binary, [certFile, keyFile]);
  cleanup(t, () => program.child.kill());
  await program.printed(/^\d+\n/);
  const session = http2.connect(`https://localhost:${program.stdout.trim()}`, { host: '127.0.0.1', ca: cert });
  cleanup(t, () => session.destroy());
  await once(session, 'connect');
  assert.strictEqual(session.transport, 'tls');
  const body = Buffer.alloc(SIZE, 'octets ');
  const exchanges = Array.from({ length: 10 }, async () => {
    const request = session.request({ ':method': 'POST' });
    const response = once(request, 'response');
    request.end(body);
    const [headers] = await response;
    assert.strictEqual(headers.protocol, 'HTTP/2.0');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(body));
  });
  await Promise.all(exchanges);
});
