'use strict';

// The header list of a request: what the caller leaves out is filled in from the session.

const {
  ERR_HTTP2_CONNECT_AUTHORITY, ERR_HTTP2_CONNECT_PATH, ERR_HTTP2_CONNECT_SCHEME, ERR_INVALID_ARG_TYPE,
} = require('../errors');
const { kSensitiveHeaders } = require('../symbols');
const { IN_REQUEST } = require('./field-name');
const { ABSENT, OutgoingHeaders, pack, pairsOf, sensitiveOf } = require('./outgoing');

const hasOwn = Object.prototype.hasOwnProperty;

class RequestHeaders extends OutgoingHeaders {
  constructor(pairs, sensitive) {
    super(pairs, sensitive);
    // As they go out, for the stream and for diagnostics. `host` stands in for a missing :authority.
    this.method = undefined;
    this.authority = undefined;
    this.scheme = undefined;
  }
}

// The values of the pseudo-headers in `pairs` that matter here, and where they stand.
class Target {
  constructor() {
    this.method = undefined;
    this.methodAt = -1;
    this.authority = undefined;
    this.authorityAt = -1;
    this.scheme = undefined;
    this.schemeAt = -1;
    this.path = undefined;
    this.pathAt = -1;
    this.protocol = undefined;
    this.host = undefined;
  }
}

function readTarget(pairs, anyCase) {
  const target = new Target();
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const key = pairs[i];
    const name = anyCase ? key.toLowerCase() : key;
    if (name.charCodeAt(0) !== 58 /* : */) {
      if (name === 'host') target.host = pairs[i + 1];
      continue;
    }
    const value = pairs[i + 1];
    switch (name) {
      case ':method': target.method = value; target.methodAt = i; break;
      case ':authority': target.authority = value; target.authorityAt = i; break;
      case ':scheme': target.scheme = value; target.schemeAt = i; break;
      case ':path': target.path = value; target.pathAt = i; break;
      case ':protocol': target.protocol = value; break;
    }
  }
  return target;
}

// A plain CONNECT (RFC 9113 section 8.5) has no scheme and no path; an extended one (RFC 8441) has both.
function isTunnel(target) {
  return target.method === 'CONNECT' && target.protocol === undefined;
}

function checkTunnel(target) {
  if (target.authority === undefined) throw new ERR_HTTP2_CONNECT_AUTHORITY();
  if (target.scheme !== undefined) throw new ERR_HTTP2_CONNECT_SCHEME();
  if (target.path !== undefined) throw new ERR_HTTP2_CONNECT_PATH();
}

// An object: missing fields go to the end, or to where they stand with an undefined value.
function completePairs(pairs, target, session) {
  const set = (at, name, value) => {
    if (at < 0) pairs.push(name, value); else pairs[at + 1] = value;
    return value;
  };
  if (target.method === undefined) target.method = set(target.methodAt, ':method', 'GET');
  if (isTunnel(target)) {
    checkTunnel(target);
    return pairs;
  }
  if (target.authority === undefined) {
    target.authority = target.host === undefined ?
      set(target.authorityAt, ':authority', session.authority) : target.host;
  }
  if (target.scheme === undefined) target.scheme = set(target.schemeAt, ':scheme', session.scheme);
  if (target.path === undefined) target.path = set(target.pathAt, ':path', '/');
  return pairs;
}

// A raw array is sent as it stands; missing fields go before it. The caller's array is left alone.
function completeList(list, target, session) {
  const missing = [];
  const add = (name, value) => {
    missing.push(name, value);
    return value;
  };
  if (target.method === undefined) target.method = add(':method', 'GET');
  if (isTunnel(target)) {
    checkTunnel(target);
  } else {
    if (target.authority === undefined) target.authority = add(':authority', session.authority);
    if (target.scheme === undefined) target.scheme = add(':scheme', session.scheme);
    if (target.path === undefined) target.path = add(':path', '/');
  }
  return missing.length === 0 ? list : missing.concat(list);
}

// `session` gives { authority, scheme, strict }: the defaults, and whether single-value fields may repeat.
// The last request that was like one before, the session whose defaults it has, and how many of its pairs were given.
let latest;
let latestSession;
let latestGiven = 0;

// The request that these headers make, if it is that.
function repeat(headers, session) {
  if (latestSession !== session || hasOwn.call(headers, kSensitiveHeaders)) return undefined;
  const { pairs } = latest;
  let i = 0;
  for (const name in headers) {
    if (pairs[i] !== name || pairs[i + 1] !== headers[name] || !hasOwn.call(headers, name)) return undefined;
    i += 2;
  }
  if (i !== latestGiven) return undefined;
  const request = new RequestHeaders(pairs, ABSENT);
  request.method = latest.method;
  request.authority = latest.authority;
  request.scheme = latest.scheme;
  request.block = latest.block;
  request.count = latest.count;
  request.kept = latest.kept;
  return request;
}

// Any other field may be a symbol, and goes out as what describes it. These two are an origin, and that is text.
function assertText(value) {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
}

function prepareRequest(headers, session) {
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) {
    const known = repeat(headers, session);
    if (known !== undefined) return known;
  }
  if (headers !== undefined && (headers === null || typeof headers !== 'object'))
    throw new ERR_INVALID_ARG_TYPE('headers', ['Array', 'Object'], headers);
  const raw = Array.isArray(headers);
  const given = raw ? headers : pairsOf(headers);
  const length = given.length;
  const target = readTarget(given, raw);
  const pairs = (raw ? completeList : completePairs)(given, target, session);
  assertText(target.scheme);
  assertText(target.authority);
  const request = new RequestHeaders(pairs, headers === undefined ? ABSENT : sensitiveOf(headers));
  request.method = target.method;
  request.authority = target.authority;
  request.scheme = target.scheme;
  pack(request, IN_REQUEST, session.strict, !raw);
  if (request.kept !== 0 && request.sensitive === ABSENT) {
    latest = request;
    latestSession = session;
    latestGiven = length;
  }
  return request;
}

module.exports = { prepareRequest };
