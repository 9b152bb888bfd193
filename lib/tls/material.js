'use strict';

// Keys and certificates in the forms that node takes, as the DER that the engine takes. What node accepts and this does not
// understand is `undefined`, and goes to node's own TLS; that something is invalid is for node to say (lib/tls/decide.js).

const { X509Certificate, createPrivateKey } = require('node:crypto');
const tls = require('node:tls');

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
// Older labels for certificates, which OpenSSL reads with meanings of their own.
const OTHER_CERTIFICATE = /-----BEGIN (?:X509|TRUSTED) CERTIFICATE-----/;

// What both OpenSSL, at node's security level, and aws-lc sign and verify with.
const CURVES = new Set(['prime256v1', 'secp384r1']);
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;

function textOf(value) {
  if (typeof value === 'string') return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  return undefined;
}

// The certificates of one PEM text, in its order.
function parsePem(value) {
  const text = textOf(value);
  if (text === undefined || OTHER_CERTIFICATE.test(text)) return undefined;
  try {
    return (text.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  } catch {
    return undefined;
  }
}

function listOf(value) {
  return Array.isArray(value) ? value : [value];
}

function isUsable({ asymmetricKeyType: type, asymmetricKeyDetails: details }) {
  if (type === 'rsa') return details.modulusLength >= MIN_RSA_BITS && details.modulusLength <= MAX_RSA_BITS;
  return type === 'ec' && CURVES.has(details.namedCurve);
}

function isSelfIssued(certificate) {
  return certificate.subject === certificate.issuer;
}

// Certificates to trust, as X509Certificates, or undefined.
function parseRoots(ca) {
  const parsed = listOf(ca).map(parsePem);
  return parsed.includes(undefined) ? undefined : parsed.flat();
}

// A key with the passphrase it may need: { pem, passphrase }, or the PEM itself.
function parseKey(value, passphrase) {
  const key = textOf(value?.pem ?? value);
  if (key === undefined) return undefined;
  try {
    const parsed = createPrivateKey({ key, format: 'pem', passphrase: value?.passphrase ?? passphrase ?? undefined });
    return isUsable(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

// OpenSSL completes a chain of one certificate with those of `ca`, up to the root, which it sends as well.
function complete(chain, ca) {
  if (chain.length > 1) return chain;
  const completed = [...chain];
  for (let last = chain[0]; !isSelfIssued(last);) {
    const issuer = ca.find((candidate) => last.checkIssued(candidate) && !completed.includes(candidate));
    if (issuer === undefined) break;
    completed.push(issuer);
    last = issuer;
  }
  return completed;
}

// [{ chain: [DER], key: PKCS#8 DER, keyType, curve }], one for each key, or undefined. `ca` are X509Certificates.
function parsePairs({ key, cert, passphrase }, ca) {
  if (!key && !cert) return [];
  if (!key || !cert) return undefined;
  const keys = listOf(key).map((one) => parseKey(one, passphrase));
  const chains = listOf(cert).map(parsePem);
  if (keys.includes(undefined) || chains.some((chain) => chain === undefined || chain.length === 0)) return undefined;
  // OpenSSL holds one pair of each type; which of several it keeps is its own affair.
  const types = new Set(keys.map(({ asymmetricKeyType }) => asymmetricKeyType));
  if (types.size !== keys.length || chains.length !== keys.length) return undefined;
  const pairs = keys.map((one) => {
    const chain = chains.find(([leaf]) => leaf.checkPrivateKey(one));
    return chain && {
      chain: complete(chain, ca).map(({ raw }) => raw),
      key: one.export({ type: 'pkcs8', format: 'der' }),
      keyType: one.asymmetricKeyType,
      curve: one.asymmetricKeyDetails.namedCurve,
    };
  });
  if (pairs.includes(undefined)) return undefined;
  // Where both would do, OpenSSL prefers signatures by elliptic curves.
  return pairs.sort((one, other) => (one.keyType < other.keyType ? -1 : 1));
}

// { roots: [DER] | undefined for node's own, certificates: [pair] }, or the name of the option that stands in the way. Chains
// are completed from `completing`, the `ca` of whichever options these are.
function readMaterial(options, completing = options.ca) {
  const roots = options.ca ? parseRoots(options.ca) : undefined;
  if (options.ca && roots === undefined) return 'ca';
  // With a key that is too short for one of them, the other may still verify.
  if (roots?.some(({ publicKey }) => !isUsable(publicKey))) return 'ca';
  const certificates = parsePairs(options, completing === options.ca ? roots ?? [] : parseRoots(completing ?? []));
  if (certificates === undefined) return options.key ? 'key' : 'cert';
  return { roots: roots?.map(({ raw }) => raw), certificates };
}

let defaultPem;
let defaultDer;

// The roots that node trusts unless told otherwise. A root is one that issued itself.
function defaultRoots() {
  const pem = tls.getCACertificates?.('default') ?? tls.rootCertificates;
  if (pem !== defaultPem) {
    defaultPem = pem;
    defaultDer = pem.map((text) => Buffer.from(text.replace(/-----[^-]+-----/g, ''), 'base64'));
  }
  return defaultDer;
}

module.exports = { defaultRoots, isUsable, readMaterial };
