'use strict';

// Finds the native binary: one built here, else the package for this platform.

const fs = require('node:fs');
const { join } = require('node:path');
const { fileName, packageName, platforms } = require('./platform');
const { name, version } = require('../../package.json');

const ROOT = join(__dirname, '..', '..');

function candidates() {
  // @napi-rs/cli's own way to point at a binary.
  const { NAPI_RS_NATIVE_LIBRARY_PATH: given } = process.env;
  return given ? [given] : platforms().flatMap((platform) => [join(ROOT, fileName(platform)), packageName(platform)]);
}

function load() {
  const failures = [];
  for (const candidate of candidates()) {
    try {
      const native = require(candidate);
      // The two sides agree on numbers and the order of arguments, which no release promises to the next.
      if (native.versions?.version === version) return native;
      failures.push({ candidate, why: `it is of version ${native.versions?.version ?? 'unknown'}` });
    } catch (error) {
      failures.push({ candidate, error, why: error.code === 'MODULE_NOT_FOUND' ? 'not found' : error.message });
    }
  }
  throw new Error(explain(failures), { cause: failures.find(({ error }) => error && error.code !== 'MODULE_NOT_FOUND')?.error });
}

function explain(failures) {
  const built = fs.existsSync(join(ROOT, 'Cargo.toml'));
  return [
    `${name} ${version} found no native binary for ${process.platform}-${process.arch} on Node.js ${process.version}. It looked for`,
    ...failures.map(({ candidate, why }) => `  ${candidate}: ${why}`),
    built
      ? `Build it with "npm run build" in ${ROOT}.`
      : 'The binary comes in an optional dependency. Where npm was told to omit those, or node_modules comes from another ' +
        `platform, install ${name} again; for a platform that is not listed in its README, build it from source.`,
  ].join('\n');
}

module.exports = load();
