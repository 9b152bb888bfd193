'use strict';

const net = require('node:net');
const { duplexPair } = require('node:stream');
const tls = require('node:tls');
const { promisify } = require('node:util');
const { createCertificate } = require('../../helpers/certificate');

const quiet = (emitter) => emitter.on('error', () => {});

async function freePort() {
  const server = net.createServer().listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function watch(t, session, channel = 'session') {
  return t.spy(session, channel, { only: ['connect', 'close', 'error', 'goaway', 'localSettings', 'remoteSettings', 'timeout'] });
}

module.exports = {
  'the listener and the event get the session and its socket': async (t) => {
    const server = await t.serve();
    const session = t.http2.connect(`http://127.0.0.1:${server.address().port}`, (given, socket) => {
      t.log('listener', given === session, socket instanceof net.Socket, socket === session.socket);
    });
    t.log('session', session.connecting, session.type, session.listenerCount('connect'));
    watch(t, session);
    await t.once(session, 'remoteSettings');
    t.log('session', session.connecting, session.encrypted, session.alpnProtocol);
    await t.finish(session, server);
  },

  'promisified': async (t) => {
    const server = await t.serve();
    const session = await promisify(t.http2.connect)(`http://127.0.0.1:${server.address().port}`, {});
    t.log('session', session.connecting, session.listenerCount('error'));
    await t.finish(session, server);
    const port = await freePort();
    await promisify(t.http2.connect)(`http://127.0.0.1:${port}`).catch((error) => t.log('refused', error.code));
  },

  'nobody listens there': async (t) => {
    const port = await freePort();
    const session = t.spy(t.http2.connect(`http://127.0.0.1:${port}`), 'session', { only: ['connect', 'close'] });
    session.on('error', (error) => t.log('session', 'error', error.code, session.destroyed));
    const request = session.request();
    request.on('error', (error) => t.log('request', error.code, error.cause?.code));
    request.on('close', () => t.log('request', 'close', request.rstCode));
    await t.once(session, 'close');
    await t.sleep();
  },

  'a socket that is closed before it is connected': async (t) => {
    const server = await t.serve();
    for (const request of [false, true]) {
      const socket = net.connect(server.address().port, '127.0.0.1');
      const session = watch(t, t.http2.connect('http://host', { createConnection: () => socket }));
      if (request) t.spy(session.request(), 'request', { only: ['error', 'close'] }).on('error', () => {});
      session.on('error', () => {});
      socket.destroy();
      await t.once(socket, 'close');
      await t.sleep();
      t.log('session', session.connecting, session.closed, session.destroyed, session.state);
    }
    await new Promise((resolve) => server.close(resolve));
  },

  'streams that say that they are connecting, and are no sockets': async (t) => {
    const server = await t.serve({}, (request, response) => response.end('answer'));
    for (const property of ['connecting', 'secureConnecting']) {
      const [ours, theirs] = duplexPair();
      ours[property] = theirs[property] = true;
      server.emit('connection', theirs);
      const session = t.http2.connect('http://host', { createConnection: () => ours });
      t.log('session', property, session.connecting);
      await t.exchange(session, { ':path': '/' });
      session.close();
      await t.once(session, 'close');
    }
    await new Promise((resolve) => server.close(resolve));
  },

  'a socket that is connected already': async (t) => {
    const server = await t.serve({}, (request, response) => response.end('answer'));
    const socket = net.connect(server.address().port, '127.0.0.1');
    await t.once(socket, 'connect');
    const session = watch(t, t.http2.connect('http://host', { createConnection: () => socket }));
    await t.exchange(session, { ':path': '/' });
    await t.finish(session, server);
  },

  'a TLS socket that is connected already': async (t) => {
    const server = t.http2.createSecureServer(createCertificate(), (request, response) => response.end(request.authority));
    await new Promise((resolve) => server.listen(0, resolve));
    const socket = tls.connect({ port: server.address().port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await t.once(socket, 'secureConnect');
    const session = watch(t, t.http2.connect('https://host', { createConnection: () => socket }));
    t.log('session', session.connecting);
    await t.exchange(session, { ':path': '/' });
    t.log('session', session.encrypted, session.alpnProtocol);
    await t.finish(session, server);
  },

  'https to a server without TLS': async (t) => {
    const server = await t.serve();
    quiet(server).on('sessionError', () => {});
    const session = t.http2.connect(`https://127.0.0.1:${server.address().port}`, { rejectUnauthorized: false });
    session.on('error', (error) => t.log('session', 'error', error.code));
    session.on('close', () => t.log('session', 'close'));
    await t.once(session, 'close');
    await t.finish(undefined, server);
  },

  'http to a server with TLS': async (t) => {
    const server = t.http2.createSecureServer(createCertificate());
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    quiet(server);
    const session = t.http2.connect(`http://127.0.0.1:${server.address().port}`);
    session.on('error', (error) => t.log('session', 'error', error));
    await t.once(session, 'close');
    await t.finish(undefined, server);
  },

  'a server that chooses another protocol': async (t) => {
    const server = tls.createServer({ ...createCertificate(), ALPNProtocols: ['http/1.1'] }, quiet);
    quiet(server);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = t.http2.connect(`https://127.0.0.1:${server.address().port}`, { rejectUnauthorized: false });
    session.on('error', (error) => t.log('session', 'error', error.code));
    session.on('connect', () => t.log('session', 'connect'));
    await t.once(session, 'close');
    server.close();
  },

  'a certificate that is not trusted': async (t) => {
    const server = t.http2.createSecureServer(createCertificate());
    quiet(server);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = t.http2.connect(`https://127.0.0.1:${server.address().port}`);
    session.on('error', (error) => t.log('session', 'error', error.code));
    await t.once(session, 'close');
    await t.finish(undefined, server);
  },

  'the authority of requests': async (t) => {
    const seen = async (label, connect, headers) => {
      const server = await t.serve();
      server.on('stream', (stream, received, flags, raw) => {
        const authority = raw.indexOf(':authority');
        t.log(label, authority < 0 ? 'none' : raw[authority + 1].replace(server.address().port, 'PORT'), received.host);
        stream.respond();
        stream.end();
      });
      const session = connect(server.address().port);
      await t.exchange(session, headers);
      await t.finish(session, server);
    };
    await seen('ipv4', (port) => t.http2.connect(`http://127.0.0.1:${port}`));
    await seen('name', (port) => t.http2.connect(`http://name.test:${port}`, { host: '127.0.0.1', port }));
    await seen('object', (port) => t.http2.connect({ protocol: 'http:', hostname: '127.0.0.1', port }));
    await seen('host field', (port) => t.http2.connect(`http://127.0.0.1:${port}`), { host: 'other' });
    await seen('default port', (port) => t.http2.connect('http://name.test', { host: '127.0.0.1', port }));
  },

  'settings that cannot be': async (t) => {
    const { duplexPair } = require('node:stream');
    const session = t.http2.connect('http://host', { createConnection: () => duplexPair()[0], settings: { maxFrameSize: 1 } });
    watch(t, session);
    await t.sleep();
    session.destroy();
    await t.sleep();
  },

  'a TLS socket that is destroyed before its handshake': async (t) => {
    const server = quiet(net.createServer((socket) => quiet(socket))).listen(0, '127.0.0.1');
    await t.once(server, 'listening');
    const ends = {
      'before': (socket) => socket.destroy(),
      'before, with an error': (socket) => socket.destroy(new Error('broken')),
      'long before': async (socket) => {
        socket.destroy();
        await t.once(socket, 'close');
      },
      'when TCP is connected': async (socket) => {
        await t.once(socket, 'connect');
        socket.destroy();
      },
      'later': () => {},
    };
    for (const [label, end] of Object.entries(ends)) {
      const socket = quiet(tls.connect({ port: server.address().port, host: '127.0.0.1', ALPNProtocols: ['h2'] }));
      await end(socket);
      const session = t.http2.connect('https://host', { createConnection: () => socket });
      for (const name of ['connect', 'error', 'close']) {
        session.on(name, (first) => t.log(label, name, name === 'error' ? first : '', session.connecting, session.destroyed));
      }
      const request = t.hear(session.request(), `${label}: request`, ['ready', 'error', 'close']);
      const closed = new Promise((resolve) => session.once('close', resolve));
      t.log(label, session.connecting, session.destroyed);
      await t.sleep();
      socket.destroy();
      // A socket that has been closed by then tells nobody.
      await (label === 'long before' ? t.sleep() : closed);
      t.log(label, session.connecting, session.destroyed, request.destroyed);
    }
    server.close();
  },

  'settings that are none': async (t) => {
    const server = await t.serve();
    for (const settings of [null, [], 'x', 5, true]) {
      const label = t.show(settings);
      const session = t.connect(server, { settings });
      t.hear(session, label, ['connect', 'error', 'close']);
      session.on('remoteSettings', () => session.close());
      await t.once(session, 'close').catch(() => {});
      t.attempt(label, 'on another stream', () =>
        t.http2.connect('http://host', { createConnection: () => duplexPair()[0], settings }).destroy());
    }
    await t.finish(undefined, server);
  },

  'hosts that are none': async (t) => {
    for (const protocol of ['http:', 'https:']) {
      for (const hostname of [5, true, {}, ['['], ['[::1]'], null, '', '[']) {
        t.attempt('authority', `${protocol} ${t.show(hostname)}`, () => {
          const session = t.http2.connect({ protocol, hostname, port: 1 }, { createConnection: () => duplexPair()[0] });
          const request = quiet(session.request());
          session.destroy();
          return request.sentHeaders[':authority'];
        });
        if (protocol === 'http:') {
          t.attempt('socket', t.show(hostname), () => {
            const session = quiet(t.http2.connect({ protocol, hostname, port: 1 }));
            session.destroy();
            return session.type;
          });
        }
      }
    }
    await t.sleep();
  },

  'no port': async (t) => {
    for (const authority of [{ hostname: '127.0.0.1' }, { host: '127.0.0.1' }, {}, { hostname: '127.0.0.1', port: 'x' },
      { hostname: '127.0.0.1', port: null }, { protocol: 'http:', hostname: '127.0.0.1' }]) {
      t.attempt('connect', t.show(authority), () => {
        const session = t.http2.connect(authority);
        session.on('error', (error) => t.log(t.show(authority), 'error', error.code));
        session.on('close', () => t.log(t.show(authority), 'close'));
        return session.type;
      });
    }
    await t.sleep();
  },

  'createConnection that throws': async (t) => {
    t.attempt('connect', 'throws', () => t.http2.connect('http://host', { createConnection() { throw new Error('no'); } }));
  },
};
