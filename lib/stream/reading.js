'use strict';

// The body on its way in. The engine delivers what arrives; while a stream is not read, it keeps the stream's window
// closed, which holds the peer back.

const performance = require('../performance');
const { kHandle, kID, kSession, kUpdateTimer } = require('../symbols');
const { MARK, kMarks } = require('./fields');
const { awaitEnd } = require('./closing');

// Duplex's _read.
function read(stream) {
  if (stream.destroyed) {
    stream.push(null);
    return;
  }
  if ((stream[kMarks] & MARK.READ) === 0) {
    stream[kMarks] |= MARK.READ;
    stream._readableState.readingMore = false;
  }
  if (stream.pending) stream.once('ready', start);
  else Reflect.apply(start, stream, []);
}

function start() {
  if (this.destroyed || (this[kMarks] & (MARK.READING | MARK.GONE)) !== 0 || this._readableState.ended) return;
  this[kMarks] |= MARK.READING;
  this[kHandle].readStart(this[kID]);
}

function stop() {
  if (this.destroyed || (this[kMarks] & MARK.READING) === 0) return;
  this[kMarks] &= ~MARK.READING;
  this[kHandle].readStop(this[kID]);
}

// What arrives after a reset of ours is of no interest.
function onData(stream, chunk) {
  if (stream.destroyed || (stream[kMarks] & MARK.GONE) !== 0) return;
  stream[kUpdateTimer]();
  stream[kSession][kUpdateTimer]();
  if (performance.watch.isOn) performance.dataReceived(stream, chunk.length);
  if (!stream.push(chunk)) Reflect.apply(stop, stream, []);
}

// Whether it stood on the request's header block, so that there is nothing left to do.
function onEndUnseen(stream) {
  return (stream[kMarks] & MARK.END_AFTER_HEADERS) !== 0;
}

// END_STREAM. Where it stood on a header block, that has ended the readable side.
function onEnd(stream) {
  if (stream.destroyed || (stream[kMarks] & MARK.GONE) !== 0 || stream._readableState.ended) return;
  stream[kUpdateTimer]();
  stream[kSession][kUpdateTimer]();
  awaitEnd(stream);
  stream.push(null);
  stream.read(0);
}

module.exports = { onData, onEnd, onEndUnseen, read, stop };
