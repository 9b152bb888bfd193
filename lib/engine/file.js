'use strict';

// A file as the body of an answer: read a piece at a time, the next when the last one has gone out.

const fs = require('node:fs');
const { NGHTTP2_INTERNAL_ERROR } = require('../constants');

// Pieces of this length, larger than a frame and smaller than what a socket takes in one write.
const PIECE = 64 * 1024;

class FileBody {
  // Reads `length` octets from `offset` on; all there are if `length` is negative, from the file's position if `offset`
  // is. `done(status)` is called once: 0 after the last octet was written, or an error's negative number.
  constructor(handle, id, fd, offset, length, done) {
    this.handle = handle;
    this.id = id;
    this.fd = fd;
    this.position = offset < 0 ? null : offset;
    this.left = length < 0 ? Infinity : length;
    this.done = done;
    this.buffer = undefined;
    this.reading = false;
    this.stopped = false;
  }

  read() {
    const length = Math.min(PIECE, this.left);
    if (length === 0) {
      this.finish();
      return;
    }
    this.reading = true;
    const buffer = Buffer.allocUnsafeSlow(length);
    fs.read(this.fd, buffer, 0, length, this.position, (error, count) => this.onRead(error, buffer, count));
  }

  onRead(error, buffer, count) {
    this.reading = false;
    if (this.stopped) {
      this.settle(-1);
      return;
    }
    if (error) {
      this.stopped = true;
      this.handle.rstStream(this.id, NGHTTP2_INTERNAL_ERROR);
      this.settle(error.errno ?? -1);
      return;
    }
    if (count === 0) {
      this.finish();
      return;
    }
    this.left -= count;
    if (this.position !== null)
      this.position += count;
    if (this.handle.write(this.id, buffer.subarray(0, count)) !== 0)
      this.stop();
  }

  // The dispatcher's word that a piece has gone out. True: it was none of the API's.
  onWritten(status) {
    if (this.stopped)
      return true;
    if (status === 0)
      this.read();
    else
      this.stop();
    return true;
  }

  finish() {
    this.stopped = true;
    this.settle(0);
    this.handle.end(this.id);
  }

  // The stream is closed. A read that is under way still uses the descriptor.
  stop() {
    if (this.stopped)
      return;
    this.stopped = true;
    if (!this.reading)
      this.settle(-1);
  }

  settle(status) {
    const { done } = this;
    this.done = undefined;
    this.handle.files?.delete(this.id);
    done?.(status);
  }
}

module.exports = FileBody;
