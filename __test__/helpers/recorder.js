'use strict';

// A proxy that writes down the frames that pass between a client and a server.

const net = require('node:net');

const PREFACE_LENGTH = 24;
const HEAD_LENGTH = 9;
const TYPES = ['DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM', 'SETTINGS', 'PUSH_PROMISE', 'PING', 'GOAWAY', 'WINDOW_UPDATE',
  'CONTINUATION', 'ALTSVC', undefined, 'ORIGIN'];

// Cuts what one side sends into frames.
class FrameReader {
  constructor(skip, onFrame) {
    this.rest = Buffer.alloc(0);
    this.skip = skip;
    this.onFrame = onFrame;
  }

  read(chunk) {
    this.rest = Buffer.concat([this.rest, chunk]);
    if (this.rest.length < this.skip)
      return;
    this.rest = this.rest.subarray(this.skip);
    this.skip = 0;
    while (this.rest.length >= HEAD_LENGTH) {
      const length = this.rest.readUIntBE(0, 3);
      if (this.rest.length < HEAD_LENGTH + length)
        return;
      const payload = this.rest.subarray(HEAD_LENGTH, HEAD_LENGTH + length);
      const type = this.rest[3];
      this.onFrame({ type: TYPES[type] ?? type, flags: this.rest[4], stream: this.rest.readUInt32BE(5), payload });
      this.rest = this.rest.subarray(HEAD_LENGTH + length);
    }
  }
}

// Listens in front of the server on `port`. `onFrame(side, frame)` is called with 'client' or 'server', who sent the frame.
async function recordFrames(port, onFrame) {
  const proxy = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    const pass = (from, to, reader) => {
      from.on('data', (chunk) => {
        reader.read(chunk);
        to.write(chunk);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    };
    pass(near, far, new FrameReader(PREFACE_LENGTH, (frame) => onFrame('client', frame)));
    pass(far, near, new FrameReader(0, (frame) => onFrame('server', frame)));
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}

module.exports = { recordFrames };
