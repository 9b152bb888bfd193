'use strict';

// Carries a session over any Duplex: what it reads goes to the engine, what the engine has to send is written to it, one
// buffer at a time. The session's own listeners for 'close' and 'error' are not here: what becomes of a session whose
// stream ends is for the API classes to say.

const net = require('node:net');
const native = require('./load');
const { deliver } = require('./dispatch');
const FrameCutter = require('./frame-cutter');

// How often a turn of the event loop answers one stream at once. Two sessions of one process whose streams pass on in
// ticks what they are given would otherwise never let the loop have its turn.
const AT_ONCE_A_TURN = 64;

// With any of these the kernel has ended the connection, both ways.
const PEER_IS_GONE = new Set(['ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ETIMEDOUT']);

class Pipe {
  constructor(handle, duplex) {
    this.handle = handle;
    this.duplex = duplex;
    // Node reads and writes a stream that is no socket in steps of its own: what arrives is told and answered at once, and
    // each piece of a frame is a write.
    this.cutter = duplex instanceof net.Socket ? undefined : new FrameCutter();
    this.atOnce = 0;
    this.paused = false;
    this.ended = false;
    this.listeners = [];
    // What is written goes nowhere.
    this.unheard = false;
    if (duplex instanceof net.Socket)
      leaveEndToReading(duplex, () => { this.unheard = true; });
    this.attach();
  }

  attach() {
    const { duplex } = this;
    this.listen('data', (chunk) => this.receive(chunk));
    this.listen('end', () => this.end());
    // Before the API's listener, which drops what has not been told yet. Node's own sessions read their socket
    // synchronously and have told everything by now.
    this.listen('close', () => this.last(), true);
    this.listen('error', () => this.last(), true);
    if (duplex.readableEnded)
      this.end();
    else if (duplex.readableFlowing !== true)
      duplex.resume();
  }

  listen(event, listener, first = false) {
    this.listeners.push([event, listener]);
    if (first)
      this.duplex.prependListener(event, listener);
    else
      this.duplex.on(event, listener);
  }

  // The session is gone. Its stream is left flowing, so that it may see its end.
  detach() {
    for (const [event, listener] of this.listeners)
      this.duplex.removeListener(event, listener);
    this.listeners = [];
    if (this.duplex.isPaused()) this.duplex.resume();
  }

  receive(chunk) {
    const { key } = this.handle;
    // A stream with an encoding, or in object mode, may hand out anything; only bytes make sense.
    const octets = chunk instanceof Uint8Array ? chunk : toOctets(chunk, this.duplex.readableEncoding);
    if (octets !== undefined && !native.receive(key, octets) && !this.paused) {
      this.paused = true;
      this.duplex.pause();
    }
    if (this.cutter !== undefined)
      this.answer(key);
  }

  answer(key) {
    if (this.atOnce === AT_ONCE_A_TURN)
      return;
    if (this.atOnce === 0)
      setImmediate(() => { this.atOnce = 0; });
    this.atOnce += 1;
    deliver(key);
    native.flushSession(this.handle.key);
  }

  end() {
    if (this.ended)
      return;
    this.ended = true;
    native.receiveEnd(this.handle.key);
    // A socket ends its own side by itself, unless whoever made it said that it should not: then there may be answers to come.
    // Other streams node ends with their readable side.
    const { duplex } = this;
    if (duplex.allowHalfOpen && !(duplex instanceof net.Socket))
      duplex.end(() => duplex.destroy());
  }

  last() {
    deliver(this.handle.key);
  }

  resume() {
    if (this.paused) {
      this.paused = false;
      this.duplex.resume();
    }
  }

  write(buffer) {
    const { duplex } = this;
    if (duplex.destroyed || duplex.writableEnded)
      native.outputDone(this.handle.key, true);
    else if (this.cutter === undefined)
      this.writeSocket(buffer);
    else
      this.writePieces(this.cutter.cut(buffer));
  }

  // A socket that got rid of it at once calls back in a tick all the same. Node's sessions, beneath the socket, know at once.
  writeSocket(buffer) {
    const { duplex } = this;
    let told = false;
    const onWritten = (error) => {
      if (!told) this.written(error);
      told = true;
    };
    duplex.write(buffer, onWritten);
    if (duplex.writableLength === 0 && !duplex.destroyed && !duplex.errored)
      onWritten();
  }

  writePieces(pieces) {
    const { duplex } = this;
    const last = pieces.pop();
    if (last === undefined) {
      process.nextTick(() => this.written());
      return;
    }
    duplex.cork();
    for (const piece of pieces) duplex.write(piece);
    duplex.write(last, (error) => this.written(error));
    duplex.uncork();
  }

  written(error) {
    // 0, a key that no session has, once the session is gone.
    const { key } = this.handle;
    native.outputDone(key, this.unheard || error != null);
    // The rest is as good as written: who waits for that is told before the end, which may be what is read next.
    if (this.unheard)
      native.flushSession(key);
  }

  // Writes what is left of a session that ends, whatever is on its way.
  writeLast(buffers) {
    const { duplex } = this;
    for (const buffer of buffers) {
      if (duplex.destroyed || duplex.writableEnded) return;
      if (this.cutter === undefined) duplex.write(buffer);
      else this.writePieces(this.cutter.cut(buffer));
    }
  }
}

// A net.Socket destroys itself with the error of a write. Node's sessions write beneath it: to them what goes to a peer that is
// gone goes nowhere, and how the connection has ended is for reading to say, after what had come before that.
function leaveEndToReading(socket, onUnheard) {
  const unless = (callback) => (error) => {
    const isGone = PEER_IS_GONE.has(error?.code);
    if (isGone)
      onUnheard();
    callback(isGone ? null : error);
  };
  for (const name of ['_write', '_writev']) {
    const write = socket[name];
    if (typeof write !== 'function')
      continue;
    const value = function(...args) {
      const callback = args.pop();
      Reflect.apply(write, this, [...args, unless(callback)]);
    };
    Object.defineProperty(socket, name, { value, configurable: true, writable: true });
  }
}

function toOctets(chunk, encoding) {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, encoding ?? 'utf8');
  if (ArrayBuffer.isView(chunk))
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return undefined;
}

module.exports = Pipe;
