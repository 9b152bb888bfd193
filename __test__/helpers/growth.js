'use strict';

// Whether something leaves more behind each time it is done. A leak does, round after round; caches, tables and the arenas of
// allocators fill up and then stay as they are. So nothing is said of how much memory is in use, which differs from machine to
// machine, only that in the end a round adds none.

const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

const mebibyte = 1024 * 1024;

// What counts as none, in two rounds together: neither the collector nor an allocator is exact to the octet.
const noise = { rss: 2 * mebibyte, heapUsed: mebibyte / 4, external: mebibyte / 4 };

let gc = globalThis.gc;

/** Collects what can be collected, and lets finalizers run. */
async function collectGarbage() {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc');
  }
  for (let turn = 0; turn < 4; turn += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function difference(before, after) {
  return Object.fromEntries(Object.keys(noise).map((name) => [name, after[name] - before[name]]));
}

/**
 * Does `round()` until two rounds in a row have left nothing, or until it was done `most` times.
 *
 * @returns {Promise<{flat: boolean, rounds: object[]}>} what each round added to rss, heapUsed and external
 */
async function untilFlat(round, { least = 3, most = 16 } = {}) {
  const rounds = [];
  let memory = [];
  for (;;) {
    await round();
    await collectGarbage();
    memory = [...memory, process.memoryUsage()].slice(-3);
    if (memory.length > 1) rounds.push(difference(...memory.slice(-2)));
    if (rounds.length + 1 < Math.max(least, 3)) continue;
    const added = difference(memory[0], memory[2]);
    const flat = Object.keys(noise).every((name) => added[name] <= noise[name]);
    if (flat || rounds.length + 1 >= most) return { flat, rounds };
  }
}

/** The rounds as a line to read, in MiB. */
function describe({ rounds }) {
  const column = (name) => `${name} ${rounds.map((round) => (round[name] / mebibyte).toFixed(2)).join(' ')}`;
  return `each round added, in MiB: ${Object.keys(noise).map(column).join('; ')}`;
}

module.exports = { collectGarbage, describe, untilFlat };
