'use strict';

// NODE_DEBUG=http2: every command to the engine and every event from it, a line each, on stderr. Nothing is wrapped, and so
// nothing is slower, unless it is asked for. Node warns by itself that header fields, and with them secrets, are in it.
//
//   HTTP2 4711: client 1 > request [...] 3 1 -1 0 false -> 1       a command, its arguments, what it returned
//   HTTP2 4711: client 1 < onHeaders stream 1 [...]                an event, its stream if it has one, the rest

const { debuglog, inspect } = require('node:util');

// What is called for each read, or says nothing about the connection.
const QUIET = new Set([
  'constructor', 'destroyed', 'transport', 'counters', 'deliver', 'localSettings', 'remoteSettings', 'state', 'streamState',
]);
const LONGEST = 400;

const log = debuglog('http2');
// The names of sessions, by their owners, which outlive handles.
const names = new WeakMap();
const sides = ['server', 'client'];

const isPlain = (value) => value === null || [Object, Array, undefined].includes(value.constructor);

function show(value) {
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} octets>`;
  if (typeof value === 'function') return '<function>';
  if (typeof value === 'object' && !isPlain(value)) return `<${value.constructor.name}>`;
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { breakLength: Infinity, depth: 1 });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

// A field list as one string has its parts divided by NUL.
const list = (values) =>
  values.filter((value) => value !== undefined).map(show).join(' ').replaceAll('\\u0000', ' ');

function traceCommands(SessionHandle) {
  for (const [name, { value: command }] of Object.entries(Object.getOwnPropertyDescriptors(SessionHandle.prototype))) {
    if (QUIET.has(name) || typeof command !== 'function') continue;
    SessionHandle.prototype[name] = function(...args) {
      const result = Reflect.apply(command, this, args);
      log('%s > %s %s%s', names.get(this.owner), name, list(args), result === undefined ? '' : ` -> ${show(result)}`);
      return result;
    };
  }
}

function traceEvents(handlers) {
  // Without those for what nobody sees: here somebody does.
  const seen = Object.entries(handlers).filter(([name]) => !name.endsWith('Unseen'));
  return Object.fromEntries(seen.map(([name, handler]) => [name, function(target, ...args) {
    const session = target.session ?? target;
    const stream = session === target ? '' : `stream ${target.id} `;
    log('%s < %s %s%s', names.get(session) ?? 'a closed session', name, stream, list(args));
    return Reflect.apply(handler, this, [target, ...args]);
  }]));
}

module.exports = {
  /** Names a session from here on: `type` is 0 for a server's and 1 for a client's. */
  begin(owner, type, key) {
    if (log.enabled) names.set(owner, `${sides[type]} ${key}`);
  },
  commands(SessionHandle) {
    if (log.enabled) traceCommands(SessionHandle);
  },
  events: (handlers) => log.enabled ? traceEvents(handlers) : handlers,
};
