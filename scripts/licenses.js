'use strict';

// The licences of everything that is compiled into the binary, as its packages carry them in THIRD-PARTY.txt. Which licences
// are allowed at all says deny.toml.
//
//   node scripts/licenses.js > THIRD-PARTY.txt

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const LICENSE_FILE = /^(?:licen[cs]e|copying|copyright|notice|unlicense)/i;
const SOURCE_FILE = /\.(?:rs|go|c|h|py)$/;
const RULE = '='.repeat(80);

const cargo = (...args) => execFileSync('cargo', [...args, '--locked'], {
  cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'],
});

/** The crates whose code ends up in the binary, for whatever platform: not those that run at build time or in tests. */
function compiledIn() {
  const tree = cargo('tree', '--edges=normal,no-proc-macro', '--target=all', '--prefix=none', '--no-dedupe', '--format={p}');
  const wanted = new Set(tree.trim().split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')));
  return JSON.parse(cargo('metadata', '--format-version=1')).packages
    .filter(({ name, version, source }) => source !== null && wanted.has(`${name} v${version}`))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

// A crate may bring others' sources with their licences below its own directory.
function licenseFiles(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) return licenseFiles(name);
    return LICENSE_FILE.test(entry.name) && !SOURCE_FILE.test(entry.name) ? [name] : [];
  });
}

// Some crates name their licence and leave its text out. That of the MIT licence is beside us.
function standardText({ name, license, authors }) {
  if (!/\bMIT\b/.test(license)) throw new Error(`${name} (${license}) has no licence file`);
  const holders = authors.length > 0 ? authors.join(', ') : `the authors of ${name}`;
  return fs.readFileSync(path.join(root, 'LICENSE'), 'utf8').replace(/^Copyright .*$/m, `Copyright (c) ${holders}`);
}

/** One text: the list of crates, then each licence once with the crates that it is of. */
function thirdParty() {
  const crates = compiledIn();
  const texts = new Map();
  for (const crate of crates) {
    const files = licenseFiles(path.dirname(crate.manifest_path));
    const contents = files.length > 0 ? files.map((file) => fs.readFileSync(file, 'utf8')) : [standardText(crate)];
    for (const text of contents) {
      const key = text.replace(/\s+/g, ' ').trim();
      if (!texts.has(key)) texts.set(key, { text: text.trim(), of: new Set() });
      texts.get(key).of.add(`${crate.name} ${crate.version}`);
    }
  }
  return [
    'The binary of http2-rs contains code of these projects:',
    crates.map((crate) => `${crate.name} ${crate.version}: ${crate.license}; ${crate.repository ?? 'no address given'}`).join('\n'),
    ...[...texts.values()].map(({ text, of }) => `${RULE}\n${[...of].join(', ')}\n${RULE}\n\n${text}`),
  ].join('\n\n') + '\n';
}

module.exports = { compiledIn, thirdParty };

if (require.main === module) process.stdout.write(thirdParty());
