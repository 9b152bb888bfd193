'use strict';

const net = require('node:net');
const { duplexPair } = require('node:stream');
const tls = require('node:tls');
const { createCertificate } = require('../../helpers/certificate');
const answer = (stream) => {
  stream.on('error', () => {});
  stream.respond({ ':status': 200 });
  stream.end('answer');
};

function watchServer(t, server) {
  t.spy(server, 'server', { only: ['session', 'sessionError', 'stream', 'timeout', 'close', 'error', 'unknownProtocol', 'clientError'] });
  server.on('session', (session) => {
    const only = ['close', 'error', 'timeout', 'stream'];
    // Over anything but TCP, node may lose the GOAWAY with which a closed session is destroyed.
    if (session.socket.remoteAddress !== undefined && !session.encrypted) only.push('goaway');
    t.spy(session, 'server session', { only });
  });
  return server;
}

async function secure(t, options) {
  const server = t.http2.createSecureServer({ ...createCertificate(), ...options });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const trusting = { rejectUnauthorized: false };

// What a peer without HTTP/2 gets, to the end.
async function converse(socket, text) {
  let answered = '';
  socket.on('error', () => {});
  socket.setEncoding('latin1').on('data', (chunk) => { answered += chunk; });
  if (text) socket.write(text);
  await new Promise((resolve) => socket.on('close', resolve));
  return answered;
}

async function rejecting(t, event, listener, headers = {}) {
  require('node:events').captureRejections = true;
  const server = await t.serve();
  server.on(event, listener);
  const client = t.connect(server);
  await t.exchange(client, headers);
  await t.finish(client, server);
}

module.exports = {
  'a session, a stream, the end': async (t) => {
    const server = watchServer(t, await t.serve());
    server.on('stream', answer);
    const client = t.connect(server);
    await t.exchange(client, { ':path': '/' });
    await t.finish(client, server);
  },

  'setTimeout: an idle session is destroyed': async (t) => {
    const server = watchServer(t, await t.serve());
    t.log('server', server.setTimeout(t.moment) === server, server.timeout);
    const client = t.spy(t.connect(server), 'client', { only: ['connect', 'close', 'error', 'goaway'] });
    await t.once(client, 'close');
    await t.finish(undefined, server);
  },

  'setTimeout: a listener is told instead': async (t) => {
    const server = watchServer(t, await t.serve());
    server.setTimeout(t.moment, (session) => {
      t.log('listener', session.destroyed);
      session.destroy();
    });
    const client = t.connect(server);
    await t.once(client, 'close');
    await t.finish(undefined, server);
  },

  'close(): an idle session ends': async (t) => {
    const server = watchServer(t, await t.serve());
    server.on('stream', answer);
    const client = t.spy(t.connect(server), 'client', { only: ['close', 'error', 'goaway'] });
    await t.exchange(client, {});
    await t.sleep();
    server.close((error) => t.log('close', error));
    await t.once(client, 'close');
    await t.sleep();
  },

  'close(): a stream under way is finished first': async (t) => {
    const server = watchServer(t, await t.serve());
    server.on('stream', async (stream) => {
      server.close((error) => t.log('close', error));
      await t.sleep();
      answer(stream);
    });
    const client = t.spy(t.connect(server), 'client session', { only: ['close', 'error', 'goaway'] });
    await t.exchange(client, {});
    await t.sleep(5 * t.moment);
  },

  'close(): before listening, and twice': async (t) => {
    const server = t.http2.createServer();
    server.close((error) => t.log('first', error));
    await t.sleep();
    await new Promise((resolve) => server.listen(0, resolve));
    server.close((error) => t.log('second', error));
    server.close((error) => t.log('third', error));
    await t.sleep();
  },

  'asyncDispose closes the server': async (t) => {
    const server = watchServer(t, await t.serve());
    t.log('server', await server[Symbol.asyncDispose]());
    t.log('server', server.listening);
  },

  'updateSettings() is for sessions to come': async (t) => {
    const server = await t.serve({ settings: { maxConcurrentStreams: 7 } });
    const first = t.connect(server);
    t.log('first', ...(await t.once(first, 'remoteSettings')));
    server.updateSettings({ initialWindowSize: 70000 });
    const second = t.connect(server);
    t.log('second', ...(await t.once(second, 'remoteSettings')));
    first.close();
    await t.finish(second, server);
  },

  'sessionError: a peer that speaks HTTP/1': async (t) => {
    const server = watchServer(t, await t.serve());
    const socket = net.connect(server.address().port, '127.0.0.1');
    t.log('peer', (await converse(socket, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).length > 0);
    await t.finish(undefined, server);
  },

  'sessionError: a peer that hangs up': async (t) => {
    const server = watchServer(t, await t.serve());
    const socket = net.connect(server.address().port, '127.0.0.1');
    await t.once(socket, 'connect');
    socket.destroy();
    await t.sleep(3 * t.moment);
    await t.finish(undefined, server);
  },

  'a connection that is any Duplex': async (t) => {
    const server = watchServer(t, t.http2.createServer());
    server.on('stream', answer);
    const [near, far] = duplexPair();
    t.log('server', server.emit('connection', far));
    const client = t.http2.connect('http://host', { createConnection: () => near });
    await t.exchange(client, {});
    client.close();
    await t.once(client, 'close');
    await t.sleep();
  },

  'a connection twice': async (t) => {
    const server = t.http2.createServer();
    const [, far] = duplexPair();
    server.emit('connection', far);
    t.attempt('server', 'again', () => server.emit('connection', far));
  },

  'performServerHandshake()': async (t) => {
    const [near, far] = duplexPair();
    const client = t.http2.connect('http://host', { createConnection: () => near });
    const session = t.http2.performServerHandshake(far, { settings: { maxConcurrentStreams: 5 } });
    t.log('session', session.type, session.socket !== undefined, session.localSettings.maxConcurrentStreams);
    t.spy(session, 'session', { only: ['connect', 'stream', 'close', 'error'] });
    session.on('stream', answer);
    await t.exchange(client, {});
    t.attempt('session', 'twice', () => t.http2.performServerHandshake(far));
    client.close();
    await t.once(client, 'close');
    await t.sleep();
  },

  'captureRejections: stream, before the answer': (t) => rejecting(t, 'stream', async () => { throw new Error('before'); }),

  'captureRejections: stream, after the answer began': (t) => rejecting(t, 'stream', async (stream) => {
    stream.on('error', (error) => t.log('stream', 'error', error));
    stream.respond();
    stream.write('part');
    throw new Error('after');
  }),

  'captureRejections: request': (t) => rejecting(t, 'request', async (request, response) => {
    response.setHeader('x-gone', '1');
    throw new Error('request');
  }),

  'captureRejections: request, after the head': (t) => rejecting(t, 'request', async (request, response) => {
    response.on('error', (error) => t.log('response', 'error', error));
    response.writeHead(200);
    response.write('part');
    throw new Error('request');
  }),

  'captureRejections: session': async (t) => {
    require('node:events').captureRejections = true;
    const server = watchServer(t, await t.serve());
    server.on('session', async () => { throw new Error('session'); });
    const client = t.connect(server);
    client.on('error', () => {});
    await t.once(client, 'connect');
    await t.sleep();
    client.destroy();
    await t.finish(undefined, server);
  },

  'secure: HTTP/2 is negotiated': async (t) => {
    const server = watchServer(t, await secure(t));
    server.on('stream', (stream) => {
      t.log('stream', stream.session.alpnProtocol, stream.session.encrypted, stream.session.socket.encrypted);
      answer(stream);
    });
    const client = t.http2.connect(`https://localhost:${server.address().port}`, trusting);
    t.log('client', client.encrypted, client.alpnProtocol, client.connecting);
    await t.once(client, 'connect');
    t.log('client', client.encrypted, client.alpnProtocol, client.connecting);
    await t.exchange(client, {});
    await t.finish(client, server);
  },

  'secure: unknownProtocol': async (t) => {
    const server = watchServer(t, await secure(t));
    server.on('unknownProtocol', (socket) => socket.end('farewell'));
    t.log('peer', await converse(tls.connect({ port: server.address().port, ...trusting })));
    await t.finish(undefined, server);
  },

  'secure: what is not TLS': async (t) => {
    const server = watchServer(t, await secure(t));
    server.on('clientError', (error, socket) => {
      t.log('error', typeof error.code, socket.destroyed);
      socket.destroy();
    });
    await converse(net.connect(server.address().port, '127.0.0.1'), 'GET / HTTP/1.1\r\n\r\n');
    await t.finish(undefined, server);
  },

  'secure: nobody listens for clientError': async (t) => {
    const server = t.spy(await secure(t), 'server', { only: ['tlsClientError', 'close', 'error'] });
    await converse(net.connect(server.address().port, '127.0.0.1'), 'GET / HTTP/1.1\r\n\r\n');
    await t.finish(undefined, server);
  },

  'getConnections() and listeners': async (t) => {
    const server = await t.serve({}, () => {});
    t.log('server', server.eventNames().map(String).filter((name) => name !== 'newListener').join(' '),
      server.listenerCount('request'), server.listenerCount('stream'));
    const client = t.connect(server);
    await t.once(server, 'session');
    t.log('server', await new Promise((resolve) => server.getConnections((error, count) => resolve(error ?? count))));
    await t.finish(client, server);
  },
};
