'use strict';

// npm run conformance -- <directory of Node's test/> [options]
//
// Runs Node's own http2 tests on this package, one process each, and compares the results with expected.tsv, and on
// versions of Node other than the one that the tests are of with other-nodes.tsv. The tests are not part of this
// repository: they come from a checkout of Node, whose test/ directory is the argument.

const { parseArgs } = require('node:util');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execute } = require('./execute');
const list = require('./list');

const usage = `Usage: npm run conformance -- <directory of Node's test/> [options]

  --node <binary>       the Node to run the tests on (default: this one); the tests are those of Node 25.8.1
  --filter <substring>  only tests with this in their name; may be repeated, and includes excluded ones
  --all                 run the excluded tests as well
  --plain               no substitution: the tests on Node's own http2, to check the machine and the runner
  --show                print the output of each test that did not pass
  --update              write the results to conformance/expected.tsv, or other-nodes.tsv
  --jobs <n>            tests at once (default: the number of cores)
  --timeout <seconds>   for one test (default: 20)
`;

async function main() {
  const options = readOptions();
  const entries = list.read(options.major);
  const selected = select(entries, options);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-conformance-'));
  try {
    const results = await runAll(selected, options, scratch);
    const differences = await compare(results, entries, options, scratch);
    return report(results, differences, entries, options);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      node: { type: 'string', default: process.execPath },
      filter: { type: 'string', multiple: true },
      all: { type: 'boolean' },
      plain: { type: 'boolean' },
      show: { type: 'boolean' },
      update: { type: 'boolean' },
      jobs: { type: 'string', default: String(os.availableParallelism()) },
      timeout: { type: 'string', default: '20' },
      help: { type: 'boolean' },
    },
  });
  if (values.help || positionals.length !== 1) {
    process.stdout.write(usage);
    process.exit(values.help ? 0 : 2);
  }
  const directory = path.resolve(positionals[0]);
  if (!fs.existsSync(path.join(directory, 'parallel'))) {
    throw new UsageError(`${directory} is no test directory of Node: it has no parallel/`);
  }
  if (values.plain && values.update) throw new UsageError('--update is of no use with --plain');
  return {
    ...values,
    directory,
    major: Number.parseInt(execFileSync(values.node, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10),
    jobs: positive(values.jobs, '--jobs'),
    timeout: positive(values.timeout, '--timeout') * 1000,
    packagePath: values.plain ? undefined : path.join(__dirname, '..', 'index.js'),
  };
}

class UsageError extends Error {}

function positive(text, name) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`${name} must be a positive number`);
  return number;
}

// Tests in the directory with http2 in their name; the list must know each, so that none is overlooked.
function select(entries, { directory, filter, all, plain }) {
  const names = ['parallel', 'sequential'].flatMap((folder) => fs.readdirSync(path.join(directory, folder))
    .filter((name) => name.includes('http2') && /\.m?js$/.test(name))
    .map((name) => `${folder}/${name}`));
  const unknown = names.filter((name) => !entries.has(name));
  if (unknown.length > 0) process.stdout.write(`Not in the list, and not run:\n  ${unknown.join('\n  ')}\n`);
  const missing = [...entries.keys()].filter((name) => !names.includes(name));
  if (missing.length > 0) process.stdout.write(`In the list, but not in ${directory}:\n  ${missing.join('\n  ')}\n`);
  return names.filter((name) => {
    if (!entries.has(name)) return false;
    if (filter) return filter.some((part) => name.includes(part));
    return all || plain || entries.get(name).expected !== 'excluded';
  });
}

async function runAll(names, options, scratch) {
  const results = new Map();
  const total = names.length;
  const queue = names.filter((name) => name.startsWith('parallel/'));
  const alone = names.filter((name) => !name.startsWith('parallel/'));

  const one = async (name, job) => {
    const result = await execute({ ...options, test: path.join(options.directory, name), job, scratch });
    results.set(name, result);
    const seconds = (result.ms / 1000).toFixed(1);
    if (result.result !== 'pass') clearLine(`${result.result.padEnd(8)} ${name}  ${result.detail}`);
    progress(`${results.size}/${total}  ${name}  ${seconds} s`, results.size, total);
  };

  await Promise.all(Array.from({ length: options.jobs }, async (_, job) => {
    while (queue.length > 0) await one(queue.shift(), job);
  }));
  for (const name of alone) await one(name, 0);
  clearLine();
  return results;
}

function progress(text, done, total) {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text.slice(0, process.stdout.columns - 1)}`);
  else if (done % 50 === 0 && done < total) process.stdout.write(`... ${done} of ${total}\n`);
}

function clearLine(text) {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  if (text) process.stdout.write(`${text}\n`);
}

// What is not as expected. A test that did not pass gets a second try, alone, since some measure time; and what still does
// not pass is put to Node's own http2, since not every Node passes every test.
async function compare(results, entries, options, scratch) {
  const differences = { worse: [], better: [], secondTry: [], notHere: [] };
  const updatesOthers = options.update && options.major !== list.TESTED;
  for (const [name, { result }] of results) {
    const { expected } = entries.get(name);
    const isListed = expected === (result === 'pass' ? 'pass' : 'fail');
    if (isListed && !(updatesOthers && expected === 'fail')) continue;
    if (result === 'pass') differences.better.push(name);
    else if (expected !== 'excluded' || options.plain) differences.worse.push(name);
  }
  if (options.plain || (options.update && !updatesOthers)) return differences;

  const { worse } = differences;
  differences.worse = [];
  for (const name of worse) {
    const again = (packagePath) => execute({ ...options, packagePath, test: path.join(options.directory, name), job: 0, scratch });
    const second = await again(options.packagePath);
    if (second.result === 'pass') {
      results.set(name, second);
      differences.secondTry.push(name);
      continue;
    }
    const theirs = await again(undefined);
    if (theirs.result === 'pass') differences.worse.push(name);
    else differences.notHere.push({ name, ours: describe(second, options), theirs: describe(theirs, options) });
  }
  return differences;
}

function describe({ result, detail }, { directory }) {
  return detail === '' ? result : `${result}: ${detail.replaceAll(`${directory}/`, '').replaceAll(/\s+/g, ' ')}`;
}

// Returns the exit code: 1 if something is worse than the list says. With --plain that is what fails of what it has as passed.
function report(results, { worse, better, secondTry, notHere }, entries, { show, update, plain, major }) {
  if (show) {
    for (const [name, { result, output }] of results) {
      if (result !== 'pass') process.stdout.write(`\n==== ${name} (${result})\n${output.trimEnd()}\n`);
    }
  }
  process.stdout.write(`\n${table(results, entries)}\n`);
  printNames('Passed, though not expected to', plain ? better.filter((name) => entries.get(name).expected === 'fail') : better, results);
  printNames('Passed on the second try only', secondTry, results);
  printNames("Not passed and not in the list, but Node's own http2 does not pass them either", notHere.map(({ name }) => name), results);
  printNames('Expected to pass, but did not', worse, results);
  if (update && major !== list.TESTED) {
    list.writeOthers(major, notHere, results);
    process.stdout.write('\nWrote conformance/other-nodes.tsv\n');
    return worse.length > 0 ? 1 : 0;
  }
  if (update) {
    for (const name of [...worse, ...better]) {
      const entry = entries.get(name);
      if (entry.expected === 'excluded') continue;
      entry.expected = results.get(name).result === 'pass' ? 'pass' : 'fail';
      if (entry.expected === 'pass') entry.reason = '';
    }
    list.write(entries);
    process.stdout.write('\nWrote conformance/expected.tsv\n');
  } else if (better.length + notHere.length > 0 && !plain) {
    process.stdout.write('\n--update writes that down.\n');
  }
  return worse.length + notHere.length > 0 && !update ? 1 : 0;
}

function printNames(title, names, results) {
  if (names.length === 0) return;
  process.stdout.write(`\n${title}:\n`);
  for (const name of names) {
    const { result, detail } = results.get(name);
    process.stdout.write(`  ${name}${result === 'pass' ? '' : `  ${result}: ${detail}`}\n`);
  }
}

function table(results, entries) {
  const rows = new Map();
  for (const [name, { result }] of results) {
    const { category } = entries.get(name);
    if (!rows.has(category)) rows.set(category, { passed: 0, total: 0 });
    const row = rows.get(category);
    row.total += 1;
    if (result === 'pass') row.passed += 1;
  }
  const all = [...rows.values()];
  const line = (name, passed, total) => `${name.padEnd(24)} ${String(passed).padStart(5)} of ${String(total).padStart(3)} passed`;
  const sum = (key) => all.reduce((count, row) => count + row[key], 0);
  return [
    ...[...rows].sort().map(([name, { passed, total }]) => line(name, passed, total)),
    line('all', sum('passed'), sum('total')),
  ].join('\n');
}

main().then((code) => {
  process.exitCode = code;
}, (error) => {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n` : `${error.stack}\n`);
  process.exitCode = 2;
});
