'use strict';

// The TLS of Http2SecureServer. A connection that speaks HTTP/2 and that rustls serves exactly as node would is rustls';
// every other is node's, with not one octet of it consumed.

const tls = require('node:tls');
const engine = require('../engine/tls');
const { Contexts } = require('./contexts');
const { ERR_TLS_HANDSHAKE_TIMEOUT, connectionReset } = require('./errors');
const { kHandshake } = require('./handlers');
const { become, enterScope, establish, kTls, leaveScope, release } = require('./socket');

const kContexts = Symbol('http2-rs.contexts');
const kHandshakeTimeout = Symbol('http2-rs.handshakeTimeout');
// The listener of tls.Server, for the connections that are node's.
const kNodeListener = Symbol('http2-rs.nodeListener');

const HANDSHAKE_TIMEOUT = 120_000;

// From the TCP connection to 'secureConnection'.
class Handshake {
  constructor(server, socket, peek) {
    this.server = server;
    this.socket = socket;
    this.peek = peek;
    this.told = false;
    this.servername = undefined;
    // The certificate that is shown.
    this.own = undefined;
    this.onError = (error) => this.tell(error);
    this.onClose = (hadError) => this.closed(hadError);
    enterScope(socket);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
    this.timer = setTimeout(() => this.expire(), server[kHandshakeTimeout]).unref();
  }

  settle() {
    clearTimeout(this.timer);
    this.socket[kHandshake] = undefined;
    this.socket.removeListener('error', this.onError);
    this.socket.removeListener('close', this.onClose);
  }

  // The ClientHello is there, or what is there is none.
  hello(hello) {
    const { peek, server, socket } = this;
    const choice = server[kContexts].choose(hello);
    if (choice === undefined) {
      engine.release(peek);
      this.toNode();
      return;
    }
    this.servername = hello.servername;
    this.own = choice.own;
    this.become(choice.plan);
    socket[kTls].connection = engine.start({ socket, role: 'server', config: choice.config, peek }, socket);
    if (socket[kTls].connection === undefined) socket.destroy();
  }

  become(plan) {
    const { server, socket } = this;
    if (socket[kTls] !== undefined) return;
    become(socket, true, plan);
    socket._tlsOptions.server = server;
  }

  // No ClientHello will come: node sees the same end, and says what it says of it.
  helloEnd() {
    this.toNode();
  }

  end() {
    this.socket.destroy();
  }

  keylog(line) {
    this.server.emit('keylog', line, this.socket);
  }

  toNode() {
    this.settle();
    leaveScope(this.socket);
    leaveToNode(this.server, this.socket);
  }

  expire() {
    this.tell(new ERR_TLS_HANDSHAKE_TIMEOUT());
  }

  // An error before the connection is anybody's: told once, on the server.
  tell(error) {
    if (this.told) return;
    this.told = true;
    this.become({});
    this.server.emit('tlsClientError', error, this.socket);
  }

  closed(hadError) {
    if (!hadError) this.tell(connectionReset('socket hang up'));
    this.settle();
    leaveScope(this.socket);
  }

  secure(info) {
    const { server, socket } = this;
    establish(socket, { ...info, own: this.own }, this.servername);
    if (server.requestCert === true) {
      const error = info.verifyError ?? (info.peer.length === 0 ? 'UNABLE_TO_GET_ISSUER_CERT' : undefined);
      if (error === undefined) {
        socket.authorized = true;
      } else {
        socket.authorizationError = error;
        if (server.rejectUnauthorized !== false) {
          socket.destroy();
          return;
        }
      }
    }
    this.settle();
    socket.once('close', onClose);
    release(socket);
    server.emit('secureConnection', socket);
  }
}

function onClose() {
  leaveScope(this);
}

function leaveToNode(server, socket) {
  Reflect.apply(server[kNodeListener], server, [socket]);
}

function onConnection(socket) {
  const peek = this[kContexts].obstacle === undefined ? engine.peek(socket, socket) : undefined;
  if (peek === undefined) leaveToNode(this, socket);
  else socket[kHandshake] = new Handshake(this, socket, peek);
}

const { prototype } = tls.Server;

// Methods of tls.Server that change what rustls has to do, too.
const methods = {
  setSecureContext(options) {
    Reflect.apply(prototype.setSecureContext, this, [options]);
    this[kContexts].replace(options);
  },

  addContext(name, context) {
    Reflect.apply(prototype.addContext, this, [name, context]);
    this[kContexts].add(context);
  },

  setTicketKeys(keys) {
    Reflect.apply(prototype.setTicketKeys, this, [keys]);
    this[kContexts].leave('setTicketKeys()');
  },

  // Whoever has the keys means to share them.
  getTicketKeys() {
    this[kContexts].leave('getTicketKeys()');
    return Reflect.apply(prototype.getTicketKeys, this, []);
  },
};

const descriptors = Object.fromEntries(Object.entries(methods)
  .map(([name, value]) => [name, { value, configurable: true, writable: true }]));

// Puts itself before the TLS of a tls.Server that was made with these options.
function stepIn(server, options) {
  server[kContexts] = new Contexts(server, options);
  server[kHandshakeTimeout] = options.handshakeTimeout || HANDSHAKE_TIMEOUT;
  [server[kNodeListener]] = server.listeners('connection');
  server.removeListener('connection', server[kNodeListener]);
  server.on('connection', onConnection);
  Object.defineProperties(server, descriptors);
}

module.exports = { stepIn };
