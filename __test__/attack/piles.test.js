'use strict';

// Each of piles.js in a process of its own: what memory one has left behind would hide what the next one takes.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const names = ['requests', 'trailers', 'answers', 'informational answers', 'promises'];

for (const name of names) {
  for (const transport of ['plaintext', 'TLS']) {
    test(`${name} with large lists while JavaScript is blocked, ${transport}`, async () => {
      const { NODE_TEST_CONTEXT, ...env } = process.env;
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--expose-gc', '--test-reporter=tap', `--test-name-pattern=/^${name}, ${transport}$/`, path.join(__dirname, 'piles.js'),
      ], { env, timeout: 60_000 }).catch((error) => assert.fail(error.stdout || error));
      assert.match(stdout, /^# pass 1$/m);
    });
  }
}
