'use strict';

// What is said where there is no native binary, or none that loads.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');

const LOAD = path.join(__dirname, '..', '..', 'lib', 'engine', 'load.js');

function load(file, env) {
  const script = `try { require(${JSON.stringify(file)}); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...process.env, ...env } });
  return stdout.trim();
}

test('nothing is said where there is one', () => {
  assert.strictEqual(load(LOAD), '');
});

test('where there is none, it is said for which platform, and how to build it', (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-load-'));
  t.after(() => fs.rmSync(directory, { recursive: true }));
  fs.mkdirSync(path.join(directory, 'lib', 'engine'), { recursive: true });
  const copy = path.join(directory, 'lib', 'engine', 'load.js');
  fs.copyFileSync(LOAD, copy);
  fs.copyFileSync(path.join(path.dirname(LOAD), 'platform.js'), path.join(path.dirname(copy), 'platform.js'));
  const message = load(copy);
  assert.ok(message.includes(`${process.platform}-${process.arch}`), message);
  assert.ok(message.includes('npm run build'), message);
});

test('where it does not load, it is said why', (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-load-'));
  t.after(() => fs.rmSync(directory, { recursive: true }));
  const binary = path.join(directory, 'broken.node');
  fs.writeFileSync(binary, 'not a binary');
  const message = load(LOAD, { NAPI_RS_NATIVE_LIBRARY_PATH: binary });
  assert.ok(message.includes('broken.node'), message);
});
