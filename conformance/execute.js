'use strict';

// Runs one test file in a process of its own and says how it ended.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

// A test that prints more than this is not read further; the end is what explains a failure.
const maxOutput = 256 * 1024;

// Each job has its own range, since tests with a fixed port may also use the ones right after it.
const firstPort = 21000;
const portsPerJob = 50;

const flagsPattern = /^\/\/ Flags: *(.*)$/m;
const importPattern = /(?:^|\n)import\s|\bimport\(/;
const errorPattern = /^(?:Uncaught )?(?:\w+ )?\[?\w*Error\b.*:|^Mismatched .* function calls|panicked at|^FATAL/;
const skipPattern = /^1\.\.0 # Skipped: (.*)$/m;

/**
 * @param {object} options test (absolute file name), node, job (number), scratch (directory), packagePath (absent: Node's
 *   own http2), timeout (ms)
 * @returns {Promise<{result, detail, output, ms}>} result: pass, fail, skip, timeout or unproven
 */
async function execute({ test, node, job, scratch, packagePath, timeout }) {
  const source = fs.readFileSync(test, 'utf8');
  const flags = flagsPattern.exec(source)?.[1].trim().split(/\s+/) ?? [];
  const report = path.join(scratch, `report-${job}`);
  const tmp = path.join(scratch, `tmp-${job}`);
  fs.mkdirSync(tmp, { recursive: true });
  fs.writeFileSync(report, '');

  const env = { ...process.env };
  for (const name of Object.keys(env)) if (/^(npm_|NODE_|HTTP2_(?!RS_TLS$))/.test(name)) delete env[name];
  Object.assign(env, {
    NODE_TEST_DIR: tmp,
    TEST_THREAD_ID: String(job),
    NODE_COMMON_PORT: String(firstPort + job * portsPerJob),
    NODE_OPTIONS: preload('older.js'),
  });
  if (packagePath) {
    Object.assign(env, {
      NODE_OPTIONS: `${preload('older.js')} ${preload('hook.js')}`,
      HTTP2_CONFORMANCE_PACKAGE: packagePath,
      HTTP2_CONFORMANCE_REPORT: report,
    });
    if (importPattern.test(source)) env.HTTP2_CONFORMANCE_ESM = '1';
  }

  const started = process.hrtime.bigint();
  const { code, signal, timedOut, output } = await run(node, [...flags, test], { cwd: tmp, env }, timeout);
  const ms = Number((process.hrtime.bigint() - started) / 1_000_000n);
  const marks = new Set(fs.readFileSync(report, 'utf8').split('\n'));
  fs.rmSync(tmp, { recursive: true, force: true, maxRetries: 5 });

  return { ...judge({ code, signal, timedOut, output, marks, substituted: Boolean(packagePath) }), output, ms };
}

function preload(name) {
  return `--require ${JSON.stringify(path.join(__dirname, name))}`;
}

function judge({ code, signal, timedOut, output, marks, substituted }) {
  if (timedOut) return { result: 'timeout', detail: 'did not end' };
  if (code !== 0) return { result: 'fail', detail: signal ? `killed by ${signal}` : headline(output) };
  const skipped = skipPattern.exec(output);
  if (skipped) return { result: 'skip', detail: skipped[1] };
  // A pass counts only if the test had the package, and nothing but the package.
  if (substituted && marks.has('builtin')) return { result: 'unproven', detail: "Node's own http2 was loaded" };
  if (substituted && !marks.has('package')) return { result: 'unproven', detail: 'http2 was never asked for' };
  return { result: 'pass', detail: '' };
}

// The line of the output that says most about why a test failed.
function headline(output) {
  const lines = output.split('\n').map((line) => line.trim()).filter(Boolean);
  const error = lines.find((line) => errorPattern.test(line));
  return (error ?? lines.at(-1) ?? 'no output').slice(0, 160);
}

function run(file, args, options, timeout) {
  return new Promise((resolve) => {
    // Its own process group, so that the children of a test that hangs go with it.
    const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let timedOut = false;
    const collect = (chunk) => {
      output = (output + chunk).slice(-maxOutput);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const killGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone already.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup();
    }, timeout);
    let ended;
    const finish = () => {
      clearTimeout(timer);
      resolve({ ...ended, timedOut, output });
    };
    child.on('error', (error) => {
      ended = { code: 1, signal: null };
      output += error.message;
      finish();
    });
    child.on('exit', (code, signal) => {
      ended = { code, signal };
      // What a test leaves running would hold the pipes, and with them the runner.
      killGroup();
    });
    child.on('close', finish);
  });
}

module.exports = { execute };
