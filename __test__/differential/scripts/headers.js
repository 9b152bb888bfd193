'use strict';

// Header lists: what is refused, what is filled in, and how received lists look.

// Requests with these headers, one after the other, to a server that tells what it received.
function requests(list, options) {
  return async (t) => {
    const server = await t.serve();
    server.on('stream', (stream, headers, flags, raw) => {
      stream.on('error', () => {});
      t.log('server', headers, flags, raw.map((item) => String(item)));
      if (stream.headRequest || headers[':method'] === 'CONNECT')
        stream.respond({}, { endStream: true });
      else
        stream.respond();
      if (!stream.writableEnded)
        stream.end();
    });
    server.on('sessionError', (error) => t.log('server', 'sessionError', error));
    const client = t.connect(server, options);
    client.on('error', (error) => t.log('session', 'error', error));
    await t.once(client, 'remoteSettings');
    for (const [label, headers, requestOptions] of list) {
      let request;
      t.attempt('client', label, () => {
        request = client.request(headers, requestOptions);
        return [request.sentHeaders, request.headersSent, request.endAfterHeaders, request.writableEnded];
      });
      if (request === undefined)
        continue;
      request.on('error', (error) => t.log('client', label, 'error', error));
      request.end();
      await t.once(request.resume(), 'close');
    }
    await t.finish(client, server);
  };
}

// Responses with these headers, one for each request.
function responses(list) {
  return async (t) => {
    const server = await t.serve();
    const queue = list.values();
    server.on('stream', (stream) => {
      const [label, headers, options] = queue.next().value;
      stream.on('error', (error) => t.log('server', label, 'error', error));
      t.attempt('server', label, () => {
        stream.respond(headers, options);
        return [stream.sentHeaders, stream.headersSent, stream.writableEnded];
      });
      if (!stream.headersSent)
        stream.respond({ ':status': 500, 'x-fallback': 'yes' });
      stream.end();
    });
    const client = t.connect(server);
    client.on('error', (error) => t.log('session', 'error', error));
    for (const [label] of list) {
      const request = client.request({ ':path': '/' });
      request.on('response', (headers, flags, raw) => t.log('client', label, headers, flags, raw));
      request.on('error', (error) => t.log('client', label, 'error', error));
      await t.once(request.resume(), 'close');
    }
    await t.finish(client, server);
  };
}

// A short name for a value, the same on every Node.
function labelOf(value) {
  return `${typeof value} ${String(JSON.stringify(typeof value === 'bigint' ? `${value}n` : value)).slice(0, 20)}`;
}

const host = { ':authority': 'example.org' };
const values = [undefined, null, '', 0, 5, -1.5, true, 10n, [], ['a'], ['a', 'b'], [1, null], {},
  'ä', 'ÿ', '\u0100', 'a\nb', 'a\0b', ' a ', 'x'.repeat(300)];

module.exports = {
  'request: defaults': requests([['nothing', host], ['method', { ...host, ':method': 'PUT' }],
    ['path', { ...host, ':path': '*' }],
    ['scheme', { ...host, ':scheme': 'https' }], ['host', { host: 'example.org' }],
    ['empty authority', { ':authority': '' }],
    ['empty path', { ...host, ':path': '' }], ['undefined', { ...host, ':path': undefined, 'a': undefined }]]),
  'request: what is no header object': requests([['null', null], ['string', 'x'], ['number', 5],
    ['function', () => {}],
    ['class', new (class Own { constructor() { this.a = 'b'; this[':authority'] = 'x'; } })()],
    ['map', new Map([['a', 'b']])]].slice(0, 4)),
  'request: upper case and order': requests([['upper', { ...host, 'X-Upper': 'A', 'x-lower': 'b', 'ACCEPT': 'c' }],
    ['order', { 'a': '1', ':path': '/x', 'b': '2', ':method': 'GET', ...host }],
    ['twice', { ...host, 'X-Twice': 'a', 'x-twice': 'b' }]]),
  'request: raw arrays': requests([['flat', [':path', '/x', ':authority', 'example.org', 'a', '1', 'b', '2', 'a',
    '3']],
  ['no pseudo', ['a', '1']], ['odd', ['a', '1', 'b']], ['empty', [':authority', 'example.org']],
  ['upper', [':authority', 'example.org', 'X-Upper', 'A']],
  ['late pseudo', ['a', '1', ':authority', 'example.org']]]),
  'request: values': requests(values.map((value) => [labelOf(value), { ...host, 'x-value': value }])),
  'request: names': requests(['', ' ', 'a b', 'ä', 'a:b', ':unknown', ':status', ':protocol', 'a\n',
    'A-_.~!#$%&*+^`|9', 'x'.repeat(200)]
    .map((name) => [JSON.stringify(name).slice(0, 30), { ...host, [name]: 'v' }])),
  'request: connection-specific': requests(['connection', 'upgrade', 'http2-settings', 'keep-alive',
    'proxy-connection', 'transfer-encoding']
    .map((name) => [name, { ...host, [name]: 'x' }])),
  'request: te': requests([['trailers', { ...host, te: 'trailers' }], ['gzip', { ...host, te: 'gzip' }],
    ['both', { ...host, te: ['trailers', 'gzip'] }]]),
  'request: single-value headers': requests(['content-type', 'content-length', 'host', 'user-agent', 'authorization',
    'age', 'referer', 'range']
    .map((name) => [name, { ...host, [name]: ['1', '1'] }])),
  'request: repeatable headers': requests([['cookie', { ...host, cookie: ['a=1', 'b=2'] }],
    ['accept', { ...host, accept: ['a', 'b'] }],
    ['x', { ...host, x: ['a', 'b'] }], ['set-cookie', { ...host, 'set-cookie': ['a', 'b'] }]]),
  'request: single-value headers without strictness': requests(['content-type', 'user-agent']
    .map((name) => [name, { ...host, [name]: ['1', '2'] }]), { strictSingleValueFields: false }),
  'request: CONNECT': requests([['plain', { ':method': 'CONNECT', ...host }],
    ['scheme', { ':method': 'CONNECT', ':scheme': 'http', ...host }],
    ['path', { ':method': 'CONNECT', ':path': '/', ...host }], ['authority', { ':method': 'CONNECT' }]]),
  'request: methods that have no body': requests(['GET', 'HEAD', 'DELETE', 'POST', 'OPTIONS', 'get',
    'UNKNOWN'].map((method) => [method, { ...host, ':method': method }])),
  'request: endStream': requests(['GET', 'POST'].flatMap((method) => [true, false, 0, 'x',
    undefined].map((endStream) => [`${method} ${endStream}`, { ...host, ':method': method }, { endStream }]))),
  'request: options': requests([['exclusive', host, { exclusive: 'x' }], ['parent', host, { parent: 'x' }],
    ['parent -1', host, { parent: -1 }],
    ['weight', host, { weight: 'x' }], ['weight 0', host, { weight: 0 }], ['weight 500', host, { weight: 500 }],
    ['silent', host, { silent: 'x' }],
    ['waitForTrailers', host, { waitForTrailers: 'x' }], ['null', host, null], ['string', host, 'x']]),
  'request: options in the order of their checks': requests([['parent', 'x'], ['exclusive', 1], ['silent', 1], ['endStream', 1]]
    .map(([name], i, all) => [name, host, Object.fromEntries(all.slice(i).reverse())])),
  'request: the fewest header pairs a server can be held to': async (t) => {
    for (const maxHeaderListPairs of [0, 1, 3, 4, 5]) {
      const server = await t.serve({ maxHeaderListPairs }, (request, response) => response.end());
      const client = t.connect(server);
      await t.exchange(client, { ':path': '/' }, { channel: `${maxHeaderListPairs}, no more` });
      await t.exchange(client, { ':path': '/', 'x': '1' }, { channel: `${maxHeaderListPairs}, one more` });
      await t.finish(client, server);
    }
  },
  'limits that are below zero or next to it': async (t) => {
    for (const name of ['maxHeaderListPairs', 'maxOutstandingPings', 'maxSendHeaderBlockLength', 'maxSessionMemory', 'maxSettings',
      'peerMaxConcurrentStreams']) {
      for (const value of [-5, -1, 0, 0.5]) {
        const channel = `${name} ${value}`;
        const server = await t.serve({ [name]: value }, (request, response) => response.end());
        server.on('sessionError', (error) => t.log(`${channel}, server`, error));
        for (const options of [{}, { [name]: value }]) {
          const client = t.connect(server, options);
          client.on('error', (error) => t.log(`${channel}, client`, error));
          await t.exchange(client, { ':path': '/', 'x': '1' }, { channel });
          if (!client.destroyed) await new Promise((resolve) => client.ping((error) => resolve(t.log(channel, 'ping', error?.code))));
          client.destroy();
          await t.sleep();
        }
        await new Promise((resolve) => server.close(resolve));
      }
    }
  },
  'request: sensitive headers': async (t) => {
    const { sensitiveHeaders } = t.http2;
    const server = await t.serve();
    server.on('stream', (stream, headers) => {
      t.log('server', headers, headers[sensitiveHeaders]);
      stream.respond({ 'secret': 'b', 'Open': 'c', [sensitiveHeaders]: ['Secret', 'missing'] });
      t.log('server', stream.sentHeaders[sensitiveHeaders]);
      stream.end();
    });
    const client = t.connect(server);
    const request = client.request({ ...host, 'Secret': 'a', 'open': 'b', [sensitiveHeaders]: ['secret'] });
    request.on('response', (headers) => t.log('client', headers, headers[sensitiveHeaders]));
    await t.once(request.resume(), 'close');
    for (const value of ['secret', 5, {}])
      t.attempt('client', String(value), () => client.request({ ...host, [sensitiveHeaders]: value }).close());
    await t.sleep();
    await t.finish(client, server);
  },
  'request: too many headers': async (t) => {
    const server = await t.serve({ maxHeaderListPairs: 20 });
    server.on('stream', (stream, headers) => {
      t.log('server', Object.keys(headers).length);
      stream.respond();
      stream.end();
    });
    const client = t.connect(server);
    client.on('error', (error) => t.log('session', 'error', error));
    for (const count of [5, 50]) {
      const headers = { ...host };
      for (let i = 0; i < count; i++)
        headers[`x-${i}`] = 'v';
      const request = client.request(headers);
      request.on('error', (error) => t.log('client', count, 'error', error));
      request.on('response', (response) => t.log('client', count, response));
      await t.once(request.resume(), 'close');
      t.log('client', count, request.rstCode);
    }
    await t.finish(client, server);
  },

  'response: defaults and statuses': responses([['nothing'], ['undefined', undefined], ['empty', {}],
    ...[200, 204, 205, 304, 404, 599, '201', 200.7]
      .map((status) => [String(status), { ':status': status }])]),
  'response: statuses that are refused': responses([99, 100, 101, 103, 199, 600, 999, -1, 'x', NaN, null, {}, true, 0]
    .map((status) => [String(status), { ':status': status }])),
  'response: what is no header object': responses([['null', null], ['string', 'x'], ['number', 5], ['true', true]]),
  'response: raw arrays': responses([['flat', [':status', '201', 'a', '1', 'b', '2', 'a', '3']],
    ['no status', ['a', '1']], ['odd', ['a', '1', 'b']],
    ['own date', ['date', 'own']], ['number', [':status', 404, 'n', 5]], ['bad status', [':status', 100]]]),
  // Without those that cannot be encoded: node sends them and has the client refuse them, we refuse to send.
  'response: values': responses(values.filter((value) => value !== '\u0100' && value !== 'a\0b')
    .map((value) => [labelOf(value), { 'x-value': value }])),
  'response: names': responses(['', ' ', 'a b', 'ä', 'a:b', ':unknown', ':path', ':method', 'Upper', 'connection',
    'te', 'upgrade']
    .map((name) => [JSON.stringify(name), { [name]: 'v' }])),
  'response: options': responses([['endStream', {}, { endStream: true }], ['sendDate', {}, { sendDate: false }],
    ['waitForTrailers', {}, { waitForTrailers: 'x' }],
    ['endStream x', {}, { endStream: 'x' }], ['null', {}, null], ['string', {}, 'x']]),
  'response: set-cookie and lists': responses([['set-cookie', { 'set-cookie': ['a=1', 'b=2'] }],
    ['one', { 'set-cookie': 'a=1' }],
    ['list', { x: ['a', 'b'] }], ['content-type', { 'content-type': ['a', 'b'] }],
    ['length', { 'content-length': 0 }]]),
  'response: own date': responses([['date', { date: 'own' }], ['empty', { date: '' }], ['upper', { Date: 'own' }],
    ['null', { date: null }]]),

  'received: joined and first values': requests([['all', [':authority', 'example.org', 'age', '1', 'accept', 'a',
    'accept', 'b', 'cookie', 'a', 'cookie', 'b',
    'x', '1', 'x', '2', 'x', '3', 'set-cookie', 'a', 'set-cookie', 'b', 'via', 'a', 'via', 'b', '__proto__', 'p',
    'constructor', 'c']]]),

  'informational: additionalHeaders': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      for (const headers of [{ ':status': 100 }, { ':status': 102, 'a': 'b' },
        { ':status': '103', 'Link': ['x', 'y'] }, { ':status': 99 }, { ':status': 101 },
        { ':status': 200 }, { ':status': 'x' }, { ':status': 103, 'connection': 'x' }, { ':status': 103, 'a b': 'x' },
        null, 'x', []]) {
        t.attempt('server', t.show(headers), () => stream.additionalHeaders(headers));
      }
      t.log('server', stream.sentInfoHeaders, stream.headersSent);
      stream.respond();
      t.attempt('server', 'late', () => stream.additionalHeaders({ ':status': 103 }));
      stream.end();
    });
    const client = t.connect(server);
    const request = client.request(host);
    request.on('error', () => {});
    t.hear(request, 'client', ['continue', 'headers', 'response', 'trailers', 'end', 'close']);
    await t.once(request.resume(), 'close');
    await t.finish(client, server);
  },
  'informational: continue': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      stream.additionalHeaders({ ':status': 100 });
      stream.resume();
      stream.on('end', () => {
        stream.respond();
        stream.end('done');
      });
    });
    const client = t.connect(server);
    const request = client.request({ ...host, ':method': 'POST', 'expect': '100-continue' });
    t.hear(request, 'client', ['continue', 'headers', 'response', 'end', 'close']);
    request.on('continue', () => request.end('body'));
    await t.once(request.resume(), 'close');
    await t.finish(client, server);
  },

  'trailers: both ways': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      t.spy(stream, 'server', { only: ['trailers', 'end', 'close'], args: true });
      stream.resume();
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'Checksum': 'abc', 'list': ['a', 'b'] });
        t.log('server trailers', stream.sentTrailers);
        t.attempt('server trailers', 'again', () => stream.sendTrailers({ a: 'b' }));
      });
      stream.end('body');
    });
    const client = t.connect(server);
    const request = client.request({ ...host, ':method': 'POST' }, { waitForTrailers: true });
    t.spy(request, 'client', { only: ['trailers', 'end', 'close'], args: true });
    request.on('wantTrailers', () => request.sendTrailers({ 'from': 'client', 'x': '1' }));
    request.end('body');
    await t.once(request.resume(), 'close');
    await t.sleep();
    await t.finish(client, server);
  },
  'trailers: without a listener': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      t.spy(stream, 'server', { only: ['wantTrailers', 'end', 'finish', 'close'] });
      stream.respond({}, { waitForTrailers: true });
      stream.end('body');
    });
    const client = t.connect(server);
    const request = client.request(host);
    t.spy(request, 'client', { only: ['trailers', 'end', 'close'] });
    await t.once(request.resume(), 'close');
    await t.finish(client, server);
  },
  'trailers: what is refused': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      stream.on('error', (error) => t.log('server', 'error', error));
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        for (const trailers of ['x', 5, { ':status': 200 }, { connection: 'x' }, { 'a b': 'c' }])
          t.attempt('server', t.show(trailers), () => stream.sendTrailers(trailers));
        if (!stream.sentTrailers)
          stream.sendTrailers({ fine: 'yes' });
      });
      stream.end('body');
    });
    const client = t.connect(server);
    const request = client.request(host);
    t.spy(request, 'client', { only: ['trailers', 'end', 'close', 'error'], args: true });
    await t.once(request.resume(), 'close');
    await t.finish(client, server);
  },
  'trailers: empty': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({}));
      stream.end('body');
    });
    const client = t.connect(server);
    const request = client.request(host);
    t.spy(request, 'client', { only: ['trailers', 'end', 'close'], args: true });
    await t.once(request.resume(), 'close');
    await t.finish(client, server);
  },
  'trailers: given later': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      t.spy(stream, 'server', { only: ['wantTrailers', 'end', 'finish', 'close'] });
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => setTimeout(() => stream.sendTrailers({ late: 'yes' }), 10));
      stream.end('body');
    });
    const client = t.connect(server);
    const request = client.request(host);
    t.spy(request, 'client', { only: ['trailers', 'end', 'close'], args: true });
    await t.once(request.resume(), 'close');
    await t.finish(client, server);
  },
};
