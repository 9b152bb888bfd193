'use strict';

// curl as the client of our server, over TLS with ALPN and in plaintext with prior knowledge.

const assert = require('node:assert');
const { randomBytes } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { collect, listen } = require('../helpers/endpoints');
const { run, testWith } = require('../helpers/tools');

const modes = [
  { name: 'curl --http2 -k', secure: true, flags: ['--http2', '-k'] },
  { name: 'curl --http2-prior-knowledge', secure: false, flags: ['--http2-prior-knowledge'] },
];

for (const { name, secure, flags } of modes) {
  const curl = (...args) => run('curl', ['--silent', '--show-error', '--max-time', '30', ...flags, ...args]);

  testWith('curl', `${name}: GET`, async (t) => {
    const { url } = await listen(t, {
      secure,
      onStream(stream, headers) {
        stream.respond({ ':status': 200, 'x-path': headers[':path'] });
        stream.end('body of the answer');
      },
    });
    const { stdout } = await curl('--include', `${url}/a/b?c=d`);
    const [head, body] = stdout.split('\r\n\r\n');
    assert.match(head, /^HTTP\/2 200 ?$/m);
    assert.match(head, /^x-path: \/a\/b\?c=d\r?$/m);
    assert.strictEqual(body, 'body of the answer');
  });

  testWith('curl', `${name}: duplicate fields arrive in their order`, async (t) => {
    const { url } = await listen(t, {
      secure,
      onStream(stream, headers, flags, rawHeaders) {
        stream.respond({ 'x-a': '1', 'x-b': '2', 'X-A': '3', 'set-cookie': ['c=1', 'd=2'] });
        stream.end(JSON.stringify(rawHeaders));
      },
    });
    const { stdout } = await curl('--include', '-H', 'x-a: 1', '-H', 'x-b: 2', '-H', 'x-a: 3', url);
    const [head, body] = stdout.split('\r\n\r\n');
    const received = head.split('\r\n').slice(1).filter((line) => !line.startsWith('date'));
    assert.deepStrictEqual(received, ['x-a: 1', 'x-b: 2', 'x-a: 3', 'set-cookie: c=1', 'set-cookie: d=2']);
    const sent = JSON.parse(body);
    const first = sent.indexOf('x-a');
    assert.deepStrictEqual(sent.slice(first, first + 6), ['x-a', '1', 'x-b', '2', 'x-a', '3']);
  });

  testWith('curl', `${name}: HEAD`, async (t) => {
    const { url } = await listen(t, {
      secure,
      onRequest(request, response) {
        response.setHeader('content-length', 1234);
        response.end();
      },
    });
    const { stdout } = await curl('--head', url);
    assert.match(stdout, /^HTTP\/2 200/);
    assert.match(stdout, /^content-length: 1234\r$/m);
  });

  testWith('curl', `${name}: uploads 3 MiB and gets them back`, async (t) => {
    const { url } = await listen(t, {
      secure,
      async onStream(stream) {
        const body = await collect(stream);
        stream.respond({ ':status': 200, 'content-length': body.length });
        stream.end(body);
      },
    });
    const body = randomBytes(3 * 1024 * 1024);
    const { stdout } = await run('curl', [
      '--silent', '--show-error', '--max-time', '60', ...flags, '--data-binary', '@-', url,
    ], { input: body });
    assert.ok(Buffer.from(stdout, 'latin1').equals(body));
  });

  testWith('curl', `${name}: a file from respondWithFile`, async (t) => {
    const { url } = await listen(t, {
      secure,
      onStream(stream) {
        stream.respondWithFile(__filename, { 'content-type': 'text/javascript' });
      },
    });
    const { stdout } = await curl(url);
    assert.ok(Buffer.from(stdout, 'latin1').equals(readFileSync(__filename)));
  });

  // curl 7.88 fails to use a cleartext connection twice, whoever serves it.
  if (secure) testWith('curl', `${name}: fifty requests on one connection`, async (t) => {
    let sessions = 0;
    const { server, url } = await listen(t, {
      secure,
      onRequest(request, response) {
        response.end(`${request.url};`);
      },
    });
    server.on('session', () => { sessions += 1; });
    const { stdout } = await curl(`${url}/[1-50]`);
    assert.strictEqual(stdout, Array.from({ length: 50 }, (_, index) => `/${index + 1};`).join(''));
    assert.strictEqual(sessions, 1);
  });
}
