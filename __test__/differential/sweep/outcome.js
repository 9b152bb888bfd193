'use strict';

// A value, or what was thrown, as text: all of it that both implementations promise.

const { inspect } = require('node:util');

// What differs from run to run.
const OWN_PORT = /\b127\.0\.0\.1:\d+/g;
const HTTP_DATE = /\b\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT\b/g;

const PLAIN = [null, Object.prototype];

function describe(value, known, depth = 3) {
  const name = known?.get(value);
  if (name !== undefined) return `(${name})`;
  if (value instanceof Error) return describeError(value, known);
  if (typeof value === 'function') return `function(${value.length})`;
  if (typeof value === 'string') return inspect(value.replace(OWN_PORT, '127.0.0.1:(port)').replace(HTTP_DATE, '(date)'));
  if (typeof value !== 'object' || value === null) return inspect(value);
  if (Buffer.isBuffer(value)) return `<${value.toString('hex')}>`;
  if (Array.isArray(value))
    return depth === 0 ? '[...]' : `[${value.map((item) => describe(item, known, depth - 1)).join(', ')}]`;
  const prototype = Object.getPrototypeOf(value);
  if (!PLAIN.includes(prototype)) return `[${prototype.constructor?.name}]`;
  if (depth === 0) return '{...}';
  const entries = Reflect.ownKeys(value).map((key) => `${String(key)}: ${describe(value[key], known, depth - 1)}`);
  return `${prototype === null ? 'null ' : ''}{${entries.join(', ')}}`;
}

// `name` and `code` can stand in the stack's first line or not: some errors lose them on the way.
function describeError(error, known) {
  const [head] = String(error.stack).split('\n    at ');
  const own = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack').sort()
    .map((name) => `${name}=${name === 'cause' ? describe(error[name], known) : String(error[name])}`);
  const className = error.constructor?.name;
  return `${className} ${error} {${own.join(', ')}}${head.includes(error.message) ? '' : ` head ${head}`}`;
}

// What the action gives back or throws.
function attempt(action, known) {
  try {
    return describe(action(), known);
  } catch (error) {
    return `throws ${describe(error, known)}`;
  }
}

module.exports = { attempt, describe };
