'use strict';

// The header fields that a response collects before they are sent: names in any spelling become the key under which a
// field is kept, and what is wrong with a field is said at once.

const {
  ERR_HTTP2_INVALID_HEADER_VALUE, ERR_HTTP2_INVALID_PSEUDOHEADER, ERR_HTTP2_PSEUDOHEADER_NOT_ALLOWED,
  ERR_INVALID_HTTP_TOKEN,
} = require('../errors');
const { knownField, ORDINARY, SINGLE } = require('../headers/field-name');
const { isHttpToken, validateString } = require('../validators');
const { warnOfConnectionHeader } = require('./warnings');

const PSEUDO_HEADERS = new Set([':status', ':method', ':path', ':authority', ':scheme']);

// The key of a name.
function fieldKey(name) {
  validateString(name, 'name');
  return knownField(name)?.name ?? name.trim().toLowerCase();
}

// Throws where a field is wrong; false for the one that HTTP/1 programs set most, which has no meaning in HTTP/2 and is left
// out. Its likes (RFC 9113 section 8.2.2) are found when they are sent.
function checkField(key, value) {
  const rule = knownField(key)?.rule;
  if (rule !== ORDINARY && rule !== SINGLE) {
    if (key === '' || key.includes(' ')) throw new ERR_INVALID_HTTP_TOKEN('Header name', key);
    if (PSEUDO_HEADERS.has(key)) throw new ERR_HTTP2_PSEUDOHEADER_NOT_ALLOWED();
  }
  if (value === undefined || value === null) throw new ERR_HTTP2_INVALID_HEADER_VALUE(value, key);
  if (key === 'connection' && value !== 'trailers') {
    warnOfConnectionHeader();
    return false;
  }
  return true;
}

// Whether a name may stand in a header list, where trailers find out when they are sent.
function checkHeaderName(key) {
  if (knownField(key) !== undefined) return true;
  if (key.charCodeAt(0) === 58 /* : */) throw new ERR_HTTP2_INVALID_PSEUDOHEADER(key);
  return isHttpToken(key);
}

// The pairs of a raw header list: [name, value, name, value, ...] or [[name, value], ...].
function rawPairs(list) {
  if (Array.isArray(list[0])) return list;
  const pairs = [];
  for (let i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]]);
  return pairs;
}

module.exports = { checkField, checkHeaderName, fieldKey, rawPairs };
