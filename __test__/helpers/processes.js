'use strict';

// Runs a script of a test in a process of its own, for what a process as a whole must or must not do.

const { spawn } = require('node:child_process');

/** @returns {Promise<{code, signal, stdout, stderr}>} stdout of a script that prints JSON is best read with JSON.parse() */
function runScript(file, args = [], { execArgv = [], timeout = 60_000, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...execArgv, file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env },
    });
    const result = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => { result.stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { result.stderr += text; });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      result.stderr += `\nstill running after ${timeout} ms`;
    }, timeout);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...result });
    });
  });
}

/** The same for a script that must end well. */
async function runScriptToEnd(...args) {
  const { code, signal, stdout, stderr } = await runScript(...args);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code ?? signal}:\n${stdout}${stderr}`);
  return stdout;
}

module.exports = { runScript, runScriptToEnd };
