'use strict';

// Received header lists [name, value, name, value, ...] as the objects that listeners get.

const { kSensitiveHeaders } = require('../symbols');
const { SINGLE_VALUE_FIELDS } = require('./field-name');

// An object without prototype made by setPrototypeOf() keeps V8's fast properties, where `{ __proto__: null }` starts as a
// hash table: quicker to fill and several times quicker to read.
const { setPrototypeOf } = Object;

function toHeaderObject(list, sensitive) {
  const headers = setPrototypeOf({}, null);
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i];
    const value = list[i + 1];
    const earlier = headers[name];
    if (earlier === undefined) {
      if (name === ':status') headers[name] = value | 0;
      else if (name === 'set-cookie') headers[name] = [value];
      else headers[name] = value;
    } else {
      repeat(headers, name, earlier, value);
    }
  }
  headers[kSensitiveHeaders] = sensitive;
  return headers;
}

// A field that comes again: cookies are one list (RFC 9113 section 8.2.3), Set-Cookie cannot be joined, of fields with a
// single value the first holds, and others are joined as RFC 9110 section 5.3 allows.
function repeat(headers, name, earlier, value) {
  if (name === 'cookie') headers[name] = `${earlier}; ${value}`;
  else if (name === 'set-cookie') earlier.push(value);
  else if (name.charCodeAt(0) !== 58 /* : */ && !SINGLE_VALUE_FIELDS.has(name)) headers[name] = `${earlier}, ${value}`;
}

module.exports = { toHeaderObject };
