'use strict';

// node:http2 as the client of our server, as the server of our client, and ours with ours: what one side does must be
// what the other side sees.

const assert = require('node:assert');
const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { readFileSync } = require('node:fs');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { test } = require('node:test');
const nodeHttp2 = require('node:http2');
const { answerOf, collect, connect, exchange, listen } = require('../helpers/endpoints');
const http2 = require('../helpers/implementation');

const pairs = [
  { peers: "node's client, our server", client: nodeHttp2, server: http2 },
  { peers: "our client, node's server", client: http2, server: nodeHttp2 },
  { peers: 'our client, our server', client: http2, server: http2 },
];

// scenario(name, [options for both ends,] async ({t, client, server, session, onStream}))
//   client, session: the two ends of the connection; onStream(listener): the server's streams
function scenario(name, options, body) {
  if (body === undefined) return scenario(name, {}, options);
  for (const { peers, ...implementations } of pairs) {
    for (const secure of [false, true]) {
      test(`${peers}, ${secure ? 'TLS' : 'plaintext'}: ${name}`, { timeout: 30_000 }, async (t) => {
        const endpoint = await listen(t, { secure, implementation: implementations.server, ...options.server });
        const { server } = endpoint;
        const connected = once(server, 'session');
        const client = await connect(t, endpoint, { implementation: implementations.client, ...options.client });
        const [session] = await connected;
        const onStream = (listener) => server.on('stream', listener);
        await body({ t, client, server, session, onStream, implementations, endpoint });
      });
    }
  }
}

const callback = (call) => new Promise((resolve, reject) => {
  call((error, ...results) => (error ? reject(error) : resolve(results)));
});

scenario('a GET and its answer', async ({ client, onStream, endpoint }) => {
  onStream((stream, headers) => {
    stream.respond({ ':status': 201, 'content-type': 'application/json' });
    stream.end(JSON.stringify(headers));
  });
  const { headers, body } = await exchange(client, { ':path': '/a?b=c', 'x-one': '1', 'cookie': ['a=1', 'b=2'] });
  assert.strictEqual(headers[':status'], 201);
  assert.strictEqual(headers['content-type'], 'application/json');
  const seen = JSON.parse(body);
  assert.strictEqual(seen[':method'], 'GET');
  assert.strictEqual(seen[':path'], '/a?b=c');
  assert.strictEqual(seen[':scheme'], new URL(endpoint.url).protocol.slice(0, -1));
  assert.strictEqual(seen[':authority'], new URL(endpoint.url).host);
  assert.strictEqual(seen['x-one'], '1');
  assert.strictEqual(seen.cookie, 'a=1; b=2');
});

scenario('a streamed upload that is piped back', async ({ client, onStream }) => {
  onStream((stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const chunks = Array.from({ length: 40 }, (_, index) => randomBytes(1 + index * 1777));
  const request = client.request({ ':method': 'POST' });
  const answered = answerOf(request);
  await pipeline(Readable.from(chunks), request);
  assert.ok((await answered).body.equals(Buffer.concat(chunks)));
});

scenario('HEAD has a head only', async ({ client, onStream }) => {
  onStream((stream, headers) => {
    assert.strictEqual(headers[':method'], 'HEAD');
    assert.strictEqual(stream.headRequest, true);
    stream.respond({ ':status': 200, 'content-length': 4321 });
    stream.end();
  });
  const { headers, body } = await exchange(client, { ':method': 'HEAD' });
  assert.strictEqual(headers['content-length'], '4321');
  assert.strictEqual(body.length, 0);
});

scenario('trailers both ways', async ({ client, onStream }) => {
  onStream(async (stream) => {
    const trailers = once(stream, 'trailers');
    const body = await collect(stream);
    const [fields] = await trailers;
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-echo': fields['x-sum'], 'x-end': 'server' }));
    stream.end(body);
  });
  const request = client.request({ ':method': 'POST' }, { waitForTrailers: true });
  request.on('wantTrailers', () => request.sendTrailers({ 'x-sum': '0fa3' }));
  const answered = answerOf(request);
  request.end('with trailers');
  const { body, trailers } = await answered;
  assert.strictEqual(body.toString(), 'with trailers');
  assert.deepStrictEqual(Object.entries(trailers), [['x-echo', '0fa3'], ['x-end', 'server']]);
});

scenario('informational responses come before the final one', async ({ client, onStream }) => {
  onStream((stream) => {
    stream.additionalHeaders({ ':status': 103, 'link': '</style.css>; rel=preload' });
    stream.additionalHeaders({ ':status': 102 });
    stream.respond({ ':status': 200 });
    stream.end('final');
  });
  const seen = [];
  const request = client.request({});
  request.on('headers', (headers) => seen.push(headers[':status'], headers.link));
  request.on('response', (headers) => seen.push(headers[':status']));
  const { body } = await answerOf(request);
  assert.strictEqual(body.toString(), 'final');
  assert.deepStrictEqual(seen, [103, '</style.css>; rel=preload', 102, undefined, 200]);
});

scenario('100-continue', async ({ client, server }) => {
  server.on('request', () => assert.fail('the expectation was not seen'));
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    request.pipe(response);
  });
  const request = client.request({ ':method': 'POST', 'expect': '100-continue' });
  const answered = answerOf(request);
  await once(request, 'continue');
  request.end('after the permission');
  assert.strictEqual((await answered).body.toString(), 'after the permission');
});

scenario('a pushed stream', async ({ client, onStream }) => {
  onStream((stream) => {
    assert.strictEqual(stream.pushAllowed, true);
    stream.pushStream({ ':path': '/pushed', 'x-push': 'promise' }, (error, pushed, headers) => {
      assert.ifError(error);
      assert.strictEqual(headers[':path'], '/pushed');
      pushed.respond({ ':status': 200, 'x-push': 'response' });
      pushed.end('pushed body');
      stream.respond({ ':status': 200 });
      stream.end('page');
    });
  });
  const pushed = once(client, 'stream').then(async ([stream, headers]) => {
    const response = once(stream, 'push');
    return { headers, body: await collect(stream), response: (await response)[0], id: stream.id };
  });
  const { body } = await exchange(client, { ':path': '/page' });
  assert.strictEqual(body.toString(), 'page');
  const result = await pushed;
  assert.strictEqual(result.id, 2);
  assert.strictEqual(result.headers[':path'], '/pushed');
  assert.strictEqual(result.headers['x-push'], 'promise');
  assert.strictEqual(result.response['x-push'], 'response');
  assert.strictEqual(result.body.toString(), 'pushed body');
});

scenario('push that the client has switched off', { client: { settings: { enablePush: false } } }, async ({ client, onStream }) => {
  onStream((stream) => {
    assert.strictEqual(stream.pushAllowed, false);
    assert.throws(() => stream.pushStream({ ':path': '/' }, () => {}), { code: 'ERR_HTTP2_PUSH_DISABLED' });
    stream.respond({ ':status': 200 }, { endStream: true });
  });
  assert.strictEqual((await exchange(client, {})).headers[':status'], 200);
});

scenario('a file, and a range of it', async ({ client, onStream }) => {
  onStream((stream, headers) => {
    const range = headers[':path'] === '/range' ? { offset: 10, length: 1000 } : {};
    stream.respondWithFile(__filename, { 'content-type': 'text/javascript' }, range);
  });
  const file = readFileSync(__filename);
  const whole = await exchange(client, { ':path': '/whole' });
  assert.strictEqual(whole.headers['content-length'], String(file.length));
  assert.ok(whole.body.equals(file));
  const range = await exchange(client, { ':path': '/range' });
  assert.strictEqual(range.headers['content-length'], '1000');
  assert.ok(range.body.equals(file.subarray(10, 1010)));
});

scenario('the server resets with a code', async ({ client, onStream }) => {
  onStream((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('partial');
    stream.on('error', () => {});
    setTimeout(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR), 20);
  });
  const request = client.request({ ':method': 'POST' });
  request.resume();
  const [error] = await once(request, 'error');
  assert.strictEqual(error.code, 'ERR_HTTP2_STREAM_ERROR');
  assert.match(error.message, /NGHTTP2_INTERNAL_ERROR/);
  assert.strictEqual(request.rstCode, http2.constants.NGHTTP2_INTERNAL_ERROR);
});

scenario('the client resets with a code', async ({ client, onStream }) => {
  const closed = new Promise((resolve) => {
    onStream((stream) => {
      let aborted = false;
      stream.respond({ ':status': 200 });
      stream.write('partial');
      stream.on('aborted', () => { aborted = true; });
      stream.on('close', () => resolve({ aborted, rstCode: stream.rstCode }));
    });
  });
  const request = client.request({ ':method': 'POST' });
  request.resume();
  await once(request, 'response');
  request.close(http2.constants.NGHTTP2_CANCEL);
  assert.deepStrictEqual(await closed, { aborted: true, rstCode: http2.constants.NGHTTP2_CANCEL });
  assert.strictEqual(client.destroyed, false);
});

scenario('an AbortSignal ends a request', async ({ client, onStream }) => {
  const closed = new Promise((resolve) => {
    onStream((stream) => {
      stream.respond({ ':status': 200 });
      stream.on('close', () => resolve(stream.rstCode));
    });
  });
  const controller = new AbortController();
  const request = client.request({}, { signal: controller.signal });
  await once(request, 'response');
  controller.abort();
  const [error] = await once(request, 'error');
  assert.strictEqual(error.name, 'AbortError');
  assert.strictEqual(await closed, http2.constants.NGHTTP2_CANCEL);
});

scenario('pings from both ends return their payload', async ({ client, session }) => {
  for (const end of [client, session]) {
    const other = end === client ? session : client;
    const payload = randomBytes(8);
    const seen = once(other, 'ping');
    const [duration, echoed] = await callback((done) => end.ping(payload, done));
    assert.ok(duration >= 0);
    assert.ok(Buffer.from(echoed).equals(payload));
    assert.ok(Buffer.from((await seen)[0]).equals(payload));
  }
});

const settings = {
  headerTableSize: 1024, initialWindowSize: 70_000, maxFrameSize: 20_000, maxConcurrentStreams: 77, maxHeaderListSize: 9_000,
};

scenario('first settings', { server: { settings }, client: { settings } }, async ({ client, session }) => {
  for (const end of [client, session]) {
    if (!('maxFrameSize' in (end.remoteSettings ?? {}))) await once(end, 'remoteSettings');
    if (end.pendingSettingsAck) await once(end, 'localSettings');
    for (const [name, value] of Object.entries(settings)) {
      assert.strictEqual(end.remoteSettings[name], value, `remote ${name}`);
      assert.strictEqual(end.localSettings[name], value, `local ${name}`);
    }
  }
});

scenario('settings changed at run time', async ({ client, session }) => {
  if (client.pendingSettingsAck) await once(client, 'localSettings');
  if (session.pendingSettingsAck) await once(session, 'localSettings');
  for (const end of [client, session]) {
    const other = end === client ? session : client;
    const seen = once(other, 'remoteSettings');
    const [accepted] = await callback((done) => end.settings(settings, done));
    for (const [name, value] of Object.entries(settings)) {
      assert.strictEqual(accepted[name], value);
      assert.strictEqual(end.localSettings[name], value);
      assert.strictEqual((await seen)[0][name], value);
      assert.strictEqual(other.remoteSettings[name], value);
    }
  }
});

scenario('GOAWAY with data', async ({ client, session }) => {
  for (const end of [client, session]) {
    const other = end === client ? session : client;
    const seen = once(other, 'goaway');
    end.goaway(http2.constants.NGHTTP2_NO_ERROR, 0, Buffer.from('because'));
    const [code, lastStreamId, data] = await seen;
    assert.strictEqual(code, http2.constants.NGHTTP2_NO_ERROR);
    assert.strictEqual(lastStreamId, 0);
    assert.strictEqual(Buffer.from(data).toString(), 'because');
    if (end === client) return;
  }
});

scenario('ALTSVC', async ({ client, session, onStream }) => {
  onStream((stream) => {
    session.altsvc('h2=":8000"', stream.id);
    stream.respond({ ':status': 200 }, { endStream: true });
  });
  const onOrigin = once(client, 'altsvc');
  session.altsvc('h2=":9000"; ma=60', 'https://example.org');
  assert.deepStrictEqual(await onOrigin, ['h2=":9000"; ma=60', 'https://example.org', 0]);
  const onStreamId = once(client, 'altsvc');
  const { request } = await exchange(client, {});
  assert.deepStrictEqual(await onStreamId, ['h2=":8000"', '', request.id ?? 1]);
});

scenario('ORIGIN', async ({ client, session }) => {
  if (!client.encrypted) return;
  const seen = once(client, 'origin');
  session.origin('https://one.example', 'https://two.example:8443');
  assert.deepStrictEqual(await seen, [['https://one.example', 'https://two.example:8443']]);
  assert.deepStrictEqual(client.originSet.slice(-2), ['https://one.example', 'https://two.example:8443']);
});

scenario('header lists larger than a frame', { client: { maxSendHeaderBlockLength: 65535 } }, async ({ client, onStream }) => {
  const large = 'v'.repeat(9000);
  onStream((stream, headers) => {
    stream.respond({ ':status': 200, 'x-one': headers['x-one'], 'x-two': headers['x-two'], 'x-three': large });
    stream.end();
  });
  const { headers } = await exchange(client, { 'x-one': large, 'x-two': large.toUpperCase() });
  assert.strictEqual(headers['x-one'], large);
  assert.strictEqual(headers['x-two'], large.toUpperCase());
  assert.strictEqual(headers['x-three'], large);
});

const fewStreams = { server: { settings: { maxConcurrentStreams: 7 } } };

scenario('more requests than the peer allows at once', fewStreams, async ({ client, onStream }) => {
  let open = 0;
  let most = 0;
  onStream((stream, headers) => {
    open += 1;
    most = Math.max(most, open);
    stream.on('close', () => { open -= 1; });
    setImmediate(() => {
      stream.respond({ ':status': 200 });
      stream.end(headers[':path']);
    });
  });
  if (client.remoteSettings.maxConcurrentStreams !== 7) await once(client, 'remoteSettings');
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => exchange(client, { ':path': `/${index}` })));
  assert.deepStrictEqual(answers.map(({ body }) => body.toString()), Array.from({ length: 100 }, (_, index) => `/${index}`));
  assert.ok(most <= 7, `${most} streams were open at once`);
});

scenario('a stream that nobody reads does not hold up the others', async ({ client, onStream }) => {
  const body = Buffer.alloc(400_000, 'z');
  onStream((stream) => {
    stream.respond({ ':status': 200 });
    stream.end(body);
  });
  const paused = client.request({});
  await once(paused, 'response');
  for (let index = 0; index < 5; index += 1) assert.ok((await exchange(client, {})).body.equals(body));
  assert.ok((await collect(paused)).equals(body));
});

scenario('a CONNECT tunnel', async ({ client, onStream }) => {
  onStream((stream, headers) => {
    assert.strictEqual(headers[':method'], 'CONNECT');
    assert.strictEqual(headers[':authority'], 'example.org:443');
    assert.strictEqual(headers[':path'], undefined);
    stream.respond({ ':status': 200 });
    stream.on('data', (chunk) => stream.write(chunk.toString().toUpperCase()));
    stream.on('end', () => stream.end());
  });
  const tunnel = client.request({ ':method': 'CONNECT', ':authority': 'example.org:443' });
  tunnel.setEncoding('utf8');
  tunnel.write('first');
  assert.deepStrictEqual(await once(tunnel, 'data'), ['FIRST']);
  tunnel.write('second');
  assert.deepStrictEqual(await once(tunnel, 'data'), ['SECOND']);
  tunnel.end();
  await once(tunnel, 'close');
});

scenario('extended CONNECT', { server: { settings: { enableConnectProtocol: true } } }, async ({ client, onStream }) => {
  onStream((stream, headers) => {
    assert.strictEqual(headers[':protocol'], 'websocket');
    assert.strictEqual(headers[':path'], '/chat');
    stream.respond({ ':status': 200 });
    stream.end('socket');
  });
  if (!client.remoteSettings.enableConnectProtocol) await once(client, 'remoteSettings');
  const { body } = await exchange(client, { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' }, { body: '' });
  assert.strictEqual(body.toString(), 'socket');
});

scenario('close() lets open streams finish', async ({ client, session, onStream }) => {
  const opened = new Promise((resolve) => onStream((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('begun ');
    resolve(stream);
  }));
  const answered = exchange(client, {});
  const stream = await opened;
  const closed = Promise.all([once(client, 'close'), once(session, 'close')]);
  client.close();
  session.close();
  setTimeout(() => stream.end('and finished'), 20);
  assert.strictEqual((await answered).body.toString(), 'begun and finished');
  await closed;
});

scenario('destroy() in the middle of answers ends every stream', async ({ client, session, onStream }) => {
  let closed = 0;
  const all = new Promise((resolve) => onStream((stream) => {
    stream.on('error', () => {});
    stream.on('close', () => {
      closed += 1;
      if (closed === 20) resolve();
    });
    stream.respond({ ':status': 200 });
    stream.write(Buffer.alloc(10_000));
  }));
  const requests = Array.from({ length: 20 }, () => client.request({ ':method': 'POST' }));
  for (const request of requests) request.on('error', () => {}).resume();
  await Promise.all(requests.map((request) => once(request, 'response')));
  const ended = Promise.all([...requests.map((request) => once(request, 'close')), once(session, 'close')]);
  client.destroy();
  await Promise.all([ended, all]);
});
