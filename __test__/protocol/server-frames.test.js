'use strict';

// RFC 9113 sections 3 to 7, as a server has to keep them.

const f = require('../helpers/frames');
const { againstServer, alive, answered, answeredAtLast, gets, goaway, reset } = require('./judge');

const { END_HEADERS, END_STREAM, PADDED, PRIORITY, ACK } = f.flag;
const { DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = f.type;

const get = (stream = 1) => f.headers(stream, f.request());
const post = (stream = 1, more = []) => f.headers(stream, f.request(more, { method: 'POST' }), END_HEADERS);
const half = (stream = 1) => f.headers(stream, f.request(), END_STREAM);
const octets = (length) => Buffer.alloc(length, 'x');
const pong = Buffer.from('12345678');
const padded = (type, flags, stream, length, payload, padding) => f.frame(
  type, flags | PADDED, stream, Buffer.concat([Buffer.from([length]), payload, Buffer.alloc(padding)]),
);
// Requests with END_STREAM on stream 1 that have been answered: the stream is closed.
const closed = [get(), answered()];
const window = (size) => f.settings([4, size]);
const bodyOf = (length) => async (peer) => {
  const sum = () => peer.frames.filter((each) => each.type === DATA).reduce((all, each) => all + each.payload.length, 0);
  await peer.until(() => sum() >= length);
  await alive(peer);
  if (sum() !== length) throw new Error(`${sum()} octets of DATA, not ${length}`);
};

againstServer({
  'section 3.4: the preface': {
    'SETTINGS come back': [f.PREFACE, f.settings(), gets('SETTINGS', 0)],
    'another preface': [Buffer.from('INVALID CONNECTION PREFACE\r\n\r\n'), goaway('PROTOCOL_ERROR')],
    'no SETTINGS': [f.PREFACE, f.ping(), goaway('PROTOCOL_ERROR')],
  },
}, { bare: true });

againstServer({
  'section 4.1: frames': {
    'an unknown type': [f.frame(0x16, 0, 0, octets(8)), alive],
    'an undefined flag': [f.ping(pong, 0x16), gets('PING', ACK, pong)],
    'the reserved bit': [f.frame(PING, 0, 0x80000000, pong), gets('PING', ACK, pong)],
  },
  'section 4.2: sizes': {
    'DATA of 16,384 octets': [post(), f.data(1, octets(16_384), END_STREAM), answered()],
    'DATA that is larger': [post(), f.data(1, octets(16_385), END_STREAM), goaway('FRAME_SIZE_ERROR')],
    'HEADERS that are larger': [f.headers(1, f.request([['x', 'y'.repeat(16_384)]])), goaway('FRAME_SIZE_ERROR')],
  },
  'section 4.3: header blocks': {
    'a block that does not decode': [f.headers(1, Buffer.from('000174657374', 'hex')), goaway('COMPRESSION_ERROR')],
    'PRIORITY inside': [half(), f.priority(1, 0), goaway('PROTOCOL_ERROR')],
    'HEADERS of another stream inside': [half(), get(3), goaway('PROTOCOL_ERROR')],
  },
  'section 5.1: idle streams': {
    DATA: [f.data(1, 'x', END_STREAM), goaway('PROTOCOL_ERROR')],
    RST_STREAM: [f.rstStream(1), goaway('PROTOCOL_ERROR')],
    WINDOW_UPDATE: [f.windowUpdate(1, 100), goaway('PROTOCOL_ERROR')],
    CONTINUATION: [f.continuation(1, f.request(), END_HEADERS), goaway('PROTOCOL_ERROR')],
    PRIORITY: [f.priority(1, 0), get(), answered()],
    'PRIORITY, and a stream below': [f.priority(3, 0), get(1), answered()],
  },
  'section 5.1: half-closed streams': {
    DATA: [get(), f.data(1, 'x', END_STREAM), goaway('STREAM_CLOSED')],
    HEADERS: [get(), get(), goaway('STREAM_CLOSED')],
    CONTINUATION: [get(), f.continuation(1, f.request(), END_HEADERS), goaway('PROTOCOL_ERROR')],
    WINDOW_UPDATE: [window(0), get(), f.windowUpdate(1, 100), answered()],
    PRIORITY: [get(), f.priority(1, 0), answered()],
    RST_STREAM: [window(0), get(), f.rstStream(1), alive],
  },
  'section 5.1: closed streams': {
    'DATA after RST_STREAM': [post(), f.rstStream(1), f.data(1, 'x', END_STREAM), reset('STREAM_CLOSED')],
    'HEADERS after RST_STREAM': [post(), f.rstStream(1), get(), reset('STREAM_CLOSED')],
    'CONTINUATION after RST_STREAM': [post(), f.rstStream(1), f.continuation(1, f.request(), END_HEADERS), goaway('PROTOCOL_ERROR')],
    DATA: [...closed, f.data(1, 'x', END_STREAM), goaway('STREAM_CLOSED')],
    HEADERS: [...closed, get(), goaway('STREAM_CLOSED')],
    CONTINUATION: [...closed, f.continuation(1, f.request(), END_HEADERS), goaway('PROTOCOL_ERROR')],
    PRIORITY: [...closed, f.priority(1, 0), alive],
    WINDOW_UPDATE: [...closed, f.windowUpdate(1, 1), alive],
    RST_STREAM: [...closed, f.rstStream(1), alive],
  },
  'section 5.1.1: stream ids': {
    'an even one': [get(2), goaway('PROTOCOL_ERROR')],
    'one below the last': [get(5), answered(5), get(3), goaway('PROTOCOL_ERROR')],
  },
  'section 5.3: PRIORITY': {
    'weight 1': [f.priority(1, 0, 0), get(), answered()],
    'weight 256': [f.priority(1, 0, 255), get(), answered()],
    'on another stream': [f.priority(1, 0), f.priority(3, 1), get(), answered()],
    exclusive: [f.priority(3, 0x80000001), get(), answered()],
    'HEADERS on themselves': [
      f.frame(HEADERS, END_STREAM | END_HEADERS | PRIORITY, 1, Buffer.concat([f.uint32(1), octets(1), f.request()])),
      reset('PROTOCOL_ERROR'),
    ],
    'on itself': [post(), f.priority(1, 1), reset('PROTOCOL_ERROR')],
  },
  'section 5.4.1: connection errors': {
    'GOAWAY comes, and the end': [f.frame(PING, 0, 3, pong), goaway('PROTOCOL_ERROR')],
  },
  'section 5.5: extensions': {
    'an unknown frame': [f.frame(0xee, 0, 0, octets(8)), alive],
    'an unknown frame inside a header block': [half(), f.frame(0xee, 0, 0, octets(8)), goaway('PROTOCOL_ERROR')],
  },
  'section 6.1: DATA': {
    one: [post(), f.data(1, 'x', END_STREAM), answered()],
    several: [post(), f.data(1, 'x'), f.data(1, 'y', END_STREAM), answered()],
    padded: [post(), padded(DATA, END_STREAM, 1, 5, octets(5), 5), answered()],
    'on stream 0': [f.data(0, 'x'), goaway('PROTOCOL_ERROR')],
    'on a stream that is not open': [get(), f.data(1, 'x'), goaway('STREAM_CLOSED')],
    'padding beyond the frame': [post(), padded(DATA, END_STREAM, 1, 6, octets(5), 0), goaway('PROTOCOL_ERROR')],
  },
  'section 6.2: HEADERS': {
    one: [get(), answered()],
    padded: [padded(HEADERS, END_STREAM | END_HEADERS, 1, 5, f.request(), 5), answered()],
    'with a priority': [
      f.frame(HEADERS, END_STREAM | END_HEADERS | PRIORITY, 1, Buffer.concat([f.uint32(0), octets(1), f.request()])), answered(),
    ],
    'on stream 0': [get(0), goaway('PROTOCOL_ERROR')],
    'padding beyond the frame': [padded(HEADERS, END_STREAM | END_HEADERS, 1, 255, f.request(), 0), goaway('PROTOCOL_ERROR')],
  },
  'section 6.3: PRIORITY': {
    'on stream 0': [f.priority(0, 0), goaway('PROTOCOL_ERROR')],
    'of another length': [get(), f.frame(f.type.PRIORITY, 0, 1, octets(4)), goaway('FRAME_SIZE_ERROR')],
  },
  'section 6.4: RST_STREAM': {
    one: [post(), f.rstStream(1), alive],
    'on stream 0': [f.rstStream(0), goaway('PROTOCOL_ERROR')],
    'of another length': [post(), f.frame(RST_STREAM, 0, 1, octets(3)), goaway('FRAME_SIZE_ERROR')],
    'of an unknown code': [post(), f.rstStream(1, 0xff), alive],
  },
  'section 6.5: SETTINGS': {
    'they are acknowledged': [f.settings([3, 100]), gets('SETTINGS', ACK)],
    'an acknowledgement that says something': [f.frame(SETTINGS, ACK, 0, octets(6)), goaway('FRAME_SIZE_ERROR')],
    'on a stream': [f.frame(SETTINGS, 0, 1, octets(6)), goaway('PROTOCOL_ERROR')],
    'of another length': [f.frame(SETTINGS, 0, 0, octets(3)), goaway('FRAME_SIZE_ERROR')],
    'ENABLE_PUSH of 2': [f.settings([2, 2]), goaway('PROTOCOL_ERROR')],
    'INITIAL_WINDOW_SIZE of 2^31': [f.settings([4, 2 ** 31]), goaway('FLOW_CONTROL_ERROR')],
    'MAX_FRAME_SIZE of 16,383': [f.settings([5, 16_383]), goaway('PROTOCOL_ERROR')],
    'MAX_FRAME_SIZE of 2^24': [f.settings([5, 2 ** 24]), goaway('PROTOCOL_ERROR')],
    'an unknown one': [f.settings([0xff, 1]), alive],
    'the last of several values counts': [f.settings([4, 100], [4, 1]), get(), bodyOf(1)],
  },
  'section 6.7: PING': {
    'it is answered': [f.ping(pong), gets('PING', ACK, pong)],
    'on a stream': [f.frame(PING, 0, 1, pong), goaway('PROTOCOL_ERROR')],
    'of another length': [f.frame(PING, 0, 0, octets(6)), goaway('FRAME_SIZE_ERROR')],
    'an answer to none ends the session, as in node': [f.ping(pong, ACK), goaway('PROTOCOL_ERROR')],
  },
  'section 6.8: GOAWAY': {
    'the streams that are open end': [window(0), get(), f.goaway(0), f.windowUpdate(1, 100), answeredAtLast()],
    'on a stream': [f.frame(GOAWAY, 0, 1, octets(8)), goaway('PROTOCOL_ERROR')],
  },
  'section 6.9: WINDOW_UPDATE': {
    'of the connection': [f.windowUpdate(0, 1), get(), answered()],
    'of a stream': [window(0), get(), f.windowUpdate(1, 100), answered()],
    'of nothing, on the connection': [f.windowUpdate(0, 0), goaway('PROTOCOL_ERROR')],
    'of nothing, on a stream': [post(), f.windowUpdate(1, 0), reset('PROTOCOL_ERROR')],
    'of another length': [f.frame(WINDOW_UPDATE, 0, 0, octets(3)), goaway('FRAME_SIZE_ERROR')],
    'no more is sent than the window has room for': [window(1), get(), bodyOf(1)],
    'beyond 2^31-1, on the connection': [f.windowUpdate(0, 2 ** 31 - 1), f.windowUpdate(0, 2 ** 31 - 1), goaway('FLOW_CONTROL_ERROR')],
    'beyond 2^31-1, on a stream': [
      post(), f.windowUpdate(1, 2 ** 31 - 1), f.windowUpdate(1, 2 ** 31 - 1), reset('FLOW_CONTROL_ERROR'),
    ],
    'a window that SETTINGS enlarge': [window(0), get(), gets('HEADERS', END_HEADERS), window(1), bodyOf(1)],
    'a window that SETTINGS make negative': [window(3), get(), bodyOf(3), window(2), f.windowUpdate(1, 2), bodyOf(4)],
  },
  'section 6.10: CONTINUATION': {
    one: [f.headers(1, f.request().subarray(0, 5), END_STREAM), f.continuation(1, f.request().subarray(5), END_HEADERS), answered()],
    several: [half(), f.continuation(1, f.literal('a', 'b')), f.continuation(1, f.literal('c', 'd'), END_HEADERS), answered()],
    'and then another frame': [half(), f.continuation(1, f.literal('a', 'b')), f.data(1, 'x', END_STREAM), goaway('PROTOCOL_ERROR')],
    'on stream 0': [half(), f.continuation(0, f.literal('a', 'b'), END_HEADERS), goaway('PROTOCOL_ERROR')],
    'after END_HEADERS': [get(), f.continuation(1, f.literal('a', 'b'), END_HEADERS), goaway('PROTOCOL_ERROR')],
    'after END_HEADERS of another': [
      half(), f.continuation(1, f.literal('a', 'b'), END_HEADERS), f.continuation(1, f.literal('a', 'b'), END_HEADERS),
      goaway('PROTOCOL_ERROR'),
    ],
    'after DATA': [post(), f.data(1, 'x'), f.continuation(1, f.literal('a', 'b'), END_HEADERS), goaway('PROTOCOL_ERROR')],
  },
  'section 7: error codes': {
    'an unknown one on a stream': [post(), f.rstStream(1, 0xff), alive],
    'an unknown one on the connection': [f.goaway(0, 0xff), (peer) => peer.close()],
  },
});

againstServer({
  'section 5.1.2: concurrency': {
    'a stream too many': [post(1), post(3), get(5), reset('REFUSED_STREAM', 5)],
  },
}, { settings: { maxConcurrentStreams: 2 } });

againstServer({
  'section 6.7: PING, to the letter': {
    'an answer to none is ignored': [f.ping(Buffer.from('nobody 1'), ACK), alive],
  },
}, { ignoreUnsolicitedPingAcks: true });
