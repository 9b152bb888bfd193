'use strict';

// Errors of the protocol engine. node:http2 reports them with nghttp2's numbers and texts, which programs match on.

const http2Errors = require('./http2');
const { dress } = require('./node-error');
const constants = require('../constants');

const TEXTS = {
  0: 'Success',
  '-501': 'Invalid argument',
  '-502': 'Out of buffer space',
  '-503': 'Unsupported SPDY version',
  '-504': 'Operation would block',
  '-505': 'Protocol error',
  '-506': 'Invalid frame octets',
  '-507': 'EOF',
  '-508': 'Data transfer deferred',
  '-509': 'No more Stream ID available',
  '-510': 'Stream was already closed or invalid',
  '-511': 'Stream is closing',
  '-512': 'The transmission is not allowed for this stream',
  '-513': 'Stream ID is invalid',
  '-514': 'Invalid stream state',
  '-515': 'Another DATA frame has already been deferred',
  '-516': 'request HEADERS is not allowed',
  '-517': 'GOAWAY has already been sent',
  '-518': 'Invalid header block',
  '-519': 'Invalid state',
  '-521': 'The user callback function failed due to the temporal error',
  '-522': 'The length of the frame is invalid',
  '-523': 'Header compression/decompression error',
  '-524': 'Flow control error',
  '-525': 'Insufficient buffer size given to function',
  '-526': 'Callback was paused by the application',
  '-527': 'Too many inflight SETTINGS',
  '-528': 'Server push is disabled by peer',
  '-529': 'DATA or HEADERS frame has already been submitted for the stream',
  '-530': 'The current session is closing',
  '-531': 'Invalid HTTP header field was received',
  '-532': 'Violation in HTTP messaging rule',
  '-533': 'Stream was refused',
  '-534': 'Internal error',
  '-535': 'Cancel',
  '-536': 'When a local endpoint expects to receive SETTINGS frame, it receives an other type of frame',
  '-537': 'SETTINGS frame contained more than the maximum allowed entries',
  '-901': 'Out of memory',
  '-902': 'The user callback function failed',
  '-903': 'Received bad client magic byte string',
  '-904': 'Flooding was detected in this HTTP/2 session, and it must be closed',
  '-905': 'Too many CONTINUATION frames following a HEADER frame',
};

function nghttp2ErrorString(errno) {
  return TEXTS[errno] ?? 'Unknown error code';
}

function textOf(code) {
  return code in http2Errors ? new http2Errors[code]().message : '';
}

// 8 -> 'NGHTTP2_CANCEL', for messages; a code outside RFC 9113 section 7 shows as the number that it is.
const names = Object.keys(constants);
const codeNames = names.slice(names.indexOf('NGHTTP2_NO_ERROR'), names.indexOf('NGHTTP2_HTTP_1_1_REQUIRED') + 1);

function nameForErrorCode(code) {
  return codeNames[code] ?? code;
}

// `customCode` is the engine's own reason, such as ERR_HTTP2_TOO_MANY_INVALID_FRAMES, and brings its own text.
class NghttpError extends Error {
  constructor(errno, customCode) {
    super(customCode ? textOf(customCode) : nghttp2ErrorString(errno));
    this.code = customCode || 'ERR_HTTP2_ERROR';
    this.errno = errno;
  }
}
dress(NghttpError, NghttpError);

module.exports = { NghttpError, nameForErrorCode, nghttp2ErrorString };
