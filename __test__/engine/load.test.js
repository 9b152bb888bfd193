'use strict';

// What is said where there is no native binary, or none that loads.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { packageName, platforms } = require('../../lib/engine/platform');
const { temporaryDirectory } = require('../helpers/packages');
const { version } = require('../../package.json');

const root = path.join(__dirname, '..', '..');
const LOAD = path.join(root, 'lib', 'engine', 'load.js');

function load(file, env) {
  const script = `try { require(${JSON.stringify(file)}); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...process.env, ...env } });
  return stdout.trim();
}

// The loader alone, as it lies in an installed package.
function installLoader(t) {
  const directory = path.join(temporaryDirectory(t), 'node_modules', 'http2-rs');
  for (const file of ['package.json', 'lib/engine/load.js', 'lib/engine/platform.js']) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    fs.copyFileSync(path.join(root, file), path.join(directory, file));
  }
  return directory;
}

test('nothing is said where there is one', () => {
  assert.strictEqual(load(LOAD), '');
});

test('where there is none, it is said for which platform, what was looked for where, and what to do', (t) => {
  const directory = installLoader(t);
  const message = load(path.join(directory, 'lib', 'engine', 'load.js'));
  assert.ok(message.includes(`${process.platform}-${process.arch}`), message);
  for (const platform of platforms()) {
    assert.ok(message.includes(`${directory}${path.sep}http2-rs.${platform}.node: not found`), message);
    assert.ok(message.includes(`  ${packageName(platform)}: not found`), message);
  }
  assert.ok(message.includes('optional dependency'), message);
});

test('in a clone it is said how to build it', (t) => {
  const directory = installLoader(t);
  fs.copyFileSync(path.join(root, 'Cargo.toml'), path.join(directory, 'Cargo.toml'));
  const message = load(path.join(directory, 'lib', 'engine', 'load.js'));
  assert.ok(message.endsWith(`Build it with "npm run build" in ${directory}.`), message);
});

test('where it does not load, it is said why', (t) => {
  const binary = path.join(temporaryDirectory(t), 'broken.node');
  fs.writeFileSync(binary, 'not a binary');
  const message = load(LOAD, { NAPI_RS_NATIVE_LIBRARY_PATH: binary });
  assert.ok(message.includes(`  ${binary}: `) && !message.includes('not found\n'), message);
});

test('a binary of another release is not used', (t) => {
  const directory = installLoader(t);
  const other = path.join(directory, '..', packageName(platforms()[0]));
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'index.js'), "exports.versions = { version: '0.0.0-other' };");
  const message = load(path.join(directory, 'lib', 'engine', 'load.js'));
  assert.ok(message.includes(`${packageName(platforms()[0])}: it is of version 0.0.0-other`), message);
  fs.writeFileSync(path.join(other, 'index.js'), `exports.versions = { version: '${version}' };`);
  assert.strictEqual(load(path.join(directory, 'lib', 'engine', 'load.js')), '');
});
