'use strict';

// Calls on a request and a response of the compatibility API.

const { PassThrough } = require('node:stream');
const { inspect } = require('node:util');
const { callback, table } = require('./calls');
const { VALUES } = require('./values');

const RESPONSE_PROPERTIES = [
  'finished', 'headersSent', 'sendDate', 'statusCode', 'statusMessage', 'writable', 'writableEnded', 'writableFinished',
  'writableCorked', 'writableHighWaterMark', 'writableLength', 'writableObjectMode', 'writableNeedDrain', '_header',
  'req', 'stream',
];
const REQUEST_PROPERTIES = [
  'aborted', 'authority', 'complete', 'headers', 'rawHeaders', 'httpVersion', 'httpVersionMajor', 'httpVersionMinor',
  'method', 'url', 'scheme', 'trailers', 'rawTrailers', 'readable', 'readableEnded', 'readableFlowing', 'readableLength', 'destroyed',
  'stream', 'errored', 'readableAborted', 'closed',
];
const SOCKET_PROPERTIES = [
  'destroyed', 'writable', 'readable', 'encrypted', 'nothing', 'destroy', 'setTimeout', 'write', 'pause', 'on', 'session',
];

const { methods: METHODS, add, sweep } = table('response', 'request');

sweep('response', 'setHeader', ['x', 'y'], 0);
sweep('response', 'setHeader', ['x', 'y'], 1);
sweep('response', 'setHeader', ['age', 'y'], 1);
sweep('response', 'appendHeader', ['x', 'y'], 0);
sweep('response', 'appendHeader', ['x', 'y'], 1);
for (const method of ['getHeader', 'hasHeader', 'removeHeader']) sweep('response', method, ['x'], 0);
sweep('response', 'setTrailer', ['x', 'y'], 0);
sweep('response', 'setTrailer', ['x', 'y'], 1);
sweep('response', 'addTrailers', [undefined], 0);
sweep('response', 'writeHead', [200], 0);
sweep('response', 'writeHead', [200, undefined], 1);
sweep('response', 'writeHead', [200, 'OK', undefined], 2);
sweep('response', 'write', [undefined], 0);
sweep('response', 'write', ['x', undefined], 1);
sweep('response', 'write', ['x', 'utf8', undefined], 2);
sweep('response', 'end', [undefined], 0);
sweep('response', 'end', ['x', undefined], 1);
sweep('response', 'end', ['x', 'utf8', undefined], 2);
sweep('response', 'writeInformation', [undefined], 0);
sweep('response', 'writeInformation', [102, undefined], 1);
sweep('response', 'writeEarlyHints', [undefined], 0);
sweep('response', 'createPushResponse', [undefined, () => {}], 0);
sweep('response', 'createPushResponse', [{ ':path': '/x' }, undefined], 1);
sweep('response', 'destroy', [undefined], 0);
sweep('response', 'setTimeout', [undefined, undefined], 0, Object.entries(VALUES).filter(([, value]) => ![1, 1.5].includes(value)));
sweep('response', 'setTimeout', [1000, undefined], 1);
for (const [name, value] of Object.entries(VALUES)) {
  for (const property of ['statusCode', 'statusMessage', 'sendDate', 'writable']) {
    add('response', `${property} = ${name}`, (response) => {
      response[property] = value;
      return response[property];
    });
  }
  for (const property of ['method', 'url', 'headers', 'aborted'])
    add('request', `${property} = ${name}`, (request) => {
      request[property] = value;
      return request[property];
    });
  add('response', `writeEarlyHints({ link: ${name} })`, (response) => response.writeEarlyHints({ link: value }));
  add('response', `writeEarlyHints({ x: ${name} })`, (response) => response.writeEarlyHints({ link: '</a>; rel=preload', x: value }));
  add('response', `writeHead(200, { x: ${name} })`, (response) => response.writeHead(200, { x: value }));
}
for (const link of [
  '</a>; rel=preload', ['</a>; rel=preload', '</b>; rel=preload'], '</a>', 'x', ['x'], [], '</a>; rel="preload"; as=style', '</a>, </b>',
])
  add('response', `writeEarlyHints ${inspect(link)}`, (response) => response.writeEarlyHints({ link }));
for (const status of [99, 100, 101, 103, 199, 200, 204, 205, 304, 404, 599, 600, 1000, '200', 'x', 200.5]) {
  add('response', `writeHead ${inspect(status)}`, (response) => response.writeHead(status) === response);
  add('response', `statusCode ${inspect(status)}`, (response) => {
    response.statusCode = status;
    response.end('x');
    return response.statusCode;
  });
  add('response', `writeInformation ${inspect(status)}`, (response) => response.writeInformation(status));
}
for (const headers of [
  { a: 'b' }, { A: 'b', a: 'c' }, { ':status': 201 }, { ':path': '/' }, { connection: 'close' }, { te: 'trailers' },
  { 'transfer-encoding': 'x' }, { date: 'x' }, { '': 'x' }, { 'a b': 'x' }, { x: '\n' }, { x: 'ä' }, { x: ['a', 'b'] },
  { 'set-cookie': ['a', 'b'] }, { age: ['1', '2'] }, { 'content-length': 5 }, { upgrade: 'x' }, { 'keep-alive': 'x' },
  { host: 'x' }, { ' x ': 'y' },
  ['a', 'b'], ['a', 'b', 'a', 'c'], ['a'], [['a', 'b'], ['a', 'c']], [['a']], [['a', 'b', 'c']], ['a', ['b', 'c']],
  [['a b', 'x']], ['a', undefined], [5, 5], ['connection', 'close'],
]) {
  const label = inspect(headers).replace(/\s+/g, ' ');
  add('response', `writeHead(200, ${label})`, (response) => [response.writeHead(200, headers), response.end('x')].length);
  add('response', `writeHead(200, text, ${label})`, (response) => [response.writeHead(200, 'text', headers), response.end('x')].length);
  add('response', `writeInformation(103, ${label})`, (response) => response.writeInformation(103, headers));
  add('response', `addTrailers(${label})`, (response) => [response.addTrailers(headers), response.end('x')].length);
  add('response', `createPushResponse(${label})`, (response, c) => response.createPushResponse(headers, (error, push) => {
    c.log('callback', error, push && push.constructor.name);
    push?.end('pushed');
  }));
  if (!Array.isArray(headers)) {
    add('response', `setHeader, getHeaders ${label}`, (response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      return [response.getHeaders(), response.getHeaderNames()];
    });
    add('response', `setHeader, appendHeader ${label}`, (response) => {
      for (const [name, value] of Object.entries(headers)) {
        response.setHeader(name, value);
        response.appendHeader(name, 'more');
      }
      return response.getHeaders();
    });
  }
}
for (const method of [
  'writeContinue', 'flushHeaders', 'cork', 'uncork', 'getHeaders', 'getHeaderNames', 'getRawHeaderNames', 'assignSocket',
  'detachSocket', 'setHeaders', 'pipe', '_implicitHeader',
])
  add('response', `${method}()`, (response) => response[method]());
add('response', 'setHeaders(Map)', (response) => response.setHeaders(new Map([['a', 'b']])));
add('response', 'setHeaders(Headers)', (response) => response.setHeaders(new Headers({ a: 'b' })));
add('response', 'end(callback)', (response, c) => response.end(callback(c)) === response);
add('response', 'end(x, callback)', (response, c) => response.end('x', callback(c)) === response);
add('response', 'end twice', (response, c) => [response.end('x', callback(c)), response.end('y', callback(c))].length);
add('response', 'write after end', (response, c) => [response.end('x'), response.write('y', callback(c))].length);
add('response', 'write after end, no callback', (response) => [response.end('x'), response.write('y')][1]);
add('response', 'setHeader after end', (response) => [response.end('x'), response.setHeader('a', 'b')]);
add('response', 'writeHead twice', (response) => [response.writeHead(200), response.writeHead(200)]);
add('response', 'write, cork, write, uncork, end', (response) => {
  response.write('a');
  response.cork();
  response.write('b');
  const state = [response.writableCorked, response.writableLength];
  response.uncork();
  response.end('c');
  return state;
});
add('response', 'trailers after end', (response) => [response.end('x'), response.setTrailer('a', 'b')]);
add('response', 'removeHeader(date)', (response) => [response.removeHeader('date'), response.sendDate, response.end()].length);
add('response', 'implicit head with many', (response) => {
  response.setHeader('X-Y', ['a', 'b']);
  response.statusCode = 404;
  response.end('nothing');
  return [response.headersSent, response.finished];
});
for (const side of ['request', 'response']) {
  for (const property of SOCKET_PROPERTIES) {
    add(side, `socket.${property}`, (object) => object.socket[property]);
    add(side, `connection.${property}`, (object) => object.connection?.[property]);
  }
  for (const method of ['destroy', 'pause', 'resume', 'end', 'address', 'setTimeout', 'ref'])
    add(side, `socket.${method}()`, (object) => typeof object.socket[method]());
  add(side, 'socket.setTimeout = 5', (object) => { object.socket.nothing = 5; return object.socket.nothing; });
  add(side, 'keys', (object) => Object.keys(object).filter((key) => !/^_/.test(key)).sort());
  add(side, 'toString', (object) => [String(object), Object.prototype.toString.call(object)]);
  for (const event of ['aborted', 'close', 'error', 'finish', 'timeout', 'pipe', 'drain', 'end'])
    add(side, `emit('${event}')`, (object) => object.emit(event, new Error('made up')));
  for (const property of side === 'request' ? REQUEST_PROPERTIES : RESPONSE_PROPERTIES)
    add(side, `${property} = 5`, (object) => { object[property] = 5; });
}
sweep('request', 'setTimeout', [1000, undefined], 1);
sweep('request', 'setTimeout', [undefined, undefined], 0, Object.entries(VALUES).filter(([, value]) => ![1, 1.5].includes(value)));
sweep('request', 'destroy', [undefined], 0);
sweep('request', 'setEncoding', [undefined], 0);
sweep('request', 'read', [undefined], 0);
add('request', 'destroy(error)', (request) => request.destroy(new Error('why')) === request);
add('request', 'pause and resume', (request) =>
  [request.pause() === request, request.isPaused(), request.resume() === request, request.isPaused()]);
add('request', 'on data', (request, c) => {
  request.on('data', (chunk) => c.log('data', chunk));
  request.on('end', () => c.log('data', 'end'));
});
add('request', 'pipe', (request, c) => {
  request.pipe(new PassThrough()).on('data', (chunk) => c.log('data', chunk));
});
add('request', 'unshift', (request) => request.unshift(Buffer.from('x')));

module.exports = { METHODS, REQUEST_PROPERTIES, RESPONSE_PROPERTIES };
