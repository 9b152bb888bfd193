'use strict';

// System calls on sockets that fail now and then.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { runScriptToEnd } = require('../helpers/processes');

const { EAGAIN, EINTR, ENOBUFS, ENOMEM } = os.constants.errno;
const skip = process.platform !== 'linux' && 'the library that makes calls fail is for Linux';

describe('system calls that fail', { skip }, () => {
  let directory;
  let library;

  before(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-fickle-'));
    library = path.join(directory, 'fickle.so');
    const source = path.join(__dirname, 'fickle.c');
    // Cargo links with it, too.
    const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { encoding: 'utf8' });
    assert.strictEqual(status, 0, stderr);
  });

  after(() => fs.rmSync(directory, { recursive: true, force: true }));

  async function outcome(transport, faults) {
    const preloaded = [process.env.LD_PRELOAD, library].filter(Boolean).join(':');
    const env = { ...faults, LD_PRELOAD: preloaded };
    return JSON.parse(await runScriptToEnd(path.join(__dirname, 'fickle.js'), [transport], { env }));
  }

  for (const transport of ['plaintext', 'TLS']) {
    // Interrupted, or without room now: they are made again.
    for (const [name, faults] of Object.entries({
      EAGAIN: { FICKLE_WRITES: EAGAIN, FICKLE_READS: EAGAIN },
      EINTR: { FICKLE_WRITES: EINTR, FICKLE_READS: EINTR },
      ENOBUFS: { FICKLE_WRITES: ENOBUFS },
    })) {
      test(`${name}, ${transport}`, async () => {
        assert.deepStrictEqual(await outcome(transport, faults), { answers: Array(5).fill('whole'), errors: [] });
      });
    }
  }

  // node loses what it has written then, and waits for ever.
  for (const transport of ['plaintext', 'TLS']) {
    test(`a write for which there is no memory ends the session, ${transport}`, async () => {
      const { answers, errors } = await outcome(transport, { FICKLE_WRITES: ENOMEM });
      assert.ok(errors.includes('write ENOMEM'), errors.join());
      assert.ok(answers.every((answer) => answer !== 'whole' && answer !== 'torn'), answers.join());
    });
  }
});
