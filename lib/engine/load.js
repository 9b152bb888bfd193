'use strict';

// Finds the native binary: one built here, else the package for this platform.

const { join } = require('node:path');
const { fileName, packageName, platforms } = require('./platform');

const ROOT = join(__dirname, '..', '..');

function candidates() {
  const list = platforms().flatMap((name) => [join(ROOT, fileName(name)), packageName(name)]);
  // @napi-rs/cli's own way to point at a binary.
  const { NAPI_RS_NATIVE_LIBRARY_PATH: given } = process.env;
  return given ? [given] : list;
}

function load() {
  const failures = [];
  for (const candidate of candidates()) {
    try {
      return require(candidate);
    } catch (error) {
      // What is not there is not worth mentioning; what is there and does not load is.
      if (error.code !== 'MODULE_NOT_FOUND')
        failures.push(error);
    }
  }
  const what = `${process.platform}-${process.arch} on Node.js ${process.version}`;
  const why = failures.map(({ message }) => `\n  ${message}`).join('');
  throw new Error(
    `http2-rs has no native binary for ${what}. Build it with "npm run build" in ${ROOT}.${why}`,
    failures.length > 0 ? { cause: failures[0] } : undefined);
}

module.exports = load();
