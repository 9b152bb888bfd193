'use strict';

// A few seconds of the soak (scripts/soak): every request is accounted for, and every connection closes.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { runScript } = require('../helpers/processes');

const soak = path.join(__dirname, '..', '..', 'scripts', 'soak', 'index.js');

test('a short soak', { timeout: 180_000 }, async (t) => {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-soak-'));
  t.after(() => fs.rmSync(out, { recursive: true, force: true }));
  const { code, stdout, stderr } = await runScript(soak, ['--minutes', '0.08', '--lanes', '6', '--out', out], { timeout: 170_000 });
  t.diagnostic(stdout.trim().split('\n').slice(0, 2).join('; '));
  assert.strictEqual(code, 0, `${stdout}${stderr}`);
  const { last, series } = JSON.parse(fs.readFileSync(path.join(out, 'soak.json'), 'utf8'));
  assert.ok(last.client.answered > 0);
  assert.strictEqual(fs.readFileSync(path.join(out, 'soak.csv'), 'utf8').trim().split('\n').length, series.length + 1);
});
