'use strict';

// Peers that leave without close_notify while there is something to read or to write.

// Where an older node does otherwise: before 24 it does not tell a stream's end, before 26 it keeps a socket for ever.
const SINCE = {
  'a client resets after a request that is answered at once': 24,
  'a client resets while much is written': 26,
  'a client leaves what it was sent unread': 26,
};
const nodeMajor = Number.parseInt(process.versions.node, 10);

const net = require('node:net');
const tls = require('node:tls');
const { scripts } = require('../../differential/leaving');

const all = scripts({
  serve: async (t) => {
    const server = await t.secure({}, { log: false });
    return server.removeAllListeners('stream');
  },
  approach: async (t, server) => {
    const beneath = net.connect(server.address().port, '127.0.0.1').on('error', () => {});
    const socket = tls.connect({
      socket: beneath, ca: t.certificates.ec.cert, servername: 'localhost', ALPNProtocols: ['h2'],
    });
    await t.once(socket, 'secureConnect');
    return { socket, beneath };
  },
  expect: async (t) => {
    const { key, cert } = t.certificates.ec;
    const server = tls.createServer({ key, cert, ALPNProtocols: ['h2'], allowHalfOpen: true }).listen(0, '127.0.0.1');
    await t.once(server, 'listening');
    return server;
  },
  dial: (t, server) => t.dial(server, {}, { log: false }),
  accept: async (t, server) => {
    const connected = t.once(server, 'connection');
    const [socket] = await t.once(server, 'secureConnection');
    const [beneath] = await connected;
    return { socket, beneath: beneath.on('error', () => {}) };
  },
});

module.exports = Object.fromEntries(Object.entries(all).filter(([name]) => nodeMajor >= (SINCE[name] ?? 0)));
