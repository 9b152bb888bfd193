'use strict';

// How streams end: by answers, by resets from either side, by destroy() in the middle of things.

const post = { ':path': '/', ':method': 'POST' };

// One exchange between `serve(stream, t)` and `request(request, session, t)`, every event of both streams logged, with
// what the streams say about themselves at the end.
function exchange(serve, request = () => {}, { headers = { ':path': '/' }, options, settle = 0, quietServer = false } = {}) {
  return async (t) => {
    const server = await t.serve();
    server.on('stream', (stream, received, flags) => {
      stream.on('error', () => {});
      if (!quietServer) {
        t.log('server', 'stream', flags);
        t.spy(stream, 'server');
        stream.on('close', () => t.log('server', 'after', ...describe(stream)));
      }
      serve(stream, t);
    });
    server.on('sessionError', (error) => t.log('server session', 'error', error));
    const client = t.connect(server);
    client.on('error', (error) => t.log('client session', 'error', error));
    const stream = client.request(headers, options);
    t.spy(stream, 'client');
    stream.on('error', () => {});
    const closed = t.once(stream, 'close');
    request(stream, client, t);
    if (stream.listenerCount('data') === 0 && stream.readableFlowing === null)
      stream.resume();
    await closed;
    t.log('client', 'after', ...describe(stream));
    await t.sleep(settle || t.moment);
    await t.finish(client, server);
  };
}

function describe(stream) {
  return [
    `rst:${stream.rstCode}`, `aborted:${stream.aborted}`, `destroyed:${stream.destroyed}`, `closed:${stream.closed}`,
    `readableEnded:${stream.readableEnded}`, `writableFinished:${stream.writableFinished}`,
    `writableEnded:${stream.writableEnded}`, `session:${stream.session === undefined ? 'none' : 'there'}`,
    `pending:${stream.pending}`, `endAfterHeaders:${stream.endAfterHeaders}`, `headersSent:${stream.headersSent}`,
  ];
}

function answer(stream) {
  stream.respond();
  stream.end('hello');
}

function half(stream) {
  stream.respond();
  stream.write('hello');
}

// Not in the event itself: there node holds back what the session writes, and a reset overtakes what came before it.
function onResponse(action) {
  return (stream, client, t) => stream.on('response', () => setTimeout(action, 5, stream, client, t));
}

module.exports = {
  'answered': exchange(answer),
  'answered later': exchange((stream) => setTimeout(answer, 10, stream)),
  'answered without a body': exchange((stream) => stream.respond({ ':status': 200 }, { endStream: true })),
  'answered to a POST before it is complete': exchange(answer, (stream) => {
    stream.write('some');
    stream.on('response', () => stream.end('more'));
  }, { headers: post }),
  'answered to a POST that never ends': exchange(answer, () => {}, { headers: post }),
  'answered after the body was read': exchange((stream) => {
    stream.resume();
    stream.on('end', () => answer(stream));
  }, (stream) => stream.end('body'), { headers: post }),
  'echoed': exchange((stream) => {
    stream.respond();
    stream.pipe(stream);
  }, (stream) => stream.end('body'), { headers: post }),
  'ended before respond': exchange((stream) => stream.end('hello')),
  'written before respond': exchange((stream) => {
    stream.write('hello');
    stream.end();
  }),

  ...codes('reset by the client', (code) => exchange(half, onResponse((stream) => stream.close(code)),
    { headers: post })),
  ...codes('reset by the server', (code) => exchange((stream) => {
    half(stream);
    setTimeout(() => stream.close(code), 10);
  }, undefined, { headers: post })),
  ...codes('reset by the server before an answer', (code) => exchange((stream) => stream.close(code), undefined,
    { headers: post })),
  ...codes('reset by the client at once', (code) => exchange(half, (stream) => stream.close(code),
    { headers: post })),

  'destroyed by the client': exchange(half, onResponse((stream) => stream.destroy())),
  'destroyed by the client with an error': exchange(half,
    onResponse((stream) => stream.destroy(new Error('broken')))),
  'destroyed by the client at once': exchange(half, (stream) => stream.destroy()),
  'destroyed by the client at once with an error': exchange(half, (stream) => stream.destroy(new Error('broken'))),
  'destroyed by the server': exchange((stream) => {
    half(stream);
    setTimeout(() => stream.destroy(), 10);
  }),
  'destroyed by the server with an error': exchange((stream) => {
    half(stream);
    setTimeout(() => stream.destroy(new Error('broken')), 10);
  }),
  'destroyed by the server before an answer': exchange((stream) => stream.destroy()),
  'destroyed by the server before an answer, with an error': exchange((stream) => stream.destroy(new Error('broken'))),

  'close with a callback': exchange(half, (stream, client, t) => {
    stream.on('response', () => {
      t.attempt('client', 'close', () => stream.close(8, () => t.log('client', 'callback')));
      t.attempt('client', 'again', () => stream.close(2, () => t.log('client', 'second callback')));
      t.log('client', stream.closed, stream.destroyed, stream.rstCode);
    });
  }),
  'what close accepts': exchange(half, (stream, client, t) => {
    stream.on('response', () => {
      for (const code of [-1, 2 ** 32, 1.5, 'x', null, {}, NaN, true, 10n])
        t.attempt('client', `code ${String(code)}`, () => stream.close(code));
      for (const callback of [null, 'x', 5, {}])
        t.attempt('client', `callback ${String(callback)}`, () => stream.close(0, callback));
      stream.close(2 ** 32 - 1);
    });
  }),

  'calls after the end': exchange((stream, t) => {
    answer(stream);
    stream.on('close', () => setImmediate(() => {
      for (const [label, call] of Object.entries(calls(stream)))
        t.attempt('calls', label, call);
    }));
  }),
  'calls after close': exchange((stream, t) => {
    stream.close(8);
    for (const [label, call] of Object.entries(calls(stream)))
      t.attempt('calls', label, call);
  }),
  'calls after destroy': exchange((stream, t) => {
    stream.destroy();
    for (const [label, call] of Object.entries(calls(stream)))
      t.attempt('calls', label, call);
  }),
  'calls in the wrong order': exchange((stream, t) => {
    t.attempt('calls', 'sendTrailers', () => stream.sendTrailers({ a: 'b' }));
    stream.respond();
    t.attempt('calls', 'respond', () => stream.respond());
    t.attempt('calls', 'additionalHeaders', () => stream.additionalHeaders({ ':status': 103 }));
    t.attempt('calls', 'respondWithFile', () => stream.respondWithFile(__filename));
    t.attempt('calls', 'respondWithFD', () => stream.respondWithFD(0));
    t.attempt('calls', 'sendTrailers', () => stream.sendTrailers({ a: 'b' }));
    stream.end();
  }),

  'write after end': exchange((stream, t) => {
    stream.respond();
    stream.end('x');
    stream.write('y', (error) => t.log('callbacks', error));
  }),
  'callbacks of write and end': exchange((stream, t) => {
    stream.respond();
    t.log('callbacks', stream.write('a', (...args) => t.log('callbacks', 'write', ...args)));
    stream.end('b', (...args) => t.log('callbacks', 'end', ...args));
    stream.end((...args) => t.log('callbacks', 'second end', ...args));
  }, undefined, { quietServer: true }),
  'callbacks of a stream that is destroyed': exchange((stream, t) => {
    stream.respond();
    stream.write('a', (...args) => t.log('callbacks', 'write', ...args));
    stream.write('b', (...args) => t.log('callbacks', 'second write', ...args));
    stream.end('c', (...args) => t.log('callbacks', 'end', ...args));
    stream.destroy();
  }),

  ...inListener('destroyed', (stream) => stream.destroy(), ['headers', 'response', 'data', 'end', 'trailers', 'finish', 'close']),
  ...inListener('closed', (stream) => stream.close(), ['ready', 'response', 'data', 'end', 'trailers', 'finish', 'close']),
  ...inListener('closed with a code', (stream) => stream.close(8), ['ready', 'end', 'trailers', 'close']),
  ...inListener('destroyed with an error', (stream) => stream.destroy(new Error('broken')),
    ['headers', 'response', 'end', 'trailers', 'close']),

  'an error without a listener': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      t.spy(stream, 'server');
      stream.respond();
      setTimeout(() => stream.destroy(new Error('unheard')), t.moment);
    });
    const client = t.connect(server);
    const stream = client.request({ ':path': '/' });
    t.spy(stream, 'client');
    stream.on('error', () => {});
    await t.once(stream.resume(), 'close');
    await t.finish(client, server);
  },

  'not read by the client': exchange((stream) => {
    stream.respond();
    stream.end('hello');
  }, (stream, client, t) => {
    stream.pause();
    stream.on('response', () => setTimeout(() => {
      t.log('client', 'state', stream.readableLength, stream.readableEnded, stream.destroyed);
      stream.resume();
    }, t.moment));
  }),

  'an abort signal': exchange(half, (stream, client, t) => {
    const controller = new AbortController();
    const other = client.request({ ':path': '/' }, { signal: controller.signal });
    t.spy(other, 'aborted');
    other.on('error', () => {});
    other.on('response', () => controller.abort());
    other.on('close', () => {
      t.log('aborted', ...describe(other));
      stream.close();
    });
  }, { quietServer: true }),
  'an abort signal before the request': exchange(half, (stream, client, t) => {
    const other = client.request({ ':path': '/' }, { signal: AbortSignal.abort() });
    t.spy(other, 'aborted');
    other.on('error', () => {});
    other.on('close', () => {
      t.log('aborted', ...describe(other));
      stream.close();
    });
  }, { quietServer: true }),
};

function codes(name, make) {
  return Object.fromEntries([0, 1, 2, 7, 8, 11, 13, 255].map((code) => [`${name}: ${code}`, make(code)]));
}

function calls(stream) {
  return {
    'respond': () => stream.respond(),
    'additionalHeaders': () => stream.additionalHeaders({ ':status': 103 }),
    'respondWithFile': () => stream.respondWithFile(__filename),
    'respondWithFD': () => stream.respondWithFD(0),
    'pushStream': () => stream.pushStream({ ':path': '/p' }, () => {}),
    'sendTrailers': () => stream.sendTrailers({ a: 'b' }),
    'write': () => stream.write('x', () => {}),
    'end': () => stream.end() === stream,
    'close': () => stream.close(),
    'setTimeout': () => stream.setTimeout(0) === stream,
    'priority': () => stream.priority({ weight: 5 }),
    'id': () => [stream.id, stream.pushAllowed, stream.headersSent, typeof stream.sentHeaders, stream.bufferSize],
    'destroy': () => stream.destroy() === stream,
  };
}

// Ends a stream inside its own events, on either side. Left out are those in which a reset races the peer's END_STREAM.
function inListener(how, action, clientEvents) {
  const scripts = {};
  for (const event of clientEvents) {
    scripts[`${how} by the client in '${event}'`] = exchange(full, (stream) => {
      stream.once(event, () => action(stream));
      stream.on('response', () => stream.end('body'));
    }, { headers: post });
  }
  for (const event of ['data', 'end', 'wantTrailers', 'finish', 'close']) {
    scripts[`${how} by the server in '${event}'`] = exchange((stream) => {
      stream.once(event, () => action(stream));
      full(stream);
    }, (stream) => stream.end('body'), { headers: post });
  }
  return scripts;
}

function full(stream) {
  stream.on('data', () => {});
  stream.additionalHeaders({ ':status': 103 });
  stream.respond({}, { waitForTrailers: true });
  if (!stream.eventNames().includes('wantTrailers'))
    stream.on('wantTrailers', () => { if (!stream.closed) stream.sendTrailers({ a: 'b' }); });
  stream.end('hello');
}
