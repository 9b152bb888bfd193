'use strict';

// A self-signed certificate for localhost, made at run time, so that no key is committed and no tool is needed. Only as
// much of X.509 (RFC 5280) and DER as that takes.

const crypto = require('node:crypto');

const tag = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, utf8String: 0x0c, utcTime: 0x17,
  sequence: 0x30, set: 0x31, version: 0xa0, extensions: 0xa3, dnsName: 0x82, ipAddress: 0x87,
};

const oid = {
  ecdsaWithSha256: '2a8648ce3d040302',
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

/**
 * @returns {{key: string, cert: string}} PEM; valid from yesterday to tomorrow for localhost, 127.0.0.1 and ::1. A client
 *   that is to trust it is given `cert` as its `ca`.
 */
function createCertificate() {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(tag.sequence, identifier(oid.ecdsaWithSha256));
  const commonName = der(tag.sequence, identifier(oid.commonName), der(tag.utf8String, Buffer.from('localhost')));
  const name = der(tag.sequence, der(tag.set, commonName));
  // A serial number is a positive integer: the top bit of the first byte stays clear, and the byte is not zero.
  const serial = crypto.randomBytes(16);
  serial[0] = (serial[0] & 0x7f) | 0x40;
  const day = 24 * 3600 * 1000;
  const names = der(
    tag.sequence,
    der(tag.dnsName, Buffer.from('localhost')),
    der(tag.ipAddress, Buffer.from([127, 0, 0, 1])),
    der(tag.ipAddress, Buffer.from('0'.repeat(31) + '1', 'hex')),
  );
  const certificate = der(
    tag.sequence,
    der(tag.version, der(tag.integer, Buffer.from([2]))),
    der(tag.integer, serial),
    algorithm,
    name,
    der(tag.sequence, utcTime(new Date(Date.now() - day)), utcTime(new Date(Date.now() + day))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(tag.extensions, der(
      tag.sequence,
      extension(oid.basicConstraints, der(tag.sequence, yes)),
      extension(oid.subjectAltName, names),
    )),
  );
  const signature = crypto.sign('sha256', certificate, privateKey);
  const signed = der(tag.sequence, certificate, algorithm, der(tag.bitString, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
  };
}

module.exports = { createCertificate };
