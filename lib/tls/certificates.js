'use strict';

// Peer certificates as getPeerCertificate() has them: node's legacy objects, with their issuers if details are wanted.

const { X509Certificate } = require('node:crypto');
const { defaultRoots } = require('./material');

// "OCSP - URI:http://..." lines as { 'OCSP - URI': ['http://...'] }. A value in quotes is a JSON string.
function parseInfoAccess(text) {
  const found = Object.create(null);
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const key = line.slice(0, colon);
    const value = line.slice(colon + 1);
    (found[key] ??= []).push(value.startsWith('"') ? JSON.parse(value) : value);
  }
  return found;
}

function toLegacy(certificate) {
  const legacy = certificate.toLegacyObject();
  // Some versions of node have parsed it.
  if (typeof legacy.infoAccess === 'string') legacy.infoAccess = parseInfoAccess(legacy.infoAccess);
  return legacy;
}

const bySubject = new WeakMap();

// The trusted certificates, by subject. Parsed once for each list, since details are asked for rarely and then often.
function indexOf(roots) {
  let index = bySubject.get(roots);
  if (index === undefined) {
    index = new Map();
    for (const root of roots.map((der) => new X509Certificate(der)))
      index.set(root.subject, [...index.get(root.subject) ?? [], root]);
    bySubject.set(roots, index);
  }
  return index;
}

function issuerOf(certificate, chain, roots) {
  return chain.find((candidate) => certificate.checkIssued(candidate)) ??
    indexOf(roots).get(certificate.issuer)?.find((candidate) => certificate.checkIssued(candidate));
}

// A peer's certificate. `chain` is what it sent, `roots` what is trusted, both DER; `detailed` adds each issuer that is
// known, up to one that issued itself, which is its own issuer.
function peerCertificate(chain, roots, detailed) {
  if (chain.length === 0) return {};
  const [leaf, ...rest] = chain.map((der) => new X509Certificate(der));
  const first = toLegacy(leaf);
  if (!detailed) return first;
  // Certificates may have issued one another.
  const seen = new Set();
  let current = leaf;
  for (let legacy = first; ;) {
    const issuer = current.checkIssued(current) ? current : issuerOf(current, rest, roots ?? defaultRoots());
    if (issuer === current) legacy.issuerCertificate = legacy;
    if (issuer === undefined || issuer === current || seen.has(issuer)) return first;
    seen.add(issuer);
    current = issuer;
    legacy = legacy.issuerCertificate = toLegacy(issuer);
  }
}

module.exports = { peerCertificate, toLegacy };
