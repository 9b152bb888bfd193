'use strict';

// The workflows that build, test and publish: what they run is pinned, and they know of every platform.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { platformManifests } = require('../../scripts/stage');
const { root } = require('../helpers/packages');

const directory = path.join(root, '.github', 'workflows');
const workflows = Object.fromEntries(
  fs.readdirSync(directory).map((name) => [name, fs.readFileSync(path.join(directory, name), 'utf8')]));

test('actions are pinned by commit, with the release for people', () => {
  for (const [name, text] of Object.entries(workflows)) {
    for (const [, action] of text.matchAll(/uses: (.*)/g))
      assert.match(action, /^(?:[\w-]+\/[\w-]+@[0-9a-f]{40} # v[\d.]+|\.\/\.github\/workflows\/[\w-]+\.yml)$/, name);
  }
});

test('a workflow may read and nothing else, but for the one that publishes', () => {
  for (const [name, text] of Object.entries(workflows)) {
    assert.match(text, /^permissions:\n {2}contents: read\n/m, name);
    assert.strictEqual(/: write$/m.test(text), name === 'release.yml', name);
  }
});

test('each platform that there is a package for is built', () => {
  const built = [...workflows['build.yml'].matchAll(/platform: ([\w-]+),/g)].map(([, platform]) => platform);
  assert.deepStrictEqual(built.sort(), Object.keys(platformManifests()).sort());
});

test('publishing tells where a package comes from', () => {
  assert.match(workflows['release.yml'], /npm publish .*--provenance/);
  assert.match(workflows['release.yml'], /id-token: write/);
});
