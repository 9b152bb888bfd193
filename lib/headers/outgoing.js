'use strict';

// Header lists on their way out. What the caller gives, an object or a flat array, becomes `pairs`
// [name, value, name, value, ...]; packing turns the pairs into the block that the engine takes, in one pass:
//
//     block: for each field  name NUL value NUL   with \x01 before the name of a never-indexed field
//
// Pseudo-headers come first, whatever their place in the list.

const { ERR_HTTP2_HEADER_SINGLE_VALUE, ERR_HTTP2_INVALID_CONNECTION_HEADERS, ERR_HTTP2_INVALID_PSEUDOHEADER } =
  require('../errors');
const { kSensitiveHeaders } = require('../symbols');
const { fieldName, ORDINARY, SINGLE, PSEUDO, CONNECTION_SPECIFIC, TE, EMPTY } = require('./field-name');
const { recall, remember } = require('./recent');

const hasOwn = Object.prototype.hasOwnProperty;

// Lists are numbered, so that a name can tell whether it has been seen in this one.
let lists = 0;

class OutgoingHeaders {
  constructor(pairs, sensitive) {
    this.pairs = pairs;
    // As the caller gave it; ABSENT where sentHeaders shall not show the symbol at all.
    this.sensitive = sensitive;
    this.block = '';
    this.count = 0;
    // The name under which the engine keeps the list, or 0.
    this.kept = 0;
    this.object = undefined;
  }

  // What `sentHeaders` shows: made on demand, since hardly a program looks.
  get sent() {
    if (this.object === undefined) {
      this.object = pairsToObject(this.pairs);
      if (this.sensitive !== ABSENT) this.object[kSensitiveHeaders] = this.sensitive;
    }
    return this.object;
  }
}

const ABSENT = Symbol('absent');

// The own enumerable fields of a header object, as they are now.
function pairsOf(headers) {
  const pairs = [];
  for (const name in headers)
    if (hasOwn.call(headers, name)) pairs.push(name, headers[name]);
  return pairs;
}

function pairsToObject(pairs) {
  const object = { __proto__: null };
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i];
    const value = pairs[i + 1];
    const earlier = object[name];
    if (earlier === undefined) object[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else object[name] = [earlier, value];
  }
  return object;
}

function sensitiveOf(headers) {
  return hasOwn.call(headers, kSensitiveHeaders) ? headers[kSensitiveHeaders] : ABSENT;
}

function lowerCased(sensitiveHeaders) {
  if (sensitiveHeaders === ABSENT || sensitiveHeaders === undefined || sensitiveHeaders === null) return undefined;
  const names = sensitiveHeaders.map((name) => name.toLowerCase());
  return names.length > 0 ? names : undefined;
}

// Fills in `block`, `count` and `kept`. `kind` is IN_REQUEST, IN_RESPONSE or IN_TRAILERS; `strict` forbids repeating
// single-value fields; `own` says that the pairs are ours alone, so that they may be remembered.
function pack(outgoing, kind, strict, own) {
  const { pairs } = outgoing;
  const sensitive = lowerCased(outgoing.sensitive);
  let repeatable = own && sensitive === undefined;
  if (repeatable) {
    const known = recall(pairs, kind, strict);
    if (known !== undefined) {
      outgoing.block = known.block;
      outgoing.count = known.count;
      outgoing.kept = known.name;
      return outgoing;
    }
  }

  const list = ++lists;
  let pseudo = '';
  let rest = '';
  let count = 0;

  // An odd name at the end has no value.
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    let value = pairs[i + 1];
    if (value === undefined) continue;
    let several = false;
    // What these say may change from one time to the next.
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') repeatable = false;
    if (Array.isArray(value)) {
      if (value.length === 0) continue;
      several = value.length > 1;
      if (!several) value = value[0];
    }

    const field = fieldName(pairs[i]);
    const { rule } = field;
    if (field.isSecret) repeatable = false;
    const opening = sensitive !== undefined && sensitive.includes(field.name) ? field.sensitiveOpening : field.opening;
    if (rule !== ORDINARY) {
      if (rule === EMPTY) continue;
      if (rule === PSEUDO || rule === SINGLE) {
        if ((several || field.seenIn === list) && strict) throw new ERR_HTTP2_HEADER_SINGLE_VALUE(field.name);
        field.seenIn = list;
        if (rule === PSEUDO) {
          if ((field.allowedIn & kind) === 0) throw new ERR_HTTP2_INVALID_PSEUDOHEADER(field.name);
          pseudo += `${opening}${String(value)}\0`;
          count++;
          continue;
        }
      } else if (rule === CONNECTION_SPECIFIC || (rule === TE && (several || value !== 'trailers'))) {
        throw new ERR_HTTP2_INVALID_CONNECTION_HEADERS(field.name);
      }
    }

    if (several) {
      for (const one of value) rest += `${opening}${String(one)}\0`;
      count += value.length;
    } else {
      rest += `${opening}${String(value)}\0`;
      count++;
    }
  }

  outgoing.block = pseudo + rest;
  outgoing.count = count;
  if (repeatable) remember(pairs, kind, strict, outgoing.block, count);
  return outgoing;
}

// A list without further rules: trailers, additional headers, pushed requests that are complete already.
function packHeaders(headers, kind, strict = true) {
  const raw = Array.isArray(headers);
  const pairs = raw ? headers : pairsOf(headers);
  return pack(new OutgoingHeaders(pairs, sensitiveOf(headers)), kind, strict, !raw);
}

module.exports = { ABSENT, OutgoingHeaders, pack, packHeaders, pairsOf, sensitiveOf };
