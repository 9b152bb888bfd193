'use strict';

// Finds the native binary: one built here, else the package for this platform, under the names that @napi-rs/cli gives
// them. Two C libraries are in use on Linux; a binary for the wrong one fails to load, so both are tried, the likely one
// first.

const { join } = require('node:path');

const NAME = 'http2-rs';
const ROOT = join(__dirname, '..', '..');

function platforms() {
  const { platform, arch } = process;
  if (platform === 'linux') {
    const base = `linux-${arch}`;
    const suffix = arch === 'arm' ? 'eabihf' : '';
    const kinds = [`${base}-gnu${suffix}`, `${base}-musl${suffix}`];
    return isMusl() ? kinds.reverse() : kinds;
  }
  if (platform === 'win32')
    return [`win32-${arch}-msvc`];
  if (platform === 'darwin')
    return [`darwin-${arch}`, 'darwin-universal'];
  return [`${platform}-${arch}`];
}

// musl's node does not name a glibc it runs on. (process.report would say so too, after a tour of the network's
// interfaces.)
function isMusl() {
  return require('node:fs').existsSync('/etc/alpine-release');
}

function candidates() {
  const list = platforms().flatMap((name) => [join(ROOT, `${NAME}.${name}.node`), `${NAME}-${name}`]);
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
