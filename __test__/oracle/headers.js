'use strict';

// Our header lists beside those that node makes of the same objects and arrays.

const assert = require('node:assert');
const { inspect } = require('node:util');
const util = require('internal/http2/util');
const headers = require('../../lib/headers');
const { HEADER_FIELDS } = require('../../lib/http-registry');
const { kSensitiveHeaders } = require('../../lib/symbols');

const sensitive = (list, names) => Object.assign(list, { [kSensitiveHeaders]: names, [util.kSensitiveHeaders]: names });

const LISTS = [
  { a: undefined, b: null, c: '', d: 0, e: false, f: NaN, g: 10n, h: Symbol('s'), i: {}, j: { toString: () => 'text' } },
  { list: [1, '2', null, undefined, '', [3, 4]] },
  { list: [], connection: [], te: [] },
  { connection: undefined, te: undefined },
  { te: 'trailers' }, { te: ['trailers'] }, { te: ['trailers', 'trailers'] }, { te: 'Trailers' }, { TE: '' },
  { Connection: 'x' }, { upgrade: null }, { 'http2-settings': '' }, { 'Keep-Alive': ['a', 'b'] },
  { 'content-type': 'a', 'Content-Type': 'b' }, { 'content-type': 'a', 'Content-Type': undefined },
  { age: ['1'] }, { age: ['1', '2'] }, { age: [], Age: '2' }, { tk: [1, 2] },
  { ' a': 1 }, { 'A b': 1 }, { 'a:b': 1 }, { 'Ä': 1 }, { '': 1, x: 1 }, { '\u212A': 1 },
  { a: 'x\ny' }, { a: '\u20ac' },
  { z: 1, ':status': 1, ':path': 2, y: 1, ':METHOD': 3 }, { ':path': ['a'] }, { ':path': ['a', 'b'] },
  { ':path': 'a', ':PATH': 'b' }, { ':path': undefined, ':foo': undefined }, { ':foo': 1 }, { ':': 1 },
  { ':status': 200 }, { ':method': 'GET' }, { ':protocol': 'x' },
  { 'set-cookie': ['a', 'b'], 'Set-Cookie': 'c' }, { cookie: ['a', 'b'] }, { 5: 'x', a: 1 },
  sensitive({ a: 1, B: 2, c: [1, 2], ':path': '/' }, ['b', 'C', ':path', 'cookie']),
  sensitive({ a: 1 }, []), sensitive({ a: 1 }, null), sensitive({ a: 1 }, undefined), sensitive({ a: 1 }, 'a'),
  Object.create({ inherited: 1 }), Object.defineProperty({ x: 1 }, 'hidden', { value: 1 }), { get a() { return 'got'; } },
  [], ['a', '1', 'B', '2'], ['a', '1', 'b'], ['a', '1', 'a', '2'], ['age', '1', 'age', '2'], ['a', undefined, 'b', null],
  ['a', ['1', '2']], ['connection', 'x'], ['te', 'x'], ['x', '1', ':path', '/', ':PATH', '/2'], [':foo', '1'], ['a b', '1'],
  [5, 'x'], ['', 'x'], [null, '1'], [['a', '1']], ['a', '1', ['b', '2']],
  sensitive(['a', '1', 'B', '2', 'a', '3'], ['A', 'b']),
];

const REQUESTS = [
  {}, { a: 1 }, { ':path': '/x', b: 2, ':method': 'POST' }, { host: 'h' }, { Host: 'H' }, { ':authority': 'z', host: 'h' },
  { ':method': 'CONNECT' }, { ':method': 'CONNECT', ':authority': 'x' },
  { ':method': 'CONNECT', ':authority': 'x', ':scheme': 'h' }, { ':method': 'CONNECT', ':authority': 'x', ':path': 'h' },
  { ':method': 'CONNECT', ':protocol': 'ws' }, { ':PATH': '/x' }, { ':method': undefined, ':path': undefined },
  { ':method': '' }, { ':method': null }, { ':authority': undefined, host: 'h' }, { ':scheme': '' }, { ':authority': '' },
  sensitive({ a: 1 }, ['a']),
  [], ['a', '1'], [':path', '/x', 'b', '2', ':method', 'POST'], ['host', 'h'], [':authority', 'z', 'host', 'h'],
  [':method', 'CONNECT'], [':method', 'CONNECT', ':authority', 'x'], [':method', 'CONNECT', ':authority', 'x', ':scheme', 'h'],
  [':method', 'CONNECT', ':protocol', 'w'], ['a'], [':PATH', '/x'], ['a', ['1', '2']], [':method', ''],
];

const RECEIVED = [
  [], [':status', '200', 'a', '1'], [':status', 'abc'], [':status', ''], [':status', '0200'], [':status', '200', ':status', '404'],
  ['cookie', 'a', 'cookie', 'b', 'set-cookie', 'c', 'set-cookie', 'd'], ['set-cookie', 'c'],
  ['x', '1', 'x', '2', 'x', '3'], ['a', '', 'a', 'b'], ['__proto__', '1', '__proto__', '2', 'constructor', '3'],
  ['te', 'a', 'te', 'b', 'via', '1', 'via', '2'],
  ...HEADER_FIELDS.map((name) => [name, '1', name, '2']),
];

// Node puts a flag byte behind each field where our blocks mark the name; in all else they are alike.
function fields([block, count]) {
  const list = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const nameEnd = block.indexOf('\0', at);
    const valueEnd = block.indexOf('\0', nameEnd + 1);
    list.push([block.slice(at, nameEnd), block.slice(nameEnd + 1, valueEnd), block[valueEnd + 1] === '\x01']);
    at = valueEnd + 2;
  }
  assert.strictEqual(at, block.length);
  return list;
}

function ourFields({ block, count }) {
  const parts = block.split('\0');
  assert.strictEqual(parts.pop(), '');
  assert.strictEqual(parts.length, 2 * count);
  const list = [];
  for (let i = 0; i < parts.length; i += 2)
    list.push([parts[i].replace('\x01', ''), parts[i + 1], parts[i].startsWith('\x01')]);
  return list;
}

function outcome(make) {
  try {
    return make();
  } catch (error) {
    return `${error.name} ${error.code} ${error.message}`;
  }
}

function same(ours, nodes, label) {
  assert.deepStrictEqual(outcome(ours), outcome(nodes), inspect(label));
}

const KINDS = [
  ['assertValidPseudoHeader', headers.IN_REQUEST],
  ['assertValidPseudoHeaderResponse', headers.IN_RESPONSE],
  ['assertValidPseudoHeaderTrailer', headers.IN_TRAILERS],
];

// Node 26's rules; a node that does not have these functions yet has other rules as well.
if (util.buildNgHeaderString !== undefined && util.kStrictSingleValueFields !== undefined) {
  for (const [check, kind] of KINDS) {
    for (const strict of [true, false]) {
      for (const list of LISTS) {
        same(() => ourFields(headers.packHeaders(list, kind, strict)),
          () => fields(util.buildNgHeaderString(list, util[check], strict)), [list, check, strict]);
      }
    }
  }

  const session = { [util.kAuthority]: 'host:1', [util.kProtocol]: 'https:', [util.kStrictSingleValueFields]: true };
  for (const list of REQUESTS) {
    same(() => {
      const { method, scheme, authority, ...rest } =
        headers.prepareRequest(list, { authority: 'host:1', scheme: 'https', strict: true });
      return { list: ourFields(rest), method, scheme, authority };
    }, () => {
      const prepare = Array.isArray(list) ? util.prepareRequestHeadersArray : util.prepareRequestHeadersObject;
      const { headersList, method, scheme, authority } = prepare(Array.isArray(list) ? [...list] : list, session);
      return { list: fields(headersList), method, scheme, authority };
    }, list);
  }
}

if (util.toHeaderObject !== undefined) {
  for (const list of RECEIVED) {
    const symbolless = ({ [util.kSensitiveHeaders]: mark, ...object }) => Object.entries(object);
    same(() => symbolless(headers.toHeaderObject(list, [])), () => symbolless(util.toHeaderObject(list, [])), list);
  }
}
