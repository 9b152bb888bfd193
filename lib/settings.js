'use strict';

// HTTP/2 settings: objects with node's names, [id, value] entries for the engine, and their packed form
// (RFC 9113 section 6.5.1: 16 bits of id, 32 bits of value).

const {
  ERR_HTTP2_INVALID_PACKED_SETTINGS_LENGTH, ERR_HTTP2_INVALID_SETTING_VALUE, ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS,
  ERR_INVALID_ARG_TYPE,
} = require('./errors');
const { assertIsObject } = require('./validators');

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_ID = 2 ** 16 - 1;
const MAX_ADDITIONAL_SETTINGS = 10;
const ENTRY_SIZE = 6;

class Setting {
  constructor(id, name, fallback, min = 0, max = MAX_UINT32) {
    this.id = id;
    this.name = name;
    this.fallback = fallback;
    this.min = min;
    this.max = max;
    this.isFlag = typeof fallback === 'boolean';
  }

  validate(value) {
    if (value === undefined) return;
    if (this.isFlag) {
      if (typeof value !== 'boolean') throw new ERR_HTTP2_INVALID_SETTING_VALUE(this.name, value);
    } else {
      assertWithinRange(this.name, value, this.min, this.max);
      // NaN is within every range and goes out as 0, which some settings cannot be.
      if (Number.isNaN(value) && this.min > 0)
        throw new ERR_HTTP2_INVALID_SETTING_VALUE.RangeError(this.name, value, this.min, this.max);
    }
  }

  // The value as it stands on the wire, and back.
  encode(value) {
    return this.isFlag ? Number(value) : value >>> 0;
  }

  decode(value) {
    return this.isFlag ? value !== 0 : value;
  }
}

const HEADER_TABLE_SIZE = new Setting(1, 'headerTableSize', 4096);
const ENABLE_PUSH = new Setting(2, 'enablePush', true);
const MAX_CONCURRENT_STREAMS = new Setting(3, 'maxConcurrentStreams', MAX_UINT32);
const INITIAL_WINDOW_SIZE = new Setting(4, 'initialWindowSize', 65535, 0, 2 ** 31 - 1);
const MAX_FRAME_SIZE = new Setting(5, 'maxFrameSize', 2 ** 14, 2 ** 14, 2 ** 24 - 1);
const MAX_HEADER_LIST_SIZE = new Setting(6, 'maxHeaderListSize', 65535);
// Node's other name for the same setting; where both are given, this one counts.
const MAX_HEADER_SIZE = new Setting(6, 'maxHeaderSize', 65535);
const ENABLE_CONNECT_PROTOCOL = new Setting(8, 'enableConnectProtocol', false);

// In the order in which node looks at them and shows them.
const SHOWN = [
  HEADER_TABLE_SIZE, ENABLE_PUSH, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_CONCURRENT_STREAMS, MAX_HEADER_SIZE,
  MAX_HEADER_LIST_SIZE, ENABLE_CONNECT_PROTOCOL,
];
const CHECKED = [
  HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE, MAX_HEADER_SIZE,
  ENABLE_PUSH, ENABLE_CONNECT_PROTOCOL,
];
// In the order of their ids, which is their order on the wire.
const SENT = [
  HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE,
  ENABLE_CONNECT_PROTOCOL,
];
const BY_ID = new Map(SENT.map((setting) => [setting.id, setting]));

function assertWithinRange(name, value, min = 0, max = Infinity) {
  if (value !== undefined && (typeof value !== 'number' || value < min || value > max))
    throw new ERR_HTTP2_INVALID_SETTING_VALUE.RangeError(name, value, min, max);
}

// Throws unless every value has its type and range. `customSettings` are checked again when they are turned into
// entries, as node does, with what only then is known to be a number.
function validateSettings(settings) {
  if (settings === undefined) return;
  const { customSettings } = settings;
  if (customSettings !== undefined) {
    assertIsObject(customSettings, 'customSettings', 'Number');
    const ids = Object.keys(customSettings);
    if (ids.length > MAX_ADDITIONAL_SETTINGS) throw new ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS();
    for (const id of ids) {
      assertWithinRange('customSettings:id', Number(id), 0, MAX_ID);
      const value = customSettings[id];
      if (typeof value === 'number') assertWithinRange('customSettings:value', value, 0, MAX_UINT32);
    }
  }
  for (const setting of CHECKED) setting.validate(settings[setting.name]);
}

function assertPositive(value, max) {
  if (!(value > 0)) throw new ERR_HTTP2_INVALID_SETTING_VALUE.RangeError('Range Error', value, 0, max);
}

// Validated settings as [[id, value], ...]. What is left out stays as it is; values that are no numbers are ignored in
// customSettings. A custom id that names a known setting is that setting.
function settingsToEntries(settings) {
  const entries = new Map();
  if (settings.maxHeaderSize !== undefined && settings.maxHeaderSize !== settings.maxHeaderListSize)
    process.emitWarning('settings.maxHeaderSize overwrite settings.maxHeaderListSize');
  for (const setting of SENT) {
    const value = setting === MAX_HEADER_LIST_SIZE ?
      settings.maxHeaderSize ?? settings.maxHeaderListSize : settings[setting.name];
    if (value !== undefined) entries.set(setting.id, setting.encode(value));
  }
  for (const [key, value] of Object.entries(settings.customSettings ?? {})) {
    if (typeof value !== 'number') continue;
    const id = Number(key);
    assertPositive(id, MAX_ID);
    assertPositive(value, MAX_UINT32);
    BY_ID.get(id)?.validate(BY_ID.get(id).isFlag ? value === 1 : value);
    entries.set(id & MAX_ID, value >>> 0);
  }
  return [...entries];
}

// The settings object that entries stand for.
function entriesToSettings(entries) {
  const settings = {};
  for (const [id, value] of entries) {
    const setting = BY_ID.get(id);
    if (setting === undefined) {
      settings.customSettings ??= {};
      settings.customSettings[id] = value;
      continue;
    }
    if (setting === MAX_HEADER_LIST_SIZE) settings.maxHeaderSize = value;
    settings[setting.name] = setting.decode(value);
  }
  return settings;
}

function getDefaultSettings() {
  const settings = { __proto__: null };
  for (const setting of SHOWN) settings[setting.name] = setting.fallback;
  return settings;
}

function getPackedSettings(settings) {
  assertIsObject(settings, 'settings');
  validateSettings(settings);
  const entries = settingsToEntries({ ...settings });
  const packed = Buffer.alloc(entries.length * ENTRY_SIZE);
  let offset = 0;
  for (const [id, value] of entries) {
    packed.writeUInt16BE(id, offset);
    packed.writeUInt32BE(value, offset + 2);
    offset += ENTRY_SIZE;
  }
  return packed;
}

function * unpack(buf) {
  // An element of any typed array counts as one byte.
  const bytes = buf instanceof Uint8Array ? Buffer.from(buf.buffer, buf.byteOffset, buf.length) : Buffer.from(buf);
  for (let offset = 0; offset < bytes.length; offset += ENTRY_SIZE)
    yield [bytes.readUInt16BE(offset), bytes.readUInt32BE(offset + 2)];
}

function getUnpackedSettings(buf, options = undefined) {
  if (!ArrayBuffer.isView(buf) || buf.length === undefined)
    throw new ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray'], buf);
  if (buf.length % ENTRY_SIZE !== 0) throw new ERR_HTTP2_INVALID_PACKED_SETTINGS_LENGTH();
  const settings = entriesToSettings(unpack(buf));
  if (options?.validate) validateSettings(settings);
  return settings;
}

module.exports = {
  assertWithinRange,
  entriesToSettings,
  getDefaultSettings,
  getPackedSettings,
  getUnpackedSettings,
  MAX_ADDITIONAL_SETTINGS,
  settingsToEntries,
  validateSettings,
};
