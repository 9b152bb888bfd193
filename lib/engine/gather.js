'use strict';

// A body that was written in many small chunks crosses in few pieces: what it costs to take a chunk from JavaScript is more
// than it costs to copy it.

// Octets up to SMALL are copied, into pieces of at most PIECE. Strings are copied as they cross, and are joined up to PIECE code
// units.
const SMALL = 1024;
const PIECE = 16 * 1024;

class Pieces {
  list = [];
  text = '';
  octets = [];
  size = 0;

  addText(chunk) {
    this.endOctets();
    if (this.text.length + chunk.length > PIECE) this.endText();
    this.text += chunk;
    // The halves of a surrogate pair in two chunks are no character.
    if (isHighSurrogate(chunk.charCodeAt(chunk.length - 1))) this.endText();
  }

  addOctets(chunk) {
    this.endText();
    if (chunk.byteLength > SMALL) {
      this.endOctets();
      this.list.push(chunk);
      return;
    }
    if (this.size + chunk.byteLength > PIECE) this.endOctets();
    this.octets.push(chunk);
    this.size += chunk.byteLength;
  }

  endText() {
    if (this.text === '') return;
    this.list.push(this.text);
    this.text = '';
  }

  endOctets() {
    if (this.octets.length === 0) return;
    this.list.push(Buffer.concat(this.octets, this.size));
    this.octets = [];
    this.size = 0;
  }
}

function isHighSurrogate(code) {
  return (code & 0xfc00) === 0xd800;
}

// What stream.Writable's _writev is given, as strings for UTF-8 and octets. Other encodings have become octets.
function gather(chunks, toOctets) {
  const pieces = new Pieces();
  for (const { chunk, encoding = 'utf8' } of chunks) {
    if (typeof chunk !== 'string') pieces.addOctets(toOctets(chunk));
    else if (encoding === 'utf8') pieces.addText(chunk);
    else pieces.addOctets(Buffer.from(chunk, encoding));
  }
  pieces.endText();
  pieces.endOctets();
  return pieces.list;
}

module.exports = gather;
