'use strict';

// npm ci, where node_modules is not of the lock file that lies beside it.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** @returns {string|undefined} what went wrong, for a person to read */
function install(directory, what) {
  const stamp = path.join(directory, 'node_modules', '.installed-from');
  const lock = fs.readFileSync(path.join(directory, 'package-lock.json'), 'utf8');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === lock) return undefined;

  process.stderr.write(`Installing ${what} (npm ci)...\n`);
  // Under `npm run` the npm that runs is known; elsewhere it is the one in the PATH.
  const npm = process.env.npm_execpath;
  const options = ['ci', '--ignore-scripts'];
  const [command, args] = npm ? [process.execPath, [npm, ...options]] : ['npm', options];
  const { error, status } =
    spawnSync(command, args, { cwd: directory, stdio: 'inherit', shell: !npm && process.platform === 'win32' });
  if (error) return `npm could not be started (${error.message}): http2-rs needs npm to install ${what}.`;
  if (status !== 0) return 'npm ci failed; what it printed above says why.';
  fs.writeFileSync(stamp, lock);
  return undefined;
}

module.exports = { install };
