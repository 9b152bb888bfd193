'use strict';

// RFC 9113 section 8 and RFC 7541, as a server has to keep them.

const f = require('../helpers/frames');
const { againstServer, answered, goaway, reset } = require('./judge');

const { END_HEADERS, END_STREAM } = f.flag;

const pseudo = { method: [':method', 'GET'], scheme: [':scheme', 'http'], path: [':path', '/'], authority: [':authority', 'localhost'] };
const without = (name) => f.block(Object.entries(pseudo).filter(([each]) => each !== name).map(([, field]) => field));
const request = (...more) => f.headers(1, f.request(more));
const upload = (...more) => f.headers(1, f.request(more, { method: 'POST' }), END_HEADERS);
const malformed = reset('PROTOCOL_ERROR');

againstServer({
  'section 8.1: exchanges': {
    GET: [request(), answered()],
    HEAD: [f.headers(1, f.request([], { method: 'HEAD' })), answered()],
    POST: [upload(), f.data(1, 'x', END_STREAM), answered()],
    'POST with trailers': [upload(), f.data(1, 'x'), f.headers(1, f.block([['x-a', 'b']])), answered()],
    'trailers that do not end the stream': [upload(), f.headers(1, f.block([['x-a', 'b']]), END_HEADERS), malformed],
    'PUSH_PROMISE by a client': [f.pushPromise(1, 2, f.request()), goaway('PROTOCOL_ERROR')],
  },
  'section 8.2: fields': {
    'a name in capitals': [request(['X-TEST', 'ok']), malformed],
    connection: [request(['connection', 'keep-alive']), malformed],
    'te of something else': [request(['trailers', 'test'], ['te', 'trailers, deflate']), malformed],
    'te of trailers': [request(['te', 'trailers']), answered()],
  },
  'section 8.3: pseudo-header fields': {
    'an unknown one': [request([':test', 'ok']), malformed],
    "a response's": [request([':status', '200']), malformed],
    'in trailers': [upload(), f.data(1, 'x'), f.headers(1, f.block([[':method', 'POST']])), malformed],
    'after another field': [f.headers(1, Buffer.concat([f.literal('x-a', 'b'), f.request()])), malformed],
    'an empty :path': [f.headers(1, f.request([], { path: '' })), malformed],
    'no :method': [f.headers(1, without('method')), malformed],
    'no :scheme': [f.headers(1, without('scheme')), malformed],
    'no :path': [f.headers(1, without('path')), malformed],
    'two :method': [request(pseudo.method), malformed],
    'two :scheme': [request(pseudo.scheme), malformed],
    'two :path': [request(pseudo.path), malformed],
  },
  'section 8.1.1: content-length': {
    'a body of another length': [upload(['content-length', '1']), f.data(1, 'test', END_STREAM), malformed],
    'several DATA of another length': [upload(['content-length', '1']), f.data(1, 'te'), f.data(1, 'st', END_STREAM), malformed],
    'a body of that length': [upload(['content-length', '4']), f.data(1, 'te'), f.data(1, 'st', END_STREAM), answered()],
  },
});

// One field after a request's own.
const field = (octets) => f.headers(1, Buffer.concat([f.request(), Buffer.from(octets)]));
const then = (...blocks) => Buffer.concat(blocks.map((block, index) => f.headers(2 * index + 1, Buffer.concat([block, f.request()]))));
// "ok" and "x-a" by the code of RFC 7541 appendix B.
const ok = '823f5f';
const xa = '83f2b0ff';
const hex = (text) => Buffer.from(text, 'hex');

againstServer({
  'RFC 7541 section 2.3.3: indices': {
    'a field of no index': [field([0xff, 0x80, 0x01]), goaway('COMPRESSION_ERROR')],
    'a name of no index': [field([0x7f, 0x80, 0x01, 0x01, 0x61]), goaway('COMPRESSION_ERROR')],
  },
  'RFC 7541 section 4.2: the size of the table': {
    'an update at the end of a block': [f.headers(1, Buffer.concat([f.request(), f.tableSize(1)])), goaway('COMPRESSION_ERROR')],
    'an update beyond the setting': [f.headers(1, Buffer.concat([f.tableSize(4097), f.request()])), goaway('COMPRESSION_ERROR')],
    'an update': [then(f.tableSize(0)), answered()],
    'several updates': [then(Buffer.concat([f.tableSize(0), f.tableSize(4096)])), answered()],
  },
  'RFC 7541 section 5.2: strings': {
    'Huffman padding of more than 7 bits': [field(hex('0084f2b0ffff83ffff')), goaway('COMPRESSION_ERROR')],
    'Huffman padding of zeros': [field(hex('0001788100')), goaway('COMPRESSION_ERROR')],
    'the end of strings inside one': [field(hex('00017884ffffffff')), goaway('COMPRESSION_ERROR')],
  },
  'RFC 7541 section 6: representations': {
    'index 0': [field([0x80]), goaway('COMPRESSION_ERROR')],
    'an indexed field': [field([0x90]), answered()],
    'incremental indexing, indexed name': [field(hex('7a026f6b')), answered()],
    'incremental indexing, indexed name, Huffman': [field(hex(`7a${ok}`)), answered()],
    'incremental indexing, new name': [field(hex('4003782d61026f6b')), answered()],
    'incremental indexing, new name, Huffman': [field(hex(`40${xa}${ok}`)), answered()],
    'without indexing, indexed name': [field(hex('0f2b026f6b')), answered()],
    'without indexing, indexed name, Huffman': [field(hex(`0f2b${ok}`)), answered()],
    'without indexing, new name': [field(hex('0003782d61026f6b')), answered()],
    'without indexing, new name, Huffman': [field(hex(`00${xa}${ok}`)), answered()],
    'never indexed, indexed name': [field(hex('1f2b026f6b')), answered()],
    'never indexed, indexed name, Huffman': [field(hex(`1f2b${ok}`)), answered()],
    'never indexed, new name': [field(hex('1003782d61026f6b')), answered()],
    'never indexed, new name, Huffman': [field(hex(`10${xa}${ok}`)), answered()],
  },
});
