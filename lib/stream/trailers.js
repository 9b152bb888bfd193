'use strict';

// Trailers on their way out: the engine asks for them when the body is through, and waits until they are given.

const {
  ERR_HTTP2_INVALID_STREAM, ERR_HTTP2_TRAILERS_ALREADY_SENT, ERR_HTTP2_TRAILERS_NOT_READY,
} = require('../errors');
const { IN_TRAILERS, packHeaders } = require('../headers');
const {
  kCompat, kHandle, kID, kMaybeDestroy, kSentTrailers, kSession, kStrictSingleValueFields, kUpdateTimer,
} = require('../symbols');
const { assertIsObject } = require('../validators');
const { MARK, kHead, kMarks } = require('./fields');
const outbox = require('./outbox');

// The engine has sent the last of the body.
function onWantTrailers(stream) {
  if (stream.destroyed) return;
  stream[kMarks] |= MARK.WANTS_TRAILERS;
  if (stream[kCompat] !== undefined) {
    stream[kCompat].wantTrailers(stream);
    stream.emit('wantTrailers');
  } else if (!stream.emit('wantTrailers')) {
    // Nobody has any: an empty block ends the stream.
    stream.sendTrailers({});
  }
}

function send(stream, headers) {
  if (stream.destroyed || stream.closed) throw new ERR_HTTP2_INVALID_STREAM();
  if (stream[kSentTrailers]) throw new ERR_HTTP2_TRAILERS_ALREADY_SENT();
  if ((stream[kMarks] & MARK.WANTS_TRAILERS) === 0) throw new ERR_HTTP2_TRAILERS_NOT_READY();
  assertIsObject(headers, 'headers');
  stream[kSentTrailers] = packHeaders(headers ?? {}, IN_TRAILERS, stream[kSession][kStrictSingleValueFields]);
  setImmediate(submit, stream);
}

function submit(stream) {
  if (stream.destroyed) return;
  stream[kUpdateTimer]();
  stream[kMarks] &= ~MARK.WAITS_FOR_TRAILERS;
  const { block, count } = stream[kSentTrailers];
  const status = stream[kHandle].trailers(stream[kID], block, count);
  if (status < 0) outbox.failed(stream, status);
  else stream[kMaybeDestroy]();
}

// Whether trailers follow is settled when the head leaves. Until then it can be said otherwise.
function expect(stream, wanted) {
  if (stream[kHead] === undefined) return;
  if (wanted) stream[kMarks] |= MARK.WAITS_FOR_TRAILERS;
  else stream[kMarks] &= ~MARK.WAITS_FOR_TRAILERS;
}

module.exports = { expect, onWantTrailers, send };
