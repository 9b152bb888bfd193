'use strict';

// Pushed streams.

function pushing(serve, { options, onClient } = {}) {
  return async (t) => {
    const server = await t.serve();
    server.on('stream', (stream, headers) => {
      stream.on('error', (error) => t.log('server', 'error', error));
      serve(stream, t, headers);
    });
    server.on('sessionError', (error) => t.log('server', 'sessionError', error));
    const client = t.connect(server, options);
    client.on('error', (error) => t.log('session', 'error', error));
    client.on('stream', (stream, headers, flags, raw) => {
      // The order of frames of different streams is the engine's own.
      const channel = `pushed ${stream.id}`;
      t.log(channel, headers, flags, raw.length);
      t.spy(stream, channel, { args: true, without: ['data', 'readable', 'resume', 'prefinish'] });
      stream.on('error', () => {});
      if (onClient)
        onClient(stream, t);
      else
        stream.resume();
    });
    await t.once(client, 'remoteSettings');
    const request = client.request({ ':path': '/', ':authority': 'example.org' });
    request.on('error', (error) => t.log('client', 'error', error));
    t.spy(request, 'client', { only: ['response', 'end', 'close', 'aborted'] });
    await t.once(request.resume(), 'close');
    await t.sleep();
    await t.finish(client, server);
  };
}

// A push that must work.
function pushStream(stream, headers, use) {
  stream.pushStream(headers, (error, push) => {
    if (error)
      throw error;
    use(push);
  });
}

function answer(stream) {
  if (!stream.headersSent)
    stream.respond();
  stream.end('answer');
}

module.exports = {
  'a pushed answer': pushing((stream, t) => {
    t.log('server', stream.pushAllowed);
    t.attempt('server', 'push', () => stream.pushStream({ ':path': '/pushed', 'x-a': ['b', 'c'] },
      (error, push, headers) => {
        t.log('server', 'callback', error, push.id, push.constructor.name, headers, push.sentHeaders, push.headersSent,
          push.pushAllowed,
          push.readableEnded, push.writable, push.headRequest, push.endAfterHeaders);
        t.spy(push, 'server push', { without: ['readable'] });
        push.respond({ ':status': 201 });
        push.end('pushed');
      }));
    answer(stream);
  }),
  'several': pushing((stream, t) => {
    for (const path of ['/a', '/b', '/c']) {
      pushStream(stream, { ':path': path }, (push) => {
        t.log('server', path, push.id);
        push.respond();
        push.end(path);
      });
    }
    answer(stream);
  }),
  'after the answer began': pushing((stream, t) => {
    stream.respond();
    pushStream(stream, { ':path': '/late' }, (push) => {
      push.respond();
      push.end('late');
      stream.end();
    });
  }),
  'after the answer ended': pushing((stream, t) => {
    answer(stream);
    t.attempt('server', 'push', () => stream.pushStream({ ':path': '/late' }, (error, push) => {
      t.log('server', 'callback', error ?? 'fine');
      push?.respond();
      push?.end();
    }));
  }),
  'headers and options': pushing((stream, t) => {
    const callback = (error, push) => {
      t.log('server', 'callback', error, push?.sentHeaders);
      push?.on('error', () => {});
      push?.close();
    };
    for (const args of [[], [{}], [{}, callback], [null, callback], ['x', callback], [{}, 'x', callback], [{},
      null, callback], [{}, { weight: 300 }, callback],
    [{}, { parent: 'x' }, callback], [{ ':method': 'POST' }, callback], [{ ':method': 'HEAD' }, callback],
    [{ ':scheme': 'https', ':authority': 'other' }, callback],
    [{ 'a b': 'c' }, callback], [{ connection: 'x' }, callback], [{ ':status': 200 }, callback], [[':path', '/raw'],
      callback], [{ 'X-Upper': 'a', 'x': undefined }, callback]])
      t.attempt('server', t.show(args.map((arg) => (typeof arg === 'function' ? 'callback' : arg))),
        () => stream.pushStream(...args));
    setTimeout(answer, t.moment, stream);
  }),
  'a HEAD push': pushing((stream, t) => {
    pushStream(stream, { ':path': '/head', ':method': 'HEAD' }, (push) => {
      t.log('server', push.headRequest, push.writableEnded, push.sentHeaders);
      push.on('error', (failure) => t.log('server', 'push error', failure));
      push.respond();
      push.end('dropped');
    });
    answer(stream);
  }),
  'a push from a push': pushing((stream, t) => {
    pushStream(stream, { ':path': '/pushed' }, (push) => {
      t.attempt('server', 'nested', () => push.pushStream({ ':path': '/nested' }, () => {}));
      push.respond();
      push.end();
    });
    answer(stream);
  }),
  'not wanted by the settings': pushing((stream, t) => {
    t.log('server', stream.pushAllowed);
    t.attempt('server', 'push', () => stream.pushStream({ ':path': '/pushed' }, () => {}));
    answer(stream);
  }, { options: { settings: { enablePush: false } } }),
  'refused by the client': pushing((stream, t) => {
    pushStream(stream, { ':path': '/pushed' }, (push) => {
      t.spy(push, 'server push', { without: ['readable', 'resume'] });
      push.on('error', () => {});
      push.respond();
      push.write('some');
      setTimeout(answer, 20, stream);
    });
  }, { onClient: (stream) => stream.close(8) }),
  'reset by the server': pushing((stream, t) => {
    pushStream(stream, { ':path': '/pushed' }, (push) => {
      push.on('error', () => {});
      push.respond();
      push.write('some');
      setTimeout(() => push.close(2), 10);
      setTimeout(answer, 20, stream);
    });
  }),
  'reset before its answer': pushing((stream, t) => {
    pushStream(stream, { ':path': '/pushed' }, (push) => {
      push.on('error', () => {});
      push.close(8);
      setTimeout(answer, 20, stream);
    });
  }),
  'the request is reset, the push goes on': (t) => {
    let begin;
    const begun = new Promise((resolve) => { begin = resolve; });
    const serve = (stream) => pushStream(stream, { ':path': '/pushed' }, async (push) => {
      t.spy(push, 'server push', { without: ['readable', 'resume'] });
      push.respond();
      push.write('some');
      stream.close(8);
      // Where the end of the stream meets something that arrives, both have another order.
      await begun;
      await t.sleep();
      push.end('rest');
    });
    return pushing(serve, { onClient: (push) => push.once('data', begin) })(t);
  },
  'with trailers': pushing((stream, t) => {
    pushStream(stream, { ':path': '/pushed' }, (push) => {
      push.respond({}, { waitForTrailers: true });
      push.on('wantTrailers', () => push.sendTrailers({ c: 'd' }));
      push.end('pushed');
    });
    answer(stream);
  }),
  'nobody listens on the client': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      pushStream(stream, { ':path': '/pushed' }, (push) => {
        t.spy(push, 'server push', { without: ['readable', 'resume'] });
        push.on('error', () => {});
        push.respond();
        push.end('pushed');
      });
      setTimeout(answer, t.moment, stream);
    });
    const client = t.connect(server);
    const request = client.request({ ':path': '/' });
    t.spy(request, 'client', { only: ['response', 'end', 'close'] });
    await t.once(request.resume(), 'close');
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  },
};
