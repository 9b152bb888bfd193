'use strict';

// What the documents point to is there.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { root } = require('../helpers/packages');
const { scripts } = require('../../package.json');

const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'];
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');
// Directories of the repository, by which a path is known in a sentence.
const directories = fs.readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const PATH = /^[\w.]+\/[\w./-]*$/;

for (const document of documents) {
  test(`${document}: files and directories`, () => {
    const quoted = [...read(document).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text);
    const paths = quoted.filter((text) => PATH.test(text) && directories.includes(text.split('/')[0]));
    assert.deepStrictEqual(paths.filter((name) => !fs.existsSync(path.join(root, name))), []);
  });

  test(`${document}: links within the repository`, () => {
    const links = [...read(document).matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link).filter((link) => !link.includes(':'));
    assert.deepStrictEqual(links.filter((link) => !fs.existsSync(path.join(root, link))), []);
  });

  test(`${document}: scripts of npm`, () => {
    const names = [...read(document).matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
    assert.deepStrictEqual(names.filter((name) => !(name in scripts)), []);
  });
}
