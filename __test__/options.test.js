'use strict';

const assert = require('node:assert');
const nodeHttp2 = require('node:http2');
const { duplexPair, Duplex } = require('node:stream');
const test = require('node:test');
const { inspect } = require('node:util');
const http2 = require('..');

// Older Nodes do not check all that Node 26 checks.
const [major] = process.versions.node.split('.').map(Number);
const checkedByNode = (option) => major >= 26 || !['strictSingleValueFields', 'maxOriginSetSize'].includes(option);

const VALUES = [undefined, null, 'x', 5, -1, 1.5, NaN, {}, [], true, () => {}, 2 ** 32, 2 ** 53];
const OPTIONS = [
  'maxSessionMemory', 'maxHeaderListPairs', 'maxOutstandingPings', 'maxSessionInvalidFrames', 'maxSessionRejectedStreams',
  'paddingStrategy', 'peerMaxConcurrentStreams', 'remoteCustomSettings', 'strictFieldWhitespaceValidation',
  'strictSingleValueFields', 'unknownProtocolTimeout', 'settings', 'maxOriginSetSize',
];

function refusal(call) {
  try {
    call();
    return 'accepted';
  } catch (error) {
    // Older Nodes name some options otherwise.
    return `${error.name} ${error.code} ${major >= 24 ? error.message : ''}`;
  }
}

function same(call, label) {
  assert.strictEqual(refusal(() => call(http2)), refusal(() => call(nodeHttp2)), inspect(label));
}

function discard(session) {
  session.on('error', () => {});
  session.destroy();
}

test('servers accept and refuse the options that node does', () => {
  for (const create of ['createServer', 'createSecureServer']) {
    for (const value of VALUES) {
      same((api) => api[create](value), [create, value]);
      same((api) => api[create]({}, value), [create, {}, value]);
      for (const option of OPTIONS.filter(checkedByNode))
        same((api) => api[create]({ [option]: value }), [create, option, value]);
    }
    same((api) => api[create]({ remoteCustomSettings: new Array(11).fill(1) }), create);
  }
});

test('connect() accepts and refuses the options that node does', () => {
  const connect = (api, options) => discard(api.connect('http://localhost', { createConnection: () => duplexPair()[0], ...options }));
  for (const value of VALUES) {
    // Settings go through the session, which the tests of settings cover.
    for (const option of OPTIONS.filter(checkedByNode).filter((name) => name !== 'settings'))
      same((api) => connect(api, { [option]: value }), [option, value]);
    if (value !== undefined && typeof value !== 'function' && !(typeof value === 'object' && value !== null && !Array.isArray(value)))
      same((api) => api.connect('http://localhost', value), value);
    same((api) => discard(api.connect(value, { createConnection: () => duplexPair()[0] })), ['authority', value]);
  }
  for (const authority of ['ftp://localhost', 'localhost', ''])
    same((api) => discard(api.connect(authority)), authority);
});

// Of TLS and of sockets: what is wrong with them is for node to say, whichever TLS is to carry the connection.
const BELOW = [
  'ALPNProtocols', 'ALPNCallback', 'SNICallback', 'allowHTTP1', 'allowHalfOpen', 'ca', 'cert', 'checkServerIdentity', 'ciphers',
  'crl', 'dhparam', 'ecdhCurve', 'family', 'handshakeTimeout', 'highWaterMark', 'honorCipherOrder', 'host', 'key', 'keepAlive',
  'localAddress', 'maxVersion', 'minDHSize', 'minVersion', 'noDelay', 'origins', 'passphrase', 'pauseOnConnect', 'pfx',
  'port', 'protocol', 'rejectUnauthorized', 'requestCert', 'secureContext', 'secureOptions', 'secureProtocol', 'servername',
  'session', 'sessionIdContext', 'sessionTimeout', 'sigalgs', 'ticketKeys', 'timeout',
];

test('options of TLS and of sockets are accepted and refused as in node', () => {
  for (const option of BELOW) {
    for (const value of [...VALUES, ['x'], 5n, Symbol('x')]) {
      same((api) => api.createServer({ [option]: value }), ['createServer', option, value]);
      same((api) => api.createSecureServer({ [option]: value }), ['createSecureServer', option, value]);
      // A name that is looked up for ever.
      for (const authority of ['http://host.invalid', 'https://host.invalid'])
        same((api) => discard(api.connect(authority, { lookup() {}, [option]: value })), [authority, option, value]);
    }
  }
});

test('server.updateSettings() and server.setTimeout() check what node checks', () => {
  for (const value of VALUES) {
    same((api) => api.createServer().updateSettings(value), value);
    same((api) => api.createServer().setTimeout(5, value), value);
  }
  same((api) => api.createServer().updateSettings({ maxFrameSize: 1 }));
  const server = http2.createSecureServer({});
  assert.strictEqual(server.setTimeout(5), server);
  assert.strictEqual(server.timeout, 5);
});

test('connect() opens the connection that node opens', (t) => {
  const net = require('node:net');
  const tls = require('node:tls');
  let opened;
  const record = (kind) => (...args) => {
    opened = [kind, ...args];
    return new Duplex({ read() {}, write(chunk, encoding, callback) { callback(); } });
  };
  t.mock.method(net, 'connect', record('net'));
  t.mock.method(tls, 'connect', record('tls'));

  // What goes to the socket, without what only http2 reads.
  const OWN = [
    'settings', 'unknownProtocolTimeout', 'strictSingleValueFields', 'http1Options', 'Http1IncomingMessage',
    'Http1ServerResponse', 'Http2ServerRequest', 'Http2ServerResponse',
  ];
  const opens = (api, args) => {
    opened = undefined;
    discard(api.connect(...args));
    return opened.map((arg) => (typeof arg === 'object' ?
      Object.fromEntries(Object.entries(arg).filter(([name]) => !OWN.includes(name))) : arg));
  };
  for (const args of [
    ['http://host'], ['http://host:81'], ['https://host'], ['https://host:444/path'], ['https://[::1]:5'], ['http://[::1]'],
    ['https://127.0.0.1'], ['https://host', { servername: 'name' }], ['https://host', { servername: '' }],
    ['https://host', { ALPNProtocols: ['other'] }], ['https://host', { ALPNCallback() {} }], ['https://host', { allowHTTP1: true }],
    ['http://host', { host: 'other', port: 5 }], ['https://host', { host: 'other', port: 5 }], [{ host: 'host' }],
    [{ hostname: 'host', port: 7, protocol: 'http:' }], [{ host: 'host', port: 5 }, { protocol: 'http:' }],
    ['http://host', { protocol: 'https:' }], [new URL('https://user:pass@host:1/path')],
    ['http://host', { localAddress: '127.0.0.2', path: '/socket' }], [{ hostname: '[::2]', port: '7' }], ['HTTP://HOST'],
    [{ port: '', hostname: 'host', protocol: 'http:' }], [{ port: 0, hostname: 'host', protocol: 'http:' }], [{}],
  ]) assert.deepStrictEqual(opens(http2, args), opens(nodeHttp2, args), inspect(args));
});

test('createConnection gets the authority and a copy of the options', () => {
  const given = { foo: 1, createConnection };
  let seen;
  function createConnection(authority, options) {
    seen = { authority, options, self: this };
    return duplexPair()[0];
  }
  discard(http2.connect('https://host:1', given));
  assert.strictEqual(seen.authority.href, 'https://host:1/');
  assert.strictEqual(seen.options.foo, 1);
  assert.strictEqual(seen.self, seen.options);
  assert.notStrictEqual(seen.options, given);
  assert.deepStrictEqual(Object.keys(given), ['foo', 'createConnection']);
});
