'use strict';

// What a stream keeps, beside the fields that lib/symbols.js names.
//
// Life cycle of the API object (the protocol's states are the engine's):
//
//     pending --open()--> open --close()--> closed --destroy()--> destroyed
//        |                                     ^
//        +--------- close() before an id ------+   the reset goes out when the id is known
//
// `open` and `closed` are marks because a stream may be closed before it is open; Duplex has `destroyed`. The other marks
// are facts that, but for READING, QUEUED and BODY_DUE, are never taken back.

const { OWN } = require('./late');

const MARK = {
  // An id is assigned and the engine knows the stream.
  OPEN: 1 << 0,
  // close() was called, or the protocol is done with the stream.
  CLOSED: 1 << 1,
  // The engine needs no reset any more: it reported the end of the stream, or one was submitted.
  GONE: 1 << 2,
  // The end of the stream has been dealt with.
  OVER: 1 << 14,
  // A file is the body.
  FILE: 1 << 15,
  // It was closed while the writable side was still open.
  ABORTED: 1 << 3,
  HEADERS_SENT: 1 << 4,
  HEAD_REQUEST: 1 << 5,
  // The body is followed by trailers, which the application provides when asked.
  WAITS_FOR_TRAILERS: 1 << 6,
  WANTS_TRAILERS: 1 << 7,
  // Somebody has asked for the body.
  READ: 1 << 8,
  // The engine credits the stream's window as data arrives.
  READING: 1 << 9,
  // The engine has been told that no more body follows.
  SHUT: 1 << 10,
  // The peer's header block was all there was.
  END_AFTER_HEADERS: 1 << 11,
  // It was closed before its end: a reset ends the body, and END_STREAM does not.
  CUT_SHORT: 1 << 17,
  // 'end' is awaited, at which the stream may be over.
  ENDS: 1 << 16,
  // The stream waits in the outbox,
  QUEUED: 1 << 12,
  // and has a body for it.
  BODY_DUE: 1 << 13,
};

// How far a stream is that nobody has looked at, beyond lib/stream/late.js.
const LATE = {
  // end(body) was called once the head was given, and has not been answered.
  ENDING: OWN,
  // After that the engine was done with the stream.
  GONE: OWN + 1,
  // A write() has not been answered. When it is, the stream is as fresh as before.
  WRITING: OWN + 2,
};

module.exports = {
  LATE,
  MARK,
  kBody: Symbol('body'),
  kBodyCallback: Symbol('bodyCallback'),
  kBodyEncoding: Symbol('bodyEncoding'),
  // The async scope of the write whose body it is.
  kBodyScope: Symbol('bodyScope'),
  kChannels: Symbol('channels'),
  kFinalCallback: Symbol('finalCallback'),
  kHead: Symbol('head'),
  // Octets that were unread when the stream was over.
  kKept: Symbol('kept'),
  kMarks: Symbol('marks'),
  kRstCode: Symbol('rstCode'),
  kSentInfoHeaders: Symbol('sent-info-headers'),
};
