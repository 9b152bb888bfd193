'use strict';

// Bodies whose every octet can be foreseen: octet N is N modulo 251, a prime, so that nothing that is lost, doubled or moved
// goes unnoticed.

const period = 251;
const longest = 64 * 1024;
const octets = Buffer.from(Array.from({ length: longest + period }, (_, index) => index % period));

/** So many octets of the body from `offset` on, at most 64 KiB. */
function piece(offset, length) {
  const begin = offset % period;
  return octets.subarray(begin, begin + Math.min(length, longest));
}

/** Checks what arrives, chunk by chunk. */
class Checker {
  length = 0;
  intact = true;

  take(chunk) {
    for (let at = 0; at < chunk.length; at += longest) {
      const part = chunk.subarray(at, at + longest);
      this.intact &&= part.equals(piece(this.length + at, part.length));
    }
    this.length += chunk.length;
  }
}

/** Writes so many octets to a stream, as it takes them, and ends it. Stops when the stream does. */
function pour(stream, length, chunk = 16 * 1024) {
  let sent = 0;
  const more = () => {
    while (sent < length) {
      if (stream.destroyed || stream.writableEnded) return;
      const next = piece(sent, Math.min(chunk, length - sent));
      sent += next.length;
      if (!stream.write(next)) return;
    }
    stream.end();
  };
  stream.on('drain', () => { if (!stream.writableEnded) more(); });
  more();
}

module.exports = { Checker, piece, pour };
