'use strict';

// Connections that end without close_notify, at each stage and in both roles: by the end of the TCP connection (FIN), or by
// its reset. TLS's own end would have said that nothing is missing; node asks HTTP/2 what is.

const { once } = require('node:events');
const net = require('node:net');
const tls = require('node:tls');

const ENDS = { ended: 'end', reset: 'resetAndDestroy' };

// A proxy that cuts both connections after so many octets to `far` (the server) or `near` (the client), or on demand.
async function wire(t, server, how, after = {}) {
  const pairs = [];
  const cut = () => { for (const socket of pairs.splice(0)) socket[how](); };
  const proxy = net.createServer((near) => {
    const far = net.connect(server.address().port, '127.0.0.1');
    pairs.push(near, far);
    const pass = (from, to, limit = Infinity) => {
      let left = limit;
      from.on('error', () => {}).on('end', () => cut()).on('close', () => cut());
      from.on('data', (chunk) => {
        if (left <= 0) return;
        to.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) setTimeout(cut, t.moment);
      });
    };
    pass(near, far, after.far);
    pass(far, near, after.near);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.closers.push(() => new Promise((resolve) => proxy.close(resolve)), cut);
  return { proxy, cut };
}

function spyServer(t, server) {
  server.on('session', (session) => t.spy(session, 'server session', { only: ['close', 'error', 'goaway'] }));
  server.on('stream', (stream) => t.spy(stream, 'server stream', { only: ['aborted', 'close', 'end', 'error'] }));
}

// Nobody is writing any more: whether a reset is met by who reads or by who writes would be chance.
function settled(t) {
  return t.sleep(4 * t.moment);
}

// In the middle of the handshake: the client has heard so much of the server, or the server of the client.
function inHandshake(how, after) {
  return async (t) => {
    const server = await t.secure();
    const { proxy } = await wire(t, server, how, after);
    const session = t.dial(proxy);
    await t.once(session, 'close');
    await settled(t);
  };
}

// Both sessions are there, and have nothing to do.
function idle(how) {
  return async (t) => {
    const server = await t.secure();
    spyServer(t, server);
    const { proxy, cut } = await wire(t, server, how);
    const session = t.dial(proxy);
    await t.ask(session);
    await settled(t);
    const closed = t.once(session, 'close');
    cut();
    await closed;
    await settled(t);
  };
}

// In the middle of a body: an answer that goes on, or a request.
function inBody(how, { isUpload }) {
  return async (t) => {
    const server = await t.secure();
    server.removeAllListeners('stream');
    spyServer(t, server);
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond();
      stream.write('some of it');
      stream.resume();
    });
    const { proxy, cut } = await wire(t, server, how);
    const session = t.dial(proxy);
    const request = session.request(isUpload ? { ':method': 'POST' } : {});
    t.spy(request, 'client stream', { only: ['aborted', 'close', 'end', 'error'] });
    request.on('error', () => {});
    if (isUpload) request.write('some of it');
    await once(request, 'data');
    await settled(t);
    const closed = [t.once(session, 'close'), t.once(request, 'close')];
    cut();
    await Promise.all(closed);
    await settled(t);
  };
}

// node's TLS with its own end, for once: close_notify, and the connection with it.
async function politely(t) {
  const server = await t.secure();
  spyServer(t, server);
  const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', ca: t.certificates.ec.cert,
    servername: 'localhost', ALPNProtocols: ['h2'] });
  await once(socket.resume(), 'data');
  const closed = t.once(socket, 'close');
  socket.end();
  await closed;
  await t.sleep(4 * t.moment);
}

const scripts = { 'closed politely': politely };
for (const [name, how] of Object.entries(ENDS)) {
  Object.assign(scripts, {
    [`${name} before the server's hello`]: inHandshake(how, { far: 100 }),
    [`${name} within the server's hello`]: inHandshake(how, { near: 60 }),
    [`${name} within the server's certificate`]: inHandshake(how, { near: 400 }),
    [`${name} without a session's work`]: idle(how),
    [`${name} within an answer`]: inBody(how, { isUpload: false }),
    [`${name} within a request`]: inBody(how, { isUpload: true }),
  });
}

module.exports = scripts;
