'use strict';

// Handshakes that come to nothing, and connections that end.

const { once } = require('node:events');
const net = require('node:net');
const tls = require('node:tls');

// Everything that a raw client sends before it goes away.
function rude(...chunks) {
  return async (t) => {
    const server = await t.secure();
    const socket = net.connect(server.address().port, '127.0.0.1').on('error', () => {});
    const closed = t.once(socket.resume(), 'close');
    await once(socket, 'connect');
    for (const chunk of chunks) {
      socket.write(chunk);
      await t.sleep(30);
    }
    socket.end();
    await closed;
    await t.sleep(50);
  };
}

// The first flight of a client, as it would be on the wire.
async function clientHello(options) {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = tls.connect({ port: server.address().port, host: '127.0.0.1', servername: 'localhost', ...options }).on('error', () => {});
  const [peer] = await once(server, 'connection');
  const [hello] = await once(peer, 'data');
  client.destroy();
  peer.destroy();
  server.close();
  return hello;
}

// node:tls as a client of the server, logging what it sees of the handshake.
async function tlsClient(t, server, options) {
  const socket = tls.connect({
    port: server.address().port, host: '127.0.0.1', servername: 'localhost', ca: t.certificates.ec.cert, ...options,
  });
  socket.on('secureConnect', () => t.log('peer', 'secure', socket.alpnProtocol, socket.getProtocol()));
  socket.on('error', (error) => t.log('peer', error.code));
  socket.setEncoding('latin1').on('data', (text) => { if (text.startsWith('HTTP/1')) t.log('peer', text.slice(0, 40)); });
  t.closers.push(() => socket.destroy());
  return socket;
}

function versions(serverOptions, clientOptions, { closes = true } = {}) {
  return async (t) => {
    const server = await t.secure(serverOptions);
    const socket = await tlsClient(t, server, { ALPNProtocols: ['h2'], ...clientOptions });
    if (closes) await t.once(socket, 'close');
    else await once(socket, 'secureConnect');
    await t.sleep(50);
  };
}

module.exports = {
  'nothing at all': rude(),
  'HTTP/1 in clear': rude('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'half a ClientHello': async (t) => {
    const hello = await clientHello({ ALPNProtocols: ['h2'] });
    await rude(hello.subarray(0, 3), hello.subarray(3, 60))(t);
  },
  'a whole ClientHello and no more': async (t) => {
    await rude(await clientHello({ ALPNProtocols: ['h2'] }))(t);
  },
  'a ClientHello and rubbish': async (t) => {
    await rude(await clientHello({ ALPNProtocols: ['h2'] }), 'rubbish that is no record at all')(t);
  },
  'no answer in time': async (t) => {
    const server = await t.secure({ handshakeTimeout: 50 });
    const socket = net.connect(server.address().port, '127.0.0.1');
    await t.once(socket, 'close');
  },
  'no answer in time, in the middle': async (t) => {
    const server = await t.secure({ handshakeTimeout: 100 });
    const hello = await clientHello({ ALPNProtocols: ['h2'] });
    const socket = net.connect(server.address().port, '127.0.0.1').resume();
    socket.write(hello);
    await t.once(socket, 'close');
  },
  'a listener that takes care of errors': async (t) => {
    const server = await t.secure({}, { listeners: {
      tlsClientError: (error, socket) => t.log('server', 'told', error.code, socket.destroyed, socket.encrypted),
      clientError: (error) => t.log('server', 'clientError', error.code),
    } });
    const socket = net.connect(server.address().port, '127.0.0.1').on('error', () => {});
    socket.end('rubbish that is no record at all');
    await once(socket.resume(), 'close');
    await t.sleep(50);
  },
  'versions that do not meet': versions({ minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }),
  'suites that do not meet': versions({ ciphers: 'TLS_AES_128_GCM_SHA256' }, { ciphers: 'TLS_AES_256_GCM_SHA384' }),
  'suites that only OpenSSL has': versions({}, { ciphers: 'ECDHE-ECDSA-AES128-SHA256', maxVersion: 'TLSv1.2' }, { closes: false }),
  'no protocol in common': versions({}, { ALPNProtocols: ['other'] }),
  'HTTP/1 only, refused': versions({}, { ALPNProtocols: ['http/1.1'] }),
  'no protocol offered, refused': versions({}, { ALPNProtocols: undefined }),
  'no protocol offered, taken care of': async (t) => {
    const server = await t.secure({}, { listeners: { unknownProtocol: (socket) => {
      t.log('server', 'unknownProtocol', socket.alpnProtocol);
      socket.end('HTTP/1.1 505 Unknown\r\n\r\n');
    } } });
    const socket = await tlsClient(t, server, {});
    await t.once(socket, 'close');
  },
  'HTTP/1, taken care of': async (t) => {
    const server = await t.secure({ allowHTTP1: true });
    server.on('request', (request, response) => {
      t.log('server', request.httpVersion, request.method, request.socket.encrypted);
      request.on('data', (chunk) => t.log('server', chunk.toString())).on('end', () => response.end());
    });
    for (const ALPNProtocols of [['http/1.1'], undefined]) {
      const socket = await tlsClient(t, server, { ALPNProtocols });
      socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody');
      await t.once(socket, 'close');
    }
  },
  'a server that has no HTTP/2': async (t) => {
    const { key, cert } = t.certificates.ec;
    const server = tls.createServer({ key, cert, ALPNProtocols: ['http/1.1'] }, (socket) => socket.on('error', () => {}));
    server.on('tlsClientError', (error) => t.log('server', error.code));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = t.dial(server);
    await t.once(session, 'close');
    server.close();
  },
  'a server that does not speak TLS': async (t) => {
    const server = net.createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = t.dial(server);
    await t.once(session, 'close');
    server.close();
  },
  'a server that hangs up': async (t) => {
    const server = net.createServer((socket) => socket.on('error', () => {}).resume().end());
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = t.dial(server);
    session.on('error', (error) => t.log('client', error.host, typeof error.port, error.path, error.localAddress));
    await t.once(session, 'close');
    server.close();
  },
  'nobody listens': async (t) => {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    const session = t.http2.connect(`https://127.0.0.1:${address.port}`);
    session.on('error', (error) => t.log('client', error.code, error.syscall));
    await new Promise((resolve) => session.on('close', resolve));
  },
  'a name that does not exist': async (t) => {
    const session = t.http2.connect('https://nowhere.invalid', {
      lookup: (host, options, callback) => callback(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' })),
    });
    session.on('error', (error) => t.log('client', error.code, error.message));
    await new Promise((resolve) => session.on('close', resolve));
  },
  'a lookup of one\'s own': async (t) => {
    const server = await t.secure({}, { log: false });
    const session = t.dial(server, { host: undefined, lookup: (host, options, callback) => {
      t.log('client', 'lookup', host);
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    } });
    await t.ask(session);
  },
  'the second address answers': async (t) => {
    const server = await t.secure({}, { log: false });
    const session = t.dial(server, { host: undefined, autoSelectFamily: true, lookup: (host, options, callback) => {
      callback(null, [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }]);
    } });
    await t.ask(session);
  },
  'destroyed at once': async (t) => {
    const server = await t.secure({}, { log: false });
    const session = t.dial(server);
    session.destroy();
    await t.once(session, 'close');
  },
  'destroyed while shaking hands': async (t) => {
    const server = await t.secure();
    const session = t.dial(server);
    session.socket.on('connect', () => session.destroy());
    await t.once(session, 'close');
    await t.sleep(50);
  },
  'aborted by a signal': async (t) => {
    const server = await t.secure({}, { log: false });
    const controller = new AbortController();
    const session = t.dial(server, { signal: controller.signal });
    await t.once(session, 'connect');
    controller.abort();
    await t.once(session, 'close');
  },
  'the server goes away politely': async (t) => {
    const server = await t.secure({}, { log: false });
    const session = t.dial(server);
    const accepted = t.once(server, 'session');
    await t.ask(session);
    const [theirs] = await accepted;
    const closed = t.once(session, 'close');
    theirs.close();
    await closed;
  },
  'the server goes away rudely': async (t) => {
    const server = await t.secure({}, { log: false });
    const session = t.dial(server);
    const theirs = t.once(server, 'session');
    await t.ask(session);
    const [serverSession] = await theirs;
    serverSession.destroy();
    await t.once(session, 'close');
  },
  'a connection that is cut': async (t) => {
    const server = await t.secure({}, { log: false });
    server.on('session', (session) => t.spy(session, 'server', { only: ['close', 'error', 'goaway'] }));
    // A proxy that ends both sides without a word of TLS.
    const cut = [];
    const proxy = net.createServer((near) => {
      const far = net.connect(server.address().port, '127.0.0.1');
      near.pipe(far, { end: false });
      far.pipe(near, { end: false });
      for (const socket of [near, far]) socket.on('error', () => {});
      cut.push(near, far);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const session = t.dial(proxy);
    await t.ask(session);
    const closed = t.once(session, 'close');
    for (const socket of cut) socket.end();
    await closed;
    await t.sleep(50);
    proxy.close();
  },
};
