'use strict';

// Calls on a session. Each is made in each state, so there is one for each kind of mistake.

const net = require('node:net');
const { inspect } = require('node:util');
const { NO_SHORT_TIME, table } = require('./calls');
const { optionObjects } = require('./values');

const PROPERTIES = [
  'alpnProtocol', 'closed', 'connecting', 'destroyed', 'encrypted', 'goawayCode', 'goawayLastStreamID', 'localSettings',
  'originSet', 'pendingSettingsAck', 'remoteSettings', 'type', 'timeout',
];
const SETTINGS = [
  'headerTableSize', 'enablePush', 'initialWindowSize', 'maxFrameSize', 'maxConcurrentStreams', 'maxHeaderListSize',
  'maxHeaderSize', 'enableConnectProtocol', 'customSettings',
];
const SOCKET_PROPERTIES = [
  'destroy', 'emit', 'end', 'pause', 'read', 'resume', 'write', 'setEncoding', 'setKeepAlive', 'setNoDelay', 'setTimeout',
  'ref', 'unref', 'destroyed', 'writable', 'readable', 'encrypted', 'alpnProtocol', 'remoteFamily', 'bytesRead', 'nothing',
  'timeout', 'constructor',
];

const { methods: METHODS, add, sweep } = table('both', 'server');

// How long a ping took is another matter.
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

module.exports = { METHODS, PROPERTIES };
