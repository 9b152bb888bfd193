'use strict';

// CONNECT (RFC 9113 section 8.5) and extended CONNECT (RFC 8441): streams that carry another protocol both ways.

const { once } = require('node:events');
const net = require('node:net');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');
const { createCertificate } = require('../../helpers/certificate');

const WEBSOCKET = { ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': '/chat' };

function tunnel(act, { serverOptions, onStream } = {}) {
  return async (t) => {
    const server = await t.serve(serverOptions);
    const streams = [];
    server.on('stream', (stream, headers, flags) => {
      streams.push(stream);
      t.spy(stream, `server stream ${stream.id}`, { without: ['data', 'readable', 'resume', 'pause'] });
      t.log('server', headers, flags, stream.endAfterHeaders);
      onStream(stream, t);
    });
    const client = t.connect(server);
    client.on('error', (error) => t.log('client', error));
    server.on('sessionError', (error) => t.log('server', error));
    await once(client, 'remoteSettings');
    await act({ t, client, server, streams });
    await t.sleep();
    if (client.destroyed) await new Promise((resolve) => server.close(resolve));
    else await t.finish(client, server);
  };
}

function open(t, client, headers, options) {
  const request = client.request(headers, options);
  t.spy(request, 'client stream', { without: ['data', 'readable', 'resume', 'pause'] });
  request.setEncoding('utf8');
  request.on('data', (text) => t.log('client received', text));
  request.on('response', (answer, flags) => t.log('client', answer, flags));
  return request;
}

const closed = (stream) => new Promise((resolve) => stream.once('close', resolve));

function echo(stream) {
  stream.respond({ ':status': 200 });
  stream.pipe(stream);
}

// A session through a tunnel that another session's stream is, all in one process: what one session sends is another's
// write. `wrap` makes of the stream what the inner session goes over.
async function nested(t, target, wrap) {
  const proxy = t.http2.createSecureServer(createCertificate());
  for (const server of [target, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
  proxy.on('stream', (stream) => {
    const socket = net.connect(target.address().port, '127.0.0.1', () => {
      stream.respond();
      stream.pipe(socket).pipe(stream);
    });
    stream.on('close', () => socket.destroy());
  });
  const outer = t.http2.connect(`https://127.0.0.1:${proxy.address().port}`, { rejectUnauthorized: false });
  const tunnel = outer.request({ ':method': 'CONNECT', ':authority': 'example.org:443' });
  await once(tunnel, 'response');
  const inner = t.http2.connect('https://localhost', { createConnection: () => wrap(tunnel) });
  // From within an event, when the tunnel's session is in the middle of one as well.
  const answer = new Promise((resolve) => inner.once('remoteSettings', () => resolve(text(inner.request({ ':path': '/' })))));
  t.log('client', await answer);
  inner.close();
  await once(inner, 'close');
  outer.destroy();
  await once(outer, 'close');
  await Promise.all([proxy, target].map((server) => new Promise((resolve) => server.close(resolve))));
}

const withProtocol = { settings: { enableConnectProtocol: true } };

module.exports = {
  'CONNECT: both ways, one after the other': tunnel(async ({ t, client }) => {
    const request = open(t, client, { ':method': 'CONNECT', ':authority': 'example.org:80' });
    t.log('client', request.sentHeaders, request.endAfterHeaders, request.writableEnded);
    const over = closed(request);
    request.write('one');
    await once(request, 'data');
    request.write('two');
    await once(request, 'data');
    request.end('three');
    await over;
  }, { onStream: echo }),
  'CONNECT: the server ends first': tunnel(async ({ t, client }) => {
    const request = open(t, client, { ':method': 'CONNECT', ':authority': 'example.org:80' });
    const over = closed(request);
    await once(request, 'end');
    request.end('the last word');
    await over;
  }, {
    onStream(stream, t) {
      stream.respond();
      stream.end('hello');
      stream.setEncoding('utf8').on('data', (text) => t.log('server received', text));
    },
  }),
  'CONNECT: refused': tunnel(async ({ t, client }) => {
    const request = open(t, client, { ':method': 'CONNECT', ':authority': 'example.org:80' });
    const over = closed(request);
    await once(request, 'end');
    request.end();
    await over;
  }, {
    onStream(stream) {
      stream.respond({ ':status': 405 });
      stream.end();
      stream.resume();
    },
  }),
  'CONNECT: reset by the server': tunnel(async ({ t, client }) => {
    const request = open(t, client, { ':method': 'CONNECT', ':authority': 'example.org:80' });
    await closed(request);
  }, { onStream: (stream) => stream.on('error', () => {}).close(10) }),
  'CONNECT: with endStream': tunnel(async ({ t, client }) => {
    const request = open(t, client, { ':method': 'CONNECT', ':authority': 'example.org:80' }, { endStream: true });
    await closed(request);
  }, { onStream: echo }),
  'CONNECT: to a real server': tunnel(async ({ t, client }) => {
    const request = open(t, client, { ':method': 'CONNECT', ':authority': 'example.org:80' });
    const over = closed(request);
    request.write('ping');
    await once(request, 'data');
    request.end();
    await over;
  }, {
    onStream(stream, t) {
      const target = net.createServer((socket) => socket.on('data', (chunk) => socket.write(`got ${chunk}`)));
      target.listen(0, '127.0.0.1', () => {
        const socket = net.connect(target.address().port, '127.0.0.1', () => {
          stream.respond({ ':status': 200 });
          stream.pipe(socket);
          socket.pipe(stream);
        });
        socket.on('close', () => {
          t.log('target', 'close');
          target.close();
        });
      });
    },
  }),
  'CONNECT: what it must not have': tunnel(({ t, client }) => {
    for (const headers of [{}, { ':authority': 'a', ':scheme': 'http' }, { ':authority': 'a', ':path': '/' }])
      t.attempt('client', t.show(headers), () => client.request({ ':method': 'CONNECT', ...headers }));
  }),

  'CONNECT: a session in the tunnel': (t) =>
    nested(t, t.http2.createServer((request, response) => response.end('hello')), (tunnel) => tunnel),
  'CONNECT: a session over TLS in the tunnel': (t) =>
    nested(t, t.http2.createSecureServer(createCertificate(), (request, response) => response.end('hello')),
      (tunnel) => tls.connect({ socket: tunnel, ALPNProtocols: ['h2'], servername: 'localhost', rejectUnauthorized: false })),

  'extended CONNECT: both ways': tunnel(async ({ t, client }) => {
    t.log('client', client.remoteSettings.enableConnectProtocol);
    const request = open(t, client, WEBSOCKET);
    t.log('client', request.sentHeaders);
    const over = closed(request);
    await once(request, 'response');
    request.write('frame');
    await once(request, 'data');
    request.end();
    await over;
  }, { serverOptions: withProtocol, onStream: echo }),
  'extended CONNECT: several beside requests': tunnel(async ({ t, client }) => {
    const requests = [open(t, client, WEBSOCKET), client.request({ ':path': '/' }), open(t, client, WEBSOCKET)];
    const over = Promise.all(requests.map(closed));
    for (const request of requests) request.end('x');
    requests[1].resume();
    await over;
  }, { serverOptions: withProtocol, onStream: (stream) => setTimeout(echo, stream.id * 5, stream) }),
  'extended CONNECT: a server that does not know it': tunnel(async ({ t, client }) => {
    t.log('client', client.remoteSettings.enableConnectProtocol);
    const request = open(t, client, WEBSOCKET);
    await closed(request);
    t.log('client', request.rstCode);
  }, { onStream: (stream) => stream.on('error', () => {}) && echo(stream) }),
  ':protocol without CONNECT': tunnel(async ({ t, client }) => {
    const request = open(t, client, { ':path': '/', ':protocol': 'websocket' });
    await closed(request);
    t.log('client', request.rstCode);
  }, { serverOptions: withProtocol, onStream: (stream) => stream.on('error', () => {}) && echo(stream) }),
  'extended CONNECT: the session ends': tunnel(async ({ t, client, server, streams }) => {
    const request = open(t, client, WEBSOCKET);
    const over = closed(request);
    await once(request, 'response');
    server.close();
    request.write('still here');
    await once(request, 'data');
    t.log('client', client.closed, client.destroyed, streams[0].session.closed);
    request.end();
    await over;
  }, { serverOptions: withProtocol, onStream: echo }),
  'CONNECT in the compatibility API': async (t) => {
    const server = await t.serve(withProtocol);
    server.on('connect', (request, response) => {
      t.log('server', request.method, request.url, request.authority, request.headers[':protocol']);
      response.writeHead(200);
      request.pipe(response);
    });
    const client = t.connect(server);
    await once(client, 'remoteSettings');
    for (const headers of [{ ':method': 'CONNECT', ':authority': 'example.org:80' }, WEBSOCKET]) {
      const request = open(t, client, headers);
      const over = closed(request);
      request.write('x');
      await once(request, 'data');
      request.end('y');
      await over;
    }
    await t.finish(client, server);
  },
};
