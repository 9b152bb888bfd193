'use strict';

// The errors of other parts of node that node:http2 throws too.

const { defineError } = require('./node-error');

class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    super(message, options);
    this.code = 'ABORT_ERR';
    this.name = 'AbortError';
  }
}

module.exports = {
  AbortError,
  ERR_HTTP_BODY_NOT_ALLOWED: defineError('ERR_HTTP_BODY_NOT_ALLOWED', Error,
    'Adding content for this request method or response status is not allowed.'),
  ERR_HTTP_HEADERS_SENT: defineError('ERR_HTTP_HEADERS_SENT', Error,
    (action) => `Cannot ${action} headers after they are sent to the client`),
  ERR_HTTP_INVALID_STATUS_CODE: defineError('ERR_HTTP_INVALID_STATUS_CODE', RangeError,
    (code) => `Invalid status code: ${code}`),
  ERR_ILLEGAL_CONSTRUCTOR: defineError('ERR_ILLEGAL_CONSTRUCTOR', TypeError, 'Illegal constructor'),
  ERR_INVALID_CHAR: defineError('ERR_INVALID_CHAR', TypeError,
    (name, field) => `Invalid character in ${name}${field === undefined ? '' : ` ["${field}"]`}`),
  ERR_INVALID_HTTP_TOKEN: defineError('ERR_INVALID_HTTP_TOKEN', TypeError,
    (name, field) => `${name} must be a valid HTTP token ["${field}"]`),
  ERR_METHOD_NOT_IMPLEMENTED: defineError('ERR_METHOD_NOT_IMPLEMENTED', Error,
    (name) => `The ${name} method is not implemented`),
  ERR_SERVER_NOT_RUNNING: defineError('ERR_SERVER_NOT_RUNNING', Error, 'Server is not running.'),
  ERR_SOCKET_CLOSED: defineError('ERR_SOCKET_CLOSED', Error, 'Socket is closed'),
  ERR_STREAM_ALREADY_FINISHED: defineError('ERR_STREAM_ALREADY_FINISHED', Error,
    (name) => `Cannot call ${name} after a stream was finished`),
  ERR_STREAM_CANNOT_PIPE: defineError('ERR_STREAM_CANNOT_PIPE', Error, 'Cannot pipe, not readable'),
  ERR_STREAM_DESTROYED: defineError('ERR_STREAM_DESTROYED', Error,
    (name) => `Cannot call ${name} after a stream was destroyed`),
  ERR_STREAM_WRITE_AFTER_END: defineError('ERR_STREAM_WRITE_AFTER_END', Error, 'write after end'),
};
