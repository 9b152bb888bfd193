'use strict';

// What the comparison with node:http2 (differential/scripts/observability.js) cannot say: node's own values are not to be
// compared, and this package is loaded late or twice.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { PerformanceObserver } = require('node:perf_hooks');
const test = require('node:test');

const root = path.join(__dirname, '..');

async function exchange(http2) {
  const server = http2.createServer((request, response) => setTimeout(() => response.end('hello'), 5));
  server.listen(0);
  await once(server, 'listening');
  const client = http2.connect(`http://localhost:${server.address().port}`);
  await once(client, 'connect');
  await new Promise((resolve) => client.ping(resolve));
  const request = client.request({ ':method': 'POST' }).resume();
  request.end('body');
  await once(request, 'close');
  client.close();
  await once(client, 'close');
  await new Promise((resolve) => server.close(resolve));
}

test('entries say what was measured', async () => {
  const entries = [];
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntriesByType('http2')));
  observer.observe({ type: 'http2' });
  await exchange(require('..'));
  await new Promise((resolve) => setImmediate(setImmediate, resolve));
  observer.disconnect();

  const streams = entries.filter(({ name }) => name === 'Http2Stream');
  const client = streams.find(({ detail }) => detail.bytesRead === 5).detail;
  const server = streams.find(({ detail }) => detail.bytesRead === 4).detail;
  assert.equal(streams.length, 2);
  assert.equal(client.bytesWritten, 4);
  assert.equal(server.bytesWritten, 5);
  // The answer takes longer than the request, and its body comes with it or after it.
  assert.ok(client.timeToFirstHeader > server.timeToFirstHeader);
  assert.ok(client.timeToFirstByte >= client.timeToFirstHeader);
  assert.ok(server.timeToFirstByteSent > server.timeToFirstByte);

  const sessions = entries.filter(({ name }) => name === 'Http2Session');
  assert.deepEqual(sessions.map(({ detail }) => detail.type).sort(), ['client', 'server']);
  for (const { detail, duration } of sessions) {
    assert.equal(detail.streamCount, 1);
    assert.ok(detail.framesSent >= 5 && detail.framesReceived >= 5);
    assert.ok(detail.bytesRead > 0 && detail.bytesWritten > 0);
    assert.ok(detail.streamAverageDuration > 0 && detail.streamAverageDuration < duration);
  }
  assert.ok(sessions.find(({ detail }) => detail.type === 'client').detail.pingRTT > 0);
});

test('an observer that is older than the package hears of it', () => {
  const script = `
    const { once } = require('node:events');
    const { PerformanceObserver } = require('node:perf_hooks');
    const names = new Set();
    new PerformanceObserver((list) => list.getEntries().forEach(({ name }) => names.add(name)))
      .observe({ entryTypes: ['mark', 'http2'] });
    (${exchange})(require(${JSON.stringify(root)}));
    process.on('exit', () => console.log([...names].sort().join()));`;
  assert.equal(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim(), 'Http2Session,Http2Stream');
});

test('observers of other types see none of it', async () => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ entryTypes: ['function', 'mark', 'measure'] });
  await exchange(require('..'));
  assert.deepEqual(observer.takeRecords(), []);
  observer.disconnect();
});

test('observe() still checks its arguments, and looks like node\'s', () => {
  const observer = new PerformanceObserver(() => {});
  assert.throws(() => observer.observe(), { code: 'ERR_MISSING_ARGS' });
  assert.throws(() => observer.observe(null), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => observer.observe({ entryTypes: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  const { observe } = PerformanceObserver.prototype;
  assert.deepEqual([observe.name, observe.length, 'prototype' in observe], ['observe', 0, false]);
});
