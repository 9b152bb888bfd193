'use strict';

// Who is trusted, and what is said to those who are not.

const tls = require('node:tls');

// A client that may not like the server's certificate.
function doubting(clientOptions, { certificate = 'ec', ca, host, serverOptions } = {}) {
  return async (t) => {
    const server = await t.secure(serverOptions, { certificate });
    const session = t.dial(server, clientOptions, { ca, host });
    session.on('connect', (given, socket) => t.log('client', socket.authorized, socket.authorizationError));
    session.on('error', (error) => t.log('client', Object.keys(error), error.reason, error.host, error.cert?.subject.CN));
    const closed = t.once(session, 'close');
    await t.ask(session).catch((error) => t.log('client', error.code));
    session.close();
    await closed;
    await t.sleep(50);
  };
}

// A server that asks for a certificate.
function asking(serverOptions, client, { maxVersion } = {}) {
  return async (t) => {
    const server = await t.secure({ requestCert: true, ca: t.certificates.root.cert, maxVersion, ...serverOptions });
    server.on('secureConnection', (socket) => {
      t.log('server', socket.authorized, socket.authorizationError, socket.getPeerCertificate().subject?.CN);
    });
    const { key, cert } = t.certificates[client] ?? {};
    const session = t.dial(server, { key, cert });
    session.on('connect', (given, socket) => t.log('client', 'own', socket.getCertificate()?.subject?.CN));
    await t.ask(session).catch(() => {});
    session.destroy();
    await t.sleep(50);
  };
}

// Whether a client hears that it is refused before or after it has connected is a matter of chance in TLS 1.3.
const unsettled = (script) => async (t) => {
  await script(t);
  delete t.channels.client;
};

module.exports = {
  'self-signed': doubting({}),
  'self-signed, anybody will do': doubting({ rejectUnauthorized: false }),
  'an unknown authority': doubting({}, { certificate: 'leaf', ca: 'ec' }),
  'an unknown authority of an authority': doubting({}, { certificate: 'chain', ca: 'ec' }),
  'an unknown root that was sent': doubting({}, { certificate: 'wholeChain', ca: 'ec' }),
  'a missing link': doubting({}, { certificate: 'leaf', ca: 'root' }),
  'expired': doubting({}, { certificate: 'expired', ca: 'expired' }),
  'not yet valid': doubting({}, { certificate: 'future', ca: 'future' }),
  'another name': doubting({}, { certificate: 'other', ca: 'other' }),
  'another name, anybody will do': doubting({ rejectUnauthorized: false }, { certificate: 'other', ca: 'other' }),
  'another address': doubting({}, { certificate: 'other', ca: 'other', host: '127.0.0.1' }),
  'only an intermediate is trusted': doubting({}, { certificate: 'chain', ca: 'middle' }),
  'trusted among others': async (t) => {
    const { ec, rsa, root } = t.certificates;
    await doubting({ ca: [Buffer.from(rsa.cert), root.cert + ec.cert] })(t);
  },
  'no authority at all': doubting({ ca: [] }),
  'a judge who accepts': async (t) => {
    await doubting({
      ca: t.certificates.other.cert,
      checkServerIdentity: (host, certificate) => {
        t.log('judge', host, certificate.subject.CN, certificate.issuerCertificate === certificate);
      },
    }, { certificate: 'other' })(t);
  },
  'a judge who refuses': async (t) => {
    await doubting({ checkServerIdentity: () => Object.assign(new Error('never'), { code: 'NEVER' }) }, { ca: 'ec' })(t);
  },
  'a judge who refuses, and nobody listens': async (t) => {
    await doubting({ rejectUnauthorized: false, checkServerIdentity: () => new Error('never') }, { ca: 'ec' })(t);
  },
  'a judge who asks node': async (t) => {
    await doubting({ checkServerIdentity: (host, certificate) => tls.checkServerIdentity('localhost', certificate) }, { ca: 'ec' })(t);
  },
  'a client with a certificate': asking({}, 'client'),
  'a client with a certificate and TLS 1.2': asking({}, 'client', { maxVersion: 'TLSv1.2' }),
  'a client with a certificate that is not trusted': unsettled(asking({}, 'rsa')),
  'a client with any certificate': asking({ rejectUnauthorized: false }, 'rsa'),
  'a client without': unsettled(asking({}, undefined)),
  'a client without and TLS 1.2': asking({}, undefined, { maxVersion: 'TLSv1.2' }),
  'a client without, which is fine': asking({ rejectUnauthorized: false }, undefined),
  'a client that is not asked': asking({ requestCert: false }, 'client'),
};
