'use strict';

const assert = require('node:assert');
const http2 = require('node:http2');
const test = require('node:test');
const constants = require('../lib/constants');

const describeProperties = (object) => Object.entries(Object.getOwnPropertyDescriptors(object));

test('constants are those of node:http2, in its order', () => {
  assert.deepStrictEqual(describeProperties(constants), describeProperties(http2.constants));
  assert.strictEqual(Object.keys(constants).length, 240);
});

test('the object of constants is as open as that of node:http2', () => {
  assert.strictEqual(Object.getPrototypeOf(constants), null);
  assert.strictEqual(Object.isExtensible(constants), Object.isExtensible(http2.constants));
});
