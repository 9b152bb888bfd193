'use strict';

// The committed list, expected.tsv: a line per test of Node's suite with its class, the expected result, and, where it
// is not "pass", the reason.

const fs = require('node:fs');
const path = require('node:path');

const file = path.join(__dirname, 'expected.tsv');
const header = 'file\tclass\texpected\treason';
const expectations = new Set(['pass', 'fail', 'excluded']);

function read() {
  const entries = new Map();
  const [first, ...lines] = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  if (first !== header) throw new Error(`${file}: the first line must be ${JSON.stringify(header)}`);
  for (const line of lines) {
    const [name, category, expected, reason = ''] = line.split('\t');
    if (!expectations.has(expected)) throw new Error(`${file}: ${name}: unknown expectation ${expected}`);
    entries.set(name, { name, category, expected, reason });
  }
  return entries;
}

function write(entries) {
  const lines = [...entries.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, category, expected, reason }) => [name, category, expected, reason].join('\t').trimEnd());
  fs.writeFileSync(file, `${[header, ...lines].join('\n')}\n`);
}

module.exports = { read, write };
