'use strict';

// The README's examples: blocks of JavaScript under a comment that names the file they would stand in.

const fs = require('node:fs');
const path = require('node:path');
const { createCertificate } = require('./certificate');
const { freePort } = require('./ports');
const { root } = require('./packages');

const PORT = /\b8443\b/g;

/** The examples as the files of a project, with its certificate; they use a port that is free. */
async function readmeProject() {
  const text = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const port = await freePort();
  const examples = [...text.matchAll(/<!-- example: (\S+) -->\n```js\n([^]*?)```/g)];
  const files = Object.fromEntries(examples.map(([, name, source]) => [name, source.replace(PORT, port)]));
  const { key, cert } = createCertificate();
  return { port, cert, names: Object.keys(files), files: { ...files, 'key.pem': key, 'cert.pem': cert } };
}

/** How many blocks of JavaScript there are, named or not. */
function countBlocks() {
  return fs.readFileSync(path.join(root, 'README.md'), 'utf8').match(/^```js$/gm).length;
}

module.exports = { countBlocks, readmeProject };
