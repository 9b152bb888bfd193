'use strict';

// TLS of the engine without lib/tls: sockets that are told of what happens, and sessions over them.

const crypto = require('node:crypto');
const { once } = require('node:events');
const net = require('node:net');
const tls = require('../../lib/engine/tls');
const { createCertificate } = require('../helpers/certificate');
const { CLIENT, SERVER, Side } = require('./harness');

// A key and a certificate in every form that somebody here takes.
function identity(pem = createCertificate()) {
  return {
    ...pem,
    der: new crypto.X509Certificate(pem.cert).raw,
    pkcs8: crypto.createPrivateKey(pem.key).export({ type: 'pkcs8', format: 'der' }),
  };
}

const certificates = (...identities) => identities.map(({ der, pkcs8, above = [] }) => ({ key: pkcs8, chain: [der, ...above] }));

// The owner of connections. Its `events` are [name, value] in order.
class Owner {
  events = [];
  waiting = [];

  told(name, value) {
    this.events.push([name, value]);
    this.waiting = this.waiting.filter((waiter) => !waiter());
  }

  // The value of the first event of one of these names.
  next(...names) {
    return new Promise((resolve) => {
      const look = () => {
        const event = this.events.find(([name]) => names.includes(name));
        if (event !== undefined) resolve(names.length > 1 ? event : event[1]);
        return event !== undefined;
      };
      if (!look()) this.waiting.push(look);
    });
  }
}

tls.setHandlers(Object.fromEntries(
  ['onTlsHello', 'onTlsHelloEnd', 'onTlsSecure', 'onTlsError', 'onTlsEnd', 'onTlsKeylog'].map((name) =>
    [name, (owner, value) => owner.told(name, value)])));

// Has the engine serve TLS: `serve(owner)` is called for each connection, once its handshake is done, and `begin(owner)`
// before it, to peek or to start.
async function listen(t, { config, begin, serve = () => {} }) {
  const owners = [];
  const server = net.createServer((socket) => {
    const owner = new Owner();
    owner.socket = socket;
    owners.push(owner);
    socket.on('error', (error) => owner.told('error', error));
    socket.on('end', () => owner.told('end'));
    socket.on('close', () => owner.told('close'));
    owner.next('onTlsSecure').then(() => serve(owner));
    if (begin)
      begin(owner);
    else
      owner.connection = tls.start({ socket, role: 'server', config }, owner);
    server.emit('owner', owner);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const { socket } of owners) socket.destroy();
  });
  return { server, owners, port: server.address().port };
}

async function connect(t, port, { config, ...particulars }) {
  const socket = net.connect({ port, host: '127.0.0.1' });
  const owner = new Owner();
  owner.socket = socket;
  socket.on('error', (error) => owner.told('error', error));
  socket.on('end', () => owner.told('end'));
  socket.on('close', () => owner.told('close'));
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  owner.connection = tls.start({ socket, role: 'client', config, ...particulars }, owner);
  return owner;
}

// A session over a connection whose handshake is done.
function session(t, owner, type) {
  const side = new Side(type === SERVER ? 'server' : 'client', type, {});
  side.duplex = owner.socket;
  side.handle.attach(owner.socket);
  owner.socket.on('close', () => side.handle.destroy(0));
  t.after(() => side.handle.destroy(0));
  return side;
}

// Answers each request with the body that came, or with `body`.
function echo(side, body) {
  const bodies = new Map();
  side.listener = (name, id, ...rest) => {
    if (name === 'onHeaders') {
      side.respond(id);
      bodies.set(id, []);
    } else if (name === 'onData') {
      bodies.get(id).push(rest[0]);
    } else if (name === 'onEnd') {
      side.handle.write(id, body ?? Buffer.concat(bodies.get(id)));
      side.handle.end(id);
    }
  };
}

module.exports = { CLIENT, Owner, SERVER, certificates, connect, echo, identity, listen, session, tls };
