'use strict';

// One server under load, started by index.js: HTTP2_BENCH_MODULE names the implementation, argv[2] the workload.
// It reports its port, and its CPU time and memory whenever it is asked.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const http2 = require(process.env.HTTP2_BENCH_MODULE);

const small = 'Hello World\n';
const body64k = Buffer.alloc(64 * 1024, 'x');
const body1m = Buffer.alloc(1024 * 1024, 'x');
const json = JSON.stringify({ items: Array.from({ length: 16 }, (_, id) => ({ id, name: `item ${id}`, price: 9.99, tags: ['a', 'b'] })) });

function answer(body) {
  return (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    stream.end(body);
  };
}

const streamHandlers = {
  core: answer(small),
  '64k': answer(body64k),
  '1m': answer(body1m),
  post(stream) {
    let received = 0;
    stream.on('data', (chunk) => { received += chunk.length; });
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'text/plain' });
      stream.end(String(received));
    });
  },
  file(stream) {
    stream.respondWithFile(file, { 'content-type': 'text/plain' });
  },
  // Answered, and kept open: what an open stream costs in memory.
  open(stream) {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    stream.write(small);
  }
};

const requestHandlers = {
  compat(request, response) {
    response.end(small);
  },
  json(request, response) {
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': json.length,
      'cache-control': 'private, max-age=0, must-revalidate',
      etag: 'W/"4f1-8c3051f2a4b6"',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-xss-protection': '0',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'referrer-policy': 'no-referrer',
      'x-request-id': request.headers['x-request-id'] || 'none',
      server: 'bench'
    });
    response.end(json);
  }
};

const workload = process.argv[2];
const file = path.join(os.tmpdir(), `http2-bench-${process.pid}`);
if (workload === 'file') {
  fs.writeFileSync(file, body1m);
  process.on('exit', () => fs.rmSync(file));
}
const settings = { maxConcurrentStreams: 100_000 };
const secure = process.env.HTTP2_BENCH_TLS === '1';
const tls = secure ? { key: process.env.HTTP2_BENCH_KEY, cert: process.env.HTTP2_BENCH_CERT } : {};
const server = secure ? http2.createSecureServer({ settings, ...tls }) : http2.createServer({ settings });
if (streamHandlers[workload]) server.on('stream', streamHandlers[workload]);
else server.on('request', requestHandlers[workload]);

server.listen(0, '127.0.0.1', 1024, () => process.send({ port: server.address().port }));

process.on('message', (question) => {
  // What a collection finalizes is free after the next one.
  if (question.collect) for (let i = 0; i < 5; i++) globalThis.gc?.();
  process.send({ id: question.id, cpu: process.cpuUsage(), memory: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());
