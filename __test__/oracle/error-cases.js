'use strict';

// For each code, the lists of arguments with which an error is made. A code without a list of its own takes none.

const errors = require('../../lib/errors');

class Custom {}
function named() {}

const VALUES = [
  undefined, null, 0, -0, 1.5, NaN, Infinity, 12345678901234567890n, 'text', "it's", 'a"b\'c', 'x'.repeat(40), true,
  Symbol('s'), named, () => {}, class {}, [], [1, [2]], {}, { a: { b: { c: { d: 1 } } } }, Object.create(null),
  Object.assign(Object.create(null), { a: 1 }), new Custom(), new Date(0), /x/, new Map(), Buffer.alloc(1),
  { text: 'x'.repeat(300) },
];

const EXPECTATIONS = [
  'string', ['string'], ['string', 'number'], ['string', 'number', 'boolean'], 'Object', ['string', 'Object'], 'Function',
  ['Buffer', 'TypedArray'], ['Buffer', 'TypedArray', 'DataView'], ['string', 'Buffer', 'URL'], ['string', 'Object', 'URL'],
  'Array', ['Array', 'Object'], 'AbortSignal', 'integer', 'an integer', ['string', 'an integer'], ['function', 'Custom'],
  'Number',
];

const NAMES = ['name', 'first argument', 'options.name', 'headers[http2.neverIndex]'];

const own = {
  ERR_HTTP2_HEADER_SINGLE_VALUE: [['age']],
  ERR_HTTP2_INVALID_CONNECTION_HEADERS: [['upgrade']],
  ERR_HTTP2_INVALID_HEADER_VALUE: [['value', 'name']],
  ERR_HTTP2_INVALID_INFO_STATUS: [[200]],
  ERR_HTTP2_INVALID_PSEUDOHEADER: [[':x']],
  ERR_HTTP2_INVALID_SETTING_VALUE: [['x', 1], ['x', -1, 0, 5], ['x', null, 0, 5]],
  ERR_HTTP2_PAYLOAD_FORBIDDEN: [[204]],
  ERR_HTTP2_SESSION_ERROR: [['NGHTTP2_CANCEL'], [99]],
  ERR_HTTP2_STATUS_INVALID: [[1000], ['x']],
  ERR_HTTP2_STREAM_CANCEL: [[undefined], [new Error('why')], ['text'], [{ message: 'm' }], [new Error('')]],
  ERR_HTTP2_STREAM_ERROR: [['NGHTTP2_CANCEL'], [99]],
  ERR_HTTP2_TOO_MANY_ORIGINS: [[128]],
  ERR_HTTP2_UNSUPPORTED_PROTOCOL: [['ftp:']],
  ERR_HTTP_HEADERS_SENT: [['set']],
  ERR_HTTP_INVALID_STATUS_CODE: [[1000]],
  ERR_INVALID_ARG_TYPE: [
    ...VALUES.map((value) => ['name', 'string', value]),
    ...EXPECTATIONS.map((expected) => ['name', expected, 5]),
    ...NAMES.map((name) => [name, 'string', 5]),
  ],
  ERR_INVALID_ARG_VALUE: [
    ...VALUES.map((value) => ['name', value]),
    ...NAMES.map((name) => [name, 5, 'must be odd']),
  ],
  ERR_INVALID_CHAR: [['header content', 'name'], ['header content']],
  ERR_INVALID_HTTP_TOKEN: [['Header name', 'a b']],
  ERR_METHOD_NOT_IMPLEMENTED: [['x()']],
  ERR_MISSING_ARGS: [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']],
  ERR_OUT_OF_RANGE: [
    ...[0, -1, 1.5, NaN, 12345, 2 ** 32, 2 ** 32 + 1, 2 ** 53, -(2 ** 40), 5n, 2n ** 70n, 'x', null]
      .map((value) => ['name', '>= 0 && <= 5', value]),
  ],
  ERR_STREAM_ALREADY_FINISHED: [['end']],
  ERR_STREAM_DESTROYED: [['write']],
};

const cases = {};
for (const code of Object.keys(errors))
  if (code.startsWith('ERR_')) cases[code] = own[code] ?? [[]];

module.exports = cases;
