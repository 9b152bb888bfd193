'use strict';

// Takes a net.Socket over: the engine reads and writes a duplicate of its descriptor, and the net.Socket stays the object
// that users see. Its events, counters, timeouts and ref/unref keep their meaning; only its own reading stops.
//
// Everything is set on the instance, and nothing before the engine has its duplicate: a socket that cannot be taken over
// (no descriptor left, say) goes to the pipe untouched.

const net = require('node:net');
const tls = require('node:tls');
const { getSystemErrorName } = require('node:util');
const native = require('./load');
const { deliver } = require('./dispatch');

const kTakeover = Symbol('http2-rs.takeover');

const { prototype } = net.Socket;
const inherited = {
  bytesRead: Object.getOwnPropertyDescriptor(prototype, 'bytesRead').get,
  bytesWritten: Object.getOwnPropertyDescriptor(prototype, 'bytesWritten').get,
};

// A connected socket that nobody else reads, writes or overrides.
function isFree(socket) {
  return socket instanceof net.Socket && socket._handle?.fd >= 0 && typeof socket._handle.readStop === 'function' &&
    !socket.destroyed && !socket.connecting && !socket.readableEnded && !socket.writableEnded &&
    socket.writableLength === 0 && socket.readableEncoding === null &&
    socket._read === prototype._read && socket._writeGeneric === prototype._writeGeneric &&
    socket._final === prototype._final && socket._destroy === prototype._destroy &&
    socket.listenerCount('data') === 0 && socket.listenerCount('readable') === 0;
}

function nothing() {}

// What JavaScript had already read. `_read` must be out of the way: read() would start reading again.
function drain(socket) {
  const chunks = [];
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read())
    chunks.push(chunk);
  return chunks.length === 0 ? undefined : Buffer.concat(chunks);
}

// The engine's view of the socket.
class Takeover {
  constructor(handle, socket) {
    this.handle = handle;
    this.duplex = socket;
    this.shutdown = undefined;
    this.counters = undefined;
  }

  get transport() {
    return 'socket';
  }

  // Traffic went through, which is what a socket's own timeout waits for.
  active() {
    this.duplex._unrefTimer();
  }

  // The peer will send no more.
  end() {
    const { duplex } = this;
    if (!duplex.destroyed) {
      duplex.push(null);
      duplex.read(0);
    }
  }

  fail(errno, writing) {
    const { duplex } = this;
    if (duplex.destroyed)
      return;
    const code = getSystemErrorName(errno);
    const syscall = writing ? 'write' : 'read';
    const error = new Error(`${syscall} ${code}`);
    duplex.destroy(Object.assign(error, { errno, code, syscall }));
  }

  // All output is with the kernel.
  drained() {
    const { shutdown } = this;
    this.shutdown = undefined;
    shutdown?.();
  }

  // Octets moved by the engine, which remain to be seen when its side is gone.
  count(index) {
    return (this.counters ?? native.socketCounters(this.handle.key))?.[index] ?? 0;
  }

  keepCounters() {
    this.counters ??= native.socketCounters(this.handle.key);
  }

  // The socket is destroyed.
  close() {
    this.keepCounters();
    native.closeSocket(this.handle.key);
    this.drained();
  }

  // The session is gone, and the socket is its own again: it has to see that the peer ends.
  release() {
    const { duplex } = this;
    delete duplex._read;
    this.drained();
    if (duplex.destroyed || !duplex._handle || duplex.readableEnded)
      return;
    duplex._handle.reading = true;
    duplex._handle.readStart();
  }
}

// Replacements for the methods of a socket that has been taken over.

function final(callback) {
  const takeover = this[kTakeover];
  const shutdown = () => prototype._final.call(this, callback);
  if (native.socketDrained(takeover.handle.key))
    shutdown();
  else
    takeover.shutdown = shutdown;
}

function destroy(error, callback) {
  const takeover = this[kTakeover];
  takeover.close();
  prototype._destroy.call(this, error, (failure) => {
    // Node's sessions read their socket synchronously: by the time of 'close' they have told everything.
    deliver(takeover.handle.key);
    callback(failure);
  });
}

function ref() {
  native.refSocket(this[kTakeover].handle.key, true);
  return prototype.ref.call(this);
}

function unref() {
  native.refSocket(this[kTakeover].handle.key, false);
  return prototype.unref.call(this);
}

function method(value) {
  return { value, configurable: true, writable: true };
}

const replacements = {
  _final: method(final),
  _destroy: method(destroy),
  ref: method(ref),
  unref: method(unref),
  bytesRead: {
    configurable: true,
    get() { return inherited.bytesRead.call(this) + this[kTakeover].count(0); },
  },
  bytesWritten: {
    configurable: true,
    get() { return inherited.bytesWritten.call(this) + this[kTakeover].count(1); },
  },
};

// Keeps node from reading the socket.
function stopReading({ _handle: handle }) {
  if (handle.reading) {
    handle.reading = false;
    handle.readStop();
  }
}

// Puts a takeover, whose engine's side is open, in the place of what the socket does itself. Has `start` begin, with what
// JavaScript had already read.
function install(takeover, start, methods = replacements) {
  const { duplex: socket, handle } = takeover;
  socket[kTakeover] = takeover;
  Object.defineProperty(socket, '_read', method(nothing));
  stopReading(socket);
  const before = drain(socket);
  socket.pause();
  Object.defineProperties(socket, methods);
  start(before);
  // unref() was called before.
  if (!socket._handle.hasRef())
    native.refSocket(handle.key, false);
  return takeover;
}

// The engine's view of the socket, or undefined if the socket stays with JavaScript.
function takeOver(handle, socket) {
  if (socket instanceof tls.TLSSocket || !isFree(socket) || native.openSocket(handle.key, socket._handle.fd) !== 0)
    return undefined;
  return install(new Takeover(handle, socket), (before) => native.startSocket(handle.key, before));
}

module.exports = { Takeover, install, isFree, kTakeover, method, replacements, stopReading, takeOver };
