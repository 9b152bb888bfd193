'use strict';

// Runs JavaScript tests with the engine under AddressSanitizer: npm run sanitize
//
//   npm run sanitize                    the tests that strain the engine most
//   npm run sanitize -- interop load    those with one of the words in their path, as for npm test
//
// The binary is built with instrumentation of its own beside the usual one; node is not instrumented, so that the sanitizer's
// runtime, which comes with gcc, is loaded ahead of it. Linux with cargo and gcc. What node itself keeps at its end is no leak
// of ours to report: memory that grows is for the soak and the tests of teardown to find.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const target = { x64: 'x86_64-unknown-linux-gnu', arm64: 'aarch64-unknown-linux-gnu' }[process.arch];
const directory = path.join(root, 'target', 'sanitize');
// Not those of finding the binary, which is given here.
const strained = [
  ...['bodies', 'file', 'headers', 'messages', 'panic', 'pipe', 'random', 'reentrancy', 'workers'].map((name) => `engine/${name}`),
  'faults/', 'teardown/environments',
];

function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw error;
  return status;
}

function runtime() {
  const { stdout } = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const file = stdout?.trim();
  if (!file || !path.isAbsolute(file)) throw new Error("gcc's libasan is not installed");
  return fs.realpathSync(file);
}

function build() {
  const args = ['build', '--lib', '--target', target, '--target-dir', directory];
  // The sanitizer is not in stable Rust yet; it is in the stable compiler.
  const env = { RUSTC_BOOTSTRAP: '1', RUSTFLAGS: `${process.env.RUSTFLAGS ?? ''} -Zsanitizer=address`.trim() };
  if (run('cargo', args, env) !== 0) throw new Error('the engine did not build');
  const binary = path.join(directory, 'http2-rs.node');
  fs.copyFileSync(path.join(directory, target, 'debug', 'libhttp2_rs.so'), binary);
  return binary;
}

if (process.platform !== 'linux' || target === undefined) throw new Error('this needs Linux on x64 or arm64');
const words = process.argv.slice(2);
const binary = build();
process.exitCode = run(process.execPath, ['scripts/test.js', ...(words.length > 0 ? words : strained)], {
  NAPI_RS_NATIVE_LIBRARY_PATH: binary,
  LD_PRELOAD: runtime(),
  ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:allocator_may_return_null=1',
});
