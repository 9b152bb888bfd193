'use strict';

// Cuts what a session sends into the pieces in which node writes it to a stream that is no socket: the preface, each frame
// that is not DATA, and of DATA the head, the length of the padding, the payload and the padding. Programs that put a
// stream of their own under a session can see them.

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const HEAD_LENGTH = 9;
const DATA = 0;
const PADDED = 0x08;

class FrameCutter {
  constructor() {
    this.begun = false;
    // What is missing of pieces that have begun: frames can be spread over buffers.
    this.due = [];
    // The beginning of a head whose rest is in the next buffer.
    this.kept = undefined;
  }

  // None, if the buffer was not even a head.
  cut(buffer) {
    if (this.kept !== undefined) {
      buffer = Buffer.concat([this.kept, buffer]);
      this.kept = undefined;
    }
    if (!this.begun) {
      this.begun = true;
      if (buffer.subarray(0, PREFACE.length).equals(PREFACE)) this.due.push(PREFACE.length);
    }
    const pieces = [];
    let at = 0;
    while (at < buffer.length) {
      if (this.due.length === 0) this.due = piecesOf(buffer.subarray(at));
      if (this.due.length === 0) {
        this.kept = buffer.subarray(at);
        break;
      }
      const end = Math.min(at + this.due[0], buffer.length);
      this.due[0] -= end - at;
      if (this.due[0] === 0) this.due.shift();
      pieces.push(buffer.subarray(at, end));
      at = end;
    }
    return pieces;
  }
}

// The lengths of the pieces of the frame with which the octets begin; none where they do not say.
function piecesOf(octets) {
  if (octets.length < HEAD_LENGTH) return [];
  const length = octets.readUIntBE(0, 3);
  if (octets[3] !== DATA) return [HEAD_LENGTH + length];
  if ((octets[4] & PADDED) === 0) return length === 0 ? [HEAD_LENGTH] : [HEAD_LENGTH, length];
  if (octets.length === HEAD_LENGTH) return [];
  const padding = octets[HEAD_LENGTH];
  return [HEAD_LENGTH, 1, length - 1 - padding, padding].filter((piece) => piece > 0);
}

module.exports = FrameCutter;
