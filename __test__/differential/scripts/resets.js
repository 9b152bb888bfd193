'use strict';

const net = require('node:net');
const { scripts } = require('../leaving');

const alone = (socket) => ({ socket, beneath: socket });

module.exports = scripts({
  serve: (t) => t.serve(),
  approach: async (t, server) => alone(net.connect(server.address().port, '127.0.0.1')),
  expect: async (t) => {
    const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await t.once(server, 'listening');
    return server;
  },
  dial: (t, server) => t.connect(server),
  accept: async (t, server) => alone((await t.once(server, 'connection'))[0]),
});
