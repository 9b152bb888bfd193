'use strict';

// Runs an area of the sweep on node:http2 and on this package: { expected, actual }, each { case: { channel: lines } }.
// `filter` is { words } in the names of the cases, or { names }. node compare.js <area> [words] shows where they differ.

const path = require('node:path');
const { runChild } = require('../../helpers/child');
const { ORACLE, SUBJECT } = require('../../helpers/modules');

// Some thousand connections, on a busy machine.
const TIMEOUT_MS = 300_000;

async function compare(area, filter = {}) {
  const play = async (moduleName) => {
    const { report } = await runChild(path.join(__dirname, 'run-sweep.js'), [moduleName, area, JSON.stringify(filter)],
      { timeout: TIMEOUT_MS, execArgv: ['--no-warnings'] });
    return report;
  };
  const [expected, actual] = await Promise.all([play(ORACLE), play(SUBJECT)]);
  return { expected, actual };
}

// The cases that differ: [[name, node's channels, ours], ...].
function differences({ expected, actual }) {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...names].filter((name) => JSON.stringify(sorted(expected[name])) !== JSON.stringify(sorted(actual[name])))
    .map((name) => [name, expected[name], actual[name]]);
}

// Between channels there is no order.
function sorted(channels = {}) {
  return Object.entries(channels).sort(([a], [b]) => (a < b ? -1 : 1));
}

module.exports = { compare, differences };

if (require.main === module) {
  const [area, ...words] = process.argv.slice(2);
  compare(area, { words }).then((outcome) => {
    const found = differences(outcome);
    for (const [name, node, ours] of found) {
      console.log(name);
      for (const channel of new Set([...Object.keys(node ?? {}), ...Object.keys(ours ?? {})])) {
        const [expected, actual] = [node?.[channel] ?? [], ours?.[channel] ?? []];
        for (let i = 0; i < Math.max(expected.length, actual.length); i++)
          if (expected[i] !== actual[i]) console.log(`  ${channel}\n    node ${expected[i]}\n    ours ${actual[i]}`);
      }
    }
    console.log(`${found.length} of ${Object.keys(outcome.expected).length} differ`);
  });
}
