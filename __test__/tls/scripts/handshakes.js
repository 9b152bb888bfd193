'use strict';

// What both sides see of a handshake that succeeds.

const METHODS = [
  'getCertificate', 'getCipher', 'getEphemeralKeyInfo', 'getPeerCertificate', 'getProtocol', 'isSessionReused',
];
const PROPERTIES = ['alpnProtocol', 'authorizationError', 'authorized', 'encrypted', 'secureConnecting', 'servername'];

function describe(t, channel, socket) {
  for (const name of METHODS) t.log(channel, name, socket[name]());
  for (const name of PROPERTIES) t.log(channel, name, socket[name]);
  const chain = [];
  for (let one = socket.getPeerCertificate(true); one?.subject && chain.at(-1) !== one; one = one.issuerCertificate) chain.push(one);
  t.log(channel, 'chain', chain.map(({ subject }) => subject.CN), chain.map(({ fingerprint }) => fingerprint));
  t.log(channel, 'x509', socket.getPeerX509Certificate()?.fingerprint256, socket.getX509Certificate()?.fingerprint256);
}

// One connection and one request, and everything that can be said of it.
function shaking(serverOptions, clientOptions, { certificate, ca = certificate, host } = {}) {
  return async (t) => {
    const server = await t.secure(serverOptions, { certificate });
    server.on('secureConnection', (socket) => describe(t, 'server socket', socket));
    const session = t.dial(server, clientOptions, { ca, host });
    session.on('connect', (given, socket) => {
      describe(t, 'client socket', socket);
      t.log('client', session.encrypted, session.alpnProtocol, session.originSet.map((origin) => new URL(origin).hostname));
    });
    await t.ask(session);
    const closed = t.once(session, 'close');
    session.close();
    await closed;
  };
}

module.exports = {
  'TLS 1.3': shaking(),
  'TLS 1.2': shaking({}, { maxVersion: 'TLSv1.2' }),
  'TLS 1.2 by the server': shaking({ maxVersion: 'TLSv1.2' }),
  'RSA': shaking({}, {}, { certificate: 'rsa' }),
  'RSA and TLS 1.2': shaking({ maxVersion: 'TLSv1.2' }, {}, { certificate: 'rsa' }),
  'P-384': shaking({}, {}, { certificate: 'p384' }),
  'a chain': shaking({}, {}, { certificate: 'chain', ca: 'root' }),
  'a chain completed by `ca`': async (t) => {
    const { root, middle } = t.certificates;
    await shaking({ ca: [root.cert, middle.cert] }, {}, { certificate: 'leaf', ca: 'root' })(t);
  },
  'a common name and no other': shaking({}, {}, { certificate: 'commonName' }),
  'an address': shaking({}, {}, { host: '127.0.0.1' }),
  'another name': shaking({}, { servername: 'other.example' }, { certificate: 'other' }),
  'the server prefers suites': shaking({ ciphers: 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256' }),
  'the client prefers suites': shaking({ honorCipherOrder: false }, { ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384' }),
  'suites of TLS 1.2': shaking({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384' }),
  'a group': shaking({ minVersion: 'TLSv1.3', ecdhCurve: 'P-384' }, { minVersion: 'TLSv1.3', ecdhCurve: 'P-256:P-384' }),
  'several certificates': async (t) => {
    const { ec, rsa } = t.certificates;
    await shaking({ key: [rsa.key, ec.key], cert: [rsa.cert, ec.cert] }, { ca: [ec.cert, rsa.cert] })(t);
  },
  'keying material is the same on both sides': async (t) => {
    const server = await t.secure();
    const theirs = t.once(server, 'secureConnection');
    const session = t.dial(server);
    await t.once(session, 'connect');
    const [socket] = await theirs;
    const context = Buffer.from('context');
    for (const args of [[16, 'label'], [100, 'label', context], [20, '', Buffer.alloc(0)]])
      t.log('both', socket.exportKeyingMaterial(...args).equals(session.socket.exportKeyingMaterial(...args)));
    t.attempt('both', 'zero', () => socket.exportKeyingMaterial(0, 'label'));
  },
  'the client\'s events': async (t) => {
    const server = await t.secure({}, { log: false });
    const session = t.dial(server);
    for (const name of ['lookup', 'connect', 'ready', 'secure', 'secureConnect', 'end', 'close', 'timeout'])
      session.socket.on(name, () => t.log('socket', name));
    await t.ask(session);
    const closed = t.once(session, 'close');
    session.close();
    await closed;
  },
  'the server\'s events': async (t) => {
    const server = await t.secure();
    server.on('connection', () => t.log('server', 'connection'));
    server.on('secureConnection', (socket) => {
      for (const name of ['secure', 'close']) socket.on(name, (...args) => t.log('socket', name, ...args));
    });
    const session = t.dial(server);
    await t.ask(session);
    const closed = t.once(session, 'close');
    session.close();
    await closed;
    await t.sleep(50);
  },
  'a key log': async (t) => {
    const lines = [];
    const server = await t.secure({}, { listeners: { keylog: (line, socket) => {
      lines.push(line.toString());
      t.log('keylog', line.toString().replaceAll(/[0-9a-f]{2,}/g, '(secret)'), socket.encrypted);
    } } });
    const session = t.dial(server);
    const mine = [];
    session.socket.on('keylog', (line) => mine.push(line.toString()));
    await t.ask(session);
    t.log('both', mine.length, mine.every((line) => lines.includes(line)));
    // In the order in which each library gets to its secrets.
    t.channels.keylog.sort();
  },
  'many at once': async (t) => {
    const server = await t.secure({}, { log: false });
    const sessions = Array.from({ length: 20 }, () => t.dial(server, {}, { log: false }));
    await Promise.all(sessions.map((session) => t.ask(session)));
  },
};
