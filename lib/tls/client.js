'use strict';

// What tls.connect() is to node:http2: a TLSSocket that connects, carried by rustls if it can be. Everything up to the TCP
// connection (lookup, happy eyeballs, errors, timeouts) is node's own net.Socket.

const net = require('node:net');
const tls = require('node:tls');
const engine = require('../engine/tls');
const { clientContext } = require('./config');
const { clientObstacle } = require('./decide');
const { ERR_HTTP2_TLS_FORCED, connectionReset, verifyError } = require('./errors');
const { forcedPath } = require('./force');
const { kHandshake } = require('./handlers');
const { become, establish, kTls, leaveScope, release } = require('./socket');

// What TLSSocket takes over from the options of tls.connect().
const SOCKET_OPTIONS = ['allowHalfOpen', 'highWaterMark', 'keepAlive', 'keepAliveInitialDelay', 'noDelay', 'signal'];

const { checkServerIdentity } = tls;

// From connect() to 'secureConnect'.
class Handshake {
  constructor(socket, options, context) {
    this.socket = socket;
    this.options = options;
    this.context = context;
    this.onConnect = () => this.start();
    this.onEnd = () => this.end();
    socket.once('connect', this.onConnect);
    socket.prependListener('end', this.onEnd);
    socket.once('close', onClose);
  }

  // The name that the peer has to prove.
  get name() {
    return this.options.servername || this.options.host || 'localhost';
  }

  start() {
    const { context, options, socket } = this;
    const keylog = socket.listenerCount('keylog') > 0;
    try {
      const config = context.config(keylog);
      const servername = options.servername || undefined;
      socket[kTls].connection = engine.start({ socket, role: 'client', config, servername }, socket);
    } catch (error) {
      socket.destroy(error);
      return;
    }
    if (socket[kTls].connection === undefined) socket.destroy(new Error('http2-rs: this socket is read by somebody else'));
  }

  // The peer has hung up.
  end() {
    const { options, socket } = this;
    if (socket.destroyed) return;
    const error = connectionReset('Client network socket disconnected before secure TLS connection was established');
    const { path, host, port, localAddress } = options;
    socket.destroy(Object.assign(error, { path, host, port, localAddress }));
  }

  keylog(line) {
    this.socket.emit('keylog', line);
  }

  // Who the peer is, by the user's function or node's.
  identify(info) {
    if (info.verifyError !== undefined) return verifyError(info.verifyError);
    const { socket, name, options: { checkServerIdentity: check } } = this;
    // Node's own needs the names only; what it says of a mismatch has the whole chain.
    if (check === checkServerIdentity && check(name, socket.getPeerCertificate(false)) === undefined) return undefined;
    return check(name, socket.getPeerCertificate(true));
  }

  secure(info) {
    const { options, socket } = this;
    establish(socket, info, options.servername);
    let error;
    try {
      error = this.identify(info);
    } catch (thrown) {
      // A question without an answer: nobody knows who this is, even where anybody would do.
      socket.destroy(thrown ?? new Error('checkServerIdentity() failed'));
      return;
    }
    if (error) {
      socket.authorizationError = error.code || error.message;
      if (options.rejectUnauthorized) {
        socket.destroy(error);
        return;
      }
    } else {
      socket.authorized = true;
    }
    this.settle();
    release(socket);
    socket.emit('secureConnect');
    socket.emit('secure');
  }

  settle() {
    this.socket[kHandshake] = undefined;
    this.socket.removeListener('end', this.onEnd);
  }
}

function onClose() {
  this[kHandshake]?.settle();
  leaveScope(this);
}

// Why a connection goes to node's TLS, or a context for rustls: { obstacle, context }.
function choose(options, port, host) {
  const obstacle = obstacleOfAddress(port, host) ?? clientObstacle(options);
  if (obstacle !== undefined) return { obstacle };
  const context = clientContext(options);
  return { obstacle: context.obstacle, context };
}

// What is neither a port nor a host tls.connect() takes for something else, or refuses.
function obstacleOfAddress(port, host) {
  if (Number.isNaN(Number(port))) return 'port';
  return typeof host === 'string' ? undefined : 'host';
}

function connect(port, host, given) {
  const forced = forcedPath(given);
  // The defaults of tls.connect().
  const options = { port, host, rejectUnauthorized: true, checkServerIdentity: tls.checkServerIdentity, minDHSize: 1024, ...given };
  const { obstacle, context } = forced === 'node' ? { obstacle: 'options.tls' } : choose(options, port, host);
  if (obstacle !== undefined) {
    if (forced === 'rustls') throw new ERR_HTTP2_TLS_FORCED(obstacle);
    return tls.connect(port, host, given);
  }
  options.rejectUnauthorized = options.rejectUnauthorized !== false;
  const taken = {};
  for (const name of SOCKET_OPTIONS) if (options[name] !== undefined) taken[name] = options[name];
  const socket = new net.Socket(taken);
  become(socket, false, context.plan);
  socket[kHandshake] = new Handshake(socket, options, context);
  if (options.timeout) socket.setTimeout(options.timeout);
  socket.connect(options);
  return socket;
}

module.exports = { connect };
