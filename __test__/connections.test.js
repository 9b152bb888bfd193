'use strict';

// What a server counts as a connection stays true when the engine reads and writes its socket; and a socket that it cannot take over,
// for want of a descriptor, works all the same.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { Duplex } = require('node:stream');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { connect, exchange, listen } = require('./helpers/endpoints');
const http2 = require('./helpers/implementation');

const answer = (stream) => {
  stream.respond();
  stream.end('done');
};

test('getConnections() counts sessions, and those that are gone no more', async (t) => {
  const endpoint = await listen(t, { onStream: answer });
  const count = promisify(endpoint.server.getConnections.bind(endpoint.server));
  const clients = [await connect(t, endpoint), await connect(t, endpoint)];
  for (const client of clients) await exchange(client, {});
  assert.strictEqual(await count(), 2);
  const [session] = endpoint.sessions;
  const closed = once(session, 'close');
  for (const client of clients) client.close();
  await closed;
  for (let look = 0; await count() > 0; look++) {
    assert.ok(look < 1000, 'connections are left');
    await new Promise(setImmediate);
  }
});

test('a connection beyond maxConnections is dropped, and the others go on', async (t) => {
  const endpoint = await listen(t, { onStream: answer });
  endpoint.server.maxConnections = 1;
  const first = await connect(t, endpoint);
  await exchange(first, {});
  const second = http2.connect(endpoint.url);
  second.on('error', () => {});
  await once(second, 'close');
  assert.strictEqual(String((await exchange(first, {})).body), 'done');
});

test('a session is made where no descriptor is left', { skip: process.platform === 'win32' }, () => {
  const script = `
    const { once } = require('node:events');
    const fs = require('node:fs');
    const net = require('node:net');
    const http2 = require(${JSON.stringify(require.resolve('./helpers/implementation'))});
    const server = http2.createServer();
    server.on('stream', (stream) => { stream.respond(); stream.end('done'); });
    server.listen(0, '127.0.0.1', () => {
      const socket = net.connect(server.address().port, '127.0.0.1');
      // The server's end is there before the last descriptor is gone.
      Promise.all([once(server, 'session'), once(socket, 'connect')]).then(() => {
        const held = [];
        try {
          for (;;) held.push(fs.openSync('/dev/null'));
        } catch ({ code }) {
          console.log(code);
        }
        const client = http2.connect('http://localhost', { createConnection: () => socket });
        const request = client.request();
        request.setEncoding('utf8');
        request.on('data', (data) => console.log(data));
        request.on('close', () => {
          for (const fd of held) fs.closeSync(fd);
          client.close();
          server.close();
        });
      });
    });
  `;
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 128; exec "$0" -e "$1"', process.execPath, script],
    { encoding: 'utf8', timeout: 30_000 });
  assert.strictEqual(stdout + stderr, 'EMFILE\ndone\n');
});

test('a connection whose session cannot be made is ended', async () => {
  const ours = new Duplex({ read() {}, write(chunk, encoding, callback) { callback(); } });
  const closed = once(ours, 'close');
  assert.throws(() => http2.performServerHandshake(ours, { settings: { initialWindowSize: -1 } }),
    { code: 'ERR_HTTP2_INVALID_SETTING_VALUE' });
  await closed;
});
