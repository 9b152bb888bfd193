'use strict';

// Brings a fresh clone to where it can run: builds the native binary, and installs the development tools where they are
// needed, each only when missing or out of date. Has no dependency itself. `npm run demo`, `npm test` and the others
// begin with it.
//
//   node scripts/setup.js            the binary, in the release profile, if it is missing or of other sources
//   node scripts/setup.js --debug    in the debug profile: quick to build, slow to run
//   node scripts/setup.js --release  in the release profile, even where a debug one is up to date
//   node scripts/setup.js --tools    the development tools (npm ci) as well

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { fileName, platforms } = require('../lib/engine/platform');
const { install } = require('./install');

const root = path.join(__dirname, '..');
const oldestNode = 20;
const stampFile = path.join(root, '.cache', 'native.json');

function main(args) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    stop(`http2-rs needs Node.js ${oldestNode} or later; this is ${process.version}.`);
  }
  if (args.includes('--tools')) {
    const problem = install(root, 'the development tools');
    if (problem) stop(problem);
  }
  buildBinary(['debug', 'release'].find((profile) => args.includes(`--${profile}`)));
}

function buildBinary(wanted) {
  const sources = hash(rustSources());
  const built = JSON.parse(read(stampFile) || '{}');
  const current = built.sources === sources && built.file && fs.existsSync(path.join(root, built.file));
  if (current && (!wanted || built.profile === wanted)) return;

  const profile = wanted ?? 'release';
  const cargo = spawnSync('cargo', ['--version'], { cwd: root, encoding: 'utf8' });
  if (cargo.error || cargo.status !== 0) {
    stop('http2-rs builds its engine from Rust sources and found no cargo: install Rust 1.88 or later and try again.');
  }
  const reason = built.file ? 'its sources have changed' : 'it is not there yet';
  const hint = profile === 'release' ? '; the release profile takes a minute or two' : '';
  say(`Building the native engine with ${cargo.stdout.trim()} (${reason}${hint})...`);

  const library = compile(profile);
  const file = fileName(platforms()[0]);
  // By renaming, so that a process that has the old binary loaded keeps it.
  fs.copyFileSync(library, path.join(root, `${file}.new`));
  fs.renameSync(path.join(root, `${file}.new`), path.join(root, file));
  fs.mkdirSync(path.dirname(stampFile), { recursive: true });
  fs.writeFileSync(stampFile, `${JSON.stringify({ file, profile, sources })}\n`);
  say(`Built ${file}.`);
}

// Returns the shared library that cargo made.
function compile(profile) {
  const args = ['build', '--lib', '--message-format=json-render-diagnostics', ...(profile === 'release' ? ['--release'] : [])];
  const { status, stdout } = spawnSync('cargo', args, {
    cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 2 ** 28,
  });
  if (status !== 0) stop('The native engine did not build; what cargo printed above says why.');
  const messages = stdout.trim().split('\n').map((line) => JSON.parse(line));
  const { filenames } = messages.findLast(({ reason, target }) => reason === 'compiler-artifact' && target.name === 'http2_rs');
  return filenames.find((name) => /\.(?:so|dylib|dll)$/.test(name));
}

function rustSources() {
  const files = ['Cargo.toml', 'Cargo.lock', 'build.rs'].map((name) => path.join(root, name));
  const walk = (directory) => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const name = path.join(directory, entry.name);
      if (entry.isDirectory()) walk(name);
      else if (entry.name.endsWith('.rs')) files.push(name);
    }
  };
  walk(path.join(root, 'src'));
  return files.sort();
}

// By content, not by time: changing branches to and fro rebuilds nothing.
function hash(files) {
  const digest = createHash('sha256');
  for (const file of files) digest.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file)).update('\0');
  return digest.digest('hex');
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function stop(text) {
  say(text);
  process.exit(1);
}

main(process.argv.slice(2));
