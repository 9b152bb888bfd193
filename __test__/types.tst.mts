import * as node from 'node:http2';
import { expect, test } from 'tstyche';
import * as ours from '../index.js';

// Importing CommonJS as a namespace adds a default export, and node has no word for what runs.
type Ours = Omit<typeof ours, 'default' | 'implementation'>;

test('the package and node:http2 can stand for each other', () => {
  expect<Ours>().type.toBeAssignableTo<typeof node>();
  expect<typeof node>().type.toBeAssignableTo<Ours>();
});

test('every export has its type', () => {
  expect<keyof typeof ours>().type.toBe<
    'connect' | 'constants' | 'createSecureServer' | 'createServer' | 'default' | 'getDefaultSettings' | 'getPackedSettings' |
    'getUnpackedSettings' | 'Http2ServerRequest' | 'Http2ServerResponse' | 'implementation' | 'performServerHandshake' |
    'sensitiveHeaders'
  >();
});

test('what is made by one is accepted by the other', () => {
  expect<ours.Http2Server>().type.toBe<node.Http2Server>();
  expect<ours.ClientHttp2Session>().type.toBe<node.ClientHttp2Session>();
  expect<ours.ServerHttp2Stream>().type.toBe<node.ServerHttp2Stream>();
  expect<ours.Http2ServerRequest>().type.toBe<node.Http2ServerRequest>();
});

test('a server and a client as programs write them', () => {
  const server = ours.createServer({ settings: { enablePush: false } }, (request, response) => {
    expect(request.url).type.toBe<string>();
    response.end(request.headers[':path'] ?? '');
  });
  expect(server.updateSettings({ maxFrameSize: 20_000 })).type.toBe<void>();
  const session = ours.connect('https://localhost', { rejectUnauthorized: false });
  expect(session.request({ ':path': '/' })).type.toBe<ours.ClientHttp2Stream>();
  expect(ours.constants.NGHTTP2_CANCEL).type.toBe<number>();
  expect(ours.sensitiveHeaders).type.toBe<symbol>();
});

test('what this package has beyond node:http2', () => {
  const session = ours.connect('https://localhost', { tls: 'rustls', floodTolerance: 2 });
  expect(session.transport).type.toBe<'socket' | 'tls' | 'pipe' | undefined>();
  expect(ours.createSecureServer).type.toBeCallableWith({ tls: 'node', prefaceTimeout: 0, ignoreUnsolicitedPingAcks: true });
  expect(ours.createSecureServer).type.not.toBeCallableWith({ tls: 'openssl' });
});
