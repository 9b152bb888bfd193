'use strict';

// connect(): a client session over a new connection, or over one that the caller makes.

const net = require('node:net');
const { promisify } = require('node:util');
const { ERR_HTTP2_UNSUPPORTED_PROTOCOL } = require('./errors');
const { clientOptions, offerHttp2, serverOptions } = require('./options');
const { ClientHttp2Session } = require('./session');
const { kAuthority, kProtocol } = require('./symbols');
const { connect: connectTls } = require('./tls/client');
const { assertIsObject } = require('./validators');

// The host to connect to, without the brackets of an IPv6 literal.
function hostOf({ hostname, host }) {
  // What is no string net and tls judge.
  if (hostname) return hostname[0] === '[' ? hostname.slice(1, -1) : hostname;
  return host || 'localhost';
}

// A URL leaves out the port that its scheme implies.
function portOf({ port, protocol }) {
  if (port === '') return protocol === 'http:' ? '80' : '443';
  return `${port}`;
}

function open(protocol, host, port, options) {
  switch (protocol) {
    case 'http:':
      return net.connect({ port, host, ...options });
    case 'https:':
      return connectTls(port, host, options);
    default:
      throw new ERR_HTTP2_UNSUPPORTED_PROTOCOL(protocol);
  }
}

function connect(authority, options, listener) {
  if (typeof options === 'function') {
    listener = options;
    options = undefined;
  }
  let checked = clientOptions(options);
  if (typeof authority === 'string') authority = new URL(authority);
  assertIsObject(authority, 'authority', ['string', 'Object', 'URL']);

  const protocol = authority.protocol || checked.protocol || 'https:';
  const port = portOf(authority);
  const host = hostOf(authority);
  let socket;
  if (typeof checked.createConnection === 'function') {
    socket = checked.createConnection(authority, checked);
  } else {
    if (protocol === 'https:') checked = offerHttp2(serverOptions(checked), host);
    socket = open(protocol, host, port, checked);
  }

  const session = new ClientHttp2Session(checked, socket);
  session[kAuthority] = `${checked.servername || host}:${port}`;
  session[kProtocol] = protocol;
  if (typeof listener === 'function') session.once('connect', listener);
  return session;
}

// promisify(connect) gives the session once it is connected.
const promisified = {
  connect(authority, options) {
    return new Promise((resolve, reject) => {
      const session = connect(authority, options, () => {
        session.removeListener('error', reject);
        resolve(session);
      });
      session.once('error', reject);
    });
  },
};
Object.defineProperty(connect, promisify.custom, { value: promisified.connect });

module.exports = { connect };
