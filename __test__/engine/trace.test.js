'use strict';

// NODE_DEBUG=http2 shows what crosses into the engine and out of it.

const assert = require('node:assert');
const { test } = require('node:test');
const { createProject, runNode } = require('../helpers/packages');

const SCRIPT = `
  const http2 = require('http2-rs');
  const server = http2.createServer((request, response) => response.end('hello')).listen(0, () => {
    const client = http2.connect('http://localhost:' + server.address().port);
    client.request({ ':path': '/greeting', 'x-test': 'a value' }).resume().on('close', () => {
      client.goaway(0, 0, Buffer.from('data'));
      client.close();
    });
  });
  server.on('session', (session) => session.on('goaway', () => server.close()));
`;

const run = (t, env) => runNode(createProject(t, { 'script.js': SCRIPT }), ['script.js'], { env });

test('it prints the commands and the events of each session', async (t) => {
  const { code, stderr } = await run(t, { NODE_DEBUG: 'http2' });
  assert.strictEqual(code, 0, stderr);
  for (const line of [
    /^HTTP2 \d+: client \d+ > request ":path \/greeting .*x-test a value.* -> 1$/m,
    /^HTTP2 \d+: server \d+ < onHeaders 1 .*':path', '\/greeting'.*'x-test', 'a value'/m,
    /^HTTP2 \d+: client \d+ < onSettings .*maxFrameSize/m,
    /^HTTP2 \d+: client \d+ < onData stream 1 <5 octets>$/m,
    /^HTTP2 \d+: client \d+ > goaway 0 0 <4 octets>/m,
    /^HTTP2 \d+: server \d+ < onGoaway 0 0 <4 octets>$/m,
  ]) assert.match(stderr, line);
});

test('it prints nothing unless it is asked for', async (t) => {
  const { code, stderr } = await run(t, { NODE_DEBUG: 'net-not-http2' });
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
});
