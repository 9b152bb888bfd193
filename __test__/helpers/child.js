'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// Long enough for a machine under load; a case that needs it has hung.
const CHILD_TIMEOUT_MS = 20_000;

// Runs `file` with Node on the arguments and resolves with what it gave to report(). A child that dies or hangs
// rejects with everything it printed. The report travels in a file: a pipe may be full when the child exits.
async function runChild(file, args, { execPath = process.execPath, execArgv = [], timeout = CHILD_TIMEOUT_MS, env } = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-test-'));
  const reportFile = path.join(directory, 'report.json');
  try {
    const { code, signal, output } = await spawned(execPath, [...execArgv, file, ...args], reportFile, timeout, env);
    let text;
    try {
      text = fs.readFileSync(reportFile, 'utf8');
    } catch {
      throw new Error(`${path.basename(file)} ${args.join(' ')} left no report ` +
                      `(exit code ${code}, signal ${signal})\n${output}`);
    }
    return { report: JSON.parse(text), code, signal, output };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

function spawned(execPath, argv, reportFile, timeout, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(execPath, argv, {
      env: { ...process.env, ...env, HTTP2_TEST_REPORT: reportFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { output += chunk; });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output });
    });
  });
}

// In the child: hands the value over to runChild(). Synchronous, so that it may be called in 'exit'.
function report(value) {
  fs.writeFileSync(process.env.HTTP2_TEST_REPORT, JSON.stringify(value));
}

module.exports = { runChild, report };
