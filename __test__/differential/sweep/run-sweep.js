'use strict';

// node run-sweep.js <module> <area> <filter>: runs the cases of an area that the filter is for, one after the other, and
// reports what each saw.

const { report } = require('../../helpers/child');
const { load } = require('../../helpers/modules');
const { Case } = require('./case');
const known = require('./known');

const [, , moduleName, area, filter] = process.argv;
const { names, words } = JSON.parse(filter);
const outcomes = {};
let current;

// Whichever case it is in, it is what the program would have seen.
process.on('uncaughtException', (error) => {
  if (current === undefined) throw error;
  current.log('process', 'uncaught', error);
});
process.on('exit', () => report(outcomes));

function isWanted(name) {
  return names === undefined ? words === undefined || words.every((word) => name.includes(word)) : names.includes(name);
}

async function run() {
  const http2 = load(moduleName);
  for (const [name, script] of require(`./areas/${area}`)(http2)) {
    if (known[area].some((pattern) => pattern.test(name)) || !isWanted(name)) continue;
    current = new Case(http2);
    outcomes[name] = current.channels;
    await current.run(script);
  }
  process.exit();
}

run();
