'use strict';

// Foreign TLS as the peer, in both roles, on rustls and on node's own.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const oracle = require('node:http2');
const http2 = require('../..');
const { kHandle } = require('../../lib/symbols');
const { createCertificate } = require('../helpers/certificate');
const { cleanup } = require('../helpers/cleanup');
const { startNghttpd } = require('../helpers/nghttpd');
const { run, start, testWith } = require('../helpers/tools');
const { freePort } = require('../helpers/ports');

const PATHS = [{ tls: 'rustls', transport: 'tls' }, { tls: 'node', transport: 'pipe' }];
const VERSIONS = [{ version: 'TLSv1.2', flag: '-tls1_2', curl: ['--tlsv1.2', '--tls-max', '1.2'] },
  { version: 'TLSv1.3', flag: '-tls1_3', curl: ['--tlsv1.3'] }];

const root = createCertificate({ commonName: 'root', names: [] });
const own = createCertificate({ issuer: root });
const client = createCertificate({ commonName: 'client', names: [], issuer: root });

// The PEM files that programs want.
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-peers-'));
process.on('exit', () => fs.rmSync(directory, { recursive: true, force: true }));
function file(name, text) {
  const whole = path.join(directory, name);
  fs.writeFileSync(whole, text);
  return whole;
}
const files = {
  root: file('root.pem', root.cert), cert: file('cert.pem', own.cert), key: file('key.pem', own.key),
  clientCert: file('client.pem', client.cert), clientKey: file('client-key.pem', client.key),
};

// A server that answers each request with what it knows of the connection.
async function serve(t, options) {
  const server = http2.createSecureServer({ key: own.key, cert: own.cert, ...options });
  const sessions = new Set();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const { socket } = stream.session;
    stream.respond();
    stream.end(JSON.stringify({
      transport: stream.session[kHandle].transport, protocol: socket.getProtocol(), servername: socket.servername,
      authorized: socket.authorized, peer: socket.getPeerCertificate().subject?.CN, reused: socket.isSessionReused(),
      path: headers[':path'],
    }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup(t, () => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { server, port: server.address().port };
}

// One request of ours: { transport, protocol, body }.
async function ask(t, url, options) {
  const session = http2.connect(url, { ca: root.cert, host: '127.0.0.1', ...options });
  cleanup(t, () => session.destroy());
  await once(session, 'connect');
  const { transport } = session[kHandle];
  const protocol = session.socket.getProtocol();
  const request = session.request();
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return { session, transport, protocol, body };
}

// A proxy that passes a client's octets on in pieces of the given size.
async function inPieces(t, port, size) {
  const proxy = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1').setNoDelay();
    for (const socket of [near, far]) socket.on('error', () => near.destroy() && far.destroy());
    far.pipe(near);
    near.on('data', async (data) => {
      near.pause();
      for (let i = 0; i < data.length && !far.destroyed; i += size) {
        far.write(data.subarray(i, i + size));
        await new Promise((resolve) => setImmediate(resolve));
      }
      near.resume();
    });
    near.on('end', () => far.end());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  cleanup(t, () => proxy.close());
  return proxy.address().port;
}

for (const { tls, transport } of PATHS) {
  for (const { version, flag, curl } of VERSIONS) {
    testWith('curl', `curl, ${version}, ${tls}`, async (t) => {
      const { port } = await serve(t, { tls });
      const { stdout } = await run('curl', ['-sS', '--http2', '--cacert', files.root, '--max-time', '20', ...curl,
        '--resolve', `localhost:${port}:127.0.0.1`, `https://localhost:${port}/path`]);
      assert.deepStrictEqual(JSON.parse(stdout), {
        transport, protocol: version, servername: 'localhost', authorized: false, reused: false, path: '/path',
      });
    });

    testWith('curl', `curl with a certificate, ${version}, ${tls}`, async (t) => {
      const { port } = await serve(t, { tls, requestCert: true, ca: root.cert });
      const args = ['-sS', '--http2', '--cacert', files.root, '--max-time', '20', ...curl, '--resolve', `localhost:${port}:127.0.0.1`];
      const { stdout } = await run('curl',
        [...args, '--cert', files.clientCert, '--key', files.clientKey, `https://localhost:${port}/`]);
      const { authorized, peer, transport: carried } = JSON.parse(stdout);
      assert.deepStrictEqual([carried, authorized, peer], [transport, true, 'client']);
      await assert.rejects(run('curl', [...args, `https://localhost:${port}/`]));
    });

    testWith('openssl', `openssl s_client, ${version}, ${tls}`, async (t) => {
      const { server, port } = await serve(t, { tls });
      const secured = once(server, 'secureConnection');
      const program = start('openssl', ['s_client', flag, '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-alpn', 'h2',
        '-CAfile', files.root, '-verify_return_error'], { input: '' });
      const [socket] = await secured;
      assert.deepStrictEqual([socket.alpnProtocol, socket.getProtocol(), socket.servername], ['h2', version, 'localhost']);
      const { stdout } = await program.ended;
      assert.match(stdout, /ALPN protocol: h2/);
      assert.match(stdout, /Verify(?: return code: 0|ication: OK)/);
    });

    testWith('openssl', `openssl s_server, ${version}, ${tls}`, async (t) => {
      const port = await freePort();
      const program = start('openssl', ['s_server', flag, '-accept', String(port), '-cert', files.cert, '-key', files.key,
        '-alpn', 'h2', '-Verify', '1', '-CAfile', files.root, '-verify_return_error', '-quiet'], { input: undefined });
      cleanup(t, () => program.child.kill());
      let session;
      for (let attempt = 0; ; attempt += 1) {
        session = http2.connect(`https://localhost:${port}`,
          { tls, ca: root.cert, host: '127.0.0.1', key: client.key, cert: client.cert });
        const error = await once(session, 'connect').then(() => undefined, (failure) => failure);
        if (error === undefined) break;
        if (error.code !== 'ECONNREFUSED' || attempt === 50) throw error;
        await delay(100);
      }
      cleanup(t, () => session.destroy());
      assert.strictEqual(session[kHandle].transport, transport);
      assert.deepStrictEqual([session.alpnProtocol, session.socket.getProtocol(), session.socket.authorized], ['h2', version, true]);
    });

    for (const size of [1, 7, 100]) {
      testWith('curl', `curl, its octets in pieces of ${size}, ${version}, ${tls}`, async (t) => {
        const { port } = await serve(t, { tls });
        const proxy = await inPieces(t, port, size);
        const { stdout } = await run('curl', ['-sS', '--http2', '--cacert', files.root, '--max-time', '20', ...curl,
          '--resolve', `localhost:${proxy}:127.0.0.1`, `https://localhost:${proxy}/pieces`]);
        assert.deepStrictEqual([JSON.parse(stdout).path, JSON.parse(stdout).transport], ['/pieces', transport]);
      });
    }
  }

  testWith('openssl', `openssl s_client resumes, ${tls}`, async (t) => {
    const { server, port } = await serve(t, { tls });
    const seen = [];
    server.on('secureConnection', (socket) => seen.push(socket.isSessionReused()));
    const { stdout } = await run('openssl', ['s_client', '-tls1_2', '-reconnect', '-connect', `127.0.0.1:${port}`,
      '-servername', 'localhost', '-alpn', 'h2', '-CAfile', files.root], { input: '' });
    assert.match(stdout, /Reused, TLSv1\.2/);
    assert.deepStrictEqual([seen.shift(), ...new Set(seen)], [false, true]);
  });

  testWith('curl', `curl without HTTP/2, ${tls}`, async (t) => {
    const { server, port } = await serve(t, { tls, allowHTTP1: true });
    server.on('request', (request, response) => { if (request.httpVersion === '1.1') response.end(`HTTP/${request.httpVersion}`); });
    const { stdout } = await run('curl', ['-sS', '--http1.1', '--cacert', files.root, '--max-time', '20',
      '--resolve', `localhost:${port}:127.0.0.1`, `https://localhost:${port}/`]);
    assert.strictEqual(stdout, 'HTTP/1.1');
  });

  testWith('nghttp', `nghttp, ${tls}`, async (t) => {
    const { port } = await serve(t, { tls });
    const { stdout } = await run('nghttp', ['--no-verify-peer', `https://127.0.0.1:${port}/nghttp`]);
    assert.deepStrictEqual([JSON.parse(stdout).path, JSON.parse(stdout).transport], ['/nghttp', transport]);
  });

  testWith('nghttpd', `nghttpd, ${tls}`, async (t) => {
    const { url, cert } = await startNghttpd(t, { secure: true });
    const { body, transport: carried } = await ask(t, `${url}/index.html`, { tls, ca: cert });
    assert.strictEqual(carried, transport);
    assert.match(body, /404|hello/);
  });

  testWith('node', `node:http2 as the client, ${tls}`, async (t) => {
    const { port } = await serve(t, { tls });
    const session = oracle.connect(`https://localhost:${port}`, { ca: root.cert, host: '127.0.0.1' });
    cleanup(t, () => session.destroy());
    let body = '';
    for await (const chunk of session.request({ ':path': '/node' }).setEncoding('utf8')) body += chunk;
    assert.deepStrictEqual([JSON.parse(body).path, JSON.parse(body).transport], ['/node', transport]);
  });

  testWith('node', `node:http2 as the server, ${tls}`, async (t) => {
    const server = oracle.createSecureServer({ key: own.key, cert: own.cert }, (request, response) => response.end(request.url));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup(t, () => server.close());
    const { body, transport: carried } = await ask(t, `https://localhost:${server.address().port}`, { tls });
    assert.deepStrictEqual([body, carried], ['/', transport]);
  });
}
