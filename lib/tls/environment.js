'use strict';

// What else decides how node's TLS behaves: flags, variables and what programs put in the place of node's functions.

const crypto = require('node:crypto');
const tls = require('node:tls');

// Programs that replace these want to see every connection, or to change what it trusts.
const replaceable = ['connect', 'createSecureContext', 'TLSSocket'].map((name) => [name, tls[name]]);

const flags = new Set([...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)].map((flag) => flag.split('=', 1)[0]));

// Whether node was started with a flag, on its command line or by NODE_OPTIONS.
function hasFlag(name) {
  return flags.has(name);
}

// Flags under which OpenSSL does what rustls cannot: it writes files, prints, or is configured from outside.
const OPENSSL_FLAGS = ['--enable-fips', '--force-fips', '--openssl-config', '--openssl-shared-config', '--tls-keylog', '--trace-tls'];

// The first thing about this process that only node's own TLS can honour, or undefined.
function obstacle() {
  const flag = OPENSSL_FLAGS.find(hasFlag);
  if (flag !== undefined) return flag;
  if (process.env.OPENSSL_CONF) return 'OPENSSL_CONF';
  if (crypto.getFips() === 1) return 'FIPS mode';
  const replaced = replaceable.find(([name, original]) => tls[name] !== original);
  return replaced && `tls.${replaced[0]}, which was replaced`;
}

// The same for a client: roots from where JavaScript cannot read them, and a variable that node warns of.
function clientObstacle(trustsDefaultRoots) {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') return 'NODE_TLS_REJECT_UNAUTHORIZED';
  if (trustsDefaultRoots) {
    if (hasFlag('--use-openssl-ca') || process.config.variables.openssl_use_def_ca_store) return '--use-openssl-ca';
    if (tls.getCACertificates === undefined && process.env.NODE_EXTRA_CA_CERTS) return 'NODE_EXTRA_CA_CERTS';
  }
  return obstacle();
}

module.exports = { clientObstacle, hasFlag, obstacle };
