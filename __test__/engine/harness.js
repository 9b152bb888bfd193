'use strict';

// Drives the engine without the API classes: two session handles, joined by a pair of streams or a socket, and everything
// that they are told, in order.

const { AsyncResource } = require('node:async_hooks');
const { once } = require('node:events');
const net = require('node:net');
const { Duplex } = require('node:stream');
const engine = require('../../lib/engine');
const { kResource } = require('../../lib/symbols');

const SERVER = 0;
const CLIENT = 1;

const NAMES = [
  'onHeaders', 'onPushPromise', 'onData', 'onEnd', 'onWritten', 'onShutdown', 'onWantTrailers', 'onStreamClose',
  'onFrameError', 'onPriority', 'onSettings', 'onSettingsAck', 'onPing', 'onPingAck', 'onGoaway', 'onAltsvc', 'onOrigin',
  'onSessionError', 'onSessionDone', 'onLimit',
];

// A stream of the API, as far as the engine knows one.
class Stream {
  constructor(owner, id) {
    this.owner = owner;
    this.id = id;
    this[kResource] = new AsyncResource('TestStream');
    owner.handle.streams.set(id, this);
  }

  told(name, args) {
    this.owner.told(name, [this.id, ...args]);
  }
}

// The owner of a session.
class Side {
  // Told of every event: (name, args), where args begin with a stream's id for the events of streams.
  listener = () => {};

  constructor(name, type, options) {
    this.name = name;
    this.events = [];
    this.waiting = [];
    this.taken = 0;
    this[kResource] = new AsyncResource('TestSession');
    this.handle = engine.createSession(this, type, options);
  }

  told(name, args) {
    if (name === 'onHeaders' && !this.handle.streams.has(args[0]))
      this.open(args[0]);
    else if (name === 'onPushPromise')
      this.open(args[1]);
    this.events.push([name, ...args]);
    this.listener(name, ...args);
    if (name === 'onStreamClose')
      this.handle.streams.delete(args[0]);
    this.wake();
  }

  open(id) {
    const stream = new Stream(this, id);
    this.handle.readStart(id);
    return stream;
  }

  wake() {
    this.waiting = this.waiting.filter((waiter) => !waiter());
  }

  // The next event of that name, past those that were waited for before; with an id, of that stream.
  next(name, id) {
    return new Promise((resolve) => {
      const look = () => {
        const at = this.events.findIndex((event) => !event.taken && event[0] === name && (id === undefined || event[1] === id));
        if (at === -1)
          return false;
        const event = this.events[at];
        event.taken = true;
        resolve(event.slice(1));
        return true;
      };
      if (!look())
        this.waiting.push(look);
    });
  }

  names() {
    return this.events.map(([name]) => name);
  }

  // The body that arrived on a stream so far.
  body(id) {
    const chunks = this.events.filter(([name, on]) => name === 'onData' && on === id).map((event) => event[2]);
    return Buffer.concat(chunks);
  }

  // Opens a stream: `fields` are [name, value] pairs after the usual pseudo-headers.
  request(fields = [], flags = 1, method = 'GET', path = '/') {
    const list = [[':method', method], [':path', path], [':scheme', 'http'], [':authority', 'localhost'], ...fields];
    const id = this.handle.request(block(list), list.length, flags);
    if (id > 0)
      this.open(id);
    return id;
  }

  respond(id, fields = [], flags = 0) {
    const list = [[':status', '200'], ...fields];
    return this.handle.respond(id, block(list), list.length, flags);
  }
}

engine.setHandlers(Object.fromEntries(NAMES.map((name) =>
  [name, (target, ...args) => target.told(name, trim(args))])));

// The dispatcher passes more arguments than most handlers have.
function trim(args) {
  while (args.length > 0 && args.at(-1) === undefined)
    args.pop();
  return args;
}

// A list as the engine takes it; a third element makes a field one that is never indexed.
function block(list) {
  return list.map(([name, value, sensitive]) => `${sensitive ? '\x01' : ''}${name}\0${value}\0`).join('');
}

// Two streams of which each reads what the other writes.
function duplexPair() {
  const ends = [];
  const make = (other) => new Duplex({
    read() {
      const { written } = this;
      this.written = undefined;
      written?.();
    },
    write(chunk, encoding, callback) {
      const peer = ends[other];
      peer.written = callback;
      peer.push(chunk);
    },
    final(callback) {
      ends[other].push(null);
      callback();
    },
  });
  ends.push(make(1), make(0));
  return ends;
}

// A client and a server, destroyed when the test is over: over a pair of streams ('pair'), over sockets as the streams
// they are ('sockets'), or over what the engine makes of sockets ('descriptors').
async function sides(t, { client: clientOptions, server: serverOptions, over = 'pair' } = {}) {
  const [near, far] = over === 'pair' ? duplexPair() : await sockets(t);
  const client = new Side('client', CLIENT, clientOptions);
  const server = new Side('server', SERVER, serverOptions);
  for (const [side, duplex] of [[client, near], [server, far]]) {
    duplex.on('error', () => {});
    duplex.on('close', () => side.handle.destroy(0));
    side.duplex = duplex;
    side.handle.attach(duplex, over === 'descriptors' ? undefined : 'pipe');
  }
  t.after(() => {
    for (const side of [client, server]) {
      side.handle.destroy(0);
      side.duplex.destroy();
    }
  });
  return { client, server };
}

async function sockets(t) {
  const listener = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const near = net.connect({ port: listener.address().port, host: '127.0.0.1', allowHalfOpen: true });
  const [[far]] = await Promise.all([once(listener, 'connection'), once(near, 'connect')]);
  listener.close();
  near.setNoDelay();
  far.setNoDelay();
  return [near, far];
}

// A turn of the event loop, and with it everything that is due.
function turn() {
  return new Promise((resolve) => { setImmediate(() => setImmediate(resolve)); });
}

module.exports = { CLIENT, SERVER, Side, Stream, block, duplexPair, engine, sides, sockets, turn };
