'use strict';

// Brings a fresh clone to where it can run: installs the development tools and builds the native binary, each only when
// missing or out of date. Has no dependency itself. `npm run demo`, `npm test` and the others begin with it.
//
//   node scripts/setup.js            tools, and the binary if it is missing or of other sources
//   node scripts/setup.js --debug    the binary in the debug profile: quick to build, slow to run
//   node scripts/setup.js --release  the binary in the release profile, even where a debug one is up to date
//   node scripts/setup.js --tools    tools only

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const oldestNode = 20;
const stampFile = path.join(root, '.cache', 'native.json');
const toolsStamp = path.join(root, 'node_modules', '.installed-from');

function main(args) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    stop(`http2-rs needs Node.js ${oldestNode} or later; this is ${process.version}.`);
  }
  installTools();
  if (args.includes('--tools')) return;
  const wanted = ['debug', 'release'].find((profile) => args.includes(`--${profile}`));
  buildBinary(wanted);
}

function installTools() {
  const lock = hash([path.join(root, 'package-lock.json')]);
  if (read(toolsStamp) === lock) return;
  say('Installing the development tools (npm ci)...');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: !npm && process.platform === 'win32' });
  if (error) stop(`npm could not be started (${error.message}): http2-rs needs npm to install its development tools.`);
  if (status !== 0) stop('npm ci failed; what it printed above says why.');
  fs.writeFileSync(toolsStamp, lock);
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
  say(`Building the native engine (${reason}${hint})...`);

  const cli = path.join(root, 'node_modules', '@napi-rs', 'cli', 'scripts', 'index.js');
  // The glue that the tool can write is not wanted: index.js and index.d.ts are the package's own.
  const args = [cli, 'build', '--platform', '--js', 'false', ...(profile === 'release' ? ['--release'] : [])];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) stop('The native engine did not build; what cargo printed above says why.');

  const file = newestBinary();
  fs.mkdirSync(path.dirname(stampFile), { recursive: true });
  fs.writeFileSync(stampFile, `${JSON.stringify({ file, profile, sources })}\n`);
  say(`Built ${file}.`);
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

function newestBinary() {
  const modified = (name) => fs.statSync(path.join(root, name)).mtimeMs;
  return fs.readdirSync(root).filter((name) => name.endsWith('.node')).sort((a, b) => modified(b) - modified(a))[0];
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
