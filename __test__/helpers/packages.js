'use strict';

// Projects in directories of their own, for what a program sees of this package when it is installed.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { cleanup } = require('./cleanup');

const root = path.join(__dirname, '..', '..');

/** A directory that is gone after the test, when whatever used it has been closed. */
function temporaryDirectory(t) {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-')));
  // Programs that have just ended may leave a process that still writes.
  cleanup(t, () => fs.rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return directory;
}

/** Writes `files`, an object of contents by name. */
function writeFiles(directory, files) {
  for (const [name, contents] of Object.entries(files)) {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, contents);
  }
  return directory;
}

/** A project that has this working copy as its dependency http2-rs, beside `files`. */
function createProject(t, files) {
  const directory = temporaryDirectory(t);
  fs.mkdirSync(path.join(directory, 'node_modules'));
  fs.symlinkSync(root, path.join(directory, 'node_modules', 'http2-rs'), 'junction');
  return writeFiles(directory, files);
}

/** Makes packages that are installed elsewhere those of a project, too. */
function linkPackages(directory, from, names) {
  for (const name of names) fs.symlinkSync(path.join(from, name), path.join(directory, 'node_modules', name), 'junction');
}

/** Runs node in a project: {code, signal, stdout, stderr}. */
function runNode(directory, args, { env, timeout = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: directory,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    });
    const result = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', (text) => { result[name] += text; });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...result }));
  });
}

module.exports = { createProject, linkPackages, root, runNode, temporaryDirectory, writeFiles };
