#!/usr/bin/env node
'use strict';

// npm run bench: http2-rs against node:http2 on one Node binary, in turn, round by round. See --help.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { spawnSync, spawn } = require('node:child_process');
const { Peer, scratch, requireTool } = require('./processes');
const { load } = require('./load');
const { summary, ratios, median } = require('./statistics');
const { markdown, write, number, spread } = require('./report');
const workloads = require('./workloads');

const help = `npm run bench -- [options]

  --rounds N      alternating rounds of each line (5)
  --seconds N     length of one round of one implementation (2)
  --only TEXT     only lines whose title holds TEXT; shown, and written only where --out says
  --node FILE     the Node binary that runs both (this one)
  --vs FILE       run node:http2 on this other runtime instead (a Node or Bun binary); shown, as above
  --ours MODULE   measure this build of http2-rs (this checkout)
  --growth        also 1 to 1,000 sessions, and 1 to 100 streams a session
  --memory        also resident memory of idle sessions and open streams
  --tls           serve over TLS; shown, as above
  --out DIR       where results.md, results.svg and results.json go (benchmark/results)`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    node: { type: 'string', default: process.execPath },
    vs: { type: 'string' },
    ours: { type: 'string', default: path.join(__dirname, '..') },
    growth: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    tls: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false }
  }
});

const sides = [
  { name: 'http2-rs', node: options.node, module: options.ours },
  { name: 'node:http2', node: options.vs ?? options.node, module: 'node:http2' }
];

const directory = scratch();
const say = (text) => process.stderr.write(text);

function tlsEnvironment() {
  const key = path.join(directory, 'key.pem');
  const cert = path.join(directory, 'cert.pem');
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-keyout', key, '-out', cert]);
  if (made.status !== 0) throw new Error('openssl could not make a certificate for --tls');
  return { HTTP2_BENCH_TLS: '1', HTTP2_BENCH_KEY: fs.readFileSync(key, 'utf8'), HTTP2_BENCH_CERT: fs.readFileSync(cert, 'utf8') };
}

/** Runs `measure(side, requests)` in turn for both sides and gives the rounds of each. */
async function alternate(title, measure) {
  say(`${title}\n`);
  const counts = [];
  for (const side of [0, 1]) {
    // A first run warms the code up, a second one tells how many requests fill the wanted time.
    await measure(side, 400);
    const warm = await measure(side, 2000);
    counts.push(Math.max(200, Math.round(warm.rate * Number(options.seconds))));
  }
  const rounds = [[], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const side of [0, 1]) {
      rounds[side].push(await measure(side, counts[side]));
    }
    const [ours, theirs] = rounds.map((list) => list[round]);
    say(`  ${round + 1}: ${number(ours.rate)} against ${number(theirs.rate)} req/s, `);
    say(`${number(ours.cpu)} against ${number(theirs.cpu)} us\n`);
  }
  const line = {
    title,
    ours: summary(rounds[0]),
    theirs: summary(rounds[1]),
    rate: ratios(rounds[0], rounds[1], 'rate'),
    cpu: ratios(rounds[0], rounds[1], 'cpu')
  };
  say(`  ${spread(line.rate)} x the requests a second, ${spread(line.cpu)} of the CPU\n`);
  return line;
}

const urlOf = ({ port }) => `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/`;

async function serverLine(workload, env) {
  const servers = sides.map((side) => new Peer('server.js', [workload.name], { ...side, env }));
  try {
    const urls = [];
    for (const server of servers) urls.push(urlOf(await server.ready()));
    return await alternate(workload.title, (side, requests) => load(servers[side], urls[side], workload, requests, directory));
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function clientLines(list) {
  if (list.length === 0) return [];
  const root = path.join(directory, 'root');
  fs.mkdirSync(root);
  fs.writeFileSync(path.join(root, 'small'), 'Hello World\n');
  fs.writeFileSync(path.join(root, 'large'), Buffer.alloc(1024 * 1024, 'x'));
  const port = 20000 + process.pid % 10000;
  const nghttpd = spawn('nghttpd', ['--no-tls', '-d', root, String(port)], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const lines = [];
  try {
    for (const workload of list) {
      const clients = sides.map((side) => new Peer('client.js', [`http://127.0.0.1:${port}`], side));
      for (const client of clients) await client.ready();
      lines.push(await alternate(workload.title, async (side, requests) => {
        const { seconds, cpu, p50, p99 } = await clients[side].ask({ path: workload.path, concurrency: workload.concurrency, requests });
        return { rate: requests / seconds, cpu: cpu / requests, p50, p99 };
      }));
      for (const client of clients) await client.stop();
    }
  } finally {
    nghttpd.kill();
  }
  return lines;
}

/** KiB of resident memory that one idle session, or one open stream, adds to a server which already has as many. */
async function memoryLine(title, sessions, streams, env) {
  say(`${title}\n`);
  const figures = [[], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const side of [0, 1]) {
      const server = new Peer('server.js', ['open'], { ...sides[side], env });
      const url = urlOf(await server.ready());
      // What the first allocate once and for all is not theirs: code that is compiled, heaps that grow in steps.
      const hold = async (s, k) => {
        const holder = new Peer('holder.js', [url, String(s), String(k)], { node: sides[side].node, module: 'node:http2' });
        await holder.ready();
        return holder;
      };
      const first = await hold(sessions, streams);
      const before = await server.ask({ collect: true });
      const second = await hold(sessions, streams);
      const after = await server.ask({ collect: true });
      figures[side].push((after.memory - before.memory) / 1024 / (sessions * Math.max(1, streams)));
      for (const peer of [first, second, server]) await peer.stop();
    }
  }
  const [ours, theirs] = figures.map(median);
  say(`  ${number(ours)} against ${number(theirs)} KiB\n`);
  return { title, ours, theirs };
}

/** A runtime by its name and version. */
function runtime(file) {
  const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return `${path.basename(file, '.exe')} ${version}`;
}

/** Whether the run is one whose figures the README shows: of every line, over plaintext, against the same binary. */
function isOrdinary() {
  return options.only === '' && options.vs === undefined && !options.tls;
}

async function main() {
  if (options.help) return console.log(help);
  requireTool('h2load');
  requireTool('nghttpd');
  const wanted = (workload) => workload.title.includes(options.only);
  const env = options.tls ? tlsEnvironment() : {};
  const lines = [];
  for (const workload of workloads.server.filter(wanted)) lines.push({ group: 'Work', ...await serverLine(workload, env) });
  if (!options.tls) {
    for (const line of await clientLines(workloads.client.filter(wanted))) lines.push({ group: 'Work', ...line });
  }
  if (options.growth) {
    for (const workload of [...workloads.growth.sessions, ...workloads.growth.streams]) {
      lines.push({ group: 'Growth', ...await serverLine(workload, env) });
    }
  }
  const memory = [];
  if (options.memory) {
    memory.push(await memoryLine('an idle session', 1000, 0, env));
    memory.push(await memoryLine('an open, answered stream', 10, 500, env));
  }
  const against = options.vs ? `node:http2 of ${runtime(options.vs)}` : 'node:http2 on the same binary';
  const about = `http2-rs on ${runtime(options.node)} against ${against}, ${os.cpus().length} cores, ` +
    `${options.rounds} alternating rounds${options.tls ? ', TLS' : ''}, ${new Date().toISOString().slice(0, 10)}`;
  const result = { about, lines, memory };
  const out = options.out ?? (isOrdinary() ? path.join(__dirname, 'results') : undefined);
  if (out === undefined) {
    console.log(markdown(result));
    return;
  }
  write(out, result);
  say(`written to ${path.relative(process.cwd(), out) || '.'}\n`);
}

main().finally(() => fs.rmSync(directory, { recursive: true, force: true }));
