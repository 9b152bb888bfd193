'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { nameForErrorCode, NghttpError } = require('../lib/errors');
const compareWithNode = require('./oracle/run');

test('every error has the class, code, text and looks of node\'s', () => {
  compareWithNode('errors.js');
});

test('an error of the engine is a NghttpError', () => {
  const error = new NghttpError(-505);
  assert.strictEqual(error.constructor.name, 'NghttpError');
  assert.ok(error instanceof NghttpError);
  assert.deepStrictEqual({ ...error }, { code: 'ERR_HTTP2_ERROR', errno: -505 });
});

test('error codes of RFC 9113 have names, others show as numbers', () => {
  assert.strictEqual(nameForErrorCode(0), 'NGHTTP2_NO_ERROR');
  assert.strictEqual(nameForErrorCode(8), 'NGHTTP2_CANCEL');
  assert.strictEqual(nameForErrorCode(13), 'NGHTTP2_HTTP_1_1_REQUIRED');
  assert.strictEqual(nameForErrorCode(14), 14);
});
