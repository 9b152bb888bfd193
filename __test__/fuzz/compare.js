'use strict';

// The same stories on node:http2 and here, a process for each implementation: what throws there has to throw here, and the final
// state has to be the same.

const { isDeepStrictEqual } = require('node:util');
const { constants: { NGHTTP2_REFUSED_STREAM } } = require('node:http2');
const path = require('node:path');
const { ORACLE, SUBJECT } = require('../helpers/modules');
const { runScript } = require('../helpers/processes');

const script = path.join(__dirname, 'run.js');
// What differs is looked at so often again: an order that the network decides is not the same each time.
const tries = 4;

// What came of stories by seed. A process that does not survive a story leaves it out, with `crash` saying how.
async function tell(name, temper, seeds) {
  const outcomes = new Map();
  let left = [...seeds];
  while (left.length > 0) {
    const args = [name, temper, ...left.map(String)];
    const { code, signal, stdout, stderr } = await runScript(script, args, { timeout: 60_000 + 2000 * left.length });
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
function broken({ crash, faults }) {
  if (crash !== undefined) return `the process ended: ${crash}`;
  return faults.length > 0 ? faults.join(', ') : undefined;
}

// What is compared at least: what threw, and what has ended. Strictly, also with which codes and errors. In which order things
// were told is for __test__/event-order.
function differs(oracle, subject, isStrict) {
  const essence = (record) => Object.entries(record).map(([name, state]) => [name, essenceOf(state)]);
  const strictly = (record, phase) => Object.entries(record).map(([name, state]) =>
    [name, isUnprocessed(subject.records[phase]?.[name]) ? essenceOf(state) : state]);
  const facts = ({ log, records }) => [[...log].sort(), records.map(isStrict ? strictly : essence)];
  return !isDeepStrictEqual(facts(oracle), facts(subject));
}

function essenceOf({ closed, destroyed, closeEvents, headersSent }) {
  return [closed, destroyed, closeEvents, headersSent];
}

// A request that the server's GOAWAY leaves out may be tried again, and says so here. In node it does only if it was not
// sent, and did not happen to be the first of those.
function isUnprocessed(state) {
  return state?.rstCode === NGHTTP2_REFUSED_STREAM && state.errors.length > 0;
}

/** The seeds at which the two come out differently, each with what came of it: [{seed, why, oracle, subject}]. */
async function compare(temper, seeds, isStrict = false) {
  const [oracle, subject] = await Promise.all([tell(ORACLE, temper, seeds), tell(SUBJECT, temper, seeds)]);
  const different = [];
  for (const seed of seeds) {
    const seen = { oracle: [oracle.get(seed)], subject: [subject.get(seed)] };
    const why = broken(seen.subject[0]);
    if (why !== undefined) different.push({ seed, why, oracle: seen.oracle[0], subject: seen.subject[0] });
    // Node's own crashes are not ours to follow.
    if (why !== undefined || seen.oracle[0].crash !== undefined || broken(seen.oracle[0]) !== undefined) continue;
    let same = !differs(seen.oracle[0], seen.subject[0], isStrict);
    for (let again = 1; again < tries && !same; again += 1) {
      for (const [side, name] of [['oracle', ORACLE], ['subject', SUBJECT]]) seen[side].push((await tell(name, temper, [seed])).get(seed));
      same = seen.oracle.some((one) => seen.subject.some((other) => !one.crash && !other.crash && !differs(one, other, isStrict)));
    }
    if (!same) different.push({ seed, why: 'comes out differently', oracle: seen.oracle[0], subject: seen.subject[0] });
  }
  return different;
}

module.exports = { broken, compare, tell };
