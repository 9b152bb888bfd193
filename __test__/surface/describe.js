'use strict';

// What can be seen of an implementation of http2 from outside: its exports, and the prototypes of its objects down to
// node's own classes. Everything is plain data, so that it can be compared and kept.

const { EventEmitter } = require('node:events');
const net = require('node:net');
const stream = require('node:stream');
const tls = require('node:tls');

const FOREIGN = new Set([
  EventEmitter.prototype, net.Server.prototype, tls.Server.prototype, stream.prototype, stream.Duplex.prototype,
  stream.Readable.prototype, Object.prototype, Function.prototype, null,
]);

// Symbols that programs can name; others are an implementation's own business.
const PUBLIC_SYMBOLS = new Map([
  [Symbol.asyncDispose, 'Symbol.asyncDispose'],
  [Symbol.for('nodejs.rejection'), 'nodejs.rejection'],
  [Symbol.for('nodejs.util.inspect.custom'), 'nodejs.util.inspect.custom'],
  [Symbol.for('nodejs.util.promisify.custom'), 'nodejs.util.promisify.custom'],
]);

function describeValue(value) {
  return typeof value === 'function' ? `function(${value.length})` : typeof value;
}

function describeProperty({ value, get, set, enumerable, configurable, writable }) {
  const marks = Object.entries({ enumerable, configurable, writable }).filter(([, on]) => on).map(([mark]) => mark);
  const what = get || set ? [get && 'get', set && 'set'].filter(Boolean).join('/') : describeValue(value);
  return [what, ...marks].join(' ');
}

function describeObject(object) {
  const found = {};
  for (const key of Reflect.ownKeys(object)) {
    const name = typeof key === 'string' ? key : PUBLIC_SYMBOLS.get(key);
    // Most classes cannot be constructed by programs; those that can are among the exports.
    if (name !== undefined && name !== 'constructor') found[name] = describeProperty(Object.getOwnPropertyDescriptor(object, key));
  }
  return found;
}

// { class name: { property: description } } for the prototypes of an instance.
function describeClasses(instance, found) {
  for (let proto = Object.getPrototypeOf(instance); !FOREIGN.has(proto); proto = Object.getPrototypeOf(proto))
    found[proto.constructor.name] ??= describeObject(proto);
}

async function describe(http2) {
  const classes = {};
  const server = http2.createServer();
  describeClasses(server, classes);
  describeClasses(http2.createSecureServer({}), classes);

  await new Promise((resolve) => server.listen(0, resolve));
  const client = http2.connect(`http://localhost:${server.address().port}`);
  const request = client.request();
  server.on('stream', (serverStream) => {
    describeClasses(serverStream, classes);
    describeClasses(serverStream.session, classes);
  });
  server.on('request', (compatRequest, response) => {
    describeClasses(compatRequest, classes);
    describeClasses(response, classes);
    response.end();
  });
  describeClasses(client, classes);
  describeClasses(request, classes);
  request.resume();
  await new Promise((resolve) => request.once('close', resolve));
  client.close();
  await new Promise((resolve) => server.close(resolve));

  const { constants, ...exported } = http2;
  return {
    order: Object.keys(http2),
    exports: describeObject(exported),
    // As functions: what hangs on them beside length, name and prototype.
    connect: describeObject(http2.connect),
    classes,
  };
}

module.exports = { describe };

// On Node 26: node __test__/surface/describe.js > __test__/surface/node26.json
if (require.main === module)
  describe(require('node:http2')).then((surface) => process.stdout.write(`${JSON.stringify(surface, null, 2)}\n`));
