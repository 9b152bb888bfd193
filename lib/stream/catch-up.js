'use strict';

// What has happened to a stream by the time that somebody looks at it (lib/stream/late.js).

const { Duplex } = require('node:stream');
const { kCompat } = require('../symbols');
const { LATE, MARK, kBody, kBodyEncoding, kMarks } = require('./fields');
const { FRESH, OVER, readToEnd } = require('./late');
const outbox = require('./outbox');

// Since Node 26 a stream remembers that nobody listened for its end. Before, it is announced to whoever reads in a tick of
// its own, which a stream that is made later had long ago.
const ANNOUNCES_END = (() => {
  const stream = new Duplex({ read() {} });
  stream.push(null);
  return stream._readableState.emittedReadable;
})();

function catchUp(stream, stage) {
  // Keeps Readable from calling _read() of its own accord, so that a call means that somebody wants the body.
  stream._readableState.readingMore = true;
  if (stage === OVER) {
    endBoth(stream);
    return;
  }
  stream[kCompat]?.made(stream);
  if (stage === LATE.GONE) readToEnd(stream);
  else if (stream[kMarks] & MARK.END_AFTER_HEADERS) endReading(stream);
  if (stage === LATE.WRITING) Reflect.apply(Duplex.prototype.write, stream, [stream[kBody], stream[kBodyEncoding]]);
  else if (stage !== FRESH) endWriting(stream);
}

// The peer's side had ended before anybody could listen.
function endReading(stream) {
  if (ANNOUNCES_END) stream._readableState.ended = true;
  else stream.push(null);
}

// The body is with the outbox or the engine.
function endWriting(stream) {
  Reflect.apply(Duplex.prototype.end, stream, [stream[kBody], stream[kBodyEncoding]]);
  if (stream[kMarks] & MARK.SHUT) outbox.awaitFinish(stream);
}

// 'finish' and 'close' were emitted, too.
function endBoth(stream) {
  readToEnd(stream);
  const state = stream._writableState;
  state.ending = true;
  state.ended = true;
  state.finalCalled = true;
  state.prefinished = true;
  state.finished = true;
  for (const side of [stream._readableState, state]) {
    side.destroyed = true;
    side.closed = true;
    side.closeEmitted = true;
  }
}

module.exports = catchUp;
