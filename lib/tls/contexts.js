'use strict';

// The secure contexts of a server in rustls' terms: its own, and those for server names.

const tls = require('node:tls');
const { serverConfig } = require('./config');
const { lastingObstacle, planContext, planName } = require('./decide');
const { ERR_HTTP2_TLS_FORCED } = require('./errors');
const { forcedPath } = require('./force');
const { pairFor } = require('./hello');

// Listeners that ask for what only OpenSSL has.
const OPENSSL_EVENTS = ['newSession', 'resumeSession', 'OCSPRequest'];

// Offers of clients whose answer is remembered. Most clients are of a few kinds, and each kind offers one thing.
const MAX_OFFERS = 64;

// A plan (lib/tls/decide.js), and the configurations made of it so far.
class Context {
  constructor(plan) {
    this.plan = plan;
    this.configs = new Map();
    this.pairs = new Map();
  }

  // The certificate for a hello (lib/tls/hello.js), or undefined.
  pair(hello) {
    if (this.plan.obstacle !== undefined || !hello.alpn.includes('h2')) return undefined;
    const { offer } = hello;
    if (this.pairs.has(offer)) return this.pairs.get(offer);
    const pair = pairFor(this.plan, hello);
    if (this.pairs.size < MAX_OFFERS) this.pairs.set(offer, pair);
    return pair;
  }

  // The configuration for how the server is set at this moment, since programs may change these properties; undefined if
  // there is none, because OpenSSL takes material that rustls does not.
  config(server, alpn) {
    if (this.plan.obstacle !== undefined) return undefined;
    const keylog = server.listenerCount('keylog') > 0;
    const requestCert = server.requestCert === true;
    const rejectUnauthorized = server.rejectUnauthorized !== false;
    const identity = Number(keylog) + 2 * Number(requestCert) + 4 * Number(rejectUnauthorized);
    const config = this.configs.get(identity);
    if (config !== undefined) return config;
    try {
      const made = serverConfig(this.plan, { alpn, keylog, rejectUnauthorized, requestCert });
      this.configs.set(identity, made);
      return made;
    } catch {
      this.plan = { obstacle: 'options.cert' };
      return undefined;
    }
  }
}

class Contexts {
  constructor(server, options) {
    this.server = server;
    this.forced = forcedPath(options);
    this.alpn = options.ALPNProtocols;
    // What a program has asked for, for good, that rustls cannot honour.
    this.lasting = lastingObstacle(options);
    // [pattern, options], by which node chooses a context for a server name.
    this.names = [];
    this.read(options);
  }

  // Why connections go to node's TLS, or undefined.
  get obstacle() {
    const obstacle = this.lasting ?? this.shared.plan.obstacle;
    if (obstacle !== undefined) return obstacle;
    const event = OPENSSL_EVENTS.find((name) => this.server.listenerCount(name) > 0);
    return event && `a listener for '${event}'`;
  }

  read(options) {
    this.options = options;
    this.shared = new Context(this.forced === 'node' ? { obstacle: 'options.tls' } : planContext(options));
    // Contexts for names build on this one.
    this.named = new Map();
    // Found out now rather than with the first connection.
    if (this.forced === 'rustls') this.shared.config(this.server, this.alpn);
    if (this.shared.plan.obstacle !== undefined) this.refuse(this.shared.plan.obstacle);
  }

  refuse(obstacle) {
    if (this.forced === 'rustls') throw new ERR_HTTP2_TLS_FORCED(obstacle);
  }

  // From here on all connections are node's.
  leave(obstacle) {
    this.lasting ??= obstacle;
    this.refuse(obstacle);
  }

  // setSecureContext() at run time.
  replace(options) {
    this.lasting ??= lastingObstacle(options);
    this.read(options);
  }

  // addContext(). A SecureContext cannot be read.
  add(context) {
    const pattern = this.server._contexts?.at(-1)?.[0];
    const options = context instanceof tls.createSecureContext().constructor ? undefined : { ...context };
    if (!(pattern instanceof RegExp)) this.leave('addContext()');
    else if (options === undefined) this.refuse('a SecureContext given to addContext()');
    this.names.push([pattern, options]);
  }

  // As node chooses: the last that matches.
  contextFor(servername) {
    if (this.names.length === 0 || !servername) return this.shared;
    const entry = this.names.findLast(([pattern]) => pattern.test(servername));
    if (entry === undefined) return this.shared;
    let context = this.named.get(entry);
    if (context === undefined) {
      const [, options] = entry;
      const opaque = { obstacle: 'a SecureContext' };
      context = new Context(options === undefined ? opaque : planName(options, this.shared.plan, this.options));
      this.named.set(entry, context);
    }
    return context;
  }

  // { plan, config, own } for a ClientHello, the last of them the certificate to show, or undefined if node's TLS has to answer it.
  choose(hello) {
    if (hello === null || this.obstacle !== undefined) return undefined;
    const context = this.contextFor(hello.servername);
    const pair = context.pair(hello);
    if (pair === undefined) return undefined;
    const config = context.config(this.server, this.alpn);
    return config && { plan: context.plan, config, own: pair.chain[0] };
  }
}

module.exports = { Contexts };
