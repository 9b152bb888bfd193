'use strict';

// The packages as they are published, installed from their tarballs into an empty project, where the README's examples run.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { before, after, test } = require('node:test');
const os = require('node:os');
const { fileName, packageName, platforms } = require('../../lib/engine/platform');
const { platformManifests, stage } = require('../../scripts/stage');
const { compiledIn } = require('../../scripts/licenses');
const manifest = require('../../package.json');
const { listening } = require('../helpers/ports');
const { root, runNode, writeFiles } = require('../helpers/packages');
const { countBlocks, readmeProject } = require('../helpers/readme');
const { start } = require('../helpers/tools');

const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-package-')));
const project = path.join(scratch, 'project');
const staged = path.join(scratch, 'staged');
const platform = platforms().find((name) => fs.existsSync(path.join(root, fileName(name))));

function npm(directory, ...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: directory, encoding: 'utf8', shell: process.platform === 'win32', env: { ...process.env, NODE_OPTIONS: '' },
  });
  assert.strictEqual(status, 0, `npm ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}

function pack(name) {
  const [{ filename, files }] = JSON.parse(npm(path.join(staged, name), 'pack', '--json', `--pack-destination=${scratch}`));
  return { tarball: path.join(scratch, filename), files: files.map((file) => file.path).sort() };
}

const packed = {};
let readme;

before(async () => {
  const binaries = path.join(scratch, 'binaries', 'as-an-artifact');
  fs.mkdirSync(binaries, { recursive: true });
  fs.copyFileSync(path.join(root, fileName(platform)), path.join(binaries, fileName(platform)));
  assert.deepStrictEqual(stage(path.dirname(binaries), staged), [platform]);
  for (const name of ['http2-rs', packageName(platform)]) packed[name] = pack(name);

  readme = await readmeProject();
  writeFiles(project, { 'package.json': '{ "private": true }', ...readme.files });
  // What is not in the tarballs would have to come from a registry; nothing has to.
  npm(project, 'install', '--offline', '--no-audit', '--no-fund', ...Object.values(packed).map(({ tarball }) => tarball));
});

after(() => fs.rmSync(scratch, { recursive: true, force: true }));

test('the package has its JavaScript and its documents, and no binary, test or source of Rust', () => {
  const { files } = packed['http2-rs'];
  const beside = files.filter((file) => !file.startsWith('lib/'));
  assert.deepStrictEqual(beside, [
    'CHANGELOG.md', 'LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json', 'register.d.ts', 'register.js',
  ]);
  assert.deepStrictEqual(files.filter((file) => file.startsWith('lib/') && !/\.m?js$/.test(file)), []);
  for (const file of files) assert.ok(fs.existsSync(path.join(root, file)), file);
});

test('the package of a platform has the binary and the licences of what is in it', () => {
  const { files } = packed[packageName(platform)];
  assert.deepStrictEqual(files, ['LICENSE', 'THIRD-PARTY.txt', fileName(platform), 'package.json']);
  const licenses = fs.readFileSync(path.join(staged, packageName(platform), 'THIRD-PARTY.txt'), 'utf8');
  const crates = compiledIn();
  for (const { name, version } of crates) assert.ok(licenses.split(`${name} ${version}`).length > 2, `${name} ${version} has no licence`);
  assert.ok(['h2', 'rustls', 'aws-lc-sys', 'napi'].every((name) => crates.some((crate) => crate.name === name)));
});

test('it depends on nothing but its binaries, in its own version, and runs no script at its installation', () => {
  const installed = JSON.parse(fs.readFileSync(path.join(project, 'node_modules', 'http2-rs', 'package.json'), 'utf8'));
  assert.strictEqual(installed.dependencies, undefined);
  assert.strictEqual(installed.scripts, undefined);
  const versions = Object.values(platformManifests()).map(({ name }) => [name, manifest.version]);
  assert.deepStrictEqual(installed.optionalDependencies, Object.fromEntries(versions));
});

test('there is a package for each target, which says where it runs', () => {
  const triples = {
    'x86_64-unknown-linux-gnu': 'linux-x64-gnu', 'x86_64-unknown-linux-musl': 'linux-x64-musl',
    'aarch64-unknown-linux-gnu': 'linux-arm64-gnu', 'aarch64-unknown-linux-musl': 'linux-arm64-musl',
    'x86_64-apple-darwin': 'darwin-x64', 'aarch64-apple-darwin': 'darwin-arm64', 'x86_64-pc-windows-msvc': 'win32-x64-msvc',
  };
  const manifests = platformManifests();
  assert.deepStrictEqual(manifest.napi.targets.map((triple) => triples[triple]).sort(), Object.keys(manifests).sort());
  for (const [name, contents] of Object.entries(manifests)) {
    const [system, cpu, abi] = name.split('-');
    const libc = { gnu: ['glibc'], musl: ['musl'] }[abi];
    const expected = {
      name: packageName(name), main: fileName(name), files: [fileName(name), 'THIRD-PARTY.txt'],
      os: [system], cpu: [cpu], ...(libc && { libc }), engines: manifest.engines, license: manifest.license,
    };
    for (const key of Object.keys(expected)) assert.deepStrictEqual(contents[key], expected[key], `${name}: ${key}`);
  }
});

test('the installed package finds its binary where npm has put it', async () => {
  const script = `
    const http2 = require('http2-rs');
    const [binary] = Object.keys(require.cache).filter((file) => file.endsWith('.node'));
    console.log(http2.implementation.version, require('node:path').relative(process.cwd(), binary));
  `;
  const { stdout, stderr } = await runNode(project, ['-e', script]);
  const file = path.join('node_modules', packageName(platform), fileName(platform));
  assert.strictEqual(stdout, `${manifest.version} ${file}\n`, stderr);
});

test("the README's server and client talk to each other", async (t) => {
  const server = start(process.execPath, [path.join(project, 'server.js')], { cwd: project });
  t.after(() => server.child.kill());
  await listening(readme.port);
  const { stdout, stderr } = await runNode(project, ['client.mjs']);
  assert.deepStrictEqual({ stdout, stderr }, { stdout: '200\nYou asked for /greeting\n', stderr: '' });
});

for (const option of ['--import', '--require']) {
  test(`the preload works from there by ${option}, and says what runs`, async () => {
    const { stdout, stderr } = await runNode(project, [option, 'http2-rs/register', 'what-runs.mjs']);
    assert.match(stdout, /^\{\s+name: 'http2-rs',\s+version: '[\d.]+',\s+h2: '[\d.]+',\s+rustls: '[\d.]+'\s+\}\n$/, stderr);
  });
}

test('without the preload the same program runs on node:http2', async () => {
  assert.strictEqual((await runNode(project, ['what-runs.mjs'])).stdout, 'node:http2\n');
});

test('every example of the README is run by a test', () => {
  assert.strictEqual(readme.names.length, countBlocks());
  // The last two by those of the ecosystem, which have the packages.
  assert.deepStrictEqual(readme.names, ['what-runs.mjs', 'server.js', 'client.mjs', 'fastify.mjs', 'grpc.mjs']);
});
