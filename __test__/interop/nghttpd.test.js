'use strict';

// nghttpd as the server of our client.

const assert = require('node:assert');
const { once } = require('node:events');
const { connect, exchange } = require('../helpers/endpoints');
const { startNghttpd } = require('../helpers/nghttpd');
const { testWith } = require('../helpers/tools');

for (const secure of [false, true]) {
  const over = secure ? 'TLS' : 'plaintext';

  testWith('nghttpd', `client of nghttpd over ${over}: GET, 404 and HEAD`, async (t) => {
    const client = await connect(t, await startNghttpd(t, { secure }));
    const found = await exchange(client, { ':path': '/index.html' });
    assert.strictEqual(found.headers[':status'], 200);
    assert.strictEqual(found.body.toString(), '<p>hello</p>\n');
    const missing = await exchange(client, { ':path': '/missing' });
    assert.strictEqual(missing.headers[':status'], 404);
    const head = await exchange(client, { ':path': '/index.html', ':method': 'HEAD' });
    assert.strictEqual(head.headers['content-length'], '13');
    assert.strictEqual(head.body.length, 0);
  });

  testWith('nghttpd', `client of nghttpd over ${over}: 2 MB down, and 2 MB up and back`, async (t) => {
    const client = await connect(t, await startNghttpd(t, { secure }));
    const body = Buffer.alloc(2_000_000, 'abcdefg');
    const down = await exchange(client, { ':path': '/large' });
    assert.ok(down.body.equals(body));
    const echoed = await exchange(client, { ':path': '/echo', ':method': 'POST' }, { body });
    assert.ok(echoed.body.equals(body));
  });

  testWith('nghttpd', `client of nghttpd over ${over}: trailers and padding`, async (t) => {
    const client = await connect(t, await startNghttpd(t, { secure, flags: ['--trailer=x-end: yes', '--padding=200'] }));
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(client, { ':path': '/index.html' })));
    for (const { body, trailers } of answers) {
      assert.strictEqual(body.toString(), '<p>hello</p>\n');
      assert.strictEqual(trailers['x-end'], 'yes');
    }
  });

  testWith('nghttpd', `client of nghttpd over ${over}: a pushed stream`, async (t) => {
    const client = await connect(t, await startNghttpd(t, { secure, flags: ['--push=/index.html=/large'] }));
    const pushed = once(client, 'stream').then(async ([stream, headers]) => {
      let bytes = 0;
      stream.on('data', (chunk) => { bytes += chunk.length; });
      const [response] = await once(stream, 'push');
      await once(stream, 'end');
      return { path: headers[':path'], status: response[':status'], bytes };
    });
    await exchange(client, { ':path': '/index.html' });
    assert.deepStrictEqual(await pushed, { path: '/large', status: 200, bytes: 2_000_000 });
  });

  testWith('nghttpd', `client of nghttpd over ${over}: ping and settings`, async (t) => {
    const client = await connect(t, await startNghttpd(t, { secure }));
    const [duration, payload] = await new Promise((resolve, reject) => {
      client.ping(Buffer.from('12345678'), (error, ...result) => (error ? reject(error) : resolve(result)));
    });
    assert.ok(duration >= 0);
    assert.strictEqual(payload.toString(), '12345678');
    await new Promise((resolve, reject) => {
      client.settings({ initialWindowSize: 100_000 }, (error) => (error ? reject(error) : resolve()));
    });
    assert.strictEqual(client.localSettings.initialWindowSize, 100_000);
    assert.strictEqual((await exchange(client, { ':path': '/large' })).body.length, 2_000_000);
  });
}
