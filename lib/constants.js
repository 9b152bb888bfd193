'use strict';

// `http2.constants`: 240 names, in the order and with the values that node:http2 shows them.
//
// Layout: where a constant's name follows from its value (header fields, methods), only the values are listed and the
// names are made from them; error codes and settings keep their RFC 9113 numbers.

const { HEADER_FIELDS, METHODS, STATUS_CODES } = require('./http-registry');

// Names numbered from `first` upwards.
function numbered(prefix, first, names) {
  return names.map((name, index) => [prefix + name, first + index]);
}

const ERROR_CODES = [
  'NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED',
  'FRAME_SIZE_ERROR', 'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED',
];

const SETTINGS = [
  'HEADER_TABLE_SIZE', 'ENABLE_PUSH', 'MAX_CONCURRENT_STREAMS', 'INITIAL_WINDOW_SIZE', 'MAX_FRAME_SIZE',
  'MAX_HEADER_LIST_SIZE',
];

// Also there, but not enumerable: what node's own code needs.
const hidden = [
  ...numbered('NGHTTP2_HCAT_', 0, ['REQUEST', 'RESPONSE', 'PUSH_RESPONSE', 'HEADERS']),
  ...numbered('NGHTTP2_NV_FLAG_', 0, ['NONE', 'NO_INDEX']),
  ['NGHTTP2_ERR_DEFERRED', -508],
  ['NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE', -509],
  ['NGHTTP2_ERR_INVALID_ARGUMENT', -501],
  ['NGHTTP2_ERR_STREAM_CLOSED', -510],
  ['NGHTTP2_ERR_NOMEM', -901],
  ...numbered('STREAM_OPTION_', 1, ['EMPTY_PAYLOAD', 'GET_TRAILERS']),
];

const entries = [
  ['NGHTTP2_ERR_FRAME_SIZE_ERROR', -522],
  ...numbered('NGHTTP2_SESSION_', 0, ['SERVER', 'CLIENT']),
  ...numbered('NGHTTP2_STREAM_STATE_', 1, [
    'IDLE', 'OPEN', 'RESERVED_LOCAL', 'RESERVED_REMOTE', 'HALF_CLOSED_LOCAL', 'HALF_CLOSED_REMOTE', 'CLOSED',
  ]),
  ['NGHTTP2_FLAG_NONE', 0x00],
  ['NGHTTP2_FLAG_END_STREAM', 0x01],
  ['NGHTTP2_FLAG_END_HEADERS', 0x04],
  ['NGHTTP2_FLAG_ACK', 0x01],
  ['NGHTTP2_FLAG_PADDED', 0x08],
  ['NGHTTP2_FLAG_PRIORITY', 0x20],
  ['DEFAULT_SETTINGS_HEADER_TABLE_SIZE', 4096],
  ['DEFAULT_SETTINGS_ENABLE_PUSH', 1],
  ['DEFAULT_SETTINGS_MAX_CONCURRENT_STREAMS', 2 ** 32 - 1],
  ['DEFAULT_SETTINGS_INITIAL_WINDOW_SIZE', 65535],
  ['DEFAULT_SETTINGS_MAX_FRAME_SIZE', 2 ** 14],
  ['DEFAULT_SETTINGS_MAX_HEADER_LIST_SIZE', 65535],
  ['DEFAULT_SETTINGS_ENABLE_CONNECT_PROTOCOL', 0],
  ['MAX_MAX_FRAME_SIZE', 2 ** 24 - 1],
  ['MIN_MAX_FRAME_SIZE', 2 ** 14],
  ['MAX_INITIAL_WINDOW_SIZE', 2 ** 31 - 1],
  ...numbered('NGHTTP2_SETTINGS_', 1, SETTINGS),
  ['NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL', 8],
  ...numbered('PADDING_STRATEGY_', 0, ['NONE', 'ALIGNED', 'MAX']),
  ['PADDING_STRATEGY_CALLBACK', 1],
  ...numbered('NGHTTP2_', 0, ERROR_CODES),
  ['NGHTTP2_DEFAULT_WEIGHT', 16],
  ...HEADER_FIELDS.map((field) => {
    const name = field.replace(':', '').replaceAll('-', '_').toUpperCase();
    return [`HTTP2_HEADER_${name}`, field];
  }),
  ...METHODS.map((method) => [`HTTP2_METHOD_${method.replaceAll('-', '_')}`, method]),
  ...STATUS_CODES.map(([code, name]) => [`HTTP_STATUS_${name}`, code]),
];

// As in node: every constant is fixed, but the object itself stays extensible.
const constants = { __proto__: null };
for (const [name, value] of hidden)
  Object.defineProperty(constants, name, { value });
for (const [name, value] of entries)
  Object.defineProperty(constants, name, { value, enumerable: true });

module.exports = constants;
