'use strict';

// TLS in the engine against node:tls and node:http2, in both roles.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http2 = require('node:http2');
const net = require('node:net');
const { test } = require('node:test');
const nodeTls = require('node:tls');
const { CLIENT, SERVER, certificates, connect, echo, identity, listen, session, tls } = require('./tls-harness');

const ours = identity();
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];
const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251));

const serverConfig = (options) =>
  tls.serverConfig({ certificates: certificates(ours), alpn: ['h2', 'http/1.1'], ...options });
const clientConfig = (options) => tls.clientConfig({ roots: [ours.der], alpn: ['h2'], ...options });

// A request of node's, with its whole answer.
async function ask(client, body) {
  const request = client.request({ ':method': body ? 'POST' : 'GET' });
  request.end(body);
  const chunks = await request.toArray();
  return Buffer.concat(chunks);
}

async function nodeServer(t, options = {}) {
  const server = http2.createSecureServer({ key: ours.key, cert: ours.cert, ...options });
  server.on('stream', (stream) => {
    stream.respond();
    stream.pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

for (const version of VERSIONS) {
  test(`serves node:http2 by ${version}`, async (t) => {
    const config = serverConfig();
    const { port, owners } = await listen(t, { config, serve: (owner) => echo(session(t, owner, SERVER)) });
    const client = http2.connect(`https://localhost:${port}`, { ca: ours.cert, minVersion: version, maxVersion: version });
    t.after(() => client.destroy());
    assert.equal(String(await ask(client, 'hello')), 'hello');
    assert.ok(large.equals(await ask(client, large)));
    const [{ socket }] = owners;
    const info = await owners[0].next('onTlsSecure');
    assert.equal(info.protocol, version);
    assert.equal(info.alpn, 'h2');
    assert.equal(info.servername, 'localhost');
    assert.equal(info.resumed, false);
    assert.deepEqual(info.peer, []);
    assert.deepEqual(info.own, ours.der);
    assert.equal(info.cipherSuite, tls.cipherSuites.get(client.socket.getCipher().standardName));
    assert.ok(socket.bytesRead > large.length && socket.bytesWritten > large.length);
  });

  test(`asks node:http2 by ${version}`, async (t) => {
    const server = await nodeServer(t, { minVersion: version, maxVersion: version });
    const owner = await connect(t, server.address().port, { config: clientConfig(), servername: 'localhost' });
    const info = await owner.next('onTlsSecure');
    assert.equal(info.protocol, version);
    assert.equal(info.alpn, 'h2');
    assert.equal(info.verifyError, undefined);
    assert.deepEqual(info.peer, [ours.der]);
    const side = session(t, owner, CLIENT);
    assert.equal(side.handle.transport, 'tls');
    const id = side.request([], 0, 'POST');
    side.handle.write(id, large);
    side.handle.end(id);
    await side.next('onEnd', id);
    assert.ok(large.equals(side.body(id)));
  });

  test(`both ends derive the same keying material by ${version}`, async (t) => {
    const config = serverConfig({ minVersion: version, maxVersion: version });
    const { port, owners } = await listen(t, { config });
    const options = { ca: ours.cert, servername: 'localhost', ALPNProtocols: ['h2'] };
    const client = nodeTls.connect({ port, host: '127.0.0.1', ...options });
    t.after(() => client.destroy());
    await once(client, 'secureConnect');
    await owners[0].next('onTlsSecure');
    const { connection } = owners[0];
    for (const context of [undefined, Buffer.from('context')]) {
      const theirs = client.exportKeyingMaterial(40, 'label', context);
      assert.deepEqual(connection.exportKeyingMaterial(40, 'label', context), theirs);
    }
    // A session changes nothing.
    const side = session(t, owners[0], SERVER);
    assert.deepEqual(connection.exportKeyingMaterial(40, 'label'), client.exportKeyingMaterial(40, 'label'));
    side.handle.destroy(0);
    assert.deepEqual(connection.exportKeyingMaterial(40, 'label'), client.exportKeyingMaterial(40, 'label'));
    owners[0].socket.destroy();
    assert.equal(connection.exportKeyingMaterial(40, 'label'), undefined);
  });
}

test('the end of a session is a close_notify, and no sooner than its last word', async (t) => {
  const { port } = await listen(t, {
    config: serverConfig(),
    serve(owner) {
      const side = session(t, owner, SERVER);
      side.listener = (name, id) => {
        if (name !== 'onHeaders') return;
        side.respond(id);
        side.handle.write(id, large);
        side.handle.end(id);
        side.next('onStreamClose', id).then(() => {
          side.handle.destroy(0);
          owner.socket.end();
        });
      };
    },
  });
  const client = http2.connect(`https://localhost:${port}`, { ca: ours.cert });
  const codes = [];
  client.on('goaway', (code) => codes.push(code));
  assert.ok(large.equals(await ask(client)));
  await once(client, 'close');
  assert.deepEqual(codes, [0]);
});

test('a client that ends without a word ends the socket', async (t) => {
  const { port, owners } = await listen(t, { config: serverConfig(), serve: (owner) => session(t, owner, SERVER) });
  const raw = net.connect(port, '127.0.0.1');
  const client = nodeTls.connect({ socket: raw, ca: ours.cert, servername: 'localhost', ALPNProtocols: ['h2'] });
  client.on('error', () => {});
  await once(client, 'secureConnect');
  await owners[0].next('onTlsSecure');
  raw.end();
  await owners[0].next('end');
  assert.ok(!owners[0].events.some(([name]) => name === 'error'));
});

test('no protocol in common is told to both', async (t) => {
  const { port, owners } = await listen(t, { config: serverConfig({ alpn: ['h2'] }) });
  const client = nodeTls.connect({ port, host: '127.0.0.1', ca: ours.cert, ALPNProtocols: ['spdy/3'] });
  const [error] = await once(client, 'error');
  assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
  const told = await owners[0].next('onTlsError');
  assert.equal(told.code, 'ERR_SSL_NO_APPLICATION_PROTOCOL');
  assert.equal(told.library, 'SSL routines');
  assert.equal(told.reason, 'no application protocol');
});

test('an alert has the code that it has in node', async (t) => {
  const server = await nodeServer(t, { minVersion: 'TLSv1.3' });
  const options = { ca: ours.cert, maxVersion: 'TLSv1.2', ALPNProtocols: ['h2'], servername: 'localhost' };
  const theirs = nodeTls.connect({ port: server.address().port, host: '127.0.0.1', ...options });
  const [expected] = await once(theirs, 'error');
  const config = clientConfig({ maxVersion: 'TLSv1.2' });
  const owner = await connect(t, server.address().port, { config, servername: 'localhost' });
  const { code, library, reason, alert } = await owner.next('onTlsError');
  assert.deepEqual({ code, library, reason }, { code: expected.code, library: expected.library, reason: expected.reason });
  assert.equal(alert, 70);
});

test('a peer that ends in mid-handshake', async (t) => {
  const { port, owners } = await listen(t, { config: serverConfig() });
  const socket = net.connect(port, '127.0.0.1');
  socket.end(Buffer.from('1603010040', 'hex'));
  socket.resume();
  await once(socket, 'connect');
  await owners[0].next('onTlsEnd');
});

test('a record that was tampered with ends the session with an error', async (t) => {
  const { port, owners } = await listen(t, { config: serverConfig(), serve: (owner) => session(t, owner, SERVER) });
  const raw = net.connect(port, '127.0.0.1');
  const client = nodeTls.connect({ socket: raw, ca: ours.cert, servername: 'localhost', ALPNProtocols: ['h2'] });
  const failed = once(client, 'error');
  await once(client, 'secureConnect');
  await owners[0].next('onTlsSecure');
  raw.write(Buffer.from('170303002000000000000000000000000000000000000000000000000000000000000000000000', 'hex').subarray(0, 37));
  const error = await owners[0].next('error');
  assert.equal(error.code, 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC');
  assert.match((await failed)[0].code, /ALERT_BAD_RECORD_MAC/);
});

test('key lines are those of node:tls', async (t) => {
  const { port, owners } = await listen(t, { config: serverConfig({ keylog: true }) });
  const client = nodeTls.connect({ port, host: '127.0.0.1', ca: ours.cert, servername: 'localhost' });
  t.after(() => client.destroy());
  const theirs = [];
  client.on('keylog', (line) => theirs.push(String(line)));
  await once(client, 'secureConnect');
  await owners[0].next('onTlsSecure');
  const lines = owners[0].events.filter(([name]) => name === 'onTlsKeylog').map(([, line]) => String(line));
  assert.deepEqual(lines.sort(), theirs.sort());
});
