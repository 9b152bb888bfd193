'use strict';

// A long run of everything at once: npm run soak -- --minutes 30
//
//   --minutes N      how long (default 5; fractions are welcome)
//   --lanes N        connections at a time (default 12)
//   --out DIRECTORY  where soak.csv and soak.json go (default: .cache/soak)
//
// A server and its clients, one process each, with small and large answers, uploads, pushes, resets from either side, trailers,
// files, TLS, connections that are closed, destroyed and cut. At its end every request that was sent is answered or has failed
// for a reason; memory has not grown after the warm-up; and no descriptor is left. Ends with 1 if any of that is not so.

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { judge, print, toCsv } = require('./report');

const root = path.join(__dirname, '..', '..');
const samples = 240;
const shortest = 500;
// Of what a process says on its standard error, so many characters are for the report, should it die.
const lastWords = 4000;

function start(name) {
  const child = fork(path.join(__dirname, `${name}.js`), { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text);
    said = (said + text).slice(-lastWords);
  });
  child.dead = once(child, 'close').then(([code, signal]) => {
    throw new Error(`the ${name} has ended with ${code ?? signal}\n${said}`);
  });
  // At the end of the soak nobody waits for it.
  child.dead.catch(() => {});
  return child;
}

async function heard(child) {
  const [message] = await Promise.race([once(child, 'message'), child.dead]);
  return message;
}

function ask(child, question) {
  child.send(question);
  return heard(child);
}

async function main() {
  const { values } = parseArgs({ options: {
    minutes: { type: 'string', default: '5' },
    lanes: { type: 'string', default: '12' },
    out: { type: 'string', default: path.join(root, '.cache', 'soak') },
  } });
  fs.mkdirSync(values.out, { recursive: true });
  const series = [];
  let result;
  try {
    result = judge(await run(Number(values.minutes) * 60_000, Number(values.lanes), series));
  } finally {
    // What came before a process died is of interest, too.
    fs.writeFileSync(path.join(values.out, 'soak.csv'), toCsv(series));
  }
  fs.writeFileSync(path.join(values.out, 'soak.json'), `${JSON.stringify({ ...result, series }, undefined, 1)}\n`);
  print(result, values.out);
  process.exitCode = result.wrong.length > 0 ? 1 : 0;
}

async function run(duration, lanes, series) {
  const server = start('server');
  const endpoint = await heard(server);
  const idle = { server: await ask(server, 'sample') };
  const client = start('client');
  await ask(client, { ...endpoint, lanes });

  const began = Date.now();
  const interval = Math.max(shortest, duration / samples);
  while (Date.now() - began < duration) {
    await delay(interval);
    const [ofServer, ofClient] = await Promise.all([ask(server, 'sample'), ask(client, 'sample')]);
    series.push({ seconds: (Date.now() - began) / 1000, server: ofServer, client: ofClient });
  }
  const last = { client: await ask(client, 'stop'), server: await ask(server, 'stop') };
  return { node: process.version, seconds: (Date.now() - began) / 1000, idle, series, last };
}

main().catch((error) => {
  process.stdout.write(`WRONG: ${error.message}\nThe soak failed.\n`);
  process.exit(1);
});
