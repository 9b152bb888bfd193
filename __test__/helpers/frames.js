'use strict';

// HTTP/2 frames written and read by hand (RFC 9113 section 4.1), for peers that do what no library lets them do.

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const HEAD_LENGTH = 9;

const type = {
  DATA: 0, HEADERS: 1, PRIORITY: 2, RST_STREAM: 3, SETTINGS: 4, PUSH_PROMISE: 5, PING: 6, GOAWAY: 7, WINDOW_UPDATE: 8,
  CONTINUATION: 9, ALTSVC: 10, ORIGIN: 12,
};
const flag = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 };
const code = {
  NO_ERROR: 0, PROTOCOL_ERROR: 1, INTERNAL_ERROR: 2, FLOW_CONTROL_ERROR: 3, SETTINGS_TIMEOUT: 4, STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6, REFUSED_STREAM: 7, CANCEL: 8, COMPRESSION_ERROR: 9, CONNECT_ERROR: 10, ENHANCE_YOUR_CALM: 11,
};

const NOTHING = Buffer.alloc(0);

function uint16(number) {
  return Buffer.from([number >>> 8, number & 0xff]);
}

function uint32(number) {
  return Buffer.from([number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff]);
}

// `length` is what the head says, whatever the payload is.
function frame(kind, flags, stream, payload = NOTHING, length = payload.length) {
  const head = Buffer.from([length >>> 16, (length >>> 8) & 0xff, length & 0xff, kind, flags]);
  return Buffer.concat([head, uint32(stream), payload]);
}

// --- Header blocks (RFC 7541) ---

// An integer with a prefix of so many bits, below the bits of `first` (section 5.1).
function integer(number, bits, first = 0) {
  const most = 2 ** bits - 1;
  if (number < most) return Buffer.from([first | number]);
  const octets = [first | most];
  for (number -= most; number >= 128; number = Math.floor(number / 128)) octets.push(128 | (number % 128));
  return Buffer.from([...octets, number]);
}

function string(text) {
  const octets = Buffer.from(text, 'latin1');
  return Buffer.concat([integer(octets.length, 7), octets]);
}

// A literal with a new name, of which no table hears.
function literal(name, value) {
  return Buffer.concat([Buffer.from([0]), string(name), string(value)]);
}

// The same, added to the dynamic table.
function indexedLiteral(name, value) {
  return Buffer.concat([Buffer.from([0x40]), string(name), string(value)]);
}

const indexed = (index) => integer(index, 7, 0x80);
const tableSize = (size) => integer(size, 5, 0x20);

function block(fields) {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

function request(more = [], { method = 'GET', path = '/' } = {}) {
  return block([[':method', method], [':scheme', 'http'], [':path', path], [':authority', 'localhost'], ...more]);
}

const response = (more = [], status = 200) => block([[':status', String(status)], ...more]);

// --- Frames by type ---

const data = (stream, payload = NOTHING, flags = 0) => frame(type.DATA, flags, stream, Buffer.from(payload));
const headers = (stream, list, flags = flag.END_HEADERS | flag.END_STREAM) => frame(type.HEADERS, flags, stream, list);
const continuation = (stream, fragment, flags = 0) => frame(type.CONTINUATION, flags, stream, fragment);
const rstStream = (stream, error = code.CANCEL) => frame(type.RST_STREAM, 0, stream, uint32(error));
const ping = (payload = Buffer.alloc(8), flags = 0) => frame(type.PING, flags, 0, Buffer.from(payload));
const windowUpdate = (stream, increment) => frame(type.WINDOW_UPDATE, 0, stream, uint32(increment));
const settingsAck = () => frame(type.SETTINGS, flag.ACK, 0);

function settings(...pairs) {
  return frame(type.SETTINGS, 0, 0, Buffer.concat(pairs.map(([id, value]) => Buffer.concat([uint16(id), uint32(value)]))));
}

function priority(stream, parent, weight = 15) {
  return frame(type.PRIORITY, 0, stream, Buffer.concat([uint32(parent), Buffer.from([weight])]));
}

function goaway(last, error = code.NO_ERROR, text = '') {
  return frame(type.GOAWAY, 0, 0, Buffer.concat([uint32(last), uint32(error), Buffer.from(text)]));
}

function pushPromise(parent, promised, list, flags = flag.END_HEADERS) {
  return frame(type.PUSH_PROMISE, flags, parent, Buffer.concat([uint32(promised), list]));
}

function altsvc(stream, origin, value) {
  return frame(type.ALTSVC, 0, stream, Buffer.concat([uint16(origin.length), Buffer.from(origin), Buffer.from(value)]));
}

function origin(...origins) {
  return frame(type.ORIGIN, 0, 0, Buffer.concat(origins.map((name) => Buffer.concat([uint16(name.length), Buffer.from(name)]))));
}

/** Takes the whole frames off the front of `octets`: {frames: [{type, flags, stream, payload}], rest}. */
function parse(octets) {
  const frames = [];
  while (octets.length >= HEAD_LENGTH) {
    const end = HEAD_LENGTH + octets.readUIntBE(0, 3);
    if (octets.length < end) break;
    frames.push({
      type: octets[3],
      flags: octets[4],
      stream: octets.readUInt32BE(5) & 0x7fffffff,
      payload: octets.subarray(HEAD_LENGTH, end),
    });
    octets = octets.subarray(end);
  }
  return { frames, rest: octets };
}

module.exports = {
  PREFACE, altsvc, block, code, continuation, data, flag, frame, goaway, headers, indexed, indexedLiteral, integer, literal,
  origin, parse, ping, priority, pushPromise, request, response, rstStream, settings, settingsAck, string, tableSize, type,
  uint16, uint32, windowUpdate,
};
