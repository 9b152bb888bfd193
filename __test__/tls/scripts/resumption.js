'use strict';

// Sessions that are resumed: a server's by clients that have kept them, and a client's never, unless its user has.

const { once } = require('node:events');
const tls = require('node:tls');

// A connection of node's TLS that sees the server's SETTINGS, and the tickets that came before them: the last of those.
async function visit(t, server, options) {
  const { port } = server.address();
  const socket = tls.connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false, ...options });
  const tickets = [];
  socket.on('session', (ticket) => tickets.push(ticket));
  await once(socket, 'secureConnect');
  await once(socket, 'data');
  t.log('client', 'reused', socket.isSessionReused(), 'tickets', tickets.length);
  const closed = t.once(socket, 'close');
  socket.end();
  await closed;
  return tickets.at(-1);
}

function visits(version) {
  return async (t) => {
    const server = await t.secure({ maxVersion: version });
    server.on('secureConnection', (socket) => t.log('server', 'reused', socket.isSessionReused()));
    const session = await visit(t, server);
    await visit(t, server, { session });
    await visit(t, server, { session });
    await visit(t, server);
  };
}

module.exports = {
  'tickets of TLS 1.3': visits('TLSv1.3'),
  'a ticket of TLS 1.2': visits('TLSv1.2'),
  'a ticket of another server': async (t) => {
    const session = await visit(t, await t.secure());
    await visit(t, await t.secure(), { session });
  },
  'a client starts anew each time': async (t) => {
    const server = await t.secure();
    for (let i = 0; i < 3; i += 1) {
      const session = t.dial(server);
      await t.ask(session);
      t.log('client', 'reused', session.socket.isSessionReused());
      const closed = t.once(session, 'close');
      session.close();
      await closed;
    }
  },
};
