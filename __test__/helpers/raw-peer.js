'use strict';

// One end of a connection that is played by hand: it sends whatever octets it is told to, and shows the frames it gets.

const { once } = require('node:events');
const net = require('node:net');
const tls = require('node:tls');
const { createCertificate } = require('./certificate');
const { cleanup } = require('./cleanup');
const { PREFACE, code, flag, parse, settings, settingsAck, type } = require('./frames');

class RawPeer {
  // A peer that does not read leaves everything in the buffers of the system; one that does not hang up keeps its side open
  // when the other end has closed its own.
  constructor(socket, { reads = true, hangsUp = true, preface = false, beneath = socket } = {}) {
    this.socket = socket;
    // What carries it: over TLS that is another socket.
    this.beneath = beneath;
    this.frames = [];
    this.ended = false;
    this.octets = Buffer.alloc(0);
    this.expectsPreface = preface;
    this.waiting = new Set();
    socket.setNoDelay?.();
    // Whoever is attacked may hang up at any time.
    socket.on('error', () => {});
    socket.on('close', () => this.over());
    socket.on('end', () => {
      this.over();
      if (hangsUp) socket.end();
    });
    if (reads) socket.on('data', (chunk) => this.receive(chunk));
    else socket.pause();
  }

  receive(chunk) {
    this.octets = Buffer.concat([this.octets, chunk]);
    if (this.expectsPreface) {
      if (this.octets.length < PREFACE.length) return;
      this.octets = this.octets.subarray(PREFACE.length);
      this.expectsPreface = false;
    }
    const { frames, rest } = parse(this.octets);
    this.octets = rest;
    this.frames.push(...frames);
    this.wake();
  }

  over() {
    this.ended = true;
    this.wake();
  }

  wake() {
    for (const check of [...this.waiting]) check();
  }

  send(...octets) {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(Buffer.concat(octets));
    return this;
  }

  /** Sends what may not fit the buffers at once, until it is gone or the other end has hung up. */
  async sendAll(octets) {
    if (this.socket.destroyed || !this.socket.writable) return;
    await new Promise((resolve) => {
      this.socket.write(octets, resolve);
      this.socket.once('close', resolve);
    });
  }

  /** The first frame, of those that came and those to come, that is so; undefined if the connection ends without one. */
  frame(matches) {
    return this.until(() => this.frames.find(matches));
  }

  /** What `look` finds, as soon as it finds something; undefined if the connection ends before. */
  until(look) {
    return new Promise((resolve) => {
      const check = () => {
        const found = look();
        if (!found && !this.ended) return;
        this.waiting.delete(check);
        resolve(found || undefined);
      };
      this.waiting.add(check);
      check();
    });
  }

  close() {
    return this.until(() => this.ended);
  }

  /** Resets the connection. */
  cut() {
    this.beneath.resetAndDestroy();
    this.socket.destroy();
  }

  /** Goes without a word, and forgets what it has seen. */
  leave() {
    this.socket.destroy();
    this.beneath.destroy();
    this.frames = [];
    this.octets = Buffer.alloc(0);
  }

  /** The error code of a GOAWAY, once the connection has come to its end. */
  async goawayCode() {
    const found = await this.frame((each) => each.type === type.GOAWAY && each.payload.readUInt32BE(4) !== code.NO_ERROR);
    return found?.payload.readUInt32BE(4);
  }
}

/** A client of what listen() returned, over TLS if that is secure. Unless `bare`, SETTINGS have been exchanged. */
async function rawClient(t, { port, cert }, { bare = false, values = [], ...options } = {}) {
  const beneath = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  cleanup(t, () => beneath.destroy());
  await once(beneath, 'connect');
  let socket = beneath;
  if (cert !== undefined) {
    beneath.on('error', () => {});
    socket = tls.connect({ socket: beneath, ca: cert, servername: 'localhost', ALPNProtocols: ['h2'], allowHalfOpen: true });
    await once(socket, 'secureConnect');
  }
  const peer = new RawPeer(socket, { beneath, ...options });
  if (bare) return peer;
  peer.send(PREFACE, settings(...values));
  if (options.reads !== false) await peer.frame((each) => each.type === type.SETTINGS && (each.flags & flag.ACK) !== 0);
  peer.send(settingsAck());
  return peer;
}

/**
 * Servers for clients to be connected to, with the options that this returns: `accept(peer)` is called for each, once SETTINGS have
 * been sent.
 */
async function rawServer(t, accept, { bare = false, values = [], secure = false, ...options } = {}) {
  const sockets = new Set();
  const { key, cert } = secure ? createCertificate() : {};
  const make = secure
    ? (listener) => tls.createServer({ key, cert, ALPNProtocols: ['h2'], allowHalfOpen: true }, listener)
    : (listener) => net.createServer({ allowHalfOpen: true }, listener);
  const server = make(async (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const peer = new RawPeer(socket, { preface: true, ...options });
    if (!bare) {
      peer.send(settings(...values));
      if (options.reads !== false) await peer.frame((each) => each.type === type.SETTINGS && (each.flags & flag.ACK) === 0);
      peer.send(settingsAck());
    }
    accept(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup(t, async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address();
  return { server, port, url: `${secure ? 'https' : 'http'}://localhost:${port}`, options: { host: '127.0.0.1', ca: cert } };
}

module.exports = { RawPeer, rawClient, rawServer };
