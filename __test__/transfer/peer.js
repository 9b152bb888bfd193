'use strict';

// One end of a large transfer, in a process of its own, so that its resident memory is its alone. See transfer.test.js,
// which forks it as `server` and as `client` and talks to it by messages.

const { createHash, randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { Readable, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const http2 = require('../helpers/implementation');

const mebibyte = 1024 * 1024;
const chunkSize = 64 * 1024;
const warmUp = 32 * mebibyte;

const { secure, key, cert, size, stallEvery, stall } = JSON.parse(process.argv[3]);
const requests = { down: 'GET', up: 'POST' };

// The body is cut from one random block at ever other places: cheap to make, and no piece can be lost, doubled or swapped
// without another hash.
function body(bytes) {
  const block = randomBytes(2 * mebibyte);
  let left = bytes;
  let offset = 0;
  return new Readable({
    highWaterMark: chunkSize,
    read() {
      if (left === 0) return this.push(null);
      const length = Math.min(left, chunkSize);
      left -= length;
      offset = (offset + 40_503) % (block.length - chunkSize);
      this.push(block.subarray(offset, offset + length));
    },
  });
}

function hashed(readable) {
  const hash = createHash('sha256');
  const digest = new Promise((resolve) => readable.once('end', () => resolve(hash.digest('hex'))));
  return { readable: readable.on('data', (chunk) => hash.update(chunk)).pause(), digest };
}

// A reader that takes what comes, but every so often takes nothing for a while.
async function read(stream) {
  const hash = createHash('sha256');
  let bytes = 0;
  let untilStall = stallEvery;
  await pipeline(stream, new Writable({
    highWaterMark: chunkSize,
    write(chunk, encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      untilStall -= chunk.length;
      if (untilStall > 0) return done();
      untilStall = stallEvery;
      setTimeout(done, stall);
    },
  }));
  return { bytes, hash: hash.digest('hex') };
}

async function send(stream, bytes) {
  const { readable, digest } = hashed(body(bytes));
  await pipeline(readable, stream);
  return { bytes, hash: await digest };
}

// Growth of the resident set over what it was when measuring began. What V8 has yet to collect is nobody's.
function measure() {
  const sample = () => {
    global.gc();
    return process.memoryUsage.rss();
  };
  const base = sample();
  let most = base;
  const timer = setInterval(() => { most = Math.max(most, sample()); }, 50);
  return () => {
    clearInterval(timer);
    return Math.round((most - base) / mebibyte);
  };
}

async function server() {
  const server = secure ? http2.createSecureServer({ key, cert }) : http2.createServer();
  server.on('stream', async (stream, headers) => {
    const bytes = Number(headers['x-size']);
    const counts = bytes === size;
    const stop = measure();
    stream.respond({ ':status': 200 });
    const result = headers[':method'] === requests.down ? await send(stream, bytes) : await read(stream);
    stream.end();
    if (counts) process.send({ ...result, growth: stop() });
    else stop();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ port: server.address().port });
}

async function client() {
  const [{ port, direction }] = await once(process, 'message');
  const session = http2.connect(`${secure ? 'https' : 'http'}://localhost:${port}`, { host: '127.0.0.1', ca: cert });
  const transfer = async (bytes) => {
    const request = session.request({ ':method': requests[direction], 'x-size': String(bytes) });
    if (direction === 'down') return read(request);
    request.resume();
    return send(request, bytes);
  };
  await transfer(warmUp);
  const stop = measure();
  const result = await transfer(size);
  process.send({ ...result, growth: stop() });
  session.close();
  process.disconnect();
}

({ server, client })[process.argv[2]]();
