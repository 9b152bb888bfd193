'use strict';

// Node's sentences about arguments: "The "x" argument must be of type string. Received type number (5)".

const { inspect } = require('node:util');
const { defineError } = require('./node-error');

// What node calls types, as opposed to classes (capitalised) and free descriptions (anything else).
const TYPES = new Set(['string', 'number', 'function', 'boolean', 'bigint', 'symbol', 'object', 'Object', 'Function']);
const CLASS_NAME = /^([A-Z][a-z0-9]*)+$/;
// Longer values are cut, so that a message stays a line.
const MAX_STRING = 28;
const MAX_INSPECTED = 128;

// [a] -> 'a'; [a, b] -> 'a or b'; [a, b, c] -> 'a, b, or c'
function either(words) {
  if (words.length <= 2) return words.join(' or ');
  return `${words.slice(0, -1).join(', ')}, or ${words.at(-1)}`;
}

function subject(name) {
  if (name.endsWith(' argument')) return `The ${name}`;
  return `The "${name}" ${name.includes('.') ? 'property' : 'argument'}`;
}

function expectation(expected) {
  const types = [];
  const classes = [];
  const others = [];
  for (const word of [].concat(expected)) {
    if (TYPES.has(word)) types.push(word.toLowerCase());
    else if (CLASS_NAME.test(word)) classes.push(word);
    else others.push(word);
  }
  // Beside classes, a plain object is one class among them.
  if (classes.length > 0 && types.includes('object')) {
    types.splice(types.indexOf('object'), 1);
    classes.push('Object');
  }
  const clauses = [];
  if (types.length > 0) clauses.push(`${types.length > 1 ? 'one of type' : 'of type'} ${either(types)}`);
  if (classes.length > 0) clauses.push(`an instance of ${either(classes)}`);
  if (others.length > 1) clauses.push(`one of ${either(others)}`);
  else if (others.length === 1) clauses.push((others[0] === others[0].toLowerCase() ? '' : 'an ') + others[0]);
  return clauses.join(' or ');
}

function received(value) {
  if (value === null || value === undefined) return ` Received ${value}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') {
    const name = value.constructor?.name;
    return ` Received ${name ? `an instance of ${name}` : inspect(value, { depth: -1 })}`;
  }
  let text = inspect(value, { colors: false });
  if (typeof value === 'string') {
    const cut = value.length > MAX_STRING ? `${value.slice(0, 25)}...` : value;
    text = cut.includes("'") ? JSON.stringify(cut) : `'${cut}'`;
  }
  return ` Received type ${typeof value} (${text})`;
}

// 12345678 -> '12_345_678'
function grouped(digits) {
  const [whole, sign = '', number] = /^(-?)(\d+)$/.exec(digits) ?? [digits];
  if (number === undefined) return whole;
  return sign + number.replace(/\B(?=(\d{3})+$)/g, '_');
}

function receivedNumber(value) {
  if (Number.isInteger(value) && Math.abs(value) > 2 ** 32) return grouped(String(value));
  if (typeof value === 'bigint') {
    const limit = 2n ** 32n;
    return `${value > limit || value < -limit ? grouped(String(value)) : value}n`;
  }
  return inspect(value);
}

function invalidType(name, expected, value) {
  return `${subject(name)} must be ${expectation(expected)}.${received(value)}`;
}

function invalidValue(name, value, reason = 'is invalid') {
  const shown = inspect(value);
  const cut = shown.length > MAX_INSPECTED ? `${shown.slice(0, MAX_INSPECTED)}...` : shown;
  return `The ${name.includes('.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${cut}`;
}

function outOfRange(name, range, value) {
  return `The value of "${name}" is out of range. It must be ${range}. Received ${receivedNumber(value)}`;
}

function missing(...names) {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop();
  if (quoted.length === 0) return `The ${last} argument must be specified`;
  return `The ${quoted.join(', ')}${quoted.length > 1 ? ',' : ''} and ${last} arguments must be specified`;
}

const ERR_INVALID_ARG_VALUE = defineError('ERR_INVALID_ARG_VALUE', TypeError, invalidValue);
ERR_INVALID_ARG_VALUE.RangeError = defineError('ERR_INVALID_ARG_VALUE', RangeError, invalidValue);

module.exports = {
  ERR_INVALID_ARG_TYPE: defineError('ERR_INVALID_ARG_TYPE', TypeError, invalidType),
  ERR_INVALID_ARG_VALUE,
  ERR_MISSING_ARGS: defineError('ERR_MISSING_ARGS', TypeError, missing),
  ERR_OUT_OF_RANGE: defineError('ERR_OUT_OF_RANGE', RangeError, outOfRange),
};
