'use strict';

// One case of a sweep: a connection of its own if it asks for one, and a log for each channel.

const { spy } = require('../../helpers/spy');
const { attempt, describe } = require('./outcome');

const WITHOUT = new Set(['data', 'readable', 'drain']);
// A case that hangs says so. None takes nearly as long.
const HANG_MS = 2_000;

class Case {
  constructor(http2) {
    this.http2 = http2;
    this.channels = {};
    this.known = new Map();
    this.cleanups = [];
    this.quiet = false;
  }

  log(channel, ...items) {
    if (this.quiet) return;
    (this.channels[channel] ??= []).push(items.map((item) => (typeof item === 'string' ? item : describe(item, this.known))).join(' '));
  }

  call(label, action) {
    this.log('call', label, '=>', attempt(action, this.known));
  }

  // Logs the events of an object, which shows by this name.
  watch(object, name) {
    this.known.set(object, name);
    spy(object, (event, args) => {
      if (!WITHOUT.has(event)) this.log(name, event, ...args.map((arg) => describe(arg, this.known)));
    });
    // 'error' would be uncaught, which says no more.
    object.on('error', () => {});
    return object;
  }

  async run(script) {
    let timer;
    const hang = new Promise((resolve) => {
      timer = setTimeout(() => {
        this.log('process', 'hangs');
        resolve();
      }, HANG_MS);
    });
    try {
      await Promise.race([script(this), hang]);
    } catch (error) {
      this.log('process', 'failed', error);
    }
    this.quiet = true;
    for (const cleanup of this.cleanups.reverse()) await Promise.race([cleanup().catch(() => {}), hang]);
    clearTimeout(timer);
  }

  // What properties say: `names` of the object.
  snapshot(label, object, names) {
    for (const name of names) this.log('state', `${label}.${name}`, attempt(() => object[name], this.known));
  }

  // { server, client, serverSession }: a connection, watched, and taken down after the case.
  async connection({ serverOptions, clientOptions, connected = true } = {}) {
    const server = this.http2.createServer(serverOptions ?? {});
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const arrives = new Promise((resolve) => server.once('session', (session) => resolve(this.watch(session, 'server session'))));
    const client = this.watch(this.http2.connect(`http://127.0.0.1:${server.address().port}`, clientOptions), 'client session');
    const pair = { server, client, serverSession: undefined };
    arrives.then((session) => { pair.serverSession = session; });
    if (connected) {
      await Promise.all([arrives, new Promise((resolve) => client.once('remoteSettings', resolve))]);
      await new Promise((resolve) => client.ping(resolve));
    }
    this.cleanups.push(async () => {
      for (const session of [client, pair.serverSession])
        session?.constructor.prototype.destroy.call(session);
      await new Promise((resolve) => server.close(resolve));
    });
    return pair;
  }

  // Until both ends have heard what the other has said, and have answered.
  async settle({ client, serverSession }) {
    for (let round = 0; round < 2; round++) {
      for (const session of [client, serverSession]) {
        if (session === undefined || session.destroyed || session.connecting) continue;
        await new Promise((resolve) => {
          session.once('close', resolve);
          try {
            if (!session.ping(resolve)) resolve();
          } catch {
            resolve();
          }
        });
      }
      await turn();
    }
    for (const session of [client, serverSession])
      if (session?.destroyed) await turn();
  }
}

function turn() {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

module.exports = { Case };
