'use strict';

// The options of createServer(), createSecureServer() and connect(): node's defaults and errors, and what of them the
// engine takes.

const { isIP } = require('node:net');
const { ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS } = require('./errors');
const { MAX_ADDITIONAL_SETTINGS, settingsToEntries, validateSettings } = require('./settings');
const { assertIsArray, assertIsObject, validateBoolean, validateNumber, validateUint32 } = require('./validators');

const UNKNOWN_PROTOCOL_TIMEOUT = 10_000;

// How errors name a server's numbers: as properties of its options since Node 24.
const NUMBER_PREFIX = Number.parseInt(process.versions.node, 10) >= 24 ? 'options.' : '';

// Numbers that go to the engine as they are; there an absent one has node's default.
const ENGINE_NUMBERS = [
  'floodTolerance',
  'maxDeflateDynamicTableSize', 'maxHeaderListPairs', 'maxOutstandingPings', 'maxOutstandingSettings',
  'maxReservedRemoteStreams', 'maxSendHeaderBlockLength', 'maxSessionInvalidFrames', 'maxSessionMemory',
  'maxSessionRejectedStreams', 'maxSettings', 'paddingStrategy', 'peerMaxConcurrentStreams', 'streamResetBurst',
  'streamResetRate',
];

// Node keeps these in 32 bits without a sign, so that -1 is as good as no limit.
const UNSIGNED = new Set([
  'maxDeflateDynamicTableSize', 'maxHeaderListPairs', 'maxOutstandingPings', 'maxReservedRemoteStreams',
  'maxSendHeaderBlockLength', 'maxSettings', 'peerMaxConcurrentStreams',
]);

// What the engine takes for a number that was given; undefined is its default.
function engineNumber(name, given) {
  const value = given < 0 && UNSIGNED.has(name) ? given >>> 0 : given;
  // As in node, a session has a megabyte at the least, and no entry of SETTINGS at all is no limit.
  if (name === 'maxSessionMemory') return Math.max(1, value);
  return name === 'maxSettings' && value < 1 ? undefined : value;
}

// What every session knows, on whichever side.
function checkSessionOptions(options) {
  if (options.remoteCustomSettings !== undefined) {
    assertIsArray(options.remoteCustomSettings, 'options.remoteCustomSettings');
    options.remoteCustomSettings = [...options.remoteCustomSettings];
    if (options.remoteCustomSettings.length > MAX_ADDITIONAL_SETTINGS) throw new ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS();
  }
  if (options.floodTolerance !== undefined) validateNumber(options.floodTolerance, 'options.floodTolerance', 0);
  if (options.strictSingleValueFields === undefined) options.strictSingleValueFields = true;
  else validateBoolean(options.strictSingleValueFields, 'options.strictSingleValueFields');
}

// A checked copy of a server's options.
function serverOptions(given) {
  assertIsObject(given, 'options');
  const options = { ...given };
  assertIsObject(options.settings, 'options.settings');
  options.settings = { ...options.settings };
  for (const name of ['maxSessionInvalidFrames', 'maxSessionRejectedStreams'])
    if (options[name] !== undefined) validateUint32(options[name], `${NUMBER_PREFIX}${name}`);
  if (options.unknownProtocolTimeout === undefined) options.unknownProtocolTimeout = UNKNOWN_PROTOCOL_TIMEOUT;
  else validateUint32(options.unknownProtocolTimeout, `${NUMBER_PREFIX}unknownProtocolTimeout`);
  if (options.prefaceTimeout !== undefined) validateUint32(options.prefaceTimeout, 'options.prefaceTimeout');
  checkSessionOptions(options);
  // Http1IncomingMessage and Http1ServerResponse are the older way to say what http1Options says.
  options.http1Options = { ...options.http1Options };
  options.http1Options.IncomingMessage ??= options.Http1IncomingMessage;
  options.http1Options.ServerResponse ??= options.Http1ServerResponse;
  return options;
}

// What tls needs to negotiate HTTP/2. `host` names the server to a client, unless it is an address.
function offerHttp2(options, host) {
  if (!options.ALPNCallback) options.ALPNProtocols = options.allowHTTP1 === true ? ['h2', 'http/1.1'] : ['h2'];
  if (host !== undefined && !options.servername && isIP(host) === 0) options.servername = host;
  return options;
}

// A checked copy of connect()'s options.
function clientOptions(given) {
  assertIsObject(given, 'options');
  const options = { ...given };
  checkSessionOptions(options);
  if (options.maxOriginSetSize !== undefined && options.maxOriginSetSize !== null)
    validateNumber(options.maxOriginSetSize, 'options.maxOriginSetSize', 0);
  return options;
}

// What sessions of the same options begin with: a server has many of them. By options, with the settings it was made of.
const made = new WeakMap();

// The plain object of numbers and lists that the engine takes (lib/engine); `given` are checked options of ours.
function engineOptions(options) {
  const { settings } = options;
  const known = made.get(options);
  if (known !== undefined && known.settings === settings) return known.plain;
  const plain = makeEngineOptions(options, initialSettings(settings));
  // These are looked at, and warned of, each time: programs may change the one and count the other.
  if (!settings?.customSettings && settings?.maxHeaderSize === undefined) made.set(options, { settings, plain });
  return plain;
}

// The settings with which a session begins. As in node, what is no object is none, but null and lists are wrong.
function initialSettings(given) {
  if (typeof given === 'object') assertIsObject(given, 'settings');
  const settings = typeof given === 'object' ? { ...given } : {};
  validateSettings(settings);
  return settings;
}

function makeEngineOptions(options, settings) {
  const plain = {
    settings: settingsToEntries(settings),
    strictFieldWhitespaceValidation: options.strictFieldWhitespaceValidation !== false,
    ignoreUnsolicitedPingAcks: options.ignoreUnsolicitedPingAcks === true,
  };
  for (const name of ENGINE_NUMBERS)
    if (typeof options[name] === 'number') plain[name] = engineNumber(name, options[name]);
  if (options.remoteCustomSettings !== undefined) {
    plain.remoteCustomSettings = options.remoteCustomSettings
      .filter((id) => Number.isInteger(id) && id >= 0 && id <= 0xffff);
  }
  return plain;
}

module.exports = { clientOptions, engineOptions, offerHttp2, serverOptions };
