'use strict';

// The errors of node:tls that the rustls path has to make itself, and one of its own.

const { defineError } = require('../errors/node-error');
const { hasFlag } = require('./environment');

// What OpenSSL says of certificates that it does not trust, by node's codes.
const VERIFY_MESSAGES = {
  CERT_CHAIN_TOO_LONG: 'certificate chain too long',
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not yet valid',
  CERT_REJECTED: 'certificate rejected',
  CERT_REVOKED: 'certificate revoked',
  CERT_SIGNATURE_FAILURE: 'certificate signature failure',
  CERT_UNTRUSTED: 'certificate not trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate',
  INVALID_CA: 'invalid CA certificate',
  INVALID_PURPOSE: 'unsuitable certificate purpose',
  PATH_LENGTH_EXCEEDED: 'path length constraint exceeded',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in certificate chain',
  UNABLE_TO_GET_ISSUER_CERT: 'unable to get issuer certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unable to get local issuer certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unable to verify the first certificate',
};

// Errors that another set of roots may cure; newer versions of node say so.
const CURABLE = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']);
const HINT = '; if the root CA is installed locally, try running Node.js with --use-system-ca';
const HINTS = Number.parseInt(process.versions.node, 10) >= 24;

// What a certificate was found to be, as node has it: an Error with a code.
function verifyError(code) {
  let message = VERIFY_MESSAGES[code] ?? 'certificate verification failed';
  if (HINTS && CURABLE.has(code) && !hasFlag('--use-system-ca')) message += HINT;
  return Object.assign(new Error(message), { code });
}

function connectionReset(message) {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

// OpenSSL from 3.2 on says of a record that is none what it is, once the ClientHello has settled what records look like.
const [major, minor] = process.versions.openssl.split('.', 2).map(Number);
const TELLS_RECORD_TYPES = major > 3 || (major === 3 && minor >= 2);
const BAD_RECORD_TYPE = {
  message: 'error:0A0001BB:SSL routines::bad record type',
  library: 'SSL routines',
  reason: 'bad record type',
  code: 'ERR_SSL_BAD_RECORD_TYPE',
};

// RFC 8446, section 6.2: what a server answers that likes nothing of what a client offers. node's TLS offers more.
const HANDSHAKE_FAILURE = 40;
const OFFER_HINT = '; if the server has no cipher suite or group that rustls has, try the option `tls: \'node\'`';

// An error of the handshake, told as OpenSSL's are. Its properties, and their order, are node's.
function handshakeError(error, isServer) {
  const bad = TELLS_RECORD_TYPES && isServer && error.code === 'ERR_SSL_WRONG_VERSION_NUMBER';
  const { message, library, reason, code } = bad ? BAD_RECORD_TYPE : error;
  const hint = !isServer && error.ofOffer && error.alert === HANDSHAKE_FAILURE ? OFFER_HINT : '';
  return Object.assign(new Error(message + hint), { library, reason, code });
}

module.exports = {
  ERR_HTTP2_TLS_FORCED: defineError('ERR_HTTP2_TLS_FORCED', Error,
    (name) => `TLS by rustls was asked for, but it cannot honour ${name}`),
  ERR_TLS_HANDSHAKE_TIMEOUT: defineError('ERR_TLS_HANDSHAKE_TIMEOUT', Error, 'TLS handshake timeout'),
  ERR_TLS_INVALID_STATE: defineError('ERR_TLS_INVALID_STATE', Error,
    'TLS socket connection must be securely established'),
  ERR_TLS_SNI_FROM_SERVER: defineError('ERR_TLS_SNI_FROM_SERVER', Error,
    'Cannot issue SNI from a TLS server-side socket'),
  connectionReset,
  handshakeError,
  verifyError,
};
