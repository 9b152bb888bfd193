'use strict';

// Certificates made at run time, so that no key is committed and no tool is needed; for localhost and self-signed unless told
// otherwise. Only as much of X.509 (RFC 5280) and DER as that takes.

const crypto = require('node:crypto');
const net = require('node:net');

const tag = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, utf8String: 0x0c, utcTime: 0x17,
  sequence: 0x30, set: 0x31, version: 0xa0, extensions: 0xa3, dnsName: 0x82, ipAddress: 0x87,
};

const oid = {
  ecdsaWithSha256: '2a8648ce3d040302',
  ed25519: '2b6570',
  rsaWithSha256: '2a864886f70d01010b',
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
};

function der(type, ...contents) {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([type]), lengthOf(body), body]);
}

function lengthOf({ length }) {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

const identifier = (hex) => der(tag.oid, Buffer.from(hex, 'hex'));
const extension = (id, value) => der(tag.sequence, identifier(id), der(tag.octetString, value));
const yes = der(tag.boolean, Buffer.from([0xff]));

// "2026-11-23T09:57:00.000Z" is 261123095700Z.
const utcTime = (date) => der(tag.utcTime, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const KEYS = {
  ec: () => crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  p384: () => crypto.generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  rsa: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  weak: () => crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }),
  ed25519: () => crypto.generateKeyPairSync('ed25519'),
};

const SIGNATURES = {
  ec: [der(tag.sequence, identifier(oid.ecdsaWithSha256)), 'sha256'],
  rsa: [der(tag.sequence, identifier(oid.rsaWithSha256), der(tag.null)), 'sha256'],
  ed25519: [der(tag.sequence, identifier(oid.ed25519)), null],
};

const DAY = 24 * 3600 * 1000;
const HERE = ['localhost', '127.0.0.1', '::1'];

function nameOf(commonName) {
  return der(tag.sequence, der(tag.set, der(tag.sequence, identifier(oid.commonName), der(tag.utf8String, Buffer.from(commonName)))));
}

// IPv6 only as ::1 has it: written out, a zero for each of the other bytes.
function alternative(name) {
  if (name === '::1') return der(tag.ipAddress, Buffer.from('0'.repeat(31) + '1', 'hex'));
  if (net.isIPv4(name)) return der(tag.ipAddress, Buffer.from(name.split('.').map(Number)));
  return der(tag.dnsName, Buffer.from(name));
}

function toPem(bytes) {
  return `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

/**
 * @param {object} [options] what is not as usual: `type` of the key, `commonName`, alternative `names` (none if empty),
 *   `issuer` (another of these; itself unless given), whether it is an `authority`, `from` and `to` in days from now
 * @returns {{key: string, cert: string}} PEM; valid from yesterday to tomorrow for localhost, 127.0.0.1 and ::1, and its own
 *   authority: a client that is to trust it is given `cert` as its `ca`.
 */
function createCertificate({
  type = 'ec', commonName = 'localhost', names = HERE, issuer, authority = issuer === undefined, from = -1, to = 1,
} = {}) {
  const { publicKey, privateKey } = KEYS[type]();
  const signer = issuer?.privateKey ?? privateKey;
  const [algorithm, digest] = SIGNATURES[signer.asymmetricKeyType];
  const name = nameOf(commonName);
  // A serial number is a positive integer: the top bit of the first byte stays clear, and the byte is not zero.
  const serial = crypto.randomBytes(16);
  serial[0] = (serial[0] & 0x7f) | 0x40;
  const extensions = [extension(oid.basicConstraints, der(tag.sequence, ...(authority ? [yes] : [])))];
  if (names.length > 0) extensions.push(extension(oid.subjectAltName, der(tag.sequence, ...names.map(alternative))));
  const certificate = der(
    tag.sequence,
    der(tag.version, der(tag.integer, Buffer.from([2]))),
    der(tag.integer, serial),
    algorithm,
    issuer?.name ?? name,
    der(tag.sequence, utcTime(new Date(Date.now() + from * DAY)), utcTime(new Date(Date.now() + to * DAY))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(tag.extensions, der(tag.sequence, ...extensions)),
  );
  const signature = crypto.sign(digest, certificate, signer);
  const signed = der(tag.sequence, certificate, algorithm, der(tag.bitString, Buffer.from([0]), signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert: toPem(signed), name, privateKey };
}

module.exports = { createCertificate };
