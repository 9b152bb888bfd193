'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');

const { ORACLE, SUBJECT } = require('./helpers/modules');
const { runChild } = require('./helpers/child');
const cases = require('./event-order/cases');

const directory = path.join(__dirname, 'event-order');

// expected.txt: the case's name in the first column of its first line, two more lines below it.
function readExpected() {
  const expected = new Map();
  let lines;
  for (const line of fs.readFileSync(path.join(directory, 'expected.txt'), 'utf8').split('\n')) {
    const match = /^(\w*)\s+([SCs]: .*)$/.exec(line);
    if (match === null)
      continue;
    if (match[1] !== '')
      expected.set(match[1], lines = []);
    lines.push(match[2]);
  }
  return expected;
}

const expected = readExpected();

async function play(moduleName, caseName) {
  const { report } = await runChild(path.join(directory, 'run-case.js'), [moduleName, caseName]);
  return report;
}

describe('the order of events', { concurrency: 2 }, () => {
  it('is written down for every case', () => {
    assert.deepEqual([...expected.keys()].sort(), Object.keys(cases).sort());
  });

  for (const [name, lines] of expected) {
    it(`of ${name} is node's`, async () => {
      assert.deepEqual(await play(ORACLE, name), lines, `${ORACLE} itself no longer emits these`);
      assert.deepEqual(await play(SUBJECT, name), lines);
    });
  }
});
