'use strict';

// Configurations of the engine from plans (lib/tls/decide.js). Making one parses keys and certificates: a server has one
// for each secure context, and clients with the same options share theirs.

const { createHash } = require('node:crypto');
const tls = require('node:tls');
const engine = require('../engine/tls');
const { CONTEXT, contextPlan } = require('./decide');
const { defaultRoots } = require('./material');
const { VERSION_NAMES } = require('./names');

function common({ certificates, groups, max, min, roots, suites }) {
  return {
    certificates,
    ciphers: suites.map(({ standardName }) => standardName),
    groups: groups.map(({ name }) => name),
    maxVersion: VERSION_NAMES.get(max),
    minVersion: VERSION_NAMES.get(min),
    roots: roots ?? defaultRoots(),
  };
}

function serverConfig(plan, { alpn, keylog, rejectUnauthorized, requestCert }) {
  return engine.serverConfig({
    ...common(plan),
    alpn,
    // node names the authorities that it was given to clients, and no others.
    caHints: plan.roots !== undefined,
    honorCipherOrder: plan.honorCipherOrder,
    keylog,
    partialChain: false,
    rejectUnauthorized,
    requestCert,
    tickets: true,
  });
}

// What JSON.stringify() loses or shortens.
function replacer(name, value) {
  if (value?.type === 'Buffer') return Buffer.from(value.data).toString('latin1');
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  // Nothing that an option can be, which is for node to say: it must not pass for one that was left out.
  if (['bigint', 'function', 'symbol'].includes(typeof value) || Number.isNaN(value)) return `${typeof value} ${String(value)}`;
  return value;
}

// Everything in a client's options that makes a configuration what it is, as one short string.
function identityOf(options) {
  const values = Object.keys(CONTEXT).map((name) => options[name]);
  const defaults = [tls.DEFAULT_CIPHERS, tls.DEFAULT_ECDH_CURVE, tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION];
  return createHash('sha256').update(JSON.stringify([values, defaults, options.rejectUnauthorized], replacer)).digest('base64');
}

// A few configurations are all that most programs have; a program that makes one for each connection gains nothing here,
// and must not lose memory either.
const MAX_KEPT = 32;
const kept = new Map();

// A client's plan and its configurations, without and with a key log; made once for options that say the same.
class ClientContext {
  constructor(options, roots) {
    this.plan = contextPlan(options, false);
    // Which of several is shown, as getCertificate() has it, is not told.
    if (this.plan.certificates?.length > 1) this.plan = { obstacle: 'options.cert' };
    this.rejectUnauthorized = options.rejectUnauthorized !== false;
    this.trusted = roots;
    this.configs = [];
    if (this.obstacle === undefined) this.tryOut();
  }

  // There may be material that OpenSSL takes and rustls does not.
  tryOut() {
    try {
      this.config(false);
    } catch {
      this.plan = { obstacle: 'options.cert' };
    }
  }

  // Why rustls cannot honour these options, or undefined.
  get obstacle() {
    return this.plan.obstacle;
  }

  config(keylog) {
    return this.configs[Number(keylog)] ??= engine.clientConfig({
      ...common(this.plan),
      alpn: ['h2'],
      keylog,
      partialChain: false,
      rejectUnauthorized: this.rejectUnauthorized,
    });
  }
}

function clientContext(options) {
  const roots = options.ca ? undefined : defaultRoots();
  const identity = identityOf(options);
  let context = kept.get(identity);
  // Roots may have been set anew.
  if (context?.trusted === roots && context !== undefined) return context;
  // Node's judgement of what is invalid, with its errors.
  tls.createSecureContext(options);
  context = new ClientContext(options, roots);
  if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value);
  kept.set(identity, context);
  return context;
}

module.exports = { clientContext, serverConfig };
