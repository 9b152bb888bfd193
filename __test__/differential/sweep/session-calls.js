'use strict';

// Calls on a session: [label, (session, case) => ...]. Each is made in each state, so there is one for each kind of mistake.

const net = require('node:net');
const { inspect } = require('node:util');
const { fresh, optionObjects, VALUES } = require('./values');

const PROPERTIES = [
  'alpnProtocol', 'closed', 'connecting', 'destroyed', 'encrypted', 'goawayCode', 'goawayLastStreamID', 'localSettings',
  'originSet', 'pendingSettingsAck', 'remoteSettings', 'type', 'timeout',
];
const SETTINGS = [
  'headerTableSize', 'enablePush', 'initialWindowSize', 'maxFrameSize', 'maxConcurrentStreams', 'maxHeaderListSize',
  'maxHeaderSize', 'enableConnectProtocol', 'customSettings',
];
const REQUEST_OPTIONS = ['endStream', 'exclusive', 'parent', 'weight', 'silent', 'signal', 'waitForTrailers'];
const SOCKET_PROPERTIES = [
  'destroy', 'emit', 'end', 'pause', 'read', 'resume', 'write', 'setEncoding', 'setKeepAlive', 'setNoDelay', 'setTimeout',
  'ref',
  'unref', 'destroyed', 'writable', 'readable', 'encrypted', 'alpnProtocol', 'remoteFamily', 'bytesRead', 'nothing',
  'timeout', 'constructor',
];

const METHODS = { both: [], client: [], server: [] };

function add(side, label, call) {
  METHODS[side].push([label, call]);
}

// One and one and a half would go off before or after the end of the case.
const NO_SHORT_TIME = Object.entries(VALUES).filter(([, value]) => ![1, 1.5].includes(value));

// The method with each value in the place of one argument, the others being fine.
function sweep(side, method, args, position, values = Object.entries(VALUES)) {
  for (const [name, value] of values) {
    add(side, `${method}(${'_, '.repeat(position)}${name})`, (session) => session[method](...args.with(position, fresh(value))));
  }
}

function callback(c) {
  return (...args) => c.log('callback', ...args.map((arg) => (typeof arg === 'number' ? 'number' : arg)));
}

sweep('both', 'ping', [undefined, () => {}], 0);
sweep('both', 'ping', [Buffer.alloc(8), undefined], 1);
sweep('both', 'settings', [undefined], 0);
sweep('both', 'settings', [{}, undefined], 1);
sweep('both', 'goaway', [undefined], 0);
sweep('both', 'goaway', [0, undefined], 1);
sweep('both', 'goaway', [0, 0, undefined], 2);
sweep('both', 'setLocalWindowSize', [undefined], 0);
sweep('both', 'setNextStreamID', [undefined], 0);
sweep('both', 'setTimeout', [undefined], 0, NO_SHORT_TIME);
sweep('both', 'setTimeout', [1000, undefined], 1);
sweep('both', 'close', [undefined], 0);
sweep('both', 'destroy', [undefined], 0);
sweep('both', 'destroy', [undefined, undefined], 1);
sweep('both', 'destroy', [new Error('why'), undefined], 1);
add('both', 'destroy(error)', (session) => session.destroy(new TypeError('why')));
add('both', 'destroy(7)', (session) => session.destroy(7));
add('both', 'destroy(99)', (session) => session.destroy(99));
add('both', 'ping(callback)', (session, c) => session.ping((error) => callback(c)(error)));
add('both', 'ping(payload, callback)', (session, c) => session.ping(Buffer.from('abcdefgh'), callback(c)));
for (const length of [0, 7, 9])
  add('both', `ping(${length} octets)`, (session) => session.ping(Buffer.alloc(length), () => {}));
for (const View of [Uint16Array, Float64Array, DataView])
  add('both', `ping(${View.name})`, (session, c) => session.ping(new View(new ArrayBuffer(8)), callback(c)));
add('both', 'ping() eleven times', (session, c) => Array.from({ length: 11 }, () => session.ping((error) => callback(c)(error))));
add('both', 'settings({}, callback)', (session, c) => session.settings({}, callback(c)));
add('both', 'settings() eleven times', (session, c) => Array.from({ length: 11 }, () => session.settings({}, callback(c))).length);
for (const setting of SETTINGS) {
  for (const [name, settings] of optionObjects(setting))
    add('both', `settings({ ${setting}: ${name} })`, (session) => session.settings(settings));
}
add('both', 'settings: known ids among the custom', (session) => session.settings({ customSettings: { 0: 1, 1244: 5 } }));
for (const id of [1, 2, 3, 5, 7, 2 ** 31 + 1]) add('both', `setNextStreamID(${id})`, (session) => session.setNextStreamID(id));
add('both', 'close(callback)', (session, c) => session.close(callback(c)));
add('both', 'setTimeout(1000, callback)', (session, c) => session.setTimeout(1000, callback(c)) === session);
add('both', 'ref and unref', (session) => [session.ref(), session.unref(), session.ref(5)]);
for (const property of SOCKET_PROPERTIES) {
  add('both', `socket.${property}`, (session) => session.socket[property]);
  if (!['destroy', 'setTimeout', 'ref', 'unref', 'constructor'].includes(property)) add('both', `socket.${property} = 5`, (session) => {
    session.socket[property] = 5;
    return session.socket[property];
  });
}
for (const method of ['destroy', 'setTimeout', 'ref', 'unref', 'address', 'toString', 'listenerCount'])
  add('both', `socket.${method}()`, (session) => typeof session.socket[method]());
add('both', 'what the socket is', ({ socket }) => [typeof socket, socket instanceof net.Socket]);
add('both', 'what the socket has', ({ socket }) => ['address' in socket, 'destroy' in socket, 'nothing' in socket]);
add('both', 'assigning to what can only be read', (session) => {
  'use strict';
  session.closed = 5;
});
for (const property of [...PROPERTIES, 'state', 'socket'])
  add('both', `${property} = 5`, (session) => { session[property] = 5; });
add('both', 'keys', (session) => Object.keys(session));
add('both', 'toString', (session) => [String(session), Object.prototype.toString.call(session)]);
add('both', 'state', (session) => Object.keys(session.state));
add('both', 'inspected', (session) => inspect(session).replace(/: -?\d+/g, ': (number)'));
for (const depth of [-1, 0, 1])
  add('both', `inspected to ${depth}`, (session) => inspect(session, { depth }).replace(/: -?\d+/g, ': (number)'));
for (const event of ['close', 'connect', 'error', 'frameError', 'goaway', 'localSettings', 'ping', 'stream', 'timeout', 'altsvc', 'origin'])
  add('both', `emit('${event}')`, (session) => session.emit(event, new Error('made up')));

sweep('server', 'altsvc', ['h2=":1"', 1], 0);
sweep('server', 'altsvc', ['h2=":1"', undefined], 1);
for (const origin of ['http://a', 'null', 'a', '', 'file:///x', new URL('http://x'), { origin: 'http://x' }, { origin: 5 }, { origin: '' }, { origin: 'null' }, {}])
  add('server', `altsvc(_, ${inspect(origin)})`, (session) => session.altsvc('h2', origin));
for (const alt of ['ä', '\n', 'x'.repeat(17_000), '\0', ' '])
  add('server', `altsvc(${alt.slice(0, 2)} ${alt.length})`, (session) => session.altsvc(alt, 'http://x'));
sweep('server', 'origin', [undefined], 0);
sweep('server', 'origin', ['http://a', undefined], 1);
for (const origin of ['http://a', 'null', 'a', 'file:///x', new URL('http://x'), { origin: 'http://x' }, { origin: 'x' }, { origin: 5 }, {}, { origin: 'null' }])
  add('server', `origin(${inspect(origin)})`, (session) => session.origin(origin));
add('server', 'origin()', (session) => session.origin());
add('server', 'origin(too long)', (session) => session.origin(...Array.from({ length: 2000 }, (_, i) => `http://host${i}`)));

function answer(stream, c) {
  c.watch(stream, 'stream').resume();
  return [stream.pending, stream.closed, stream.destroyed, stream.id, stream.sentHeaders, stream.writableEnded];
}

for (const [name, value] of Object.entries(VALUES)) {
  add('client', `request(${name})`, (session, c) => answer(session.request(value), c));
  add('client', `request({}, ${name})`, (session, c) => answer(session.request({}, value), c));
  for (const header of [
    ':path', ':method', ':authority', ':scheme', ':protocol', ':status', 'x', 'age', 'cookie', 'connection', 'te', 'host', 'date',
    'content-length',
  ])
    add('client', `request({ ${header}: ${name} })`, (session, c) => answer(session.request({ [header]: value }), c));
}
for (const option of REQUEST_OPTIONS) {
  for (const [name, options] of optionObjects(option))
    add('client', `request({}, { ${option}: ${name} })`, (session, c) => answer(session.request({}, options), c));
}
add('client', 'request: aborted signal', (session, c) => answer(session.request({}, { signal: AbortSignal.abort('because') }), c));
add('client', 'request: POST', (session, c) => answer(session.request({ ':method': 'POST' }), c));
add('client', 'request: CONNECT', (session, c) => answer(session.request({ ':method': 'CONNECT', ':authority': 'x:1' }), c));
for (const headers of [
  { ':method': 'CONNECT' }, { ':method': 'CONNECT', ':authority': 'x', ':path': '/' },
  { ':method': 'CONNECT', ':authority': 'x', ':scheme': 'http' },
  { ':method': 'CONNECT', ':protocol': 'websocket', ':authority': 'x', ':path': '/', ':scheme': 'http' },
  { ':path': '*', ':method': 'OPTIONS' },
  { '': 'x' }, { 'a b': 'x' }, { 'ä': 'x' }, { 'x': 'ä' }, { x: '\n' }, { x: ['a', 'b'] }, { x: [] }, { age: ['1', '2'] },
  { X: '1', x: '2' }, { ':x': '1' },
  { 'transfer-encoding': 'chunked' }, { te: 'trailers' }, { te: ['trailers'] }, { te: 'gzip' }, { upgrade: 'x' },
  { 'http2-settings': 'x' }, { 'proxy-connection': 'x' }, { 'keep-alive': 'x' },
  { host: 'x' }, { host: 'x', ':authority': 'y' }, { ':path': 'x' }, { ':path': '' }, { ':path': '/ä' },
  { ':path': '/ ' }, { ':path': '/\n' }, { ':method': 'get' }, { ':method': 'A B' }, { ':method': '' },
  { ':scheme': 'ftp' }, { ':authority': '' }, { ':authority': 'a b' }, { 'content-length': '5' },
  { 'content-length': 'x' }, { 'content-length': ['1', '2'] },
  [':path', '/x'], [':path'], ['x', 'y', 'x', 'z'], [['x', 'y']], [':path', '/', 'x', undefined], ['x', null],
  ['a b', 'c'], [5, 5], [':status', '200'], [':path', '/', ':path', '/x'], ['X', 'y'],
]) {
  const label = inspect(headers).replace(/\s+/g, ' ');
  add('client', `request: ${label}`, (session, c) => answer(session.request(headers), c));
  add('client', `request: POST ${label}`, (session, c) => answer(session.request(headers, { endStream: false }), c));
}

module.exports = { METHODS, PROPERTIES };
