'use strict';

// Web frameworks and HTTP clients from the registry, unchanged: each on this package with itself or node:http2 as its peer.

const { test } = require('node:test');
const { combinations, converse } = require('./parties');

const conversations = {
  'node:http2 itself': { server: 'http2', client: 'http2' },
  fastify: { server: 'fastify', client: 'http2' },
  koa: { server: 'koa', client: 'http2' },
  'express, by http2-express-bridge': { server: 'express', client: 'http2' },
  '@hono/node-server': { server: 'hono', client: 'http2' },
  '@fastify/reply-from': { server: 'reply-from', client: 'http2', upstream: 'http2' },
  undici: { server: 'http2', client: 'undici' },
  axios: { server: 'http2', client: 'axios' },
  'got, by http2-wrapper': { server: 'http2', client: 'got' },
  '@smithy/node-http-handler': { server: 'http2', client: 'smithy' },
  superagent: { server: 'http2', client: 'superagent' },
};

for (const [name, conversation] of Object.entries(conversations)) {
  for (const on of combinations)
    test(`${name}: server on ${on.server}, client on ${on.client}`, (t) => converse(t, conversation, on));
}
