'use strict';

// node run-scripts.js <server> <client> <area> <file of certificates>: runs the scripts of an area with one implementation of
// http2 on each side, and reports what they logged. Where the implementation is the one under test, its connections are
// carried by whatever TLS HTTP2_RS_TLS says.

const fs = require('node:fs');
const { Context } = require('../differential/context');
const { report } = require('../helpers/child');
const { SUBJECT, load } = require('../helpers/modules');
const { kHandle } = require('../../lib/symbols');

const [, , serverName, clientName, area, certificates] = process.argv;
const scripts = require(`./scripts/${area}`);

// Hanging is a result like any other, as long as all do it.
const HANG_MS = 10_000;

class TlsContext extends Context {
  constructor() {
    super(load(clientName));
    this.serverHttp2 = load(serverName);
    this.certificates = JSON.parse(fs.readFileSync(certificates, 'utf8'));
    // What carried the sessions under test, in the order in which they began.
    this.transports = [];
    this.closers = [];
  }

  // A server with the certificate of that name, and what is to be logged of it.
  async secure(options = {}, { certificate = 'ec', log = true, listeners = {} } = {}) {
    const { key, cert } = this.certificates[certificate];
    const server = this.serverHttp2.createSecureServer({ key, cert, ...options });
    if (log) {
      const events = ['secureConnection', 'session', 'sessionError', 'unknownProtocol'];
      this.spy(server, 'server', { only: events.filter((name) => listeners[name] === undefined) });
      server.on('tlsClientError', (error) => this.log('server', 'tlsClientError', error));
    }
    for (const [name, listener] of Object.entries(listeners)) server.on(name, listener);
    const sockets = new Set();
    server.on('connection', (socket) => sockets.add(socket));
    server.on('session', (session) => this.carries(session, serverName));
    server.on('stream', (stream) => {
      stream.respond();
      stream.end('answer');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.closers.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return server;
  }

  // A client of the server, which trusts its certificate unless told otherwise.
  dial(server, options = {}, { ca = 'ec', log = true, host = 'localhost' } = {}) {
    const session = this.http2.connect(`https://${host}:${server.address().port}`,
      { host: '127.0.0.1', ca: ca && this.certificates[ca].cert, ...options });
    if (log) this.spy(session, 'client', { only: ['connect', 'close', 'error'] });
    session.on('error', () => {});
    session.on('connect', () => this.carries(session, clientName));
    this.closers.push(() => session.destroy());
    return session;
  }

  // OpenSSL adds to its errors which thread, function and line they come from.
  log(channel, ...items) {
    super.log(channel, ...items);
    const lines = this.channels[channel];
    lines.push(lines.pop().replace(/(?:[0-9A-F]+:)?(error:[0-9A-F]+:SSL routines:)[^:]*(:[^:]+):[^]*/, '$1$2'));
  }

  carries(session, name) {
    if (name === SUBJECT) this.transports.push(session[kHandle]?.transport);
  }

  // The answer to a request, as text.
  async ask(session) {
    const request = session.request();
    request.on('error', (error) => this.log('client', 'request', error.code));
    request.setEncoding('utf8');
    let text = '';
    for await (const chunk of request) text += chunk;
    this.log('client', 'answer', text);
  }

  async end() {
    for (const close of this.closers.reverse()) await close();
  }
}

const results = {};
let current;

process.on('warning', (warning) => current.log('process', 'warning', warning.name, warning.message));
process.on('uncaughtException', (error) => current.log('process', 'uncaught', error));

async function play(name) {
  const context = current = new TlsContext();
  let timer;
  const hangs = new Promise((resolve) => { timer = setTimeout(resolve, HANG_MS, 'hangs'); });
  const played = scripts[name](context).then(() => 'done', (error) => `failed: ${error.stack}`);
  context.log('process', await Promise.race([played, hangs]));
  clearTimeout(timer);
  await context.end();
  results[name] = { channels: context.channels, transports: context.transports };
}

async function main() {
  for (const name of Object.keys(scripts)) await play(name);
  report(results);
}

main();
