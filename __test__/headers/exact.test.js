'use strict';

// Header lists arrive exactly as they were sent: interleaved duplicates, the order of pseudo-headers, odd paths, and which
// fields must never be indexed; between node:http2 and this package in both directions.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeHttp2 = require('node:http2');
const { answerOf, connect, exchange, listen } = require('../helpers/endpoints');
const { toObject, toPairs } = require('../helpers/header-lists');
const http2 = require('../helpers/implementation');

const pairs = [
  { peers: "node's client, our server", client: nodeHttp2, server: http2 },
  { peers: "our client, node's server", client: http2, server: nodeHttp2 },
  { peers: 'our client, our server', client: http2, server: http2 },
];

// Each test gets a client and `serve`, which sets what the server does with the next stream.
function both(name, body) {
  for (const { peers, ...implementations } of pairs) {
    test(`${peers}: ${name}`, { timeout: 30_000 }, async (t) => {
      let serving;
      const onStream = (...args) => serving(...args);
      const endpoint = await listen(t, { implementation: implementations.server, onStream });
      const client = await connect(t, endpoint, { implementation: implementations.client });
      const serve = (listener) => { serving = listener; };
      await body({ client, serve, implementations });
    });
  }
}

// The list of a request as the server got it.
function requestList(client, serve, headers) {
  return new Promise((resolve, reject) => {
    serve((stream, received, flags, rawHeaders) => {
      stream.respond({ ':status': 204 }, { endStream: true });
      resolve({ pairs: toPairs(rawHeaders), headers: received });
    });
    client.request(headers).on('error', reject).resume();
  });
}

// The list of a response as the client got it. The date is the only field that the server adds.
async function responseList(client, serve, headers) {
  serve((stream) => {
    stream.respond(headers, { sendDate: false });
    stream.end();
  });
  const { rawHeaders, headers: received } = await exchange(client, {});
  return { pairs: toPairs(rawHeaders), headers: received };
}

const pseudo = [[':method', 'GET'], [':path', '/'], [':scheme', 'http'], [':authority', 'example.org']];

const interleaved = [
  ['x-a', '1'], ['x-b', '2'], ['x-a', '3'], ['accept', 'text/html'], ['x-b', '4'], ['x-c', ''], ['x-a', '1'], ['accept', '*/*'],
];

both('interleaved duplicates in a request and a response', async ({ client, serve }) => {
  const request = [...pseudo, ...interleaved];
  assert.deepStrictEqual((await requestList(client, serve, toObject(request))).pairs, request);
  const response = [[':status', '200'], ...interleaved, ['set-cookie', 'a=1'], ['x-z', 'z'], ['set-cookie', 'b=2']];
  assert.deepStrictEqual((await responseList(client, serve, toObject(response))).pairs, response);
});

both('interleaved duplicates in informational headers, trailers and a push promise', async ({ client, serve }) => {
  const lists = {};
  serve((stream) => {
    stream.on('trailers', (headers, flags, rawHeaders) => { lists.requestTrailers = toPairs(rawHeaders); });
    stream.additionalHeaders(toObject([[':status', '103'], ...interleaved]));
    stream.resume().on('end', () => {
      stream.pushStream(toObject([...pseudo, ...interleaved]), (error, pushed) => {
        assert.ifError(error);
        pushed.respond(toObject([[':status', '200'], ...interleaved]), { sendDate: false });
        pushed.end();
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers(toObject(interleaved)));
        stream.end();
      });
    });
  });
  const pushed = once(client, 'stream').then(async ([stream, headers, flags, rawHeaders]) => {
    lists.promise = toPairs(rawHeaders);
    stream.on('push', (headers, flags, rawHeaders) => { lists.push = toPairs(rawHeaders); });
    stream.resume();
    await once(stream, 'close');
  });
  const request = client.request({ ':method': 'POST' }, { waitForTrailers: true });
  request.on('wantTrailers', () => request.sendTrailers(toObject(interleaved)));
  request.on('headers', (headers, flags, rawHeaders) => { lists.informational = toPairs(rawHeaders); });
  request.on('trailers', (headers, flags, rawHeaders) => { lists.responseTrailers = toPairs(rawHeaders); });
  const answered = answerOf(request);
  request.end('body');
  await Promise.all([answered, pushed]);
  assert.deepStrictEqual(lists.informational, [[':status', '103'], ...interleaved]);
  assert.deepStrictEqual(lists.requestTrailers, interleaved);
  assert.deepStrictEqual(lists.responseTrailers, interleaved);
  assert.deepStrictEqual(lists.promise, [...pseudo, ...interleaved]);
  assert.deepStrictEqual(lists.push, [[':status', '200'], ...interleaved]);
});

function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((first, index) => permutations(list.filter((_, other) => other !== index))
    .map((rest) => [first, ...rest]));
}

both('every order of the pseudo-headers', async ({ client, serve }) => {
  for (const order of permutations(pseudo)) {
    const request = [...order, ['x-after', 'yes']];
    assert.deepStrictEqual((await requestList(client, serve, toObject(request))).pairs, request);
  }
});

const oddPaths = [
  '/', '//', '/..//./../a', '/%zz%', '/?', '/??&=&', '/a;b=c;d', '/|"<>^`{}\\', '/caf\xe9', '/a#b', '*', '/*', "/'", '/:method',
  `/${'long/'.repeat(1500)}`, '/\u00ff\u0080',
];

both('odd paths', async ({ client, serve }) => {
  for (const path of oddPaths) {
    const method = path === '*' ? 'OPTIONS' : 'GET';
    const { headers } = await requestList(client, serve, { ':method': method, ':path': path });
    assert.strictEqual(headers[':path'], path);
  }
});

both('values of every kind', async ({ client, serve }) => {
  const values = [
    '', 'a', 'a b', 'caf\xe9', '\x80\xff', '"quoted, with comma"', 'x'.repeat(126), 'y'.repeat(127), 'z'.repeat(128), '!~|{}^\\',
    '\tinner\ttab\t'.trim(), '0123456789'.repeat(1000),
  ];
  const list = values.map((value, index) => [`x-${index}`, value]);
  assert.deepStrictEqual((await requestList(client, serve, toObject([...pseudo, ...list]))).pairs, [...pseudo, ...list]);
  const response = [[':status', '299'], ...list];
  assert.deepStrictEqual((await responseList(client, serve, toObject(response))).pairs, response);
});

both('fields that must never be indexed', async ({ client, serve, implementations }) => {
  // Each implementation has a symbol of its own for them.
  const { client: { sensitiveHeaders: ofClient }, server: { sensitiveHeaders: ofServer } } = implementations;
  for (const names of [[], ['x-secret'], ['x-secret', 'x-other'], ['x-other']]) {
    const fields = [['x-secret', 'abc'], ['x-plain', 'def'], ['x-other', 'ghi']];
    const request = { ...toObject([...pseudo, ...fields]), [ofClient]: names };
    const { headers, pairs } = await requestList(client, serve, request);
    assert.deepStrictEqual([...headers[ofServer]].sort(), names.slice().sort());
    assert.deepStrictEqual(pairs, [...pseudo, ...fields]);
    const response = { ...toObject([[':status', '200'], ...fields]), [ofServer]: names };
    const answer = await responseList(client, serve, response);
    assert.deepStrictEqual([...answer.headers[ofClient]].sort(), names.slice().sort());
  }
});

// A generator of its own, so that a failure can be run again.
function randomNumbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

both('a thousand lists on one session, through a dynamic table that overflows', async ({ client, serve }) => {
  const random = randomNumbers(20);
  const names = Array.from({ length: 60 }, (_, index) => `x-name-${index}`);
  const values = Array.from({ length: 200 }, (_, index) => `${index}:${'v'.repeat(random(120))}`);
  const list = () => Array.from({ length: random(12) }, () => [names[random(names.length)], values[random(values.length)]]);
  for (let round = 0; round < 500; round += 1) {
    const request = [...pseudo, ...list()];
    const response = [[':status', '200'], ...list()];
    const seen = new Promise((resolve) => serve((stream, headers, flags, rawHeaders) => {
      stream.respond(toObject(response), { sendDate: false });
      stream.end();
      resolve(toPairs(rawHeaders));
    }));
    const { rawHeaders } = await exchange(client, toObject(request));
    assert.deepStrictEqual(await seen, request);
    assert.deepStrictEqual(toPairs(rawHeaders), response);
  }
});
