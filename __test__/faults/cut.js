'use strict';

// Runs one scripted exchange again and again, and each time cuts the connection after one more octet: `node cut.js STEP`, where
// STEP is how many octets more (1 is every place there is). Prints how many places it cut at. Run by cut.test.js.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { eventually, watch } = require('./watch');

const http2 = require('../helpers/implementation');

const step = Number(process.argv[2]);
const atOnce = 16;
const ignore = () => {};
const body = 'an answer in two parts';

async function makeServer() {
  const server = http2.createServer();
  const closings = new Map();
  server.on('session', (session) => {
    session.on('error', ignore);
    const streams = [];
    const closed = new Promise((resolve) => session.on('close', resolve));
    session.on('stream', (stream) => streams.push(watch(stream)));
    closings.set(session.socket.remotePort, { closed, streams });
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', ignore);
    if (stream.destroyed) return;
    stream.respond({ ':status': 200, 'x-path': headers[':path'] }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ after: 'all' }));
    stream.write(body.slice(0, 10));
    if (headers[':method'] === 'GET') stream.end(body.slice(10));
    else stream.on('end', () => stream.end(body.slice(10)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, closings };
}

// Passes on what comes, until so many octets went one way; then resets both ends. Counts what went where.
async function makeRelay(to) {
  const counts = { toServer: 0, toClient: 0 };
  const limits = { toServer: Infinity, toClient: Infinity };
  const relay = net.createServer((near) => {
    const far = net.connect(to, '127.0.0.1');
    const cut = () => {
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    const pass = (from, into, way) => {
      from.on('data', (chunk) => {
        const room = limits[way] - counts[way];
        counts[way] += Math.min(chunk.length, room);
        into.write(chunk.subarray(0, room));
        // What was let through gets its chance to arrive before the reset, which would overtake it.
        if (chunk.length >= room) setTimeout(cut, 2);
      });
      from.on('end', () => into.end()).on('error', ignore).on('close', () => into.destroy());
    };
    relay.farPort = new Promise((resolve) => far.on('connect', () => resolve(far.localPort)));
    pass(near, far, 'toServer');
    pass(far, near, 'toClient');
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return Object.assign(relay, { counts, limits });
}

async function exchange({ server, closings }, way, limit) {
  const relay = await makeRelay(server.address().port);
  relay.limits[way] = limit;
  const client = http2.connect(`http://localhost:${relay.address().port}`, { host: '127.0.0.1' });
  client.on('error', ignore);
  const closed = new Promise((resolve) => client.on('close', resolve));
  const requests = [];
  const callbacks = [];
  const ask = (headers, sent) => {
    const request = client.request(headers, { endStream: sent === undefined });
    requests.push(watch(request));
    if (sent !== undefined) callbacks.push(new Promise((resolve) => request.end(sent, resolve)));
  };
  ask({ ':path': '/get' });
  ask({ ':path': '/post', ':method': 'POST' }, 'a body');
  client.ping(Buffer.alloc(8), ignore);
  const outcomes = await eventually(Object.fromEntries(requests.map((request, index) => [`end of request ${index}`, request])));
  for (const { end, octets, reset, aborted } of outcomes) {
    assert.ok(octets <= body.length);
    if (end === 1 && reset === 0 && !aborted) assert.strictEqual(octets, body.length, 'an answer that ended well is incomplete');
  }
  client.close();
  const port = await Promise.race([relay.farPort, closed.then(() => undefined)]);
  await eventually({ "'close' of the client": closed, 'callback of a write': Promise.all(callbacks) });
  relay.close();
  const ofServer = closings.get(port);
  if (ofServer !== undefined) {
    await eventually({ "'close' of the server's session": ofServer.closed, 'end of its streams': Promise.all(ofServer.streams) });
    closings.delete(port);
  }
  return relay.counts;
}

async function main() {
  const server = await makeServer();
  const whole = await exchange(server, 'toServer', Infinity);
  assert.ok(whole.toServer > 100 && whole.toClient > 100);
  let cuts = 0;
  for (const way of ['toServer', 'toClient']) {
    const places = Array.from({ length: Math.ceil(whole[way] / step) }, (_, index) => index * step);
    const lane = async () => {
      for (let place = places.shift(); place !== undefined; place = places.shift()) {
        await exchange(server, way, place).catch((error) => {
          error.message = `cut after ${place} octets ${way}: ${error.message}`;
          throw error;
        });
        cuts += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }
  // The server has not suffered.
  await exchange(server, 'toServer', Infinity);
  server.server.close();
  await once(server.server, 'close');
  process.stdout.write(JSON.stringify({ cuts }));
}

main();
