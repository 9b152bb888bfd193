'use strict';

// gRPC, Connect and WebSockets: packages that use every corner of the API. Both ends are the package.

const { test } = require('node:test');
const { combinations, converse } = require('./parties');

const conversations = {
  '@grpc/grpc-js, TLS': { server: 'grpc-js', client: 'grpc-js' },
  '@grpc/grpc-js, plaintext': { server: 'grpc-js', client: 'grpc-js', plaintext: true },
  '@connectrpc/connect-node': { server: 'connect', client: 'connect' },
  'ws on streams of extended CONNECT': { server: 'ws', client: 'ws' },
};

for (const [name, conversation] of Object.entries(conversations)) {
  for (const on of combinations)
    test(`${name}: server on ${on.server}, client on ${on.client}`, (t) => converse(t, conversation, on));
}
