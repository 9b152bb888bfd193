'use strict';

// npm run demo: a secure HTTP/2 server and a client of it in one process, both on the addon, and what passed between them.
//
// `node examples/demo.js node:http2` does the same on Node's own implementation.

const { createHash } = require('node:crypto');
const { once } = require('node:events');
const { readFileSync } = require('node:fs');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { createCertificate } = require('../__test__/helpers/certificate');

const implementation = process.argv[2] ?? '..';
const http2 = require(implementation);
const { name, version } = implementation === '..' ? require('../package.json') : { name: implementation, version: '' };

const patience = 20_000;
const uploadChunks = 64;
const uploadChunkSize = 16 * 1024;

async function main() {
  const watchdog = setTimeout(() => fail(new Error(`nothing more happened for ${patience / 1000} s`)), patience);
  print(`${`${name} ${version}`.trim()} on Node ${process.version}: a secure server and its client, in one process\n`);

  const { key, cert } = createCertificate();
  const server = http2.createSecureServer({ key, cert });
  server.on('stream', answer);
  server.on('error', fail);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const url = `https://localhost:${server.address().port}`;

  const client = http2.connect(url, { ca: cert });
  client.on('error', fail);
  await once(client, 'connect');
  row('connect', url, `${client.socket.getProtocol()}, ALPN ${client.alpnProtocol}, certificate verified`);
  print('');

  await get(client);
  await post(client);
  await trailers(client);
  await push(client);
  await file(client);
  await ping(client);

  client.close();
  server.close();
  await Promise.all([once(client, 'close'), once(server, 'close')]);
  clearTimeout(watchdog);
  print('\nEverything arrived as it was sent; the client and the server are closed.');
}

// ---- the server

const style = 'body { color: teal }';

function answer(stream, headers) {
  stream.on('error', fail);
  const route = routes[`${headers[':method']} ${headers[':path']}`];
  if (route) route(stream, headers);
  else stream.respond({ ':status': 404 }, { endStream: true });
}

const routes = {
  'GET /hello'(stream) {
    stream.respond({ ':status': 200, 'content-type': 'text/plain; charset=utf-8' });
    stream.end('Hello over HTTP/2');
  },

  async 'POST /digest'(stream) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of stream) {
      bytes += chunk.length;
      hash.update(chunk);
    }
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end(JSON.stringify({ bytes, sha256: hash.digest('hex') }));
  },

  'GET /report'(stream) {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-rows': '3', 'x-status': 'complete' }));
    stream.write('one\n');
    stream.write('two\n');
    stream.end('three\n');
  },

  'GET /page'(stream) {
    stream.pushStream({ ':path': '/style.css' }, (error, pushed) => {
      if (error) return fail(error);
      pushed.on('error', fail);
      pushed.respond({ ':status': 200, 'content-type': 'text/css' });
      pushed.end(style);
    });
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('<link rel="stylesheet" href="/style.css">');
  },

  'GET /demo.js'(stream) {
    stream.respondWithFile(__filename, { 'content-type': 'text/javascript' });
  },
};

// ---- the client

async function get(client) {
  const { headers, body } = await exchange(client.request({ ':path': '/hello' }));
  row('GET', '/hello', `${headers[':status']}, ${JSON.stringify(body.toString())}`);
  check(body.toString() === 'Hello over HTTP/2', 'the greeting is another one');
}

async function post(client) {
  const chunks = Array.from({ length: uploadChunks }, (_, index) => Buffer.alloc(uploadChunkSize, index));
  const request = client.request({ ':method': 'POST', ':path': '/digest' });
  const answered = exchange(request);
  await pipeline(Readable.from(chunks), request);
  const { headers, body } = await answered;
  const { bytes, sha256 } = JSON.parse(body);
  row('POST', '/digest', `${headers[':status']}, ${count(bytes)} bytes streamed up, sha256 ${sha256.slice(0, 8)}... on both sides`);
  check(bytes === uploadChunks * uploadChunkSize, 'bytes of the upload are missing');
  check(sha256 === digest(Buffer.concat(chunks)), 'the upload arrived changed');
}

async function trailers(client) {
  const { headers, body, trailers } = await exchange(client.request({ ':path': '/report' }));
  const fields = Object.entries(trailers).map(([name, value]) => `${name}: ${value}`).join(', ');
  row('GET', '/report', `${headers[':status']}, ${body.toString().trim().split('\n').length} rows, trailers ${fields}`);
  check(trailers['x-status'] === 'complete', 'the trailers are missing');
}

async function push(client) {
  const pushed = once(client, 'stream').then(async ([stream, headers]) => {
    stream.on('error', fail);
    const response = new Promise((resolve) => stream.once('push', resolve));
    return { path: headers[':path'], body: await collect(stream), headers: await response };
  });
  const { headers, body } = await exchange(client.request({ ':path': '/page' }));
  row('GET', '/page', `${headers[':status']}, ${count(body.length)} bytes of HTML`);
  const { path, body: css, headers: pushHeaders } = await pushed;
  row('pushed', path, `${pushHeaders[':status']}, ${JSON.stringify(css.toString())}`);
  check(css.toString() === style, 'the pushed body is another one');
}

async function file(client) {
  const { headers, body } = await exchange(client.request({ ':path': '/demo.js' }));
  row('GET', '/demo.js', `${headers[':status']}, a file of ${count(body.length)} bytes, content-length ${headers['content-length']}`);
  check(body.equals(readFileSync(__filename)), 'the file arrived changed');
}

async function ping(client) {
  const payload = Buffer.from('8 octets');
  const [duration, echoed] = await new Promise((resolve, reject) => {
    client.ping(payload, (error, ...results) => (error ? reject(error) : resolve(results)));
  });
  row('PING', JSON.stringify(echoed.toString()), `acknowledged in ${duration.toFixed(2)} ms`);
  check(echoed.equals(payload), 'the ping came back with another payload');
}

async function exchange(request) {
  const result = { trailers: {} };
  request.on('trailers', (fields) => { result.trailers = fields; });
  const answered = once(request, 'response');
  const [body] = await Promise.all([collect(request), answered]);
  [result.headers] = await answered;
  return { ...result, body };
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// ---- what a person sees

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function count(number) {
  return number.toLocaleString('en-US');
}

function row(action, target, result) {
  print(`  ${action.padEnd(8)} ${target.padEnd(12)} ${result}`);
}

function print(text) {
  process.stdout.write(`${text}\n`);
}

function check(holds, problem) {
  if (!holds) throw new Error(problem);
}

function fail(error) {
  process.stderr.write(`\nThe demo failed: ${error.stack ?? error}\n`);
  process.exit(1);
}

main().catch(fail);
