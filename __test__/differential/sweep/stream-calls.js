'use strict';

// Calls on a stream.

const { inspect } = require('node:util');
const { NO_SHORT_TIME, callback, table } = require('./calls');
const { optionObjects, VALUES } = require('./values');

const FILE = __filename;
const PROPERTIES = [
  'aborted', 'bufferSize', 'closed', 'destroyed', 'endAfterHeaders', 'headersSent', 'id', 'pending', 'pushAllowed',
  'rstCode', 'scheduled', 'sentHeaders', 'sentInfoHeaders', 'sentTrailers', 'session', 'readable', 'readableEnded', 'readableFlowing',
  'readableLength', 'readableAborted', 'writable', 'writableEnded', 'writableFinished', 'writableLength',
  'writableNeedDrain', 'errored',
  'writableAborted', 'writableCorked', 'readableHighWaterMark', 'writableHighWaterMark', 'headRequest', 'allowHalfOpen',
];

const { methods: METHODS, add, sweep } = table('both', 'client', 'server');

sweep('both', 'close', [undefined], 0);
sweep('both', 'close', [8, undefined], 1);
for (const code of [2, 7, 8, 11, 14, 99])
  add('both', `close(${code})`, (stream) => stream.close(code));
add('both', 'close(0, callback)', (stream, c) => stream.close(0, callback(c)));
add('both', 'close() twice', (stream) => [stream.close(8), stream.close(2)]);
add('both', 'destroy()', (stream) => stream.destroy() === stream);
add('both', 'destroy(error)', (stream) => stream.destroy(new TypeError('why')) === stream);
sweep('both', 'destroy', [undefined], 0);
sweep('both', 'priority', [undefined], 0);
sweep('both', 'setTimeout', [undefined], 0, NO_SHORT_TIME);
sweep('both', 'setTimeout', [1000, undefined], 1);
sweep('both', 'sendTrailers', [undefined], 0);
sweep('both', 'setEncoding', [undefined], 0);
sweep('both', 'write', [undefined], 0);
sweep('both', 'write', ['x', undefined], 1);
add('both', 'write(callback)', (stream, c) => stream.write('x', callback(c)));
sweep('both', 'end', [undefined], 0);
add('both', 'end(callback)', (stream, c) => stream.end(callback(c)) === stream);
add('both', 'end twice', (stream, c) => [stream.end('x', callback(c)), stream.end('y', callback(c))].length);
add('both', 'write after end', (stream, c) => [stream.end('x'), stream.write('y', callback(c))].length);
add('both', 'write and destroy', (stream, c) => [stream.write('y', callback(c)), stream.destroy()].length);
add('both', 'write and close', (stream, c) => [stream.write('y', callback(c)), stream.close(8)].length);
add('both', 'write, end and close', (stream, c) => [stream.write('y', callback(c)), stream.end('z', callback(c)), stream.close()].length);
add('both', 'cork, write, uncork, end', (stream, c) => {
  stream.cork();
  stream.write('a', callback(c));
  stream.write('b', callback(c));
  const length = stream.writableLength;
  stream.uncork();
  stream.end();
  return length;
});
sweep('both', 'read', [undefined], 0);
sweep('both', 'unshift', [undefined], 0, Object.entries(VALUES).filter(([name]) => name !== 'null'));
add('both', 'pause and resume', (stream) => [stream.pause() === stream, stream.isPaused(), stream.resume() === stream, stream.isPaused()]);
add('both', 'keys', (stream) => Object.keys(stream).filter((key) => !/^_/.test(key)).sort());
add('both', 'toString', (stream) => [String(stream), Object.prototype.toString.call(stream)]);
add('both', 'state', (stream) => stream.state);
add('both', 'inspected', (stream) => inspect(stream, { depth: 0 }).replace(/: -?\d+/g, ': (number)'));
for (const property of PROPERTIES) add('both', `${property} = 5`, (stream) => { stream[property] = 5; });
for (const event of [
  'aborted', 'close', 'error', 'frameError', 'ready', 'timeout', 'trailers', 'wantTrailers', 'headers', 'response', 'push', 'continue',
  'streamClosed', 'drain',
])
  add('both', `emit('${event}')`, (stream) => stream.emit(event, new Error('made up')));
add('both', 'on(continue)', (stream) => stream.on('continue', () => {}) === stream);

sweep('server', 'respond', [undefined], 0);
sweep('server', 'respond', [{}, undefined], 1);
for (const option of ['endStream', 'waitForTrailers', 'sendDate']) {
  for (const [name, options] of optionObjects(option))
    add('server', `respond({}, { ${option}: ${name} })`, (stream) => stream.respond({}, options));
}
for (const [name, value] of Object.entries(VALUES)) {
  for (const header of [':status', 'x', 'age', 'date', 'set-cookie', 'content-length'])
    add('server', `respond({ ${header}: ${name} })`, (stream) => stream.respond({ [header]: value }));
  add('server', `additionalHeaders(${name})`, (stream) => stream.additionalHeaders(value));
  add('server', `additionalHeaders({ :status: ${name} })`, (stream) => stream.additionalHeaders({ ':status': value }));
  add('server', `pushStream(${name})`, (stream) => stream.pushStream(value, () => {}));
  add('server', `pushStream({}, ${name})`, (stream, c) => stream.pushStream({ ':path': '/x' }, value, callback(c)));
  add('server', `pushStream({}, {}, ${name})`, (stream) => stream.pushStream({ ':path': '/x' }, {}, value));
  for (const header of [':path', ':method', ':authority', ':scheme', 'x', ':status'])
    add('server', `pushStream({ ${header}: ${name} })`, (stream, c) => stream.pushStream({ [header]: value }, pushed(c)));
  // Those that are refused: what a file's answer does in its own time, the scripts of responses compare.
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (typeof value !== 'string' && !Buffer.isBuffer(value))
    add('server', `respondWithFile(${name})`, (stream) => stream.respondWithFile(value));
  if (typeof value !== 'number') add('server', `respondWithFD(${name})`, (stream) => stream.respondWithFD(value));
  if (value !== undefined && !isObject) {
    add('server', `respondWithFile(_, ${name})`, (stream) => stream.respondWithFile(FILE, value));
    add('server', `respondWithFile(_, {}, ${name})`, (stream) => stream.respondWithFile(FILE, {}, value));
    add('server', `respondWithFD(_, ${name})`, (stream) => stream.respondWithFD(0, value));
    add('server', `respondWithFD(_, {}, ${name})`, (stream) => stream.respondWithFD(0, {}, value));
  }
}
for (const [option, type] of [['offset', 'number'], ['length', 'number'], ['statCheck', 'function']]) {
  for (const [name, options] of optionObjects(option)) {
    if (name === 'inherited' || (name !== 'getter that throws' && [type, 'undefined'].includes(typeof options[option]))) continue;
    add('server', `respondWithFile(_, {}, { ${option}: ${name} })`, (stream) => stream.respondWithFile(FILE, {}, options));
    add('server', `respondWithFD(_, {}, { ${option}: ${name} })`, (stream) => stream.respondWithFD(0, {}, options));
  }
}
for (const status of [99, 100, 101, 103, 199, 200, 204, 205, 206, 301, 304, 404, 599, 600, 1000, '200', '204', 'x', 200.5]) {
  add('server', `respond ${inspect(status)}`, (stream) => [stream.respond({ ':status': status }), stream.end('x')].length);
  add('server', `additionalHeaders ${inspect(status)}`, (stream) => stream.additionalHeaders({ ':status': status }));
}
for (const headers of [
  { 'content-length': '5' }, { 'content-type': 'x', 'Content-Type': 'y' }, { 'connection': 'close' },
  { 'te': 'trailers' }, { ':path': '/' }, { ':status': 200, ':x': 1 }, { '': 'x' },
  { 'a b': 'x' }, { x: 'ä' }, { x: '\n' }, { x: ['a', 'b'] }, { 'set-cookie': ['a', 'b'] }, { 'age': ['1', '2'] },
  [':status', '200'], [':status'], ['x', 'y', 'x', 'z'], ['x'], [':status', 204], ['date', 'x'],
  { date: 'x' }, { 'transfer-encoding': 'chunked' }, { upgrade: 'x' }, { 'keep-alive': 'x' }, { 'trailer': 'x' },
  { 'x-Y': 'z' },
]) {
  const label = inspect(headers).replace(/\s+/g, ' ');
  add('server', `respond: ${label}`, (stream) => [stream.respond(headers), stream.end('12345')].length);
  add('server', `additionalHeaders: ${label}`, (stream) => stream.additionalHeaders(headers));
  add('both', `sendTrailers: ${label}`, (stream) => stream.sendTrailers(headers));
  add('server', `pushStream: ${label}`, (stream, c) => stream.pushStream(headers, pushed(c)));
}
const TRAILERS = [
  undefined, {}, { x: 'y' }, { ':status': 1 }, ['x', 'y'], { 'connection': 'x' }, { age: ['1', '2'] }, { x: '\n' }, null, 5,
];
for (const [i, trailers] of TRAILERS.entries()) {
  add('server', `trailers ${i}`, (stream, c) => {
    stream.on('wantTrailers', () => c.call('sendTrailers', () => stream.sendTrailers(trailers)));
    stream.respond({}, { waitForTrailers: true });
    stream.end('x');
  });
}
add('server', 'trailers twice', (stream, c) => {
  stream.on('wantTrailers', () => {
    c.call('first', () => stream.sendTrailers({ x: '1' }));
    c.call('second', () => stream.sendTrailers({ x: '2' }));
  });
  stream.respond({}, { waitForTrailers: true });
  stream.end('x');
});
add('server', 'push a push', (stream, c) => stream.pushStream({ ':path': '/x' }, (_error, push) => {
  c.call('push', () => push.pushStream({ ':path': '/y' }, pushed(c)));
  c.log('callback', push.pushAllowed);
}));
for (const method of ['HEAD', 'POST', 'CONNECT', 'get', '', 5])
  add('server', `push ${inspect(method)}`, (stream, c) => stream.pushStream({ ':path': '/x', ':method': method }, pushed(c)));
add('server', 'respond twice', (stream) => [stream.respond(), stream.respond()]);
add('server', 'respond, additionalHeaders', (stream) => [stream.respond(), stream.additionalHeaders({})]);
add('server', 'end, respond', (stream) => [stream.end(), stream.respond()]);

function pushed(c) {
  return (error, push, headers) => {
    c.log('callback', error, push && push.constructor.name, headers);
    if (!push) return;
    push.on('error', (why) => c.log('push', why));
    push.respond();
    push.end('pushed');
  };
}

module.exports = { METHODS, PROPERTIES };
