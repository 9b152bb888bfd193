'use strict';

// Cipher suites, groups and versions: their numbers on the wire, OpenSSL's names for them, which are node's, and those of
// the RFCs. Only what rustls has; a name that is not here is for node's own TLS.

const { constants } = require('node:crypto');

const VERSIONS = new Map([['TLSv1', 0x0301], ['TLSv1.1', 0x0302], ['TLSv1.2', 0x0303], ['TLSv1.3', 0x0304]]);
const TLS12 = 0x0303;
const TLS13 = 0x0304;

// By what getProtocol() and the engine call them.
const VERSION_NAMES = new Map([...VERSIONS].map(([name, number]) => [number, name]));

// [number, OpenSSL's name, the RFCs' name, version, the type of key it takes]
const SUITES = [
  [0x1302, 'TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384', TLS13],
  [0x1303, 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256', TLS13],
  [0x1301, 'TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256', TLS13],
  [0xc02f, 'ECDHE-RSA-AES128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', TLS12, 'rsa'],
  [0xc02b, 'ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', TLS12, 'ec'],
  [0xc030, 'ECDHE-RSA-AES256-GCM-SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', TLS12, 'rsa'],
  [0xc02c, 'ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', TLS12, 'ec'],
  [0xcca8, 'ECDHE-RSA-CHACHA20-POLY1305', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', TLS12, 'rsa'],
  [0xcca9, 'ECDHE-ECDSA-CHACHA20-POLY1305', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', TLS12, 'ec'],
].map(([number, name, standardName, version, keyType]) => ({ number, name, standardName, version, keyType }));

const suitesByName = new Map(SUITES.map((suite) => [suite.name, suite]));
const suitesByNumber = new Map(SUITES.map((suite) => [suite.number, suite]));
const TLS13_SUITES = SUITES.filter(({ version }) => version === TLS13);

// In node's default list, suites that rustls lacks come before those of ChaCha20 for TLS 1.2: which of them a server would
// choose is for OpenSSL to say. A client offers them all the same.
const DEFAULT_FOR_SERVERS = SUITES.filter(({ name }) => !name.startsWith('ECDHE') || !name.includes('CHACHA20'));

const NODE = Number.parseInt(process.versions.node, 10);

// What getEphemeralKeyInfo() says of no key, and of one that is not on a curve.
const NO_KEY = NODE < 24 ? {} : { type: undefined, name: undefined, size: undefined };
const HYBRID = NODE < 24 ? {} : { type: 'TLSGroup', name: 'X25519MLKEM768', size: undefined };

// The names of a group: rustls', and those that OpenSSL takes.
const GROUPS = [
  { number: 0x11ec, name: 'X25519MLKEM768', aliases: ['X25519MLKEM768'], info: HYBRID },
  { number: 0x001d, name: 'X25519', aliases: ['X25519', 'x25519'], info: { type: 'ECDH', name: 'X25519', size: 253 } },
  {
    number: 0x0017, name: 'secp256r1', aliases: ['P-256', 'prime256v1', 'secp256r1'],
    info: { type: 'ECDH', name: 'prime256v1', size: 256 },
  },
  {
    number: 0x0018, name: 'secp384r1', aliases: ['P-384', 'secp384r1'],
    info: { type: 'ECDH', name: 'secp384r1', size: 384 },
  },
];

const groupsByAlias = new Map(GROUPS.flatMap((group) => group.aliases.map((alias) => [alias, group])));
const groupsByNumber = new Map(GROUPS.map((group) => [group.number, group]));

// The hybrid is among OpenSSL's defaults since 3.5.
function hasHybridByDefault() {
  const [major, minor] = process.versions.openssl.split('.', 2).map(Number);
  return major > 3 || (major === 3 && minor >= 5);
}

const DEFAULT_GROUPS = hasHybridByDefault() ? GROUPS : GROUPS.slice(1);

// The suites of a list in OpenSSL's notation, in its order, or undefined if it says more than names that rustls has. As in
// node, a list that names none for TLS 1.3 leaves those as they are; one that names no others rules TLS 1.2 out.
function parseCiphers(list, isServer) {
  if (list === constants.defaultCoreCipherList) return isServer ? DEFAULT_FOR_SERVERS : SUITES;
  const named = [];
  for (const name of list.split(':')) {
    if (name === '') continue;
    const suite = suitesByName.get(name);
    if (suite === undefined) return undefined;
    if (!named.includes(suite)) named.push(suite);
  }
  if (named.length === 0) return undefined;
  return named.some(({ version }) => version === TLS13) ? named : [...TLS13_SUITES, ...named];
}

// The groups of a list in OpenSSL's notation, or undefined.
function parseGroups(list) {
  if (list === 'auto') return DEFAULT_GROUPS;
  const groups = list.split(':').map((name) => groupsByAlias.get(name));
  return groups.includes(undefined) ? undefined : groups;
}

// What getEphemeralKeyInfo() says of a group, by its number.
function keyInfo(number) {
  return groupsByNumber.get(number)?.info ?? NO_KEY;
}

// What getCipher() says of a suite.
function cipherInfo({ name, standardName, version }) {
  return { name, standardName, version: VERSION_NAMES.get(version) };
}

module.exports = {
  TLS12, TLS13, VERSIONS, VERSION_NAMES, cipherInfo, keyInfo, parseCiphers, parseGroups, suitesByNumber,
};
