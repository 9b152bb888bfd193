'use strict';

// Runs one of the scripts beside this file in a process of its own where node's internals can be required: there the
// script compares what we made with what node has, and ends with a status other than 0 where they differ.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

module.exports = function compareWithNode(script) {
  const { status, stderr } = spawnSync(process.execPath,
    ['--expose-internals', '--no-warnings', path.join(__dirname, script)], { encoding: 'utf8' });
  assert.strictEqual(status, 0, stderr);
};
