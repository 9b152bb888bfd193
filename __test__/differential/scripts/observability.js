'use strict';

// What tells of sessions and streams: performance entries, diagnostics channels, async contexts, util.inspect.

const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const diagnostics = require('node:diagnostics_channel');
const { PerformanceObserver } = require('node:perf_hooks');
const { inspect } = require('node:util');

const TURN = () => new Promise((resolve) => setTimeout(resolve, 20));

function onStream(stream, headers) {
  stream.on('error', () => {});
  switch (headers[':path']) {
    case '/reset':
      stream.close(8);
      break;
    case '/push':
      stream.pushStream({ ':path': '/pushed' }, (_, push) => {
        push.respond();
        push.end('pushed');
      });
      // falls through
    default:
      stream.respond({ 'x-answer': 'yes' });
      stream.write('hello');
      stream.on('end', () => stream.end('world')).resume();
  }
}

// One request after the other, each to its end on both sides.
async function play(t, server, client, requests) {
  for (const [headers, body] of requests) {
    const coming = once(server, 'stream');
    const request = client.request(headers);
    request.on('error', () => {});
    const closed = new Promise((resolve) => request.once('close', resolve));
    request.resume();
    const [stream] = await coming;
    const over = new Promise((resolve) => stream.once('close', resolve));
    if (body === undefined) request.end();
    else request.end(body);
    await Promise.all([closed, over]);
  }
}

const POST = { ':method': 'POST' };
const requests = [
  [{ ...POST, ':path': '/' }, 'a body'],
  [{ ...POST, ':path': '/push' }],
  [{ ...POST, ':path': '/reset' }, 'lost'],
];

async function observed(t, type) {
  const entries = [];
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
  observer.observe(type);
  const server = await t.serve();
  server.on('stream', onStream);
  const client = t.connect(server);
  client.on('stream', (push) => push.resume());
  await once(client, 'connect');
  await new Promise((resolve) => client.ping(resolve));
  await play(t, server, client, requests.slice(0, 2));
  await t.finish(client, server);
  await TURN();
  observer.disconnect();
  // Both sides are told of, in no particular order.
  return entries.sort((a, b) => a.detail.bytesRead - b.detail.bytesRead);
}

function logEntry(t, entry) {
  const { name, detail } = entry;
  t.log('class', entry.constructor.name, entry.entryType, typeof entry.startTime, typeof entry.duration,
    Object.keys(entry.toJSON()));
  if (name === 'Http2Stream')
    t.log(`streams ${detail.id}`, Object.keys(detail), detail.bytesRead, detail.bytesWritten);
  else
    t.log(`session ${detail.type}`, Object.keys(detail), detail.streamCount, detail.maxConcurrentStreams);
}

// Publishes of all channels in their order, for each side and stream. What only makes sense later is shown as its type.
function subscribe(t, side, names) {
  for (const name of names) {
    diagnostics.subscribe(`http2.${side}.stream.${name}`, (message) => {
      const { stream, ...rest } = message;
      t.log(`${side} ${stream.constructor.name}`, name, stream.id, stream.pending, stream.headersSent, stream.closed, rest);
    });
  }
}

module.exports = {
  'performance entries': async (t) => {
    for (const entry of await observed(t, { type: 'http2' })) logEntry(t, entry);
  },
  'performance entries among others': async (t) => {
    const entries = await observed(t, { entryTypes: ['http2', 'mark', 'function'] });
    t.log('names', entries.map(({ name }) => name).sort());
  },
  'performance entries are not for observers of other types': async (t) => {
    t.log('entries', (await observed(t, { entryTypes: ['mark', 'function'] })).length);
  },

  'diagnostics channels': async (t) => {
    const names = ['created', 'start', 'error', 'finish', 'close'];
    subscribe(t, 'client', [...names, 'bodyChunkSent', 'bodySent']);
    subscribe(t, 'server', names);
    const server = await t.serve();
    server.on('stream', onStream);
    const client = t.connect(server);
    client.on('stream', (push) => push.resume());
    await once(client, 'connect');
    await play(t, server, client, requests);
    await t.finish(client, server);
  },
  'diagnostics channels: a request before the connection': async (t) => {
    subscribe(t, 'client', ['created', 'start', 'bodyChunkSent', 'bodySent', 'finish', 'close']);
    const server = await t.serve();
    server.on('stream', onStream);
    const client = t.connect(server);
    await play(t, server, client, requests.slice(0, 1));
    await t.finish(client, server);
  },

  'async contexts': async (t) => {
    const storage = new AsyncLocalStorage();
    const note = (channel, ...what) => t.log(channel, ...what, storage.getStore());
    const server = await t.serve();
    server.on('stream', onStream);
    const run = (name, action) => storage.run(name, action);
    const client = run('session', () => t.connect(server));
    client.on('stream', (push) => push.resume());
    for (const event of ['connect', 'remoteSettings', 'localSettings', 'close', 'goaway'])
      client.on(event, () => note('session', event));
    await once(client, 'connect');
    run('ping', () => client.ping(() => note('callbacks', 'ping')));
    run('settings', () => client.settings({ initialWindowSize: 70000 }, () => note('callbacks', 'settings')));
    await once(client, 'localSettings');
    for (const path of ['/', '/push', '/reset']) {
      await run(path, async () => {
        const request = client.request({ ...POST, ':path': path });
        const channel = `request ${path}`;
        for (const event of ['ready', 'response', 'data', 'end', 'finish', 'close', 'error', 'aborted'])
          request.on(event, () => note(channel, event));
        request.setTimeout(5000, () => note(channel, 'timeout'));
        run(`${path} write`, () => request.write('x', () => note(channel, 'written')));
        run(`${path} end`, () => request.end('y', () => note(channel, 'ended')));
        await new Promise((resolve) => request.once('close', resolve));
      });
    }
    run('finish', () => client.close(() => note('callbacks', 'close')));
    await once(client, 'close');
    await new Promise((resolve) => run('server', () => server.close(() => {
      note('callbacks', 'server close');
      resolve();
    })));
  },
  'async contexts of a server': async (t) => {
    const storage = new AsyncLocalStorage();
    const server = await t.serve({}, (request, response) => {
      storage.enterWith(`context of ${request.url}`);
      const note = (...what) => t.log(request.url, ...what, storage.getStore());
      request.on('data', () => note('data'));
      request.on('end', () => note('end'));
      request.on('close', () => note('request close'));
      response.on('finish', () => note('finish'));
      response.on('close', () => note('response close'));
      setTimeout(() => {
        note('timer');
        response.write('x', () => note('written'));
        response.end('y', () => note('ended'));
      }, 5);
    });
    server.on('stream', (stream) => t.log('stream', storage.getStore()));
    const client = t.connect(server);
    await once(client, 'connect');
    for (const path of ['/a', '/b']) {
      const request = client.request({ ...POST, ':path': path }).resume();
      request.end('body');
      await new Promise((resolve) => request.once('close', resolve));
    }
    await t.finish(client, server);
  },

  'inspect': async (t) => {
    const server = await t.serve();
    const seen = once(server, 'stream');
    const client = t.connect(server);
    // The names; which frames wait just then is a matter of timing.
    const keysOf = (object, options) => inspect(object, options).split('\n')
      .filter((line) => !line.includes('outboundQueueSize'))
      .filter((line) => /^ {0,4}\w+[:,]? ?/.test(line)).map((line) => line.replace(/\b(\d+|<ref.*|\{.*)$/, '...'));
    t.log('connecting', keysOf(client, { depth: 0 }));
    await once(client, 'remoteSettings');
    const request = client.request(POST);
    const [stream] = await seen;
    for (const [name, object] of Object.entries({ client, session: stream.session, request, stream })) {
      t.log(name, inspect(object, { depth: -1 }) === String(object), inspect({ object }, { depth: 0 }));
      t.log(name, keysOf(object, { depth: 0 }));
    }
    stream.respond();
    stream.end();
    request.end();
    await once(request.resume(), 'close');
    t.log('after', keysOf(request, { depth: 0 }));
    await t.finish(client, server);
    t.log('after', keysOf(client, { depth: 0 }));
  },
  'inspect of requests and responses': async (t) => {
    const server = await t.serve({}, (request, response) => {
      for (const object of [request, response])
        t.log('inspect', inspect(object, { depth: -1 }));
      t.log('names', request.constructor.name, response.constructor.name, String(request), String(response));
      response.end();
    });
    const client = t.connect(server);
    await t.exchange(client, {});
    await t.finish(client, server);
  },
};
