'use strict';

// nghttp, which prints every frame it sees, as the client of our server.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { collect, listen } = require('../helpers/endpoints');
const { assertPrinted, run, testWith } = require('../helpers/tools');

// Each line that nghttp -v prints for a received field, without time and stream.
function receivedFields(stdout) {
  return [...stdout.matchAll(/recv \(stream_id=\d+(, sensitive)?\) (.*)$/gm)]
    .map(([, sensitive, field]) => (sensitive ? `${field} (sensitive)` : field))
    .filter((field) => !field.startsWith('date: '));
}

function answer(stream) {
  stream.respond({ ':status': 200, 'content-type': 'text/plain' });
  stream.end('hello nghttp\n');
}

for (const secure of [false, true]) {
  const over = secure ? 'TLS' : 'plaintext';
  const nghttp = (...args) => run('nghttp', ['--verbose', '--no-verify-peer', '--timeout=30', ...args]);

  testWith('nghttp', `nghttp -v over ${over}: SETTINGS, HEADERS, DATA and their flags`, async (t) => {
    const { url } = await listen(t, { secure, onStream: answer });
    const { stdout } = await nghttp(url);
    assertPrinted(stdout, /recv SETTINGS frame <length=\d+, flags=0x00, stream_id=0>/);
    assertPrinted(stdout, /recv SETTINGS frame <length=0, flags=0x01, stream_id=0>\s+; ACK/);
    assertPrinted(stdout, /recv HEADERS frame <length=\d+, flags=0x04, stream_id=13>\s+; END_HEADERS/);
    assertPrinted(stdout, /recv DATA frame <length=13, flags=0x01, stream_id=13>\s+; END_STREAM/);
    assertPrinted(stdout, /^hello nghttp$/m);
  });

  testWith('nghttp', `nghttp over ${over}: many requests, with padding and CONTINUATION`, async (t) => {
    let requests = 0;
    const { url } = await listen(t, {
      secure,
      onStream(stream, headers) {
        requests += 1;
        assert.strictEqual(headers['continuation-test-3'].length, 4096);
        answer(stream);
      },
    });
    const { stdout } = await nghttp('--multiply=40', '--padding=100', '--continuation', url);
    assert.strictEqual(requests, 40);
    assert.strictEqual(stdout.match(/^hello nghttp$/gm)?.length, 40);
  });

  testWith('nghttp', `nghttp over ${over}: a body and trailers both ways`, async (t) => {
    const { url } = await listen(t, {
      secure,
      async onStream(stream) {
        let trailers;
        stream.on('trailers', (fields) => { trailers = fields; });
        const body = await collect(stream);
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-got': trailers['x-checksum'] }));
        stream.end(`${body.length} bytes\n`);
      },
    });
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-')), 'body');
    t.after(() => fs.rmSync(path.dirname(file), { recursive: true }));
    fs.writeFileSync(file, Buffer.alloc(300_000, 'x'));
    const { stdout } = await nghttp(`--data=${file}`, '--trailer=x-checksum: 12ab', url);
    assertPrinted(stdout, /^300000 bytes$/m);
    assert.deepStrictEqual(receivedFields(stdout), [':status: 200', 'x-got: 12ab']);
  });

  testWith('nghttp', `nghttp over ${over}: waits for 100 before it sends its body`, async (t) => {
    const { server, url } = await listen(t, { secure, onRequest: () => assert.fail('the expectation was not seen') });
    server.on('checkContinue', (request, response) => {
      response.writeContinue();
      request.resume().on('end', () => response.end('continued\n'));
    });
    const { stdout } = await nghttp('--expect-continue', `--data=${__filename}`, url);
    assert.deepStrictEqual(receivedFields(stdout), [':status: 100', ':status: 200']);
    assertPrinted(stdout, /^continued$/m);
  });

  testWith('nghttp', `nghttp over ${over}: a pushed stream`, async (t) => {
    const { url } = await listen(t, {
      secure,
      onStream(stream) {
        stream.pushStream({ ':path': '/style.css' }, (error, pushed) => {
          assert.ifError(error);
          pushed.respond({ ':status': 200, 'content-type': 'text/css' });
          pushed.end('p {}\n');
          answer(stream);
        });
      },
    });
    const { stdout } = await nghttp(url);
    assertPrinted(stdout, /recv PUSH_PROMISE frame <length=\d+, flags=0x04, stream_id=13>[^]*promised_stream_id=2/);
    assertPrinted(stdout, /recv \(stream_id=2\) content-type: text\/css/);
    assertPrinted(stdout, /^p \{\}$/m);
    assertPrinted(stdout, /^hello nghttp$/m);
  });

  testWith('nghttp', `nghttp over ${over}: a header table that shrinks and grows`, async (t) => {
    const { url } = await listen(t, { secure, onStream: answer });
    const { stdout } = await nghttp('-c', '256', '-c', '8192', '--multiply=20', url);
    assert.strictEqual(stdout.match(/^hello nghttp$/gm)?.length, 20);
  });

  testWith('nghttp', `nghttp over ${over}: a window of one byte`, async (t) => {
    const { url } = await listen(t, { secure, onStream: answer });
    const { stdout } = await nghttp('--window-bits=1', url);
    const received = [...stdout.matchAll(/recv DATA frame <length=(\d+)/g)].reduce((sum, [, length]) => sum + Number(length), 0);
    assert.strictEqual(received, 'hello nghttp\n'.length);
  });
}
