'use strict';

// Callbacks that throw, sessions that are resumed, and paths that are forced.

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { X509Certificate } = require('node:crypto');
const { once } = require('node:events');
const oracle = require('node:http2');
const { test } = require('node:test');
const tls = require('node:tls');
const http2 = require('../..');
const { kHandle } = require('../../lib/symbols');
const { createCertificate } = require('../helpers/certificate');
const { cleanup } = require('../helpers/cleanup');

const { key, cert } = createCertificate({ names: ['localhost', 'other.example'] });

async function serve(t, options) {
  const server = http2.createSecureServer({ key, cert, ...options }, (request, response) => response.end('answer'));
  const sessions = new Set();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup(t, () => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { server, url: `https://localhost:${server.address().port}` };
}

function dial(t, url, options) {
  const session = http2.connect(url, { ca: cert, host: '127.0.0.1', ...options });
  cleanup(t, () => session.destroy());
  return session;
}

// Connects, and asks once, so that the tickets that follow the handshake have come.
async function visit(t, url, options) {
  const session = dial(t, url, options);
  await once(session, 'connect');
  const reused = session.socket.isSessionReused();
  const request = session.request().resume();
  await once(request, 'close');
  const { transport } = session[kHandle];
  session.close();
  await once(session, 'close');
  return { reused, transport };
}

async function failure(session) {
  const [error] = await once(session, 'error');
  return error;
}

test('checkServerIdentity that throws fails its connection, and nothing else', async (t) => {
  const { url } = await serve(t);
  for (const rejectUnauthorized of [true, false]) {
    const session = dial(t, url, { rejectUnauthorized, checkServerIdentity: () => { throw new Error('thrown'); } });
    assert.strictEqual((await failure(session)).message, 'thrown');
  }
  assert.deepStrictEqual((await visit(t, url)).transport, 'tls');
});

test('SNICallback that throws costs one connection', async (t) => {
  const { server, url } = await serve(t, { SNICallback: (name, callback) => {
    if (name === 'other.example') throw new Error('thrown');
    callback(null, tls.createSecureContext({ key, cert }));
  } });
  const told = once(server, 'tlsClientError');
  assert.ok(await failure(dial(t, url, { servername: 'other.example' })));
  assert.strictEqual((await told)[0].message, 'thrown');
  await visit(t, url);
});

test('no connection takes up the session of an earlier one', async (t) => {
  const { url } = await serve(t);
  for (let i = 0; i < 3; i += 1) assert.deepStrictEqual(await visit(t, url), { reused: false, transport: 'tls' });
});

// node before OpenSSL 3.2 takes up the session of another name, which RFC 6066, section 3, forbids.
test('a ticket for another name is no way in, and is followed by new ones', async (t) => {
  const { server } = await serve(t);
  const { port } = server.address();
  const visitAs = async (servername, session) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername, ca: cert, ALPNProtocols: ['h2'], session });
    const tickets = [];
    socket.on('session', (ticket) => tickets.push(ticket));
    await once(socket, 'data');
    const reused = socket.isSessionReused();
    socket.destroy();
    return { reused, tickets };
  };
  const { tickets: [ticket] } = await visitAs('localhost');
  const other = await visitAs('other.example', ticket);
  assert.deepStrictEqual([other.reused, other.tickets.length], [false, 2]);
  const again = await visitAs('localhost', ticket);
  assert.deepStrictEqual([again.reused, again.tickets.length], [true, 0]);
});

test('the server\'s identity is looked at on each connection', async (t) => {
  const { url } = await serve(t);
  await visit(t, url);
  let asked;
  const judge = (host, certificate) => { asked = [host, certificate.subject.CN]; };
  await visit(t, url, { checkServerIdentity: judge });
  assert.deepStrictEqual(asked, ['localhost', 'localhost']);
  const session = dial(t, url, { checkServerIdentity: () => new Error('not any more') });
  assert.strictEqual((await failure(session)).message, 'not any more');
});

test('another authority is not trusted because an earlier connection trusted it', async (t) => {
  const { url } = await serve(t);
  await visit(t, url);
  assert.strictEqual((await failure(dial(t, url, { ca: createCertificate().cert }))).code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
});

test('new certificates at run time are for new connections, which begin anew', async (t) => {
  const { server, url } = await serve(t);
  const next = createCertificate();
  assert.deepStrictEqual(await visit(t, url, { ca: [cert, next.cert] }), { reused: false, transport: 'tls' });
  server.setSecureContext({ key: next.key, cert: next.cert });
  const session = dial(t, url, { ca: [cert, next.cert] });
  await once(session, 'connect');
  assert.strictEqual(session.socket.isSessionReused(), false);
  const { fingerprint256 } = session.socket.getPeerX509Certificate();
  assert.strictEqual(fingerprint256, new X509Certificate(next.cert).fingerprint256);
});

test('a path that is forced is taken', async (t) => {
  for (const [path, transport] of [['rustls', 'tls'], ['node', 'pipe']]) {
    const { url } = await serve(t, { tls: path });
    assert.strictEqual((await visit(t, url, { tls: path })).transport, transport);
  }
});

test('forcing rustls on what it cannot honour is an error that names it', async (t) => {
  const forced = (name) => ({ code: 'ERR_HTTP2_TLS_FORCED', message: new RegExp(`cannot honour .*${name}`) });
  const ofServers = { SNICallback() {}, ALPNCallback() {}, ciphers: 'HIGH', sigalgs: 'RSA+SHA256', pauseOnConnect: true };
  for (const [name, value] of Object.entries(ofServers))
    assert.throws(() => http2.createSecureServer({ key, cert, tls: 'rustls', [name]: value }), forced(name));
  const ofClients = { secureContext: tls.createSecureContext(), requestOCSP: true, ciphers: 'HIGH' };
  for (const [name, value] of Object.entries(ofClients))
    assert.throws(() => http2.connect('https://localhost:1', { ca: cert, tls: 'rustls', [name]: value }), forced(name));
  const { server } = await serve(t, { tls: 'rustls' });
  assert.throws(() => server.addContext('name', tls.createSecureContext({ key, cert })), forced('addContext'));
  assert.throws(() => server.setTicketKeys(Buffer.alloc(48)), forced('setTicketKeys'));
  assert.throws(() => server.setSecureContext({ key, cert, crl: [] }), forced('crl'));
  assert.throws(() => http2.createSecureServer({ key, cert, tls: 'other' }), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('a client that offers nothing to a server\'s liking is told what may help, and it does', async (t) => {
  for (const only of [{ ciphers: 'ECDHE-ECDSA-AES128-SHA256', maxVersion: 'TLSv1.2' }, { ecdhCurve: 'P-521' }]) {
    const server = oracle.createSecureServer({ key, cert, ...only }, (request, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanup(t, () => server.close());
    const url = `https://localhost:${server.address().port}`;
    const { code, message } = await failure(dial(t, url));
    assert.match(code, /^ERR_SSL_.*ALERT_HANDSHAKE_FAILURE$/);
    assert.match(message, /`tls: 'node'`/);
    assert.strictEqual((await visit(t, url, { tls: 'node' })).transport, 'pipe');
  }
});

test('no more offers are suggested to a client that lacks a certificate', async (t) => {
  const demands = { ca: cert, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' };
  const server = oracle.createSecureServer({ key, cert, ...demands }, (request, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup(t, () => server.close());
  const { code, message } = await failure(dial(t, `https://localhost:${server.address().port}`));
  assert.match(code, /^ERR_SSL_.*ALERT_HANDSHAKE_FAILURE$/);
  assert.doesNotMatch(message, /tls: /);
});

test('what is wrong with options is for node to say', () => {
  const codeOf = (action) => {
    try {
      action().on('error', () => {}).destroy();
    } catch ({ code }) {
      return code;
    }
    return undefined;
  };
  const wrong = createCertificate().key;
  for (const options of [{ key: 'no key', cert }, { key: wrong, cert }, { key, cert: 'no certificate' }, { key, cert, ca: 5 }]) {
    const code = codeOf(() => http2.createSecureServer(options));
    assert.ok(code);
    assert.strictEqual(code, codeOf(() => oracle.createSecureServer(options)));
  }
  for (const options of [{ ca: 5 }, { checkServerIdentity: 5 }, { minVersion: 'TLSv7' }, { key: wrong, cert }, { ciphers: 'none' }]) {
    const code = codeOf(() => http2.connect('https://localhost:1', options));
    assert.ok(code);
    assert.strictEqual(code, codeOf(() => oracle.connect('https://localhost:1', options)));
  }
});

test('listeners for what only OpenSSL has lead to node\'s TLS', async (t) => {
  const { server, url } = await serve(t);
  const transports = [];
  server.on('session', (session) => transports.push(session[kHandle].transport));
  await visit(t, url);
  server.on('newSession', (id, data, done) => done());
  await visit(t, url);
  assert.deepStrictEqual(transports, ['tls', 'pipe']);
});

test('what is told of a connection is told in the async context that it comes from, as node does it', async (t) => {
  const storage = new AsyncLocalStorage();
  const heard = async (implementation, allowHTTP1) => {
    const server = implementation.createSecureServer({ key, cert, allowHTTP1 });
    const found = [];
    const note = (name) => () => found.push(`${name}: ${storage.getStore()}`);
    server.on('secureConnection', note('secureConnection')).on('session', note('session'));
    server.on('request', (request, response) => {
      note('request')();
      response.end();
    });
    await storage.run('server', () => once(server.listen(0, '127.0.0.1'), 'listening'));
    const port = server.address().port;
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    if (allowHTTP1) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => socket.resume().on('error', () => {}).on('close', resolve));
    await storage.run('client', async () => {
      const session = implementation.connect(`https://localhost:${port}`, { ca: cert, host: '127.0.0.1' });
      session.socket.on('secureConnect', note('secureConnect'));
      session.on('connect', note('connect'));
      await once(session.request().resume(), 'close');
      const closed = once(session, 'close');
      session.close();
      await closed;
    });
    server.close();
    return found.sort();
  };
  for (const allowHTTP1 of [true, false]) assert.deepStrictEqual(await heard(http2, allowHTTP1), await heard(oracle, allowHTTP1));
});
