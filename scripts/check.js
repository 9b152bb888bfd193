'use strict';

// Everything a reviewer would check by machine, in the order in which it fails soonest: npm run check.

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const root = path.join(__dirname, '..');
const bin = (name, script) => [process.execPath, path.join('node_modules', name, script)];

const steps = [
  ['rustfmt', 'cargo', 'fmt', '--check'],
  ['eslint', ...bin('eslint', 'bin/eslint.js'), '--max-warnings=0', '.'],
  ['types', ...bin('tstyche', 'build/bin.js')],
  ['types, by each way to resolve modules', ...bin('typescript', 'bin/tsc'), '--build', '--force', '__test__/types'],
  ['clippy', 'cargo', 'clippy', '--all-targets', '--', '-D', 'warnings'],
  ['clippy, engine alone', 'cargo', 'clippy', '--all-targets', '--no-default-features', '--', '-D', 'warnings'],
  ['cargo test', 'cargo', 'test', '--no-default-features'],
  ['node tests', process.execPath, 'scripts/test.js'],
];

const failed = [];
for (const [name, command, ...args] of steps) {
  process.stdout.write(`\n== ${name}\n`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  if (error) process.stdout.write(`${error.message}\n`);
  if (status !== 0) failed.push(name);
  process.stdout.write(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'} (${seconds} s)\n`);
}

process.stdout.write(failed.length > 0 ? `\nFailed: ${failed.join(', ')}\n` : '\nEverything passed.\n');
process.exitCode = failed.length > 0 ? 1 : 0;
