'use strict';

// Whether rustls finishes a handshake that begins with this ClientHello, choosing what node would choose. Every other
// goes to node's TLS as it came, with node's errors if there is nothing to choose.

const { TLS12, TLS13 } = require('./names');

// Said by clients that have failed with a newer version (RFC 7507).
const FALLBACK_SCSV = 0x5600;

// The schemes that a key signs with (RFC 8446 section 4.2.3). TLS 1.2 has PKCS #1 for RSA, too.
const RSA_PSS = [0x0804, 0x0805, 0x0806];
const RSA_PKCS1 = [0x0401, 0x0501, 0x0601];
const ECDSA = { prime256v1: [0x0403], secp384r1: [0x0503] };

const CURVE_GROUPS = { prime256v1: 0x0017, secp384r1: 0x0018 };

function schemesOf({ keyType, curve }, version) {
  if (keyType === 'ec') return ECDSA[curve];
  return version === TLS13 ? RSA_PSS : [...RSA_PSS, ...RSA_PKCS1];
}

function versionOf(hello, { min, max }) {
  if (max >= TLS13 && hello.versions.includes(TLS13)) return TLS13;
  return min <= TLS12 && hello.versions.includes(TLS12) ? TLS12 : undefined;
}

// The certificate with which rustls answers, or undefined if it is not to answer.
function pairFor({ certificates, groups, max, min, suites }, hello) {
  if (!hello.alpn.includes('h2') || hello.cipherSuites.includes(FALLBACK_SCSV)) return undefined;
  const version = versionOf(hello, { max, min });
  if (version === undefined || !groups.some(({ number }) => hello.groups.includes(number))) return undefined;
  // Which of two certificates is used depends on the suite here, in ways of OpenSSL's own.
  if (version === TLS12 && certificates.length > 1) return undefined;
  const offered = suites.filter((suite) => suite.version === version && hello.cipherSuites.includes(suite.number));
  return certificates.find((pair) =>
    schemesOf(pair, version).some((scheme) => hello.signatureSchemes.includes(scheme)) &&
    offered.some(({ keyType }) => keyType === undefined || keyType === pair.keyType) &&
    (version === TLS13 || pair.curve === undefined || hello.groups.includes(CURVE_GROUPS[pair.curve])));
}

module.exports = { pairFor };
