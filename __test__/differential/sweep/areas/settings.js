'use strict';

// Functions of the module that need no connection.

const { optionObjects, VALUES } = require('../values');

const NAMES = [
  'headerTableSize', 'enablePush', 'initialWindowSize', 'maxFrameSize', 'maxConcurrentStreams', 'maxHeaderListSize',
  'maxHeaderSize', 'enableConnectProtocol', 'customSettings',
];
const BOUNDS = [16383, 16384, 2 ** 24 - 1, 2 ** 24, 65535, 65536, 2];
const CUSTOM = [
  { 0: 1 }, { 1: 1 }, { 2: 0 }, { 2: 1 }, { 2: 2 }, { 3: 5 }, { 5: 1 }, { 8: 1 }, { 9: 1 }, { 65535: 1 }, { 65536: 1 },
  { x: 1 }, { '-1': 1 },
  { 9: 0 }, { 9: -1 }, { 9: 2 ** 32 }, { 9: 2 ** 32 - 1 }, { 9: 1.5 }, { 9: NaN }, { 9: 'x' }, { 9: null }, { 9: 1n },
  { 9: {} }, { 1.5: 1 },
  ...[10, 11].map((length) => Object.fromEntries(Array.from({ length }, (_, i) => [i + 20, 1]))),
  [], [1], [1, 2], [0, 0, 0, 7], null, 5, 'x',
];

module.exports = (http2) => {
  const cases = [];
  const add = (name, action) => cases.push([name, (c) => c.call(name, action)]);
  for (const [name, value] of Object.entries(VALUES)) {
    add(`getPackedSettings(${name})`, () => http2.getPackedSettings(value));
    add(`getUnpackedSettings(${name})`, () => http2.getUnpackedSettings(value));
    add(`getUnpackedSettings(settings, ${name})`, () => http2.getUnpackedSettings(Buffer.from('000500000001', 'hex'), value));
    add(`getUnpackedSettings(settings, { validate: ${name} })`,
      () => http2.getUnpackedSettings(Buffer.from('000500000001', 'hex'), { validate: value }));
    add(`getDefaultSettings(${name})`, () => http2.getDefaultSettings(value));
  }
  for (const setting of NAMES) {
    for (const [name, settings] of optionObjects(setting))
      add(`getPackedSettings: ${setting}: ${name}`, () => http2.getPackedSettings(settings));
    for (const value of BOUNDS)
      add(`getPackedSettings: ${setting}: ${value}`, () => http2.getPackedSettings({ [setting]: value }));
  }
  for (const [i, customSettings] of CUSTOM.entries())
    add(`customSettings ${i}`, () => http2.getPackedSettings({ customSettings }));
  for (const validate of [false, true]) {
    for (const id of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 65535]) {
      for (const value of [0, 1, 2, 16384, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
        const buf = Buffer.alloc(6);
        buf.writeUInt16BE(id);
        buf.writeUInt32BE(value, 2);
        add(`getUnpackedSettings: ${id}: ${value}, ${validate}`, () => http2.getUnpackedSettings(buf, { validate }));
      }
    }
  }
  for (const length of [1, 5, 7, 12, 13, 66, 72])
    add(`getUnpackedSettings: ${length} octets`, () => http2.getUnpackedSettings(Buffer.alloc(length, 9)));
  for (const View of [Int8Array, Uint16Array, Float64Array, DataView])
    add(`getUnpackedSettings: ${View.name}`, () => http2.getUnpackedSettings(new View(new ArrayBuffer(48))));
  add('getUnpackedSettings: ArrayBuffer', () => http2.getUnpackedSettings(new ArrayBuffer(6)));
  add('two calls', () => new Set([http2.getDefaultSettings(), http2.getDefaultSettings()]).size);
  add('sensitiveHeaders', () => http2.sensitiveHeaders);
  add('its description', () => http2.sensitiveHeaders.toString());
  return cases;
};
