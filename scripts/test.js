'use strict';

// Runs the JavaScript tests, __test__/**/*.test.js, with node:test.
//
//   npm test                       all of them
//   npm test -- interop headers    those with one of the words in their path
//
// HTTP2_RS_FULL=1 runs the measurements that have a full size at that size (CI does).

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

// A test that hangs must end the run, not the day.
const timeout = 10 * 60 * 1000;

function testFiles(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) return testFiles(name);
    return entry.name.endsWith('.test.js') ? [path.relative(root, name)] : [];
  }).sort();
}

const words = process.argv.slice(2);
const files = testFiles(path.join(root, '__test__'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
if (files.length === 0) {
  process.stderr.write(`No test file has ${words.map((word) => JSON.stringify(word)).join(' or ')} in its path.\n`);
  process.exit(1);
}

const flags = ['--test', '--test-reporter=spec', '--expose-gc'];
if (process.allowedNodeEnvironmentFlags.has('--test-timeout')) flags.push(`--test-timeout=${timeout}`);
const { status } = spawnSync(process.execPath, [...flags, ...files], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
