'use strict';

// node check-oracle.js <times> <node binary>... : runs every script on node:http2 alone, `times` times with each of the
// binaries, says which scripts are not deterministic or never end, and writes since.json: for each script on which an older
// Node differs from the newest, the first major version that does not. Later versions that are already there stay: they are
// where this package has the newest behaviour only from that version on.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { ORACLE } = require('../helpers/modules');
const { runChild } = require('../helpers/child');
const earlier = require('./since.json');

const [, , timesText, ...binaries] = process.argv;
const times = Number(timesText);
const runner = path.join(__dirname, 'run-script.js');
const PARALLEL = 3;

function majorOf(binary) {
  return Number.parseInt(execFileSync(binary, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10);
}

async function play(execPath, area, name) {
  try {
    const { report } = await runChild(runner, [ORACLE, area, name], { execPath });
    return JSON.stringify(Object.entries(report).sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch (error) {
    return error.message;
  }
}

async function judge(area, name, since) {
  // For each binary, its one log, or undefined if it has several.
  const logs = [];
  for (const [major, binary] of versions) {
    const seen = new Set();
    for (let i = 0; i < times; i++)
      seen.add(await play(binary, area, name));
    if (seen.size > 1)
      console.log(`not deterministic on ${major}: ${area} / ${name}\n${[...seen].join('\n')}`);
    const [log] = seen;
    if (!/"(done|failed)/.test(log))
      console.log(`no end on ${major}: ${area} / ${name}\n${log}`);
    logs.push([major, log]);
  }
  const newest = logs.at(-1)[1];
  const differing = logs.filter(([, log]) => log !== newest).map(([major]) => major);
  if (differing.length === 0)
    return;
  since[area] ??= {};
  since[area][name] = logs.find(([major]) => major > Math.max(...differing))[0];
}

const versions = binaries.map((binary) => [majorOf(binary), binary]).sort(([a], [b]) => a - b);

async function main() {
  const scripts = path.join(__dirname, 'scripts');
  const jobs = [];
  for (const file of fs.readdirSync(scripts).sort()) {
    const area = path.basename(file, '.js');
    for (const name of Object.keys(require(path.join(scripts, file))))
      jobs.push([area, name]);
  }
  const since = {};
  const queue = jobs.values();
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    for (const [area, name] of queue)
      await judge(area, name, since);
  }));
  const sorted = {};
  for (const [area, name] of jobs) {
    const version = Math.max(since[area]?.[name] ?? 0, earlier[area]?.[name] ?? 0);
    if (version > 0) {
      sorted[area] ??= {};
      sorted[area][name] = version;
    }
  }
  fs.writeFileSync(path.join(__dirname, 'since.json'), `${JSON.stringify(sorted, null, 2)}\n`);
  console.log(`${jobs.length} scripts`);
}

main();
