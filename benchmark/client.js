'use strict';

// One client under measurement, started by index.js. Asked to run N requests, K at a time on one session, it answers with the
// time taken (seconds), its own CPU time (microseconds) and every request's latency percentiles (milliseconds).

const http2 = require(process.env.HTTP2_BENCH_MODULE);

const session = http2.connect(process.argv[2], { settings: { initialWindowSize: 16 * 1024 * 1024 } });
session.on('error', (error) => { throw error; });
session.on('connect', () => {
  session.setLocalWindowSize(64 * 1024 * 1024);
  process.send({ ready: true });
});

function run({ path, concurrency, requests }) {
  return new Promise((resolve) => {
    const latencies = new Float64Array(requests);
    let started = 0;
    let finished = 0;
    let bytes = 0;
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();

    function next() {
      if (started === requests) return;
      started++;
      const begin = performance.now();
      const stream = session.request({ ':path': path });
      stream.on('data', (chunk) => { bytes += chunk.length; });
      stream.on('end', () => {
        latencies[finished++] = performance.now() - begin;
        if (finished < requests) return next();
        const seconds = Number(process.hrtime.bigint() - start) / 1e9;
        const used = process.cpuUsage(cpu);
        latencies.sort();
        resolve({
          bytes,
          seconds,
          cpu: used.user + used.system,
          p50: latencies[Math.floor(requests * 0.5)],
          p99: latencies[Math.floor(requests * 0.99)]
        });
      });
    }
    for (let i = 0; i < concurrency; i++) next();
  });
}

process.on('message', async (question) => process.send({ id: question.id, ...await run(question) }));
process.on('disconnect', () => process.exit());
