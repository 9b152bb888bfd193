'use strict';

// The header list of a response: status and date.

const { ERR_HTTP2_STATUS_INVALID, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } = require('../errors');
const { kSensitiveHeaders } = require('../symbols');
const { utcDate } = require('./date');
const { IN_RESPONSE } = require('./field-name');
const { ABSENT, OutgoingHeaders, pack, pairsOf } = require('./outgoing');

const hasOwn = Object.prototype.hasOwnProperty;

class ResponseHeaders extends OutgoingHeaders {
  constructor(pairs, sensitive, status) {
    super(pairs, sensitive);
    this.status = status;
  }
}

// A final status. Informational ones have a method of their own.
function checkStatus(status) {
  if (status < 200 || status > 599) throw new ERR_HTTP2_STATUS_INVALID(status);
}

function checkHeaders(headers) {
  if (headers === undefined) return;
  if (headers === null || typeof headers !== 'object')
    throw new ERR_INVALID_ARG_TYPE('headers', ['Array', 'Object'], headers);
  const sensitive = headers[kSensitiveHeaders];
  if (sensitive !== undefined && !Array.isArray(sensitive))
    throw new ERR_INVALID_ARG_VALUE('headers[http2.neverIndex]', sensitive);
}

// An object: the status is read as an integer, and an empty one is 200. What is missing goes to the end.
function fromObject(headers, sendDate) {
  const pairs = pairsOf(headers);
  let statusAt = -1;
  let dateAt = -1;
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] === ':status') statusAt = i;
    else if (pairs[i] === 'date') dateAt = i;
  }
  const status = (statusAt < 0 ? 0 : pairs[statusAt + 1]) | 0 || 200;
  if (statusAt < 0) pairs.push(':status', status); else pairs[statusAt + 1] = status;
  if (sendDate) {
    if (dateAt < 0) pairs.push('date', utcDate()); else pairs[dateAt + 1] ??= utcDate();
  }
  return new ResponseHeaders(pairs, headers[kSensitiveHeaders], status);
}

// A raw array is sent as it stands, with a missing status before it and a missing date behind it. The caller's array is
// left alone.
function fromList(list, sendDate) {
  let status;
  let dated = !sendDate;
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i].toLowerCase();
    if (name === ':status') status = list[i + 1];
    else if (name === 'date') dated = true;
  }
  let pairs = list;
  if (status === undefined) {
    status = 200;
    pairs = [':status', status].concat(pairs);
  }
  if (!dated) pairs = pairs.concat('date', utcDate());
  const sensitive = list[kSensitiveHeaders];
  return new ResponseHeaders(pairs, sensitive === undefined ? ABSENT : sensitive, status | 0);
}

// The last response that was like one before, since the next is likely to be like it, too.
let latest;
let latestDated;
let latestStrict;

// The response that these headers make, if it is that.
function repeat(headers, sendDate, strict) {
  if (latestDated !== sendDate || latestStrict !== strict || headers[kSensitiveHeaders] !== undefined) return undefined;
  const { pairs } = latest;
  let i = 0;
  for (const name in headers) {
    if (pairs[i] !== name || pairs[i + 1] !== headers[name] || !hasOwn.call(headers, name)) return undefined;
    i += 2;
  }
  // What fromObject() adds.
  if (pairs[i] === ':status' && pairs[i + 1] === 200) i += 2;
  if (sendDate && pairs[i] === 'date' && pairs[i + 1] === utcDate()) i += 2;
  if (i !== pairs.length) return undefined;
  const response = new ResponseHeaders(pairs, undefined, latest.status);
  response.block = latest.block;
  response.count = latest.count;
  response.kept = latest.kept;
  return response;
}

function prepareResponse(headers, sendDate, strict) {
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) {
    const known = repeat(headers, sendDate, strict);
    if (known !== undefined) return known;
  }
  checkHeaders(headers);
  let response;
  if (headers === undefined) {
    const pairs = [':status', 200];
    if (sendDate) pairs.push('date', utcDate());
    response = new ResponseHeaders(pairs, ABSENT, 200);
  } else {
    response = (Array.isArray(headers) ? fromList : fromObject)(headers, sendDate);
  }
  checkStatus(response.status);
  pack(response, IN_RESPONSE, strict, !Array.isArray(headers));
  if (response.kept !== 0 && response.sensitive === undefined) {
    latest = response;
    latestDated = sendDate;
    latestStrict = strict;
  }
  return response;
}

module.exports = { checkStatus, prepareResponse };
