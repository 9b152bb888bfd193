'use strict';

// Large bodies, down and up, in plaintext and over TLS, to a reader that now and then stops reading: the hashes are
// equal, and neither end grows, since each holds no more than the windows allow.

const assert = require('node:assert');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { test } = require('node:test');
const { createCertificate } = require('../helpers/certificate');

const mebibyte = 1024 * 1024;
const full = Boolean(process.env.HTTP2_RS_FULL);
const size = (full ? 1024 : 160) * mebibyte;
const stallEvery = size / 8;
const stall = full ? 400 : 100;
const mostGrowth = 64;

for (const secure of [false, true]) {
  for (const direction of ['down', 'up']) {
    const name = `${size / mebibyte} MiB ${direction}, ${secure ? 'TLS' : 'plaintext'}`;
    test(name, { timeout: 180_000 }, async (t) => {
      const options = JSON.stringify({ secure, ...(secure && createCertificate()), size, stallEvery, stall });
      const [server, client] = ['server', 'client'].map((role) => {
        const child = fork(path.join(__dirname, 'peer.js'), [role, options], { execArgv: ['--expose-gc'] });
        child.on('exit', (code) => assert.ok(code === 0 || child.killed, `the ${role} ended with ${code}`));
        t.after(() => child.kill());
        return child;
      });
      const [{ port }] = await once(server, 'message');
      const results = Promise.all([once(server, 'message'), once(client, 'message')]);
      client.send({ port, direction });
      const [[atServer], [atClient]] = await results;
      t.diagnostic(`resident memory: server +${atServer.growth} MiB, client +${atClient.growth} MiB`);
      assert.strictEqual(atServer.bytes, size);
      assert.strictEqual(atClient.bytes, size);
      assert.strictEqual(atServer.hash, atClient.hash);
      assert.ok(atServer.growth < mostGrowth, `the server grew by ${atServer.growth} MiB`);
      assert.ok(atClient.growth < mostGrowth, `the client grew by ${atClient.growth} MiB`);
    });
  }
}
