'use strict';

// A file as the body of an answer. Threads of the engine's read it and put what they read straight into the stream's queue;
// what is to be read next, and when, is decided here.

const fs = require('node:fs');
const { NGHTTP2_INTERNAL_ERROR } = require('../constants');
const native = require('./load');

// Larger than a frame, and smaller than what a socket takes in one write.
const PIECE = 128 * 1024;

// Pieces of one file that were read and have not gone out: one is sent while the next is read.
const AHEAD = 2;

const CANCELED = -1;

// Bodies that wait for a read, by its number.
const reads = new Map();

class FileBody {
  // Reads `length` octets from `offset` on; all there are if `length` is negative, from the file's position if `offset`
  // is. `done(status)` is called once: 0 when all of it was read and is on its way, or an error's negative number.
  constructor(handle, id, fd, offset, length, wantsTrailers, done) {
    this.handle = handle;
    this.id = id;
    this.fd = fd;
    // What is no number (NaN) is 0, as everywhere.
    this.position = offset < 0 ? undefined : Math.trunc(offset) || 0;
    this.left = length < 0 ? Infinity : Math.trunc(length) || 0;
    // They are asked for when all of the body is out.
    this.wantsTrailers = wantsTrailers;
    this.done = done;
    this.unsent = 0;
    this.reading = false;
    this.stopped = false;
  }

  // Reads on as far as it may.
  read() {
    if (this.stopped || this.reading || this.unsent >= AHEAD)
      return;
    const length = Math.min(PIECE, this.left);
    if (length === 0) {
      this.finish();
      return;
    }
    this.reading = true;
    readInto(this, length);
  }

  // `result` octets are in the stream's queue, none if the file has ended; or an error's negative number.
  onRead(result) {
    this.reading = false;
    if (this.stopped) {
      this.settle(CANCELED);
    } else if (result < 0) {
      this.stopped = true;
      this.handle.rstStream(this.id, NGHTTP2_INTERNAL_ERROR);
      this.settle(result);
    } else if (result === 0) {
      this.finish();
    } else {
      this.unsent++;
      this.left -= result;
      if (this.position !== undefined)
        this.position += result;
      if (this.left === 0)
        this.finish();
      else
        this.read();
    }
  }

  // The dispatcher's word that a piece has gone out.
  onWritten(status) {
    this.unsent--;
    if (status !== 0)
      return;
    if (!this.stopped)
      this.read();
    else if (this.wantsTrailers && this.unsent === 0)
      this.handle.end(this.id);
  }

  finish() {
    this.stopped = true;
    this.settle(0);
    if (!this.wantsTrailers || this.unsent === 0)
      this.handle.end(this.id);
  }

  // The stream is closed. A read that is under way still uses the descriptor.
  stop() {
    this.stopped = true;
    this.handle.files?.delete(this.id);
    if (!this.reading)
      this.settle(CANCELED);
  }

  settle(status) {
    const { done } = this;
    this.done = undefined;
    done?.(status);
  }
}

const readInto = process.platform === 'win32' ? readHere : readThere;

function readThere(body, length) {
  const read = native.readFile(body.handle.key, body.id, body.fd, body.position, length);
  if (read > 0)
    reads.set(read, body);
  else
    process.nextTick(() => body.onRead(read));
}

// Where descriptors are node's own, node reads.
function readHere(body, length) {
  const buffer = Buffer.allocUnsafeSlow(length);
  fs.read(body.fd, buffer, 0, length, body.position ?? null, (error, count) => {
    let result = error ? error.errno ?? CANCELED : count;
    if (result > 0 && !body.stopped) {
      const status = body.handle.write(body.id, buffer.subarray(0, count));
      if (status < 0) result = status;
    }
    body.onRead(result);
  });
}

// The engine's word that a read is done.
function fileRead(read, result) {
  const body = reads.get(read);
  reads.delete(read);
  body?.onRead(result);
}

module.exports = { FileBody, fileRead };
