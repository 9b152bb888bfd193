'use strict';

const assert = require('node:assert');
const test = require('node:test');
const {
  IN_REQUEST, IN_RESPONSE, IN_TRAILERS, packHeaders, prepareRequest, prepareResponse, toHeaderObject,
} = require('../lib/headers');
const { kSensitiveHeaders } = require('../lib/symbols');
const compareWithNode = require('./oracle/run');

const block = (...parts) => `${parts.join('\0')}\0`;
const session = { authority: 'localhost:80', scheme: 'http', strict: true };

test('header lists are packed, completed, refused and read as node does it', () => {
  compareWithNode('headers.js');
});

test('pseudo-headers open the block, names are in lower case, arrays are several fields', () => {
  const { block: packed, count } = packHeaders({ 'X-Many': [1, 2], ':status': 200, 'x-one': ['3'] }, IN_RESPONSE);
  assert.strictEqual(packed, block(':status', '200', 'x-many', '1', 'x-many', '2', 'x-one', '3'));
  assert.strictEqual(count, 4);
});

test('a sensitive field is marked', () => {
  const headers = { a: 1, Secret: 2, [kSensitiveHeaders]: ['secret'] };
  assert.strictEqual(packHeaders(headers, IN_RESPONSE).block, block('a', '1', '\x01secret', '2'));
});

test('single-value fields may repeat only when the session is not strict', () => {
  const twice = { age: 1, Age: 2 };
  assert.throws(() => packHeaders(twice, IN_RESPONSE), { code: 'ERR_HTTP2_HEADER_SINGLE_VALUE' });
  assert.strictEqual(packHeaders(twice, IN_RESPONSE, false).count, 2);
});

test('a name that repeats is noticed however many names were met in between', () => {
  const list = ['age', '1'];
  for (let i = 0; i < 3000; i++) list.push(`x-${i}`, 'v');
  list.push('age', '2');
  assert.throws(() => packHeaders(list, IN_RESPONSE), { code: 'ERR_HTTP2_HEADER_SINGLE_VALUE' });
});

test('each kind of list has its pseudo-headers', () => {
  assert.throws(() => packHeaders({ ':path': '/' }, IN_RESPONSE), { code: 'ERR_HTTP2_INVALID_PSEUDOHEADER' });
  assert.throws(() => packHeaders({ ':status': 200 }, IN_TRAILERS), { code: 'ERR_HTTP2_INVALID_PSEUDOHEADER' });
  assert.throws(() => packHeaders({ ':odd': 1 }, IN_REQUEST), { code: 'ERR_HTTP2_INVALID_PSEUDOHEADER' });
});

test('a request is completed from the session', () => {
  const request = prepareRequest({ ':path': '/x', a: 'b' }, session);
  assert.strictEqual(request.block,
    block(':path', '/x', ':method', 'GET', ':authority', 'localhost:80', ':scheme', 'http', 'a', 'b'));
  assert.strictEqual(request.count, 5);
  assert.strictEqual(request.method, 'GET');
  assert.deepStrictEqual(request.sent, {
    '__proto__': null, ':path': '/x', 'a': 'b', ':method': 'GET', ':authority': 'localhost:80', ':scheme': 'http',
  });
});

test('a raw array keeps its order and duplicates, and is not changed', () => {
  const list = ['a', 'b', 'X-Foo', 'bar', 'a', 'c'];
  const before = [...list];
  const request = prepareRequest(list, session);
  assert.strictEqual(request.block, block(
    ':method', 'GET', ':authority', 'localhost:80', ':scheme', 'http', ':path', '/', 'a', 'b', 'x-foo', 'bar', 'a', 'c'));
  assert.deepStrictEqual(list, before);
  assert.deepStrictEqual(request.sent, {
    '__proto__': null,
    ':method': 'GET', ':authority': 'localhost:80', ':scheme': 'http', ':path': '/', 'a': ['b', 'c'], 'X-Foo': 'bar',
  });
});

test('requests and responses take objects and arrays only', () => {
  for (const value of ['x', 5, null, () => {}]) {
    const error = { code: 'ERR_INVALID_ARG_TYPE', message: /^The "headers" argument must be an instance of Array or Object\./ };
    assert.throws(() => prepareRequest(value, session), error);
    assert.throws(() => prepareResponse(value, true, true), error);
  }
});

test('a response has a status and a date', () => {
  const response = prepareResponse({ a: 1 }, true, true);
  assert.strictEqual(response.status, 200);
  const [date] = response.block.split('\0').slice(-2);
  assert.match(date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.strictEqual(response.block, block(':status', '200', 'a', '1', 'date', date));
  assert.deepStrictEqual(prepareResponse({ a: 1 }, false, true).sent,
    { '__proto__': null, 'a': 1, ':status': 200, [kSensitiveHeaders]: undefined });
});

test('a status is read as an integer from 200 to 599', () => {
  const status = (value) => prepareResponse({ ':status': value }, false, true).status;
  assert.deepStrictEqual(['204', 204.5, 'abc', 0, null, undefined].map(status), [204, 204, 200, 200, 200, 200]);
  for (const value of [100, 199, 600, 1000])
    assert.throws(() => status(value), { code: 'ERR_HTTP2_STATUS_INVALID', message: `Invalid status code: ${value}` });
});

test('a response from a raw array is sent as it stands', () => {
  const list = ['x', '1', 'x-FOO', 'bar', 'x', '2', 'DATE', '0000'];
  const response = prepareResponse(list, true, true);
  assert.strictEqual(response.block, block(':status', '200', 'x', '1', 'x-foo', 'bar', 'x', '2', 'date', '0000'));
  assert.deepStrictEqual(response.sent,
    { '__proto__': null, ':status': 200, 'x': ['1', '2'], 'x-FOO': 'bar', 'DATE': '0000' });
  assert.strictEqual(list.length, 8);
});

test('sentHeaders does not change with the object that was sent', () => {
  const headers = { a: 1 };
  const response = prepareResponse(headers, false, true);
  headers.a = 2;
  assert.strictEqual(response.sent.a, 1);
});

test('sensitiveHeaders of a response must be an array', () => {
  assert.throws(() => prepareResponse({ [kSensitiveHeaders]: 'a' }, true, true), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: "The property 'headers[http2.neverIndex]' is invalid. Received 'a'",
  });
});

test('received fields are joined, listed or kept as their names ask', () => {
  const headers = toHeaderObject([
    ':status', '200', 'cookie', 'a=1', 'set-cookie', 'b=2', 'cookie', 'c=3', 'set-cookie', 'd=4', 'age', '1', 'age', '2',
    'x-multi', '1', 'x-multi', '2', '__proto__', 'x',
  ], ['cookie']);
  assert.strictEqual(Object.getPrototypeOf(headers), null);
  assert.deepStrictEqual({ ...headers, __proto__: null }, {
    ':status': 200,
    'cookie': 'a=1; c=3',
    'set-cookie': ['b=2', 'd=4'],
    'age': '1',
    'x-multi': '1, 2',
    ['__proto__']: 'x', // an own property, not the prototype
    [kSensitiveHeaders]: ['cookie'],
    '__proto__': null,
  });
});

test('a list that was sent before is packed the same, one that differs in anything is not', () => {
  const first = packHeaders({ ':status': 200, 'x-kind': 'a' }, IN_RESPONSE);
  assert.strictEqual(packHeaders({ ':status': 200, 'x-kind': 'a' }, IN_RESPONSE).block, first.block);
  assert.strictEqual(packHeaders({ ':status': 200, 'x-kind': 'b' }, IN_RESPONSE).block, block(':status', '200', 'x-kind', 'b'));
  assert.strictEqual(packHeaders({ ':status': 200, 'x-king': 'a' }, IN_RESPONSE).block, block(':status', '200', 'x-king', 'a'));
  assert.throws(() => packHeaders({ ':status': 200, 'x-kind': 'a' }, IN_TRAILERS), { code: 'ERR_HTTP2_INVALID_PSEUDOHEADER' });
  const marked = { ':status': 200, 'x-kind': 'a', [kSensitiveHeaders]: ['x-kind'] };
  assert.strictEqual(packHeaders(marked, IN_RESPONSE).block, block(':status', '200', '\x01x-kind', 'a'));
});

test('values that are objects are read each time', () => {
  let calls = 0;
  const value = { toString: () => String(++calls) };
  assert.strictEqual(packHeaders({ 'x-count': value }, IN_RESPONSE).block, block('x-count', '1'));
  assert.strictEqual(packHeaders({ 'x-count': value }, IN_RESPONSE).block, block('x-count', '2'));
});
