'use strict';

// RFC 9113 and RFC 7541, as a client has to keep them. The request of stream 1 has been sent, and has no body.

const f = require('../helpers/frames');
const { againstClient, alive, gets, goaway, reset } = require('./judge');

const { END_HEADERS, END_STREAM, PADDED, PRIORITY, ACK } = f.flag;
const { DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = f.type;

const octets = (length) => Buffer.alloc(length, 'x');
const pong = Buffer.from('12345678');
const head = (...more) => f.headers(1, f.response(more), END_HEADERS);
const whole = (...more) => f.headers(1, f.response(more));
const half = f.headers(1, f.response(), END_STREAM);
const padded = (type, flags, stream, length, payload, padding) => f.frame(
  type, flags | PADDED, stream, Buffer.concat([Buffer.from([length]), payload, Buffer.alloc(padding)]),
);
const malformed = reset('PROTOCOL_ERROR');

againstClient({
  'section 3.4: the preface': {
    'SETTINGS come first': [f.ping(), goaway('PROTOCOL_ERROR')],
    'SETTINGS are acknowledged': [f.settings(), gets('SETTINGS', ACK)],
  },
}, { bare: true });

againstClient({
  'section 4.1: frames': {
    'an unknown type': [f.frame(0x16, 0, 0, octets(8)), alive],
    'an undefined flag': [f.ping(pong, 0x16), gets('PING', ACK, pong)],
    'the reserved bit': [f.frame(PING, 0, 0x80000000, pong), gets('PING', ACK, pong)],
  },
  'section 4.2: sizes': {
    'DATA that is too large': [head(), f.data(1, octets(16_385)), goaway('FRAME_SIZE_ERROR')],
    'HEADERS that are too large': [f.headers(1, f.response([['x', 'y'.repeat(16_384)]])), goaway('FRAME_SIZE_ERROR')],
  },
  'section 4.3: header blocks': {
    'a block that does not decode': [f.headers(1, Buffer.from([0x00, 0x01])), goaway('COMPRESSION_ERROR')],
    'PRIORITY inside': [half, f.priority(1, 0), goaway('PROTOCOL_ERROR')],
    'HEADERS of another stream inside': [half, f.headers(3, f.response()), goaway('PROTOCOL_ERROR')],
  },
  'section 5.1: stream states': {
    'DATA on an idle stream': [f.data(101, 'x', END_STREAM), goaway('PROTOCOL_ERROR')],
    'RST_STREAM on an idle stream': [f.rstStream(101), goaway('PROTOCOL_ERROR')],
    'WINDOW_UPDATE on an idle stream': [f.windowUpdate(101, 1), goaway('PROTOCOL_ERROR')],
    'CONTINUATION on an idle stream': [f.continuation(101, f.response(), END_HEADERS), goaway('PROTOCOL_ERROR')],
    'DATA on a closed stream': [whole(), f.data(1, 'x'), goaway('STREAM_CLOSED')],
    'HEADERS on a closed stream': [whole(), whole(), goaway('STREAM_CLOSED')],
    'CONTINUATION on a closed stream': [whole(), f.continuation(1, f.response(), END_HEADERS), goaway('PROTOCOL_ERROR')],
    'DATA after RST_STREAM': [f.rstStream(1), f.data(1, 'x'), reset('STREAM_CLOSED')],
    'HEADERS after RST_STREAM': [f.rstStream(1), whole(), reset('STREAM_CLOSED')],
    'PRIORITY and WINDOW_UPDATE on a closed stream': [whole(), f.priority(1, 0), f.windowUpdate(1, 1), alive],
  },
  'section 5.1.1: stream ids': {
    'a stream that only a client opens': [f.headers(101, f.response()), goaway('PROTOCOL_ERROR')],
    'a stream that was not promised': [f.headers(2, f.response()), goaway('PROTOCOL_ERROR')],
    'a promise of an odd stream': [f.pushPromise(1, 3, f.request()), goaway('PROTOCOL_ERROR')],
    'a promise below the last': [f.pushPromise(1, 4, f.request()), f.pushPromise(1, 2, f.request()), goaway('PROTOCOL_ERROR')],
  },
  'section 5.4.1: connection errors': {
    'GOAWAY comes, and the end': [f.frame(PING, 0, 3, pong), goaway('PROTOCOL_ERROR')],
  },
  'section 5.5: extensions': {
    'an unknown frame': [f.frame(0xee, 0, 0, octets(8)), alive],
    'an unknown frame inside a header block': [half, f.frame(0xee, 0, 0, octets(8)), goaway('PROTOCOL_ERROR')],
  },
  'section 6.1: DATA': {
    'on stream 0': [f.data(0, 'x'), goaway('PROTOCOL_ERROR')],
    'before HEADERS': [f.data(1, 'x'), goaway('PROTOCOL_ERROR')],
    'padding beyond the frame': [head(), padded(DATA, END_STREAM, 1, 6, octets(5), 0), goaway('PROTOCOL_ERROR')],
    padded: [head(), padded(DATA, END_STREAM, 1, 5, octets(5), 5), alive],
  },
  'section 6.2: HEADERS': {
    'on stream 0': [f.headers(0, f.response()), goaway('PROTOCOL_ERROR')],
    'padding beyond the frame': [padded(HEADERS, END_HEADERS, 1, 255, f.response(), 0), goaway('PROTOCOL_ERROR')],
    'that depend on themselves': [
      f.frame(HEADERS, END_STREAM | END_HEADERS | PRIORITY, 1, Buffer.concat([f.uint32(1), octets(1), f.response()])),
      malformed,
    ],
  },
  'section 6.3: PRIORITY': {
    'on stream 0': [f.priority(0, 0), goaway('PROTOCOL_ERROR')],
    'of another length': [f.frame(f.type.PRIORITY, 0, 1, octets(4)), goaway('FRAME_SIZE_ERROR')],
  },
  'section 6.4: RST_STREAM': {
    'on stream 0': [f.rstStream(0), goaway('PROTOCOL_ERROR')],
    'of another length': [f.frame(RST_STREAM, 0, 1, octets(3)), goaway('FRAME_SIZE_ERROR')],
    'of an unknown code': [f.rstStream(1, 0xff), alive],
  },
  'section 6.5: SETTINGS': {
    'they are acknowledged': [f.settings([3, 100]), gets('SETTINGS', ACK)],
    'an acknowledgement that says something': [f.frame(SETTINGS, ACK, 0, octets(6)), goaway('FRAME_SIZE_ERROR')],
    'on a stream': [f.frame(SETTINGS, 0, 1, octets(6)), goaway('PROTOCOL_ERROR')],
    'of another length': [f.frame(SETTINGS, 0, 0, octets(3)), goaway('FRAME_SIZE_ERROR')],
    'ENABLE_PUSH, which is not a server\'s to say': [f.settings([2, 1]), goaway('PROTOCOL_ERROR')],
    'INITIAL_WINDOW_SIZE of 2^31': [f.settings([4, 2 ** 31]), goaway('FLOW_CONTROL_ERROR')],
    'MAX_FRAME_SIZE of 16,383': [f.settings([5, 16_383]), goaway('PROTOCOL_ERROR')],
    'MAX_FRAME_SIZE of 2^24': [f.settings([5, 2 ** 24]), goaway('PROTOCOL_ERROR')],
    'an unknown one': [f.settings([0xff, 1]), alive],
  },
  'section 6.6: PUSH_PROMISE': {
    'on stream 0': [f.pushPromise(0, 2, f.request()), goaway('PROTOCOL_ERROR')],
    'on an idle stream': [f.pushPromise(101, 2, f.request()), goaway('PROTOCOL_ERROR')],
    'a promise that is kept': [f.pushPromise(1, 2, f.request()), f.headers(2, f.response()), alive],
  },
  'section 6.7: PING': {
    'it is answered': [f.ping(pong), gets('PING', ACK, pong)],
    'on a stream': [f.frame(PING, 0, 1, pong), goaway('PROTOCOL_ERROR')],
    'of another length': [f.frame(PING, 0, 0, octets(6)), goaway('FRAME_SIZE_ERROR')],
  },
  'section 6.8: GOAWAY': {
    'on a stream': [f.frame(GOAWAY, 0, 1, octets(8)), goaway('PROTOCOL_ERROR')],
    'too short': [f.frame(GOAWAY, 0, 0, octets(7)), goaway('FRAME_SIZE_ERROR')],
  },
  'section 6.9: WINDOW_UPDATE': {
    'of nothing, on the connection': [f.windowUpdate(0, 0), goaway('PROTOCOL_ERROR')],
    'of nothing, on a stream': [f.windowUpdate(1, 0), malformed],
    'of another length': [f.frame(WINDOW_UPDATE, 0, 0, octets(3)), goaway('FRAME_SIZE_ERROR')],
    'beyond 2^31-1, on the connection': [f.windowUpdate(0, 2 ** 31 - 1), goaway('FLOW_CONTROL_ERROR')],
    'beyond 2^31-1, on a stream': [f.windowUpdate(1, 2 ** 31 - 1), reset('FLOW_CONTROL_ERROR')],
  },
  'section 6.10: CONTINUATION': {
    several: [half, f.continuation(1, f.literal('a', 'b')), f.continuation(1, f.literal('c', 'd'), END_HEADERS), alive],
    'on stream 0': [half, f.continuation(0, f.literal('a', 'b'), END_HEADERS), goaway('PROTOCOL_ERROR')],
    'after END_HEADERS': [head(), f.continuation(1, f.literal('a', 'b'), END_HEADERS), goaway('PROTOCOL_ERROR')],
    'after DATA': [head(), f.data(1, 'x'), f.continuation(1, f.literal('a', 'b'), END_HEADERS), goaway('PROTOCOL_ERROR')],
  },
  'section 8: messages': {
    'no :status': [f.headers(1, f.block([['a', 'b']])), malformed],
    "a request's pseudo-header field": [whole([':path', '/']), malformed],
    'two :status': [whole([':status', '200']), malformed],
    'a name in capitals': [whole(['Upper', 'x']), malformed],
    'connection': [whole(['connection', 'close']), malformed],
    'a pseudo-header field in trailers': [head(), f.headers(1, f.block([[':status', '200']])), malformed],
    'trailers that do not end the stream': [head(), f.headers(1, f.block([['a', 'b']]), END_HEADERS), malformed],
    'a body longer than its content-length': [head(['content-length', '1']), f.data(1, 'test', END_STREAM), malformed],
    'a body shorter than its content-length': [head(['content-length', '5']), f.data(1, 'test', END_STREAM), malformed],
    '1xx that ends the stream': [f.headers(1, f.response([], 103)), malformed],
  },
  'RFC 7541': {
    'index 0': [f.headers(1, Buffer.concat([f.response(), Buffer.from([0x80])])), goaway('COMPRESSION_ERROR')],
    'an index that is none': [f.headers(1, Buffer.concat([f.response(), f.indexed(200)])), goaway('COMPRESSION_ERROR')],
    'a table size at the end': [f.headers(1, Buffer.concat([f.response(), f.tableSize(1)])), goaway('COMPRESSION_ERROR')],
    'a table size beyond the setting': [f.headers(1, Buffer.concat([f.tableSize(4097), f.response()])), goaway('COMPRESSION_ERROR')],
    'Huffman padding of zeros': [
      f.headers(1, Buffer.concat([f.response(), Buffer.from('0001788100', 'hex')])), goaway('COMPRESSION_ERROR'),
    ],
  },
});
