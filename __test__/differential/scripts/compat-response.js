'use strict';

// Runs `handler(req, res, t)` on a server for one request and waits for both ends to be done.
function handling(handler, { headers = { ':path': '/' }, body, options, count = 1 } = {}) {
  return async (t, path = headers[':path']) => {
    const server = await t.serve(options, (req, res) => {
      t.spy(req, 'req');
      t.spy(res, 'res');
      handler(req, res, t);
    });
    const client = t.connect(server);
    client.on('error', (error) => t.log('session', 'error', error));
    for (let i = 0; i < count; i++)
      await t.exchange(client, { ...headers, ':path': path }, { body });
    await t.finish(client, server);
  };
}

const badValues = [undefined, null, true, 5, '', 'x', [], {}, Symbol('s'), 10n, () => {}];

module.exports = {
  'a plain answer': handling((req, res) => res.end('hello')),

  'an answer without a body': handling((req, res) => res.end()),

  'an answer in pieces': handling((req, res, t) => {
    t.log('handler', res.headersSent, res._header, res.writableEnded, res.finished);
    t.log('handler', res.write('a'), res.headersSent, res._header);
    t.log('handler', res.write(Buffer.from('b')), res.write('63', 'hex'));
    t.log('handler', res.end('d') === res, res.writableEnded, res.finished, res.writableFinished);
    res.on('finish', () => {
      t.log('handler', res.writableFinished, res.socket === undefined, res.connection === undefined);
    });
  }),

  'callbacks of write and end': handling((req, res, t) => {
    res.write('a', () => t.log('callbacks', 'write'));
    res.write('b', 'utf8', (...args) => t.log('callbacks', 'write with encoding', ...args));
    res.end('c', 'latin1', (...args) => t.log('callbacks', 'end', ...args));
    res.end(() => t.log('callbacks', 'second end'));
    res.on('finish', () => {
      res.end(() => t.log('callbacks', 'end in finish'));
      process.nextTick(() => res.end(() => t.log('callbacks', 'end after finish')));
    });
    res.on('close', () => {
      res.end(() => t.log('callbacks', 'end in close'));
      setImmediate(() => res.end(() => t.log('callbacks', 'end long after')));
    });
  }),

  'what end accepts': handling((req, res, t) => {
    const action = {
      '/undefined': () => res.end(undefined),
      '/null': () => res.end(null),
      '/empty': () => res.end(''),
      '/number': () => res.end(5),
      '/object': () => res.end({}),
      '/array': () => res.end(['a']),
      '/uint8': () => res.end(new Uint8Array([65, 66])),
      '/buffer': () => res.end(Buffer.from('body')),
      '/hex': () => res.end('4142', 'hex'),
      '/encoding': () => res.end('a', 'nonsense'),
      '/callback': () => res.end('a', () => t.log('handler', 'callback')),
      '/nulls': () => res.end(null, null, () => t.log('handler', 'callback')),
    }[req.url];
    t.attempt('handler', req.url, () => action() === res);
    if (!res.writableEnded)
      t.attempt('handler', 'end', () => res.end() === res);
  }),

  'what write accepts': handling((req, res, t) => {
    for (const value of badValues)
      t.attempt('handler', `write ${typeof value}`, () => res.write(value));
    t.attempt('handler', 'write nothing', () => res.write());
    t.attempt('handler', 'write Uint8Array', () => res.write(new Uint8Array([65])));
    t.attempt('handler', 'write encoding', () => res.write('41', 'hex'));
    t.attempt('handler', 'write bad encoding', () => res.write('a', 'nonsense'));
    res.stream.on('error', (error) => t.log('stream', 'error', error));
    res.end();
  }),

  'write after end': handling((req, res, t) => {
    res.stream.on('error', (error) => t.log('stream', 'error', error));
    res.end('x');
    t.attempt('handler', 'write', () => res.write('late'));
    t.attempt('handler', 'write with callback', () => res.write('late', (error) => t.log('callbacks', error)));
    res.on('close', () => {
      t.attempt('handler', 'write in close', () => res.write('late', (error) => t.log('callbacks', error)));
      setImmediate(() => {
        t.attempt('handler', 'write later', () => res.write('late', (error) => t.log('callbacks', error)));
      });
    });
  }),

  'headers by setHeader': handling((req, res, t) => {
    res.setHeader('X-Upper', 'Value');
    res.setHeader(' spaced\t', 'trimmed');
    res.setHeader('list', ['a', 'b']);
    res.setHeader('set-cookie', ['a=1', 'b=2']);
    res.setHeader('number', 5);
    t.log('handler', res.getHeaderNames(), { ...res.getHeaders() });
    t.log('handler', res.getHeader('x-UPPER'), res.getHeader('list'), res.getHeader('number'), res.hasHeader('LIST'));
    t.log('handler', res.getHeader('none'), res.hasHeader('none'));
    res.removeHeader('NUMBER');
    res.removeHeader('none');
    t.log('handler', res.getHeaderNames(), typeof res.getHeader('list'), Object.getPrototypeOf(res.getHeaders()));
    res.end();
  }),

  'invalid names and values of headers': handling((req, res, t) => {
    const names = [undefined, null, 5, '', ' ', 'a b', ':status', ':path', ':unknown', 'ä', 'a\0', {}, [],
      Symbol('s')];
    for (const name of names) {
      const label = typeof name === 'symbol' ? 'symbol' : JSON.stringify(name);
      t.attempt('setHeader', label, () => res.setHeader(name, 'v'));
      t.attempt('appendHeader', label, () => res.appendHeader(name, 'v'));
      t.attempt('setTrailer', label, () => res.setTrailer(name, 'v'));
      t.attempt('getHeader', label, () => res.getHeader(name));
      t.attempt('hasHeader', label, () => res.hasHeader(name));
      t.attempt('removeHeader', label, () => res.removeHeader(name));
    }
    for (const value of [undefined, null, '', 0, false, 'a\nb', 'ä', '\u0100', [], [undefined], {}]) {
      const label = `${typeof value} ${JSON.stringify(value)}`;
      t.attempt('setHeader', label, () => res.setHeader('name', value));
      t.attempt('appendHeader', label, () => res.appendHeader('name', value));
      t.attempt('setTrailer', label, () => res.setTrailer('name', value));
      res.removeHeader('name');
    }
    res.end();
  }),

  'connection-specific headers are dropped with a warning': handling((req, res, t) => {
    for (const name of ['connection', 'Upgrade', 'http2-settings', 'keep-alive', 'proxy-connection',
      'transfer-encoding', 'TE']) {
      t.attempt('handler', name, () => res.setHeader(name, 'x'));
      t.attempt('handler', `${name} trailers`, () => res.setHeader(name, 'trailers'));
    }
    t.log('handler', res.getHeaderNames());
    for (const name of res.getHeaderNames())
      res.removeHeader(name);
    res.end();
  }),

  'appendHeader': handling((req, res, t) => {
    res.appendHeader('one', 'a');
    t.log('handler', res.getHeader('one'));
    res.appendHeader('One', 'b');
    t.log('handler', res.getHeader('one'));
    res.appendHeader('one', ['c', 'd']);
    t.log('handler', res.getHeader('one'));
    res.appendHeader('fresh', ['a', 'b']);
    t.log('handler', res.getHeader('fresh'));
    res.setHeader('number', 1);
    res.appendHeader('number', 2);
    t.log('handler', res.getHeader('number'));
    t.attempt('handler', 'pseudo', () => res.appendHeader(':status', '5'));
    t.attempt('handler', 'connection', () => res.appendHeader('connection', 'close'));
    const own = ['a'];
    res.setHeader('own', own);
    res.appendHeader('own', 'b');
    t.log('handler', own, res.getHeader('own'), res.getHeader('own') === own, res.getHeaderNames());
    const fresh = ['a'];
    res.appendHeader('fresh-own', fresh);
    t.log('handler', res.getHeader('fresh-own') === fresh);
    res.appendHeader('fresh-own', 'b');
    t.log('handler', fresh);
    t.attempt('handler', 'nothing', () => res.appendHeader('nothing', []));
    t.log('handler', res.getHeader('nothing'), res.hasHeader('nothing'));
    res.end();
  }),

  'which check comes first': handling((req, res, t) => {
    const calls = () => {
      for (const [name, value] of [[], [''], [5, 'x'], [':status'], [':unknown'], ['A B', 'x'], ['A B'], [' X '],
        ['te', undefined]]) {
        for (const method of ['setHeader', 'appendHeader', 'setTrailer', 'removeHeader', 'hasHeader'])
          t.attempt(method, `${name}`, () => res[method](name, value));
      }
    };
    calls();
    res.flushHeaders();
    calls();
    res.end('x');
    res.on('close', calls);
  }),

  'headers after they were sent': handling((req, res, t) => {
    res.setHeader('before', '1');
    res.flushHeaders();
    t.log('handler', res.headersSent, res.getHeader('before'), res.getHeaderNames());
    t.attempt('handler', 'setHeader', () => res.setHeader('a', 'b'));
    t.attempt('handler', 'appendHeader', () => res.appendHeader('a', 'b'));
    t.attempt('handler', 'removeHeader', () => res.removeHeader('before'));
    t.attempt('handler', 'writeHead', () => res.writeHead(404));
    t.attempt('handler', 'statusCode', () => { res.statusCode = 404; });
    t.attempt('handler', 'flushHeaders', () => res.flushHeaders());
    t.log('handler', res.statusCode);
    res.end('x');
  }),

  'headers after the stream closed': handling((req, res, t) => {
    res.end('x');
    res.on('close', () => setImmediate(() => {
      t.attempt('handler', 'setHeader', () => res.setHeader('a', 'b'));
      t.attempt('handler', 'appendHeader', () => res.appendHeader('a', 'b'));
      t.attempt('handler', 'removeHeader', () => res.removeHeader('a'));
      t.attempt('handler', 'setTrailer', () => res.setTrailer('a', 'b'));
      t.attempt('handler', 'writeHead', () => res.writeHead(404) === res);
      t.attempt('handler', 'flushHeaders', () => res.flushHeaders());
      t.attempt('handler', 'writeContinue', () => res.writeContinue());
      t.attempt('handler', 'writeEarlyHints', () => res.writeEarlyHints({ link: '</a>; rel=preload' }));
      t.attempt('handler', 'statusCode', () => { res.statusCode = 300; });
      t.attempt('handler', 'cork', () => res.cork());
      t.attempt('handler', 'uncork', () => res.uncork());
      t.attempt('handler', 'setTimeout', () => res.setTimeout(5));
      t.attempt('handler', 'destroy', () => res.destroy());
      t.log('handler', res.headersSent, res.sendDate, res.statusCode, res.writableEnded, res.finished);
      t.log('handler', res.writableLength, res.writableCorked, res.writableNeedDrain, res.writableFinished,
        res.writableObjectMode, res.socket === undefined, res.stream.destroyed);
    }));
  }),

  'writeHead in its forms': handling((req, res, t) => {
    res.setHeader('kept', 'yes');
    res.setHeader('overridden', 'no');
    const forms = {
      '/status': () => res.writeHead(404),
      '/object': () => res.writeHead(201, { overridden: 'yes', Added: 1 }),
      '/message': () => res.writeHead(200, 'Fine', { overridden: 'yes' }),
      '/pairs': () => res.writeHead(200, [['overridden', 'a'], ['overridden', 'b'], ['Added', 'c']]),
      '/flat': () => res.writeHead(200, ['overridden', 'a', 'overridden', 'b', 'Added', 'c']),
      '/odd': () => res.writeHead(200, ['overridden', 'a', 'left over']),
      '/null': () => res.writeHead(200, null),
      '/nullproto': () => res.writeHead(200, { __proto__: null, overridden: 'yes' }),
      '/empty': () => res.writeHead(200, []),
      '/status-header': () => res.writeHead(200, { ':status': 404 }),
      '/undefined-value': () => res.writeHead(200, { added: undefined }),
      '/bad-name': () => res.writeHead(200, { 'a b': 'c' }),
      '/connection': () => res.writeHead(200, { connection: 'close' }),
      '/100': () => res.writeHead(100),
      '/101': () => res.writeHead(101),
      '/99': () => res.writeHead(99),
      '/600': () => res.writeHead(600),
      '/string': () => res.writeHead('404'),
      '/nonsense': () => res.writeHead('nonsense'),
      '/undefined': () => res.writeHead(),
      '/twice': () => { res.writeHead(200); res.writeHead(300); },
    };
    t.attempt('handler', req.url, () => forms[req.url]() === res);
    t.log('handler', res.headersSent, res.statusCode);
    if (res.statusCode < 200 || res.statusCode > 599)
      res.statusCode = 500;
    res.end();
  }),

  'statusCode': handling((req, res, t) => {
    t.log('handler', res.statusCode);
    for (const code of [200, '404', 99, 100, 101, 199, 200.9, 599, 600, 999, NaN, null, undefined, 'x', {},
      true, -1]) {
      t.attempt('handler', String(code), () => {
        res.statusCode = code;
        return res.statusCode;
      });
    }
    res.statusCode = 418;
    res.end();
  }),

  'statusMessage warns once': handling((req, res, t) => {
    t.log('handler', JSON.stringify(res.statusMessage));
    res.statusMessage = 'Fine';
    t.log('handler', JSON.stringify(res.statusMessage));
    res.writeHead(200, 'Fine');
    res.end();
  }, { count: 2 }),

  'sendDate': async (t) => {
    const server = await t.serve({}, (req, res) => {
      t.log('handler', res.sendDate);
      switch (req.url) {
        case '/off': res.sendDate = false; break;
        case '/zero': res.sendDate = 0; break;
        case '/removed': res.removeHeader('Date'); break;
        case '/own': res.setHeader('date', 'own'); break;
        case '/own-off': res.setHeader('date', 'own'); res.sendDate = false; break;
        case '/removed-own': res.removeHeader('date'); res.setHeader('date', 'own'); break;
      }
      t.log('handler', res.sendDate);
      res.end();
    });
    const client = t.connect(server);
    for (const path of ['/', '/off', '/zero', '/removed', '/own', '/own-off', '/removed-own']) {
      const request = client.request({ ':path': path });
      const [headers] = await t.once(request.resume(), 'response');
      t.log('client', path, headers.date === undefined ? 'none' : headers.date === 'own' ? 'own' : 'now');
      await t.once(request, 'close');
    }
    await t.finish(client, server);
  },

  'trailers': handling((req, res, t) => {
    res.setTrailer('Checksum', 'abc');
    res.addTrailers({ 'X-One': 1, 'x-two': ['a', 'b'] });
    res.setTrailer('checksum', 'def');
    res.end('body');
  }),

  'trailers without a body': handling((req, res) => {
    res.setTrailer('a', 'b');
    res.end();
  }),

  'trailers set after the head': handling((req, res) => {
    res.write('body');
    res.addTrailers({ late: 'yes' });
    res.end();
  }),

  'what addTrailers accepts': handling((req, res, t) => {
    for (const value of [undefined, null, [], [['a', 'b']], { ':status': 5 }, { 'a b': 'c' }, { a: undefined }, 'ab'])
      t.attempt('handler', JSON.stringify(value) ?? 'undefined', () => res.addTrailers(value));
    res.end('x');
  }),

  'HEAD': handling((req, res, t) => {
    t.log('handler', res.write('dropped', () => t.log('callbacks', 'write')));
    t.log('handler', res.headersSent, res.writableEnded);
    res.end('dropped too', () => t.log('callbacks', 'end'));
    t.log('handler', res.writableEnded, res.finished);
  }, { headers: { ':path': '/', ':method': 'HEAD' } }),

  'HEAD with trailers': handling((req, res) => {
    res.setTrailer('a', 'b');
    res.end('dropped');
  }, { headers: { ':path': '/', ':method': 'HEAD' } }),

  'statuses that have no body': async (t) => {
    const server = await t.serve({}, (req, res) => {
      t.spy(res, `res ${req.url}`);
      res.stream.on('error', (error) => t.log(`stream ${req.url}`, 'error', error));
      res.statusCode = Number(req.url.slice(1));
      res.setTrailer('a', 'b');
      res.end('body', () => t.log(`callbacks ${req.url}`, 'end'));
    });
    const client = t.connect(server);
    for (const status of [204, 205, 304])
      await t.exchange(client, { ':path': `/${status}` }, { channel: `client ${status}` });
    await t.finish(client, server);
  },

  'writing with a status that has no body': async (t) => {
    const server = await t.serve({}, (req, res) => {
      t.spy(res, 'res');
      res.stream.on('error', (error) => t.log('stream', 'error', error));
      res.writeHead(204);
      t.attempt('handler', 'write', () => res.write('body', (error) => t.log('callbacks', 'write', error ?? 'fine')));
      t.attempt('handler', 'end', () => res.end('more', () => t.log('callbacks', 'end')) === res);
    });
    const client = t.connect(server);
    await t.exchange(client, { ':path': '/' });
    await t.finish(client, server);
  },

  'back-pressure and drain': async (t) => {
    const server = await t.serve({}, (req, res) => {
      t.spy(res, 'res');
      const chunk = Buffer.alloc(res.writableHighWaterMark, 'x');
      t.log('handler', res.writableLength);
      t.log('handler', res.write(chunk), res.writableLength === chunk.length);
      let rounds = 3;
      res.on('drain', () => {
        t.log('handler', 'drained', res.writableLength);
        if (--rounds > 0)
          t.log('handler', res.write(chunk));
        else
          res.end();
      });
    });
    const client = t.connect(server);
    const request = client.request({ ':path': '/' });
    let size = 0;
    request.on('data', (chunk) => { size += chunk.length; });
    await t.once(request, 'close');
    t.log('client', size % 3);
    await t.finish(client, server);
  },

  'cork and uncork': handling((req, res, t) => {
    res.cork();
    res.cork();
    t.log('handler', res.writableCorked, res.write('a'), res.write('b'), res.writableLength);
    res.uncork();
    t.log('handler', res.writableCorked);
    res.uncork();
    t.log('handler', res.writableCorked);
    res.end('c');
  }),

  'piping into the response': handling((req, res, t) => {
    const { Readable } = require('node:stream');
    Readable.from([Buffer.from('one '), Buffer.from('two '), Buffer.from('three')]).pipe(res);
  }),

  'pipeline into the response': handling((req, res, t) => {
    const { Readable, pipeline } = require('node:stream');
    pipeline(Readable.from(['one ', 'two']), res, (error) => t.log('handler', 'pipeline', error ?? 'fine'));
  }),

  'finished() of both': handling((req, res, t) => {
    const { finished } = require('node:stream');
    finished(req, (error) => t.log('handler', 'req finished', error ?? 'fine'));
    finished(res, (error) => t.log('handler', 'res finished', error ?? 'fine'));
    res.end('x');
  }),

  'destroy before anything was sent': handling((req, res, t) => {
    t.log('handler', res.destroy() === undefined, res.headersSent, res.writableEnded, res.stream.destroyed);
    t.attempt('handler', 'again', () => res.destroy());
    t.attempt('handler', 'write', () => res.write('x', (error) => t.log('callbacks', 'write', error)));
    t.attempt('handler', 'end', () => res.end('x', (error) => t.log('callbacks', 'end', error)) === res);
  }),

  'destroy with an error': handling((req, res, t) => {
    res.stream.on('error', (error) => t.log('stream', 'error', error));
    res.write('x');
    res.destroy(new Error('broken'));
    t.log('handler', res.stream.destroyed, res.writableEnded);
  }),

  'an error of the stream without a listener': handling((req, res, t) => {
    res.write('x');
    res.stream.destroy(new Error('broken'));
  }),

  'closing the stream under the response': handling((req, res, t) => {
    res.stream.close(8);
    t.attempt('handler', 'writeHead', () => res.writeHead(200) === res);
    t.attempt('handler', 'setHeader', () => res.setHeader('a', 'b'));
    t.attempt('handler', 'write', () => res.write('x', (error) => t.log('callbacks', 'write', error)));
    t.attempt('handler', 'end', () => res.end('x', () => t.log('callbacks', 'end')) === res);
    t.log('handler', res.headersSent, res.writableEnded);
  }),

  'writeContinue and writeEarlyHints': handling((req, res, t) => {
    t.log('handler', res.writeContinue());
    t.log('handler', res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' }));
    t.log('handler', res.writeEarlyHints({
      link: ['</a.css>; rel=preload', '</b.js>; rel=preload; as=script'],
      'X-Id': 1
    }));
    t.log('handler', res.writeEarlyHints({ link: [] }));
    t.log('handler', res.headersSent);
    res.end('x');
    t.log('handler', res.writeContinue(), res.writeEarlyHints({ link: '</a.css>; rel=preload' }));
  }),

  'what writeEarlyHints refuses': handling((req, res, t) => {
    for (const value of badValues)
      t.attempt('handler', `hints ${typeof value}`, () => res.writeEarlyHints(value));
    for (const value of [...badValues, 'no link', '<a>', '<a>; rel', '<a>; rel=x', '<a>; rel=x, <b>; rel=y',
      ['<a>; rel=x', 5]])
      t.attempt('handler', `link ${typeof value} ${Array.isArray(value) ? 'array' : String(value)}`,
        () => res.writeEarlyHints({ link: value }));
    t.attempt('handler', 'no link', () => res.writeEarlyHints({ 'x-other': 'a' }));
    t.attempt('handler', 'connection', () => res.writeEarlyHints({ 'link': '<a>; rel=x', 'connection': 'a' }));
    t.attempt('handler', 'bad name', () => res.writeEarlyHints({ 'link': '<a>; rel=x', 'a b': 'a' }));
    t.attempt('handler', 'bad value', () => res.writeEarlyHints({ 'link': '<a>; rel=x', 'a': undefined }));
    t.attempt('handler', 'status', () => res.writeEarlyHints({ 'link': '<a>; rel=x', ':status': 200 }));
    t.attempt('handler', 'upper', () => res.writeEarlyHints({ Link: '<a>; rel=x' }));
    t.attempt('handler', 'both', () => res.writeEarlyHints({
      Link: '<b>; rel=x', link: '<a>; rel=x', X: 'y',
      x: 'z'
    }));
    res.end();
    for (const value of [undefined, { link: 5 }, { 'link': '<a>; rel=x', 'a b': 'a' }])
      t.attempt('handler', 'late', () => res.writeEarlyHints(value));
  }),

  'writeInformation': handling((req, res, t) => {
    t.log('handler', res.writeInformation(103, { link: 'x' }), res.writeInformation(102),
      res.writeInformation(199, null));
    for (const status of [undefined, null, '103', 99, 101, 200, 100.5, NaN])
      t.attempt('handler', String(status), () => res.writeInformation(status));
    for (const headers of [[], [['a', 'b']], 'x', 5, { ':status': 200 }, { a: undefined }, { connection: 'x' }])
      t.attempt('handler', JSON.stringify(headers), () => res.writeInformation(103, headers));
    res.end();
    t.attempt('handler', 'late', () => res.writeInformation(103));
    t.attempt('handler', 'late and wrong', () => res.writeInformation(5));
  }),

  'createPushResponse': async (t) => {
    const server = await t.serve({}, (req, res) => {
      for (const callback of badValues.slice(0, -1)) {
        t.attempt('handler', `callback ${typeof callback}`,
          () => res.createPushResponse({ ':path': '/pushed' }, callback));
      }
      res.createPushResponse({ ':path': '/pushed', 'x-a': 'b' }, (error, push) => {
        t.log('handler', 'callback', error, push.stream.id, push.constructor === res.constructor, String(push.req));
        t.spy(push, 'push');
        push.setHeader('content-type', 'text/plain');
        push.end('pushed');
        res.end('answer');
      });
      res.on('close', () => setImmediate(() => {
        res.createPushResponse({ ':path': '/late' }, (error) => t.log('handler', 'late', error));
      }));
    });
    const client = t.connect(server);
    client.on('stream', (stream, headers) => {
      t.log('client push', headers);
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
      stream.on('push', (pushed) => t.log('client push', pushed));
      stream.on('close', () => t.log('client push', text));
    });
    await t.exchange(client, { ':path': '/', ':authority': 'example.org' });
    await t.sleep();
    await t.finish(client, server);
  },

  'createPushResponse to a client that refuses pushes': async (t) => {
    const server = await t.serve({}, (req, res) => {
      t.attempt('handler', 'push', () => {
        res.createPushResponse({ ':path': '/pushed' }, (error) => t.log('handler', 'callback', error));
      });
      res.end('answer');
    });
    const client = t.connect(server, { settings: { enablePush: false } });
    await t.exchange(client, { ':path': '/' });
    await t.finish(client, server);
  },

  'own classes': async (t) => {
    const { Http2ServerRequest, Http2ServerResponse } = t.http2;
    class Request extends Http2ServerRequest {
      get agent() { return this.headers['user-agent']; }
    }
    class Response extends Http2ServerResponse {
      send(text) { return this.writeHead(201, { 'x-own': 'yes' }).end(text); }
    }
    const options = { Http2ServerRequest: Request, Http2ServerResponse: Response };
    const server = await t.serve(options, (req, res) => {
      t.log('handler', req instanceof Request, res instanceof Response, req.agent);
      res.send('own');
    });
    const client = t.connect(server);
    await t.exchange(client, { ':path': '/', 'user-agent': 'me' });
    await t.finish(client, server);
  },
};

// Scripts above that dispatch on the path are driven with each of their paths.
for (const [name, paths] of Object.entries({
  'what end accepts': ['undefined', 'null', 'empty', 'number', 'object', 'array', 'uint8', 'buffer', 'hex',
    'encoding',
    'callback', 'nulls'],
  'writeHead in its forms': ['status', 'object', 'message', 'pairs', 'flat', 'odd', 'null', 'nullproto', 'empty',
    'status-header', 'undefined-value', 'bad-name', 'connection', '100', '101', '99', '600', 'string', 'nonsense',
    'undefined', 'twice'],
})) {
  const script = module.exports[name];
  delete module.exports[name];
  for (const path of paths)
    module.exports[`${name}: ${path}`] = (t) => script(t, `/${path}`);
}
