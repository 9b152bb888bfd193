'use strict';

// The same stories on node:http2 and here, a process for each implementation: what throws there has to throw here, and the final
// state has to be the same.

const { isDeepStrictEqual } = require('node:util');
const path = require('node:path');
const { ORACLE, SUBJECT } = require('../helpers/modules');
const { runScript } = require('../helpers/processes');

const script = path.join(__dirname, 'run.js');
// What differs is looked at so often again: an order that the network decides is not the same each time.
const tries = 4;

// What came of stories by seed. A process that does not survive a story leaves it out, with `crash` saying how.
async function tell(name, seeds) {
  const outcomes = new Map();
  let left = [...seeds];
  while (left.length > 0) {
    const { code, signal, stdout, stderr } = await runScript(script, [name, ...left.map(String)], { timeout: 60_000 + 2000 * left.length });
    for (const line of stdout.trim().split('\n').filter((line) => line.endsWith('}'))) {
      const { seed, ...outcome } = JSON.parse(line);
      outcomes.set(seed, outcome);
    }
    left = left.filter((seed) => !outcomes.has(seed));
    if (left.length > 0) outcomes.set(left.shift(), { crash: `${signal ?? code}\n${stderr.slice(-2000)}` });
  }
  return outcomes;
}

/** Why what came of a story here is wrong whatever node does, or undefined. */
function broken({ crash, unclosed }) {
  if (crash !== undefined) return `the process ended: ${crash}`;
  return unclosed.length > 0 ? `'close' did not come once: ${unclosed.join(', ')}` : undefined;
}

function differs(oracle, subject) {
  return !isDeepStrictEqual([oracle.log.toSorted?.() ?? [...oracle.log].sort(), oracle.records],
    [subject.log.toSorted?.() ?? [...subject.log].sort(), subject.records]);
}

/** The seeds at which the two come out differently, each with what came of it: [{seed, why, oracle, subject}]. */
async function compare(seeds) {
  const [oracle, subject] = await Promise.all([tell(ORACLE, seeds), tell(SUBJECT, seeds)]);
  const different = [];
  for (const seed of seeds) {
    const seen = { oracle: [oracle.get(seed)], subject: [subject.get(seed)] };
    const why = broken(seen.subject[0]);
    if (why !== undefined) different.push({ seed, why, oracle: seen.oracle[0], subject: seen.subject[0] });
    // Node's own crashes are not ours to follow.
    if (why !== undefined || seen.oracle[0].crash !== undefined || broken(seen.oracle[0]) !== undefined) continue;
    let same = !differs(seen.oracle[0], seen.subject[0]);
    for (let again = 1; again < tries && !same; again += 1) {
      for (const [side, name] of [['oracle', ORACLE], ['subject', SUBJECT]]) seen[side].push((await tell(name, [seed])).get(seed));
      same = seen.oracle.some((one) => seen.subject.some((other) => !one.crash && !other.crash && !differs(one, other)));
    }
    if (!same) different.push({ seed, why: 'comes out differently', oracle: seen.oracle[0], subject: seen.subject[0] });
  }
  return different;
}

module.exports = { compare };
