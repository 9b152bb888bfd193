'use strict';

// An environment that goes away while its files are read: nobody waits for a read that never returns, and nothing crashes.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { runScript } = require('../helpers/processes');

const script = path.join(__dirname, 'files.js');
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-files-'));
test.after(() => fs.rmSync(directory, { recursive: true }));

const large = path.join(directory, 'large');
fs.writeFileSync(large, Buffer.alloc(16 * 1024 * 1024, 'x'));
const kinds = [['a file', large]];

if (process.platform !== 'win32') {
  const pipe = path.join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  // Somebody may still write, so that reading waits.
  const writer = fs.openSync(pipe, fs.constants.O_RDWR);
  test.after(() => fs.closeSync(writer));
  kinds.push(['a pipe that nobody writes to', pipe]);
}

for (const [name, file] of kinds) {
  test(`a Worker terminated while it reads ${name}`, { timeout: 120_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(script, { workerData: { file } });
      await once(worker, 'message');
      assert.strictEqual(await worker.terminate(), 1);
    }
  });

  test(`a Worker that exits while it reads ${name}`, { timeout: 120_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(script, { workerData: { file, exits: true } });
      assert.deepStrictEqual(await once(worker, 'exit'), [0]);
    }
  });

  test(`a process that exits while it reads ${name}`, { timeout: 120_000 }, async () => {
    const { code, signal, stdout, stderr } = await runScript(script, [JSON.stringify({ file, exits: true })]);
    assert.deepStrictEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'reading\n', stderr: '' });
  });
}
