'use strict';

// A server that logs what it gets and answers as `respond` says.
async function serving(t, respond, run, options) {
  const server = await t.serve(options);
  server.on('stream', (stream, headers, flags, raw) => {
    stream.on('error', (error) => t.log('server', 'error', error));
    t.log('server', 'headers', headers, 'sensitive', headers[t.http2.sensitiveHeaders], flags);
    t.log('server', 'raw', raw.map((item) => String(item).replace(/:\d+$/, ':PORT')));
    respond(stream, headers);
  });
  const client = t.connect(server);
  await run(client);
  await t.finish(client, server);
}

const ok = (stream) => {
  stream.respond();
  stream.end();
};

const request = async (t, client, headers, options) => {
  let stream;
  try {
    stream = client.request(headers, options);
  } catch (error) {
    t.log('client', '!!', error);
    return;
  }
  t.log('client', 'sent', stream.sentHeaders);
  stream.on('response', (received, flags, raw) => {
    t.log('client', 'response', received, 'sensitive', received[t.http2.sensitiveHeaders], flags, raw);
  });
  stream.on('trailers', (received, flags, raw) => t.log('client', 'trailers', received, flags, raw));
  stream.on('error', (error) => t.log('client', 'error', error));
  stream.resume();
  await t.once(stream, 'close');
  t.log('client', 'close', stream.rstCode);
};

const fixed = { ':authority': 'host', ':path': '/' };

module.exports = {
  'requests from objects': (t) => serving(t, ok, async (client) => {
    for (const headers of [
      { ...fixed }, { ...fixed, 'X-Upper': 'a', 'x-list': ['1', '2'], 'x-number': 5, 'x-null': null, 'x-none': undefined },
      { ...fixed, ':method': 'POST', ':scheme': 'https' }, { ...fixed, 'x-latin': 'caf\u00e9' }, { ...fixed, 'x-empty': '' },
      { ...fixed, 'cookie': ['a=1', 'b=2'], 'set-cookie': ['c', 'd'] }, { ...fixed, ':path': '/a?b#c d' },
      { ...fixed, te: 'trailers' }, { ':path': '/', 'host': 'name' }, { ...fixed, 'x-symbol': Symbol('s') },
    ]) await request(t, client, headers);
  }),

  'requests that cannot be': (t) => serving(t, ok, async (client) => {
    for (const headers of [
      { ...fixed, 'connection': 'x' }, { ...fixed, te: 'gzip' }, { ...fixed, 'age': [1, 2] }, { ...fixed, ':odd': 1 },
      { ...fixed, 'a b': 1 }, { ...fixed, ':PATH': '/' }, { ':method': 'CONNECT' },
      { ':method': 'CONNECT', ':authority': 'x', ':path': '/' },
    ]) await request(t, client, headers);
  }),

  'requests that the peer refuses': (t) => serving(t, ok, async (client) => {
    for (const headers of [{ ...fixed, ':path': '' }, { ...fixed, ':status': 200 }, { ...fixed, 'content-length': 'x' }])
      await request(t, client, headers);
  }),

  'requests from raw arrays': (t) => serving(t, ok, async (client) => {
    for (const headers of [
      [':path', '/', ':authority', 'host', 'a', '1', 'X-B', '2', 'a', '3'],
      [':authority', 'host', 'a', ['1', '2']],
      [':method', 'POST', ':path', '/', ':scheme', 'https', ':authority', 'host'],
    ]) await request(t, client, headers);
  }),

  'sensitive fields': (t) => serving(t, (stream) => {
    stream.respond({ 'x-secret': '1', 'x-open': '2', 'cookie': 'x', [t.http2.sensitiveHeaders]: ['X-Secret'] });
    stream.end();
  }, (client) => request(t, client, {
    ...fixed, 'x-secret': '1', 'x-open': '2', 'authorization': 'y', [t.http2.sensitiveHeaders]: ['x-secret'],
  })),

  'responses from objects': async (t) => {
    const answers = [
      { ':status': 200, 'x-list': [1, 2], 'Content-Type': 'text/plain' }, { ':status': '204' }, { ':status': 'abc' }, {},
      { date: 'mine' }, { date: null }, { 'set-cookie': ['a', 'b'] }, { ':status': 304, 'x': undefined },
    ];
    await serving(t, (stream) => {
      stream.respond(answers.shift());
      t.log('server', 'sent', stream.sentHeaders, stream.headersSent);
      stream.end();
    }, async (client) => {
      while (answers.length > 0) await request(t, client, { ...fixed });
    });
  },

  'responses that cannot be': async (t) => {
    await serving(t, (stream) => {
      for (const [label, ...args] of [
        ['text', 'x'], ['number', 5], ['status', { ':status': 100 }], ['status', { ':status': 600 }], ['pseudo', { ':path': '/' }],
        ['connection', { connection: 'close' }], ['twice', { 'content-type': ['a', 'b'] }], ['token', { 'a b': 1 }],
      ]) t.attempt('server', label, () => stream.respond(...args));
      t.log('server', stream.headersSent);
      ok(stream);
      t.attempt('server', 'again', () => stream.respond());
    }, (client) => request(t, client, { ...fixed }));
  },

  'responses from raw arrays': async (t) => {
    const answers = [[':status', '404', 'x', '1', 'X-Foo', 'bar', 'x', '2', 'DATE', '0000'], ['x', '1'], [], [':status', 201]];
    await serving(t, (stream) => {
      stream.respond(answers.shift());
      t.log('server', 'sent', stream.sentHeaders);
      stream.end();
    }, async (client) => {
      while (answers.length > 0) await request(t, client, { ...fixed });
    });
  },

  'a response without date': (t) => serving(t, (stream) => {
    stream.respond({ ':status': 200 }, { sendDate: false });
    t.log('server', 'sent', stream.sentHeaders);
    stream.end();
  }, (client) => request(t, client, { ...fixed })),

  'trailers': (t) => serving(t, (stream) => {
    stream.respond({}, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      t.attempt('server', 'pseudo', () => stream.sendTrailers({ ':status': 200 }));
      stream.sendTrailers({ 'x-sum': '1', 'X-List': ['a', 'b'] });
      t.log('server', 'sent', stream.sentTrailers);
    });
    stream.end('body');
  }, (client) => request(t, client, { ...fixed })),

  'single-value fields, not strict': (t) => serving(t, (stream) => {
    stream.respond({ 'age': [1, 2], 'x': 1 });
    stream.end();
  }, (client) => request(t, client, { ...fixed }), { strictSingleValueFields: false }),
};
