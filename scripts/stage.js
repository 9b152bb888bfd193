'use strict';

// Lays out the packages as they are published, by the conventions of @napi-rs/cli: http2-rs, without a binary, and one package
// for each platform, with nothing else.
//
//   node scripts/stage.js <directory with the binaries, at any depth> <output directory>
//
// http2-rs depends on those packages optionally and in exactly its version, so that npm installs the one that fits. That is
// written here and not in package.json, since until they are published no clone could be installed.

const fs = require('node:fs');
const path = require('node:path');
const { thirdParty } = require('./licenses');

const root = path.join(__dirname, '..');
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

// Where this is built says where it comes from, which npm compares with the statement of provenance.
const { GITHUB_REPOSITORY: repository } = process.env;
const origin = repository && { repository: { type: 'git', url: `git+https://github.com/${repository}.git` } };

function filesBelow(directory) {
  return fs.readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

function writeManifest(directory, contents) {
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify({ ...contents, ...origin }, null, 2)}\n`);
}

/** The manifests of the packages with binaries, by platform. */
function platformManifests() {
  const directory = path.join(root, 'npm');
  return Object.fromEntries(fs.readdirSync(directory).map((platform) => {
    const contents = JSON.parse(fs.readFileSync(path.join(directory, platform, 'package.json'), 'utf8'));
    if (contents.version !== manifest.version)
      throw new Error(`npm/${platform} is of version ${contents.version}, not ${manifest.version}`);
    return [platform, contents];
  }));
}

/** Returns the platforms that were staged: those whose binary was there. */
function stage(binaries, output) {
  const found = new Map(filesBelow(binaries).map((file) => [path.basename(file), file]));
  const licenses = thirdParty();
  const platforms = platformManifests();
  const staged = Object.entries(platforms).filter(([, { main }]) => found.has(main));
  for (const [platform, contents] of staged) {
    const directory = path.join(output, `http2-rs-${platform}`);
    writeManifest(directory, contents);
    fs.copyFileSync(found.get(contents.main), path.join(directory, contents.main));
    fs.copyFileSync(path.join(root, 'LICENSE'), path.join(directory, 'LICENSE'));
    fs.writeFileSync(path.join(directory, 'THIRD-PARTY.txt'), licenses);
  }

  const directory = path.join(output, 'http2-rs');
  // Neither is of use without the sources.
  const { devDependencies, scripts, ...contents } = manifest;
  writeManifest(directory, {
    ...contents,
    optionalDependencies: Object.fromEntries(Object.values(platforms).map(({ name, version }) => [name, version])),
  });
  for (const name of [...manifest.files, 'LICENSE', 'README.md'])
    fs.cpSync(path.join(root, name), path.join(directory, name), { recursive: true });
  return staged.map(([platform]) => platform);
}

module.exports = { platformManifests, stage };

if (require.main === module) {
  const [binaries, output] = process.argv.slice(2);
  if (!output) throw new Error('usage: node scripts/stage.js <binaries> <output>');
  const staged = stage(binaries, output);
  process.stdout.write(`Staged ${staged.join(', ') || 'no binary'} in ${output}\n`);
  const missing = Object.keys(platformManifests()).filter((platform) => !staged.includes(platform));
  if (missing.length > 0) {
    process.stderr.write(`There is no binary for ${missing.join(', ')}\n`);
    process.exitCode = 1;
  }
}
