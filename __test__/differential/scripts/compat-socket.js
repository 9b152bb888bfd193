'use strict';

// Runs `handler(req, res, t)` on a server for one request.
function handling(handler) {
  return async (t) => {
    const server = await t.serve({}, (req, res) => handler(req, res, t));
    const client = t.connect(server);
    client.on('error', (error) => t.log('session', 'error', error));
    await t.exchange(client, { ':path': '/' });
    await t.sleep();
    await t.finish(client, server);
  };
}

module.exports = {
  'looks like the socket': handling((req, res, t) => {
    const net = require('node:net');
    const { socket } = req;
    t.log('handler', socket instanceof net.Socket, socket === res.socket, socket === req.connection,
      socket === res.connection,
      socket === req.stream.session.socket);
    t.log('handler', socket.remoteAddress, socket.remotePort > 0, socket.remoteFamily, socket.localAddress,
      socket.localPort > 0, socket.connecting, socket.bytesRead > 0, socket.encrypted, socket.timeout);
    t.log('handler', socket.address().address, typeof socket.ref, typeof socket.setNoDelay, typeof socket.nonsense);
    t.log('handler', socket.readable, socket.writable, socket.destroyed, socket.closed);
    t.log('handler', 'remoteAddress' in socket, 'destroyed' in socket, 'write' in socket, 'nonsense' in socket,
      Object.keys(socket).length > 0, 'on' in socket);
    t.log('handler', Object.getPrototypeOf(socket) === net.Socket.prototype);
    res.end('x');
  }),

  'what must not be touched': handling((req, res, t) => {
    const names = ['read', 'write', 'pause', 'resume', 'pipe', 'push', 'unshift', 'cork', 'end', 'setEncoding',
      'unpipe',
      'setKeepAlive', 'removeListener', 'off', 'prependListener', 'addListener', 'listenerCount', 'eventNames',
      'destroySoon'];
    for (const name of names)
      t.attempt('get', name, () => typeof req.socket[name]);
    for (const name of ['read', 'write', 'pause', 'resume', 'nonsense'])
      t.attempt('set', name, () => { req.socket[name] = 5; });
    t.attempt('get', 'nonsense', () => req.stream.session.socket.nonsense);
    res.end('x');
  }),

  'which object stands behind a member': handling((req, res, t) => {
    const { stream } = req;
    const raw = require('node:net').Socket.prototype;
    for (const name of ['on', 'once', 'emit', 'end', 'destroy', 'setTimeout', 'ref']) {
      const own = stream[name];
      t.log('members', name, typeof req.socket[name], req.socket[name] === own, req.socket[name] === raw[name]);
    }
    for (const [name, value] of [['readable', 'r'], ['writable', 'w'], ['destroyed', 'd']]) {
      t.attempt('set', name, () => {
        const before = stream[name];
        req.socket[name] = value;
        const after = stream[name];
        req.socket[name] = before;
        return [before, after];
      });
    }
    res.end('x');
  }),

  'events of the proxy are the stream\'s': handling((req, res, t) => {
    const { socket, stream } = req;
    t.log('handler', socket.on('own', (value) => t.log('handler', 'own', value)) === stream);
    t.log('handler', stream.emit('own', 1), socket.emit('own', 2));
    socket.once('close', () => t.log('handler', 'close'));
    res.end('x');
  }),

  'setTimeout of the proxy is the session\'s': handling((req, res, t) => {
    const { session } = req.stream;
    session.on('timeout', () => {
      t.log('handler', 'session timeout');
      res.end('x');
    });
    t.log('handler', req.socket.setTimeout(t.moment) === session);
  }),

  'destroy of the proxy destroys the stream': handling((req, res, t) => {
    t.spy(req, 'req');
    t.spy(res, 'res');
    const { session } = req.stream;
    req.socket.destroy();
    t.log('handler', req.stream.destroyed, session.destroyed, req.socket.destroyed);
  }),

  'end of the proxy ends the stream': handling((req, res, t) => {
    t.spy(res, 'res');
    res.writeHead(200);
    req.socket.end('by the socket');
  }),

  'the proxy after the stream': handling((req, res, t) => {
    const early = req.socket;
    res.end('x');
    req.stream.on('close', () => setImmediate(() => {
      t.log('handler', res.socket, res.connection, req.socket === early, typeof req.socket);
      for (const [label, socket] of [['early', early], ['late', req.socket]]) {
        for (const name of ['destroyed', 'readable', 'writable', 'remoteAddress', 'connecting', 'nonsense'])
          t.attempt(label, name, () => socket[name]);
        for (const name of ['write', 'on', 'destroy', 'setTimeout', 'ref', 'end'])
          t.attempt(label, name, () => typeof socket[name]);
        t.attempt(label, 'destroy', () => typeof socket.destroy());
        t.attempt(label, 'setTimeout', () => typeof socket.setTimeout(0));
        t.attempt(label, 'set', () => { socket.own = 5; return socket.own; });
        t.attempt(label, 'instanceof', () => socket instanceof require('node:net').Socket);
        t.attempt(label, 'in', () => ['remoteAddress' in socket, 'own' in socket]);
      }
    }));
  }),
};
