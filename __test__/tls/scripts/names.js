'use strict';

// Server names, and contexts for them.

const tls = require('node:tls');

async function serverWithNames(t, options) {
  const { rsa, ec, other, p384 } = t.certificates;
  const server = await t.secure(options, { log: false });
  server.addContext('*.example', { key: other.key, cert: other.cert });
  server.addContext('a.example', p384);
  server.addContext('rsa.example', { key: rsa.key, cert: rsa.cert });
  server.addContext('opaque.example', tls.createSecureContext({ key: ec.key, cert: ec.cert }));
  server.on('secureConnection', (socket) => t.log('server', socket.servername, socket.getCertificate().fingerprint));
  return server;
}

async function dialAs(t, server, servername) {
  const session = t.dial(server, { servername, rejectUnauthorized: false }, { log: false });
  session.on('connect', (given, socket) => t.log('client', servername, socket.getPeerCertificate().fingerprint, socket.servername));
  await t.ask(session);
  session.destroy();
}

module.exports = {
  'contexts for names': async (t) => {
    const server = await serverWithNames(t);
    for (const name of ['a.example', 'b.example', 'c.b.example', 'nowhere', 'localhost']) await dialAs(t, server, name);
  },
  'names in capitals': async (t) => {
    const server = await serverWithNames(t);
    for (const name of ['A.EXAMPLE', 'B.Example']) await dialAs(t, server, name);
  },
  'contexts that only OpenSSL can use': async (t) => {
    const server = await serverWithNames(t);
    for (const name of ['opaque.example', 'rsa.example']) await dialAs(t, server, name);
  },
  'another context at run time': async (t) => {
    const { ec, p384, rsa } = t.certificates;
    const server = await serverWithNames(t);
    await dialAs(t, server, 'localhost');
    server.setSecureContext({ key: rsa.key, cert: rsa.cert });
    await dialAs(t, server, 'localhost');
    await dialAs(t, server, 'a.example');
    server.setSecureContext({ key: p384.key, cert: p384.cert });
    await dialAs(t, server, 'b.example');
    t.attempt('server', 'nonsense', () => server.setSecureContext({ key: 'none', cert: ec.cert }));
    await dialAs(t, server, 'localhost');
  },
  'SNICallback': async (t) => {
    const { ec, other } = t.certificates;
    const server = await t.secure({
      SNICallback: (name, callback) => {
        t.log('server', 'asked for', name);
        if (name === 'error.example') callback(new Error('no such name'));
        else if (name === 'later.example') setImmediate(callback, null, tls.createSecureContext({ key: other.key, cert: other.cert }));
        else if (name === 'none.example') callback(null, null);
        else callback(null, tls.createSecureContext({ key: ec.key, cert: ec.cert }));
      },
    });
    for (const name of ['now.example', 'later.example', 'none.example']) await dialAs(t, server, name);
    const session = t.dial(server, { servername: 'error.example' });
    await t.once(session, 'close');
  },
  'ALPNCallback': async (t) => {
    const server = await t.secure({
      ALPNCallback: ({ servername, protocols }) => {
        t.log('server', 'asked for', servername, protocols);
        return protocols[0];
      },
    });
    const session = t.dial(server);
    await t.ask(session);
    t.log('client', session.alpnProtocol);
  },
};
