'use strict';

// TLS in the engine against curl and OpenSSL's tools, and what is seen of a connection before TLS begins.

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const nodeTls = require('node:tls');
const { sessions } = require('../../lib/engine/dispatch');
const { testWith } = require('../helpers/tools');
const {
  CLIENT, SERVER, certificates, connect, echo, identity, listen, session, tls,
} = require('./tls-harness');

const run = promisify(execFile);
const ours = identity();
const theirs = identity();
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];

const serverConfig = (options) =>
  tls.serverConfig({ certificates: certificates(ours), alpn: ['h2', 'http/1.1'], ...options });

// PEM files of an identity.
function files(t, { key, cert }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-'));
  t.after(() => fs.rmSync(directory, { recursive: true }));
  const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => path.join(directory, name));
  fs.writeFileSync(keyFile, key);
  fs.writeFileSync(certFile, cert);
  return { keyFile, certFile };
}

// Peeks, and starts when there is a hello.
function peekFirst(config) {
  return async (owner) => {
    owner.peek = tls.peek(owner.socket, owner);
    if (await owner.next('onTlsHello') !== null)
      owner.connection = tls.start({ socket: owner.socket, role: 'server', config, peek: owner.peek }, owner);
  };
}

for (const version of VERSIONS) {
  testWith('curl', `curl by ${version}, with a client certificate`, async (t) => {
    const config = serverConfig({ requestCert: true, roots: [theirs.der] });
    const serve = (owner) => echo(session(t, owner, SERVER), Buffer.from('hello curl'));
    const { port, owners } = await listen(t, { config, begin: peekFirst(config), serve });
    const own = files(t, ours);
    const client = files(t, theirs);
    const number = version.slice(4);
    const { stdout } = await run('curl', [
      '-s', '--http2', `--tlsv${number}`, '--tls-max', number, '--cacert', own.certFile, '--cert', client.certFile,
      '--key', client.keyFile, '-w', ' %{http_version}', `https://localhost:${port}/`,
    ]);
    assert.equal(stdout, 'hello curl 2');
    const hello = await owners[0].next('onTlsHello');
    assert.equal(hello.servername, 'localhost');
    assert.ok(hello.alpn.includes('h2'));
    const info = await owners[0].next('onTlsSecure');
    assert.deepEqual(info.peer, [theirs.der]);
    assert.equal(info.verifyError, undefined);
    assert.equal(info.protocol, version);
  });

  testWith('openssl', `openssl s_server by ${version}, which asks for a certificate`, async (t) => {
    const own = files(t, theirs);
    const client = files(t, ours);
    const server = spawn('openssl', [
      's_server', '-accept', '127.0.0.1:0', '-key', own.keyFile, '-cert', own.certFile, '-alpn', 'h2',
      '-Verify', '1', '-CAfile', client.certFile, version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
    ]);
    t.after(() => server.kill());
    let output = '';
    const port = await new Promise((resolve) => {
      server.stdout.on('data', (chunk) => {
        output += chunk;
        const match = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(output);
        if (match) resolve(Number(match[1]));
      });
    });
    const config = tls.clientConfig({ certificates: certificates(ours), roots: [theirs.der], alpn: ['h2'] });
    const owner = await connect(t, port, { config, servername: 'localhost' });
    const info = await owner.next('onTlsSecure');
    assert.equal(info.alpn, 'h2');
    assert.equal(info.protocol, version);
    assert.equal(info.verifyError, undefined);
    const side = session(t, owner, CLIENT);
    side.request();
    // What it prints is what it has deciphered.
    while (!output.includes('PRI * HTTP/2.0')) await once(server.stdout, 'data');
  });

  testWith('openssl', `a session of openssl s_client is resumed by ${version}`, async (t) => {
    const { port, owners } = await listen(t, { config: serverConfig(), serve: (owner) => session(t, owner, SERVER) });
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-'));
    t.after(() => fs.rmSync(directory, { recursive: true }));
    const sessionFile = path.join(directory, 'session');
    const client = async (...more) => {
      const child = spawn('openssl', [
        's_client', '-connect', `127.0.0.1:${port}`, '-alpn', 'h2', version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3', ...more,
      ]);
      let output = '';
      child.stdout.on('data', (chunk) => { output += chunk; });
      // The preface of the server's session comes after its tickets.
      while (!fs.existsSync(sessionFile) || !/Verify return code/.test(output)) await once(child.stdout, 'data');
      child.stdin.end('Q\n');
      await once(child, 'close');
      return output;
    };
    assert.match(await client('-sess_out', sessionFile), /\bNew, /);
    assert.match(await client('-sess_in', sessionFile), /\bReused, /);
    assert.equal((await owners[1].next('onTlsSecure')).resumed, true);
  });
}

// A ClientHello of node's, as it goes over the wire.
async function clientHello(options) {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = nodeTls.connect({ port: server.address().port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [hello] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

test('a hello is seen however it is cut, and nothing of it is consumed', async (t) => {
  const hello = await clientHello({ servername: 'Fragments.Example', ALPNProtocols: ['h2', 'x'] });
  const { port, server } = await listen(t, {
    begin: (owner) => { owner.peek = tls.peek(owner.socket, owner); },
  });
  for (const cuts of [[1], [5], [6, 7, 8], [40, 41, 200], [hello.length - 1]]) {
    const client = net.connect(port, '127.0.0.1');
    client.setNoDelay();
    const [owner] = await once(server, 'owner');
    let from = 0;
    for (const cut of [...cuts, hello.length]) {
      assert.ok(!owner.events.some(([name]) => name === 'onTlsHello'));
      client.write(hello.subarray(from, cut));
      from = cut;
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
    const seen = await owner.next('onTlsHello');
    assert.equal(seen.servername, 'Fragments.Example');
    assert.deepEqual(seen.alpn, ['h2', 'x']);
    assert.ok(seen.versions.includes(0x0304));
    // The socket's own reading finds all of it.
    tls.release(owner.peek);
    owner.socket._handle.readStart();
    const chunks = [];
    while (Buffer.concat(chunks).length < hello.length) chunks.push((await once(owner.socket, 'data'))[0]);
    assert.deepEqual(Buffer.concat(chunks), hello);
    client.destroy();
  }
});

test('what is no hello is told so, and a connection that ends before it is given back', async (t) => {
  const { port, server } = await listen(t, {
    begin: (owner) => { owner.peek = tls.peek(owner.socket, owner); },
  });
  for (const [start, end, expected] of [
    ['GET / HTTP/1.1\r\n\r\n', false, ['onTlsHello', null]],
    ['', true, ['onTlsHelloEnd', undefined]],
    ['\x16\x03\x01', true, ['onTlsHelloEnd', undefined]],
  ]) {
    const client = net.connect(port, '127.0.0.1');
    const [owner] = await once(server, 'owner');
    if (end) client.end(start, 'latin1');
    else client.write(start);
    assert.deepEqual(await owner.next('onTlsHello', 'onTlsHelloEnd'), expected);
    client.destroy();
    owner.socket.destroy();
  }
});

test('a socket that is destroyed takes the look at it along', async (t) => {
  const { port, server } = await listen(t, {
    begin: (owner) => { owner.peek = tls.peek(owner.socket, owner); },
  });
  const client = net.connect(port, '127.0.0.1');
  // What it wrote was not read.
  client.on('error', () => {});
  const [owner] = await once(server, 'owner');
  client.write('\x16\x03', 'latin1');
  owner.socket.destroy();
  await new Promise((resolve) => { client.on('close', resolve); });
  assert.equal(owner.peek.key, 0);
  assert.equal(tls.start({ socket: owner.socket, role: 'server', config: serverConfig(), peek: owner.peek }, owner), undefined);
});

test('a peer that is not trusted can be attached to no session where that matters', async (t) => {
  for (const rejectUnauthorized of [true, false]) {
    const { port } = await listen(t, { config: serverConfig(), serve: (owner) => session(t, owner, SERVER) });
    const config = tls.clientConfig({ roots: [theirs.der], alpn: ['h2'], rejectUnauthorized });
    const owner = await connect(t, port, { config, servername: 'localhost' });
    assert.equal((await owner.next('onTlsSecure')).verifyError, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    if (rejectUnauthorized)
      assert.throws(() => session(t, owner, CLIENT), /not there for a session/);
    else
      assert.equal(session(t, owner, CLIENT).handle.transport, 'tls');
  }
});

test('a client that refuses its server does not end the handshake', async (t) => {
  const { port, owners } = await listen(t, { config: serverConfig() });
  const config = tls.clientConfig({ roots: [], alpn: ['h2'] });
  const owner = await connect(t, port, { config, servername: 'localhost' });
  owner.told = function told(name) {
    if (name === 'onTlsSecure') this.socket.destroy();
  };
  assert.equal((await owners[0].next('onTlsEnd', 'onTlsSecure', 'onTlsError', 'error'))[0], 'onTlsEnd');
});

test('material that is unusable is refused with node\'s code', () => {
  const mixed = [{ key: theirs.pkcs8, chain: [ours.der] }];
  assert.throws(() => tls.serverConfig({ certificates: mixed }), { code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' });
  assert.throws(() => serverConfig({ ciphers: ['TLS_RSA_WITH_NULL_MD5'] }), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => serverConfig({ minVersion: 'TLSv1.1' }), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('connections that end at any stage leave nothing behind', async (t) => {
  const before = sessions.size;
  const descriptors = () => (process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : 0);
  for (const stage of ['peeking', 'shaking', 'secure', 'attached']) {
    const begin = stage === 'peeking' ? (owner) => { owner.peek = tls.peek(owner.socket, owner); } : undefined;
    const { port, server } = await listen(t, { config: serverConfig(), begin });
    const open = descriptors();
    for (let count = 0; count < 10; count++) {
      const raw = net.connect(port, '127.0.0.1');
      raw.on('error', () => {});
      const [owner] = await once(server, 'owner');
      if (stage === 'peeking' || stage === 'shaking') {
        raw.write('\x16\x03\x01', 'latin1');
      } else {
        const client = nodeTls.connect({ socket: raw, ca: ours.cert, servername: 'localhost', ALPNProtocols: ['h2'] });
        client.on('error', () => {});
        await owner.next('onTlsSecure');
        if (stage === 'attached') session(t, owner, SERVER);
      }
      owner.socket.destroy();
      await owner.next('close');
      raw.destroy();
      await new Promise((resolve) => { raw.on('close', resolve); });
    }
    assert.equal(sessions.size, before, stage);
    // Those of earlier stages may have been closing still.
    assert.ok(descriptors() <= open, stage);
  }
});
