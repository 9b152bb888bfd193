'use strict';

// Http2Server and Http2SecureServer: connections become sessions, and what happens on a session is told on the server.

const { STATUS_CODES } = require('node:http');
const net = require('node:net');
const tls = require('node:tls');
const { promisify } = require('node:util');
const { Http2ServerRequest, Http2ServerResponse, installCompat } = require('./compat');
const http1 = require('./http1');
const { offerHttp2, serverOptions } = require('./options');
const { ServerHttp2Session } = require('./session');
const { validateSettings } = require('./settings');
const { kOptions, kRejection, kServer, kSessions } = require('./symbols');
const { stepIn } = require('./tls/server');
const { assertIsObject, validateFunction } = require('./validators');

// The listeners on a server's session. A session belongs to its server for life.

function sessionOnStream(stream, headers, flags, rawHeaders) {
  this[kServer]?.emit('stream', stream, headers, flags, rawHeaders);
}

function sessionOnError(error) {
  this[kServer]?.emit('sessionError', error, this);
}

function sessionOnPriority(stream, parent, weight, exclusive) {
  this[kServer]?.emit('priority', stream, parent, weight, exclusive);
}

function sessionOnTimeout() {
  if (this.destroyed || this.closed) return;
  if (!this[kServer].emit('timeout', this)) this.destroy();
}

const NO_HTTP2 = [
  'HTTP/1.0 403 Forbidden',
  'Content-Type: text/plain',
  '',
  'Missing ALPN Protocol, expected `h2` to be available.\n' +
    'If this is a HTTP request: The server was not configured with the `allowHTTP1` option or a listener for the ' +
    '`unknownProtocol` event.\n',
].join('\r\n');

// A client that did not choose HTTP/2 and that nobody takes care of: an answer that HTTP/1 clients understand, and an end
// even to those that do not hang up.
function refuse(socket, timeout) {
  const timer = setTimeout(() => socket.destroy(), timeout).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end(NO_HTTP2);
}

// TLS tells what was negotiated: `false` is nothing. Other sockets tell nothing and are taken for HTTP/2.
function isHttp1(socket) {
  return socket.alpnProtocol === false || socket.alpnProtocol === 'http/1.1';
}

function connectionListener(socket) {
  const options = this[kOptions];
  if (isHttp1(socket)) {
    if (options.allowHTTP1 === true) return http1.accept(this, socket);
    if (!this.emit('unknownProtocol', socket)) refuse(socket, options.unknownProtocolTimeout);
    return;
  }

  const session = new ServerHttp2Session(options, socket, this);
  session.on('stream', sessionOnStream);
  session.on('error', sessionOnError);
  session.on('priority', sessionOnPriority);
  if (this.timeout) session.setTimeout(this.timeout, sessionOnTimeout);
  socket[kServer] = this;
  this.emit('session', session);
}

function onTlsClientError(error, socket) {
  if (!this.emit('clientError', error, socket)) socket.destroy(error);
}

function closeSessions(server) {
  for (const session of server[kSessions]) session.close();
}

function setUp(server, options, requestListener) {
  options.Http2ServerRequest ||= Http2ServerRequest;
  options.Http2ServerResponse ||= Http2ServerResponse;
  server[kOptions] = options;
  // The live sessions; each takes itself out when it closes.
  server[kSessions] = new Set();
  server.timeout = 0;
  installCompat(server, options);
  if (options.allowHTTP1 === true && server instanceof tls.Server) http1.prepare(server, options);
  if (typeof requestListener === 'function') server.on('request', requestListener);
}

// Both servers have these.

function setSessionTimeout(server, msecs, callback) {
  server.timeout = msecs;
  if (callback !== undefined) {
    validateFunction(callback, 'callback');
    server.on('timeout', callback);
  }
  return server;
}

// For sessions to come; those that exist keep what they have.
function updateSettings(server, settings) {
  assertIsObject(settings, 'settings');
  validateSettings(settings);
  server[kOptions].settings = { ...server[kOptions].settings, ...settings };
}

class Http2Server extends net.Server {
  constructor(options, requestListener) {
    const checked = serverOptions(options);
    super(checked, connectionListener);
    setUp(this, checked, requestListener);
  }

  setTimeout(msecs, callback) {
    return setSessionTimeout(this, msecs, callback);
  }

  updateSettings(settings) {
    updateSettings(this, settings);
  }

  close(...args) {
    super.close(...args);
    closeSessions(this);
    return this;
  }

  async [Symbol.asyncDispose]() {
    await promisify(this.close).call(this);
  }
}

class Http2SecureServer extends tls.Server {
  constructor(options, requestListener) {
    const checked = offerHttp2(serverOptions(options));
    super(checked, connectionListener);
    setUp(this, checked, requestListener);
    this.on('tlsClientError', onTlsClientError);
    stepIn(this, checked);
  }

  setTimeout(msecs, callback) {
    return setSessionTimeout(this, msecs, callback);
  }

  updateSettings(settings) {
    updateSettings(this, settings);
  }

  close(...args) {
    if (this[kOptions].allowHTTP1 === true) http1.close(this, args);
    else super.close(...args);
    closeSessions(this);
    return this;
  }

  closeIdleConnections() {
    if (this[kOptions].allowHTTP1 === true) http1.closeIdleConnections(this);
  }
}

// With `captureRejections`, a listener that rejects is answered with 500, or its stream is destroyed if an answer is
// already under way. Enumerable, as node has it.
Http2Server.prototype[kRejection] = function(error, event, ...args) {
  switch (event) {
    case 'stream': {
      const [stream] = args;
      if (stream.headersSent) {
        stream.destroy(error);
      } else {
        stream.respond({ ':status': 500 });
        stream.end();
      }
      break;
    }
    case 'request': {
      const [, response] = args;
      if (response.headersSent || response.finished) {
        response.destroy();
        break;
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.statusCode = 500;
      response.end(STATUS_CODES[500]);
      break;
    }
    default:
      // 'session', 'timeout', ...: an error of the server itself.
      Reflect.apply(net.Server.prototype[kRejection], this, [error, event, ...args]);
  }
};

function createServer(options, handler) {
  if (typeof options === 'function') return new Http2Server({}, options);
  return new Http2Server(options, handler);
}

function createSecureServer(options, handler) {
  return new Http2SecureServer(options, handler);
}

// A server session on any Duplex, without a server.
function performServerHandshake(socket, options = {}) {
  return new ServerHttp2Session(serverOptions(options), socket, undefined);
}

module.exports = { createSecureServer, createServer, Http2SecureServer, Http2Server, performServerHandshake };
