'use strict';

// Checks of arguments, throwing node's errors.

const { isAnyArrayBuffer } = require('node:util').types;
const { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_HTTP_TOKEN, ERR_OUT_OF_RANGE } = require('./errors');

const MAX_UINT32 = 2 ** 32 - 1;
const MIN_INT32 = -(2 ** 31);
const MAX_INT32 = 2 ** 31 - 1;

// A check that a value has one of JavaScript's own types.
function typeCheck(type) {
  return (value, name) => {
    if (typeof value !== type) throw new ERR_INVALID_ARG_TYPE(name, type, value);
  };
}

const validateBoolean = typeCheck('boolean');
const validateFunction = typeCheck('function');
const validateString = typeCheck('string');

function validateInteger(value, name, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== 'number') throw new ERR_INVALID_ARG_TYPE(name, 'number', value);
  if (!Number.isInteger(value)) throw new ERR_OUT_OF_RANGE(name, 'an integer', value);
  if (value < min || value > max) throw new ERR_OUT_OF_RANGE(name, `>= ${min} && <= ${max}`, value);
}

function validateInt32(value, name, min = MIN_INT32, max = MAX_INT32) {
  validateInteger(value, name, min, max);
}

function validateUint32(value, name, positive = false) {
  validateInteger(value, name, positive ? 1 : 0, MAX_UINT32);
}

function validateNumber(value, name, min = undefined, max = undefined) {
  if (typeof value !== 'number') throw new ERR_INVALID_ARG_TYPE(name, 'number', value);
  const bounded = min !== undefined || max !== undefined;
  if (!(value < min) && !(value > max) && !(bounded && Number.isNaN(value))) return;
  const limits = [];
  if (min !== undefined) limits.push(`>= ${min}`);
  if (max !== undefined) limits.push(`<= ${max}`);
  throw new ERR_OUT_OF_RANGE(name, limits.join(' && '), value);
}

// A plain object or an instance of anything but Array.
function validateObject(value, name) {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new ERR_INVALID_ARG_TYPE(name, 'Object', value);
}

function validateArray(value, name, minLength = 0) {
  if (!Array.isArray(value)) throw new ERR_INVALID_ARG_TYPE(name, 'Array', value);
  if (value.length < minLength)
    throw new ERR_INVALID_ARG_VALUE(name, value, `must be longer than ${minLength}`);
}

function validateAbortSignal(signal, name) {
  if (signal === undefined) return;
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal))
    throw new ERR_INVALID_ARG_TYPE(name, 'AbortSignal', signal);
}

function validateBuffer(value, name = 'buffer') {
  if (!ArrayBuffer.isView(value))
    throw new ERR_INVALID_ARG_TYPE(name, ['Buffer', 'TypedArray', 'DataView'], value);
}

// An optional argument that must be an object when it is given: `types` is what the message says was expected.
function assertIsObject(value, name, types = 'Object') {
  if (value !== undefined && (value === null || typeof value !== 'object' || Array.isArray(value)))
    throw new ERR_INVALID_ARG_TYPE(name, types, value);
}

function assertIsArray(value, name, types = 'Array') {
  if (value !== undefined && !Array.isArray(value)) throw new ERR_INVALID_ARG_TYPE(name, types, value);
}

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;

// RFC 9110 section 5.6.2
function isHttpToken(text) {
  return TOKEN.test(text);
}

function validateHttpToken(value, label) {
  if (typeof value !== 'string' || !isHttpToken(value)) throw new ERR_INVALID_HTTP_TOKEN(label, value);
}

module.exports = {
  assertIsArray,
  assertIsObject,
  isAnyArrayBuffer,
  isHttpToken,
  validateAbortSignal,
  validateArray,
  validateBoolean,
  validateBuffer,
  validateFunction,
  validateHttpToken,
  validateInt32,
  validateInteger,
  validateNumber,
  validateObject,
  validateString,
  validateUint32,
};
