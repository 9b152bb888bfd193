'use strict';

// Files as bodies. The engine reads the file itself; here is what comes before: options, the file's facts, the head.

const fs = require('node:fs');
const {
  HTTP2_HEADER_CONTENT_LENGTH, HTTP2_HEADER_DATE, HTTP2_HEADER_STATUS, HTTP_STATUS_NO_CONTENT, HTTP_STATUS_NOT_MODIFIED,
  HTTP_STATUS_OK, HTTP_STATUS_RESET_CONTENT,
} = require('../constants');
const {
  ERR_HTTP2_HEADERS_SENT, ERR_HTTP2_INVALID_STREAM, ERR_HTTP2_PAYLOAD_FORBIDDEN, ERR_HTTP2_SEND_FILE,
  ERR_HTTP2_SEND_FILE_NOSEEK, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
} = require('../errors');
const { checkStatus, prepareResponse, utcDate } = require('../headers');
const {
  kHandle, kID, kSensitiveHeaders, kSentHeaders, kSession, kStrictSingleValueFields, kUpdateTimer,
} = require('../symbols');
const { assertIsObject } = require('../validators');
const { MARK, kMarks } = require('./fields');
const outbox = require('./outbox');

const OPTION_TYPES = { offset: 'number', length: 'number', statCheck: 'function' };

// One answer: whose, with what head, and which part of the file.
class FileAnswer {
  constructor(stream, headers, options) {
    if (stream.destroyed || stream.closed) throw new ERR_HTTP2_INVALID_STREAM();
    if (stream.headersSent) throw new ERR_HTTP2_HEADERS_SENT();
    assertIsObject(options, 'options');
    this.options = checkOptions(options);
    stream[kUpdateTimer]();
    if (this.options.waitForTrailers) stream[kMarks] |= MARK.WAITS_FOR_TRAILERS;
    this.stream = stream;
    this.headers = draft(headers, this.options);
    checkBodyAllowed(stream, this.headers[HTTP2_HEADER_STATUS]);
    this.fd = -1;
    // The file was opened here.
    this.ownsFD = false;
  }

  get isOver() {
    return this.stream.destroyed || this.stream.closed;
  }

  fail(error) {
    this.release();
    if (this.options.onError) Reflect.apply(this.options.onError, undefined, [error]);
    else this.stream.destroy(error);
  }

  release() {
    if (!this.ownsFD || this.fd < 0) return;
    // Nobody is left to hear of an error.
    fs.close(this.fd, () => {});
    this.fd = -1;
  }

  // false: the application has taken the answer over.
  checkStat(stat, part) {
    const { statCheck } = this.options;
    return typeof statCheck !== 'function' ||
      Reflect.apply(statCheck, this.stream, [stat, this.headers, part]) !== false;
  }

  send(offset, length) {
    const { stream, fd } = this;
    let head;
    try {
      head = prepareResponse(this.headers, false, stream[kSession][kStrictSingleValueFields]);
    } catch (error) {
      this.release();
      stream.destroy(error);
      return;
    }
    stream[kSentHeaders] = head;
    // The writable side is over, and the engine ends the body itself.
    stream[kMarks] |= MARK.HEADERS_SENT | MARK.SHUT | MARK.FILE;
    stream.end();
    const flags = stream[kMarks] & MARK.WAITS_FOR_TRAILERS ? outbox.WANT_TRAILERS : 0;
    const status = stream[kHandle].respondFile(stream[kID], head.block, head.count, fd, offset, length, flags,
      () => this.release());
    if (status < 0) {
      this.release();
      outbox.failed(stream, status);
    }
  }
}

function checkOptions(given) {
  const options = { ...given };
  for (const [name, type] of Object.entries(OPTION_TYPES)) {
    const value = options[name];

    if (value !== undefined && typeof value !== type) throw new ERR_INVALID_ARG_VALUE(`options.${name}`, value);
  }
  return options;
}

// A copy of the headers, complete, which statCheck() may change.
function draft(given, { sendDate }) {
  if (given !== undefined && (given === null || typeof given !== 'object' || Array.isArray(given)))
    throw new ERR_INVALID_ARG_TYPE('headers', ['Array', 'Object'], given);
  const headers = { __proto__: null, ...given };
  headers[HTTP2_HEADER_STATUS] = headers[HTTP2_HEADER_STATUS] | 0 || HTTP_STATUS_OK;
  checkStatus(headers[HTTP2_HEADER_STATUS]);
  if (sendDate == null || sendDate) headers[HTTP2_HEADER_DATE] ??= utcDate();
  if (given !== undefined) headers[kSensitiveHeaders] = given[kSensitiveHeaders];
  return headers;
}

function checkBodyAllowed(stream, status) {
  if (status === HTTP_STATUS_NO_CONTENT || status === HTTP_STATUS_RESET_CONTENT ||
      status === HTTP_STATUS_NOT_MODIFIED || stream.headRequest)
    throw new ERR_HTTP2_PAYLOAD_FORBIDDEN(status);
}

// A number, or what fs.promises.open() gives.
function descriptorOf(fd) {
  if (typeof fd === 'number') return fd;
  if (fd !== null && typeof fd === 'object' && typeof fd.fd === 'number' && typeof fd.getAsyncId === 'function')
    return fd.fd;
  throw new ERR_INVALID_ARG_TYPE('fd', ['number', 'FileHandle'], fd);
}

function respondWithFD(stream, fd, headers, options) {
  const answer = new FileAnswer(stream, headers, options);
  answer.fd = descriptorOf(fd);
  const { offset = 0, length = -1, statCheck } = answer.options;
  if (statCheck === undefined) {
    answer.send(offset, length);
    return;
  }
  fs.fstat(answer.fd, (error, stat) => {
    if (answer.isOver) return;
    if (error) {
      answer.fail(error);
      return;
    }
    const part = { offset, length };
    if (answer.checkStat(stat, part)) answer.send(part.offset, part.length);
  });
}

function respondWithFile(stream, path, headers, options) {
  const answer = new FileAnswer(stream, headers, options);
  answer.ownsFD = true;
  fs.open(path, 'r', (error, fd) => {
    if (error) {
      answer.fail(error);
      return;
    }
    answer.fd = fd;
    if (answer.isOver) {
      answer.release();
      return;
    }
    fs.fstat(fd, (error, stat) => {
      if (answer.isOver) answer.release();
      else if (error) answer.fail(error);
      else sendFile(answer, stat);
    });
  });
}

function sendFile(answer, stat) {
  const { offset, length } = answer.options;
  const part = { offset: offset ?? 0, length: length ?? -1 };
  if (!stat.isFile()) {
    if (stat.isDirectory()) {
      answer.fail(new ERR_HTTP2_SEND_FILE());
      return;
    }
    if (offset !== undefined || length !== undefined) {
      answer.fail(new ERR_HTTP2_SEND_FILE_NOSEEK());
      return;
    }
    // A pipe or a device is read from where it stands to its end.
    part.offset = -1;
  }
  if (!answer.checkStat(stat, part) || answer.isOver || answer.stream.headersSent) {
    answer.release();
    return;
  }
  if (stat.isFile()) {
    const rest = stat.size - part.offset;
    part.length = part.length < 0 ? rest : Math.min(rest, part.length);
    answer.headers[HTTP2_HEADER_CONTENT_LENGTH] = part.length;
  }
  answer.send(part.offset, part.length);
}

module.exports = { respondWithFD, respondWithFile };
