'use strict';

// h2load against one server process: requests a second, CPU microseconds a request, latency percentiles.

const fs = require('node:fs');
const path = require('node:path');
const { capture } = require('./processes');

/** The value at `share` (0 to 1) of the sorted numbers. */
function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Latencies in milliseconds of an h2load log: lines of start time, status, microseconds. */
function latencies(file) {
  const values = [];
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const micros = Number(line.split('\t')[2]);
    if (micros > 0) values.push(micros / 1000);
  }
  return Float64Array.from(values).sort();
}

/** One measured round of `requests` requests. Anything but a complete success is an error: a fast failure is no result. */
async function load(server, url, workload, requests, directory) {
  const log = path.join(directory, 'requests.log');
  fs.rmSync(log, { force: true });
  const sessions = Number(workload.load[0].slice(2));
  const argv = ['-n', String(Math.max(requests, sessions)), '-t1', ...workload.load, `--log-file=${log}`];
  if (workload.upload) {
    const body = path.join(directory, 'upload');
    fs.writeFileSync(body, Buffer.alloc(workload.upload, 'u'));
    argv.push('-d', body);
  }
  const before = await server.ask();
  const output = await capture('h2load', [...argv, url]);
  const after = await server.ask();

  const rate = /finished in ([\d.]+)(us|ms|s), ([\d.]+) req\/s/.exec(output);
  const done = /requests: (\d+) total, .* (\d+) succeeded, (\d+) failed/.exec(output);
  if (!rate || !done || done[1] !== done[2]) throw new Error(`h2load did not succeed throughout:\n${output}`);
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  const sorted = latencies(log);
  return {
    rate: Number(rate[3]),
    cpu: cpu / Number(done[2]),
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    memory: after.memory
  };
}

module.exports = { load, percentile };
