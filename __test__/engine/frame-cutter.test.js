'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const FrameCutter = require('../../lib/engine/frame-cutter');

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function frame(type, flags, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head[8] = 1;
  return Buffer.concat([head, payload]);
}

const output = Buffer.concat([
  PREFACE,
  frame(4, 0, Buffer.alloc(6)),
  frame(1, 4, Buffer.alloc(20)),
  frame(0, 0, Buffer.alloc(5)),
  frame(0, 0x08, Buffer.from([2, 1, 1, 1, 0, 0])),
  frame(0, 0x09, Buffer.from([0])),
  frame(0, 1, Buffer.alloc(0)),
  frame(6, 0, Buffer.alloc(8)),
]);
// Heads, and of DATA the length of the padding, the payload and the padding for themselves.
const lengths = [24, 15, 29, 9, 5, 9, 1, 3, 2, 9, 1, 9, 17];

test('frames are cut as node writes them', () => {
  assert.deepEqual(new FrameCutter().cut(output).map(({ length }) => length), lengths);
  assert.deepEqual(new FrameCutter().cut(output.subarray(24)).map(({ length }) => length), lengths.slice(1));
});

test('frames that are spread over buffers stay whole', () => {
  for (let at = 25; at < output.length; at++) {
    const cutter = new FrameCutter();
    const pieces = [...cutter.cut(output.subarray(0, at)), ...cutter.cut(output.subarray(at))];
    assert.deepEqual(Buffer.concat(pieces), output);
    // No more than one piece comes in two.
    assert.ok(pieces.length <= lengths.length + 1, `cut at ${at}`);
  }
  const cutter = new FrameCutter();
  const octets = [...output.subarray(24)].flatMap((octet) => cutter.cut(Buffer.from([octet])));
  assert.deepEqual(Buffer.concat(octets), output.subarray(24));
});
