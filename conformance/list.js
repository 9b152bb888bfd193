'use strict';

// The committed lists. expected.tsv is of the Node that the tests belong to: a line per test with its class, the expected
// result, and, where it is not "pass", the reason. other-nodes.tsv is of other versions of Node: a line per test that is not
// passed there, with how it ends here and on Node's own http2 of that version, which does not pass it either.

const fs = require('node:fs');
const path = require('node:path');

const file = path.join(__dirname, 'expected.tsv');
const header = 'file\tclass\texpected\treason';
const othersFile = path.join(__dirname, 'other-nodes.tsv');
const othersHeader = 'node\tfile\there\tnode:http2';
/** The major version of Node that expected.tsv is of. */
const TESTED = 25;

const expectations = new Set(['pass', 'fail', 'excluded']);

/** Entries by name, for a major version of Node. */
function read(major = TESTED) {
  const entries = new Map();
  const [first, ...lines] = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  if (first !== header) throw new Error(`${file}: the first line must be ${JSON.stringify(header)}`);
  for (const line of lines) {
    const [name, category, expected, reason = ''] = line.split('\t');
    if (!expectations.has(expected)) throw new Error(`${file}: ${name}: unknown expectation ${expected}`);
    entries.set(name, { name, category, expected, reason });
  }
  for (const other of readOthers()) {
    const entry = entries.get(other.name);
    if (entry === undefined) throw new Error(`${othersFile}: ${other.name} is not in ${file}`);
    if (other.major !== major || entry.expected !== 'pass') continue;
    entry.expected = 'fail';
    entry.reason = `node:http2: ${other.theirs}`;
  }
  return entries;
}

function readOthers() {
  const [first, ...lines] = fs.readFileSync(othersFile, 'utf8').trimEnd().split('\n');
  if (first !== othersHeader) throw new Error(`${othersFile}: the first line must be ${JSON.stringify(othersHeader)}`);
  return lines.map((line) => {
    const [major, name, ours, theirs] = line.split('\t');
    return { major: Number(major), name, ours, theirs };
  });
}

/** Writes what is not passed on a major version of Node, [{ name, ours, theirs }], of the tests that were run there. */
function writeOthers(major, others, run) {
  const kept = readOthers().filter((other) => other.major !== major || !run.has(other.name));
  const lines = [...kept, ...others.map((other) => ({ major, ...other }))]
    .sort((a, b) => a.major - b.major || (a.name < b.name ? -1 : 1))
    .map(({ major, name, ours, theirs }) => [major, name, ours, theirs].join('\t'));
  fs.writeFileSync(othersFile, `${[othersHeader, ...lines].join('\n')}\n`);
}

function write(entries) {
  const lines = [...entries.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, category, expected, reason }) => [name, category, expected, reason].join('\t').trimEnd());
  fs.writeFileSync(file, `${[header, ...lines].join('\n')}\n`);
}

module.exports = { TESTED, read, write, writeOthers };
