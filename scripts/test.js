'use strict';

// Runs the JavaScript tests, __test__/**/*.test.js, with node:test.
//
//   npm test                       all of them
//   npm test -- interop headers    those with one of the words in their path
//   npm test -- ecosystem          packages of others on this one; the first time, npm installs them
//
// HTTP2_RS_FAILURES=<directory> leaves a file of its failures there, if there are any.
// HTTP2_RS_FULL=1 runs the measurements that have a full size at that size (CI does).

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { install } = require('./install');

const root = path.join(__dirname, '..');

// A test that hangs must end the run, not the day.
const timeout = 10 * 60 * 1000;

function testFiles(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(name);
    return entry.name.endsWith('.test.js') ? [path.relative(root, name)] : [];
  }).sort();
}

const words = process.argv.slice(2);
const ecosystem = path.join('__test__', 'ecosystem');
// They take hundreds of packages, so they run only when they are named.
const withEcosystem = words.some((word) => word.includes('ecosystem'));
const files = testFiles(path.join(root, '__test__'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .filter((file) => withEcosystem || !file.startsWith(ecosystem));
if (files.length === 0) {
  process.stderr.write(`No test file has ${words.map((word) => JSON.stringify(word)).join(' or ')} in its path.\n`);
  process.exit(1);
}

if (withEcosystem) {
  const problem = install(path.join(root, ecosystem), 'the packages that are tested on this one');
  if (problem) {
    process.stderr.write(`${problem}\n`);
    process.exit(1);
  }
}

const flags = ['--test', '--test-reporter=spec', '--test-reporter-destination=stdout', '--expose-gc'];
const { HTTP2_RS_FAILURES } = process.env;
if (HTTP2_RS_FAILURES !== undefined) {
  fs.mkdirSync(HTTP2_RS_FAILURES, { recursive: true });
  flags.push(`--test-reporter=${path.join(__dirname, 'failures.js')}`,
    `--test-reporter-destination=${path.join(HTTP2_RS_FAILURES, `${Date.now()}-${process.version}`)}`);
}
if (process.allowedNodeEnvironmentFlags.has('--test-timeout')) flags.push(`--test-timeout=${timeout}`);
const { status } = spawnSync(process.execPath, [...flags, ...files], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
