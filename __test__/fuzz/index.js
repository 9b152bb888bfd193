'use strict';

// npm run fuzz: stories at random, as long as one likes, on node:http2 and on this package.
//
//   --minutes N    how long (default 5)
//   --seed N       one story alone
//   --calm         nothing is done inside of listeners
//   --strict       codes and errors are compared, too

const { parseArgs } = require('node:util');
const { compare } = require('./compare');

const batch = 25;

function show({ seed, why, oracle, subject }) {
  process.stdout.write(`\nSeed ${seed} ${why}\n`);
  if (oracle.crash !== undefined || subject.crash !== undefined) return;
  const lines = (outcome) => [
    ...outcome.log.map((line) => `  ${line}`),
    ...outcome.records.flatMap((record, phase) =>
      Object.entries(record).map(([name, state]) => `  ${phase} ${name} ${JSON.stringify(state)}`)),
  ];
  const [theirs, ours] = [lines(oracle), lines(subject)];
  for (const line of theirs.filter((line) => !ours.includes(line))) process.stdout.write(`- ${line}\n`);
  for (const line of ours.filter((line) => !theirs.includes(line))) process.stdout.write(`+ ${line}\n`);
}

async function main() {
  const { values } = parseArgs({ options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    calm: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  } });
  const until = Date.now() + Number(values.minutes) * 60_000;
  let seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  let told = 0;
  let failed = 0;
  do {
    const seeds = values.seed === undefined ? Array.from({ length: batch }, () => seed++) : [seed];
    const different = await compare(values.calm ? 'calm' : 'wild', seeds, values.strict);
    different.forEach(show);
    told += seeds.length;
    failed += different.length;
  } while (values.seed === undefined && Date.now() < until);
  process.stdout.write(`\n${told} stories, ${failed} of them came out wrong\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main();
