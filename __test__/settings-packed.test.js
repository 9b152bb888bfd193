'use strict';

const assert = require('node:assert');
const http2 = require('node:http2');
const test = require('node:test');
const { inspect } = require('node:util');
const settings = require('../lib/settings');

function outcome(make) {
  try {
    return make();
  } catch (error) {
    return { ...error, name: error.name, message: error.message };
  }
}

function same(call, label) {
  assert.deepStrictEqual(outcome(() => call(settings)), outcome(() => call(http2)), inspect(label));
}

const NAMES = [
  'headerTableSize', 'initialWindowSize', 'maxFrameSize', 'maxConcurrentStreams', 'maxHeaderListSize', 'maxHeaderSize',
  'enablePush', 'enableConnectProtocol', 'unknown',
];
const VALUES = [
  undefined, null, 0, 1, true, false, '1', 'x', -1, 1.5, Infinity, 16383, 16384, 2 ** 24 - 1, 2 ** 24, 2 ** 31 - 1, 2 ** 31,
  2 ** 32 - 1, 2 ** 32, {}, [], 10n,
];

function packed(...entries) {
  const buffer = Buffer.alloc(6 * entries.length);
  entries.forEach(([id, value], index) => {
    buffer.writeUInt16BE(id, 6 * index);
    buffer.writeUInt32BE(value, 6 * index + 2);
  });
  return buffer;
}

test('getPackedSettings() accepts and refuses what node does', () => {
  for (const name of NAMES)
    for (const value of VALUES) same((api) => api.getPackedSettings({ [name]: value }), [name, value]);
  for (const value of [undefined, null, 5, 'x', [], () => {}, {}, new Map(), Object.create({ maxFrameSize: 20000 })])
    same((api) => api.getPackedSettings(value), value);
});

test('getPackedSettings() writes settings in the order of their ids', () => {
  same((api) => api.getPackedSettings(api.getDefaultSettings()));
  same((api) => api.getPackedSettings({
    customSettings: { 9999: 301, 244: 7 }, enableConnectProtocol: true, maxHeaderSize: 4, maxFrameSize: 20000,
    initialWindowSize: 2, maxConcurrentStreams: 3, enablePush: true, headerTableSize: 1,
  }));
});

test('custom settings are checked as in node', () => {
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [20 + index, 1]));
  for (const value of [
    null, 5, 'x', [], {}, { 9: 1 }, { 65535: 2 ** 32 - 1 }, { 65536: 1 }, { '-1': 1 }, { 0: 1 }, { x: 1 }, { 10: -1 }, { 10: 0 },
    { 10: 2 ** 32 }, { 10: '5' }, { 10: 1.5 }, { 10: null }, { 10: NaN }, { '0x10': 1 }, { '': 5 }, { 7: 1 }, eleven,
  ]) same((api) => api.getPackedSettings({ customSettings: value }), value);
});

test('a custom id of a known setting is that setting', () => {
  assert.deepStrictEqual(settings.getPackedSettings({ customSettings: { 4: 7 } }), packed([4, 7]));
  assert.throws(() => settings.getPackedSettings({ customSettings: { 5: 1 } }), { code: 'ERR_HTTP2_INVALID_SETTING_VALUE' });
});

test('the first of several wrong settings is the one that node names', () => {
  const wrong = Object.fromEntries([...NAMES.map((name) => [name, -1]), ['customSettings', { '-1': 1 }]]);
  for (let left = { ...wrong }; Object.keys(left).length > 1;) {
    same((api) => api.getPackedSettings(left), left);
    const { message } = outcome(() => settings.getPackedSettings(left));
    const [, name] = /setting "(\w+)/.exec(message);
    left = { ...left };
    delete left[name];
  }
});

test('getUnpackedSettings() reads and validates as node does', () => {
  for (const buffer of [
    packed(), packed([0, 0]), packed([1, 5], [2, 1], [3, 9], [4, 77], [5, 16384], [6, 88], [8, 1]), packed([2, 0], [8, 0]),
    packed([2, 2]), packed([8, 5]), packed([9, 5], [10, 6]), packed([1, 5], [1, 6]), packed([5, 1]), packed([4, 2 ** 31]),
    packed([65535, 2 ** 32 - 1]), packed(...Array.from({ length: 12 }, (_, index) => [20 + index, index])),
    Buffer.alloc(5), new Uint8Array(6), new Uint16Array(6), new Uint16Array(3), new Uint16Array(packed([4, 77])),
  ]) {
    same((api) => api.getUnpackedSettings(buffer), buffer);
    same((api) => api.getUnpackedSettings(buffer, { validate: true }), buffer);
  }
  for (const value of [undefined, null, 'x', 5, {}, [], new DataView(new ArrayBuffer(6)), new ArrayBuffer(6)])
    same((api) => api.getUnpackedSettings(value), value);
  const window = packed([1, 1], [4, 77], [1, 1]).subarray(6, 12);
  assert.deepStrictEqual({ ...settings.getUnpackedSettings(window) }, { initialWindowSize: 77 });
});

test('getDefaultSettings() is a new object each time', () => {
  assert.deepStrictEqual(Object.entries(settings.getDefaultSettings()), Object.entries(http2.getDefaultSettings()));
  assert.strictEqual(Object.getPrototypeOf(settings.getDefaultSettings()), null);
  assert.notStrictEqual(settings.getDefaultSettings(), settings.getDefaultSettings());
});

test('giving the header list size under both names is warned of', async () => {
  const warning = new Promise((resolve) => process.once('warning', resolve));
  assert.deepStrictEqual(settings.getPackedSettings({ maxHeaderListSize: 5, maxHeaderSize: 6 }), packed([6, 6]));
  assert.strictEqual((await warning).message, 'settings.maxHeaderSize overwrite settings.maxHeaderListSize');
});
