'use strict';

const { spy } = require('../../helpers/spy');

// Runs `handler(req, res, t)` on a server for one request.
function handling(handler, { headers = { ':path': '/' }, body, client: drive } = {}) {
  return async (t) => {
    const server = await t.serve({}, (req, res) => {
      t.spy(req, 'req');
      handler(req, res, t);
    });
    const client = t.connect(server);
    client.on('error', (error) => t.log('session', 'error', error));
    if (drive) {
      const request = client.request(headers, { endStream: false });
      t.spy(request, 'client', { only: ['response', 'error', 'close', 'trailers', 'aborted'] });
      request.resume();
      drive(request, client, t);
      await t.once(request, 'close');
      await t.sleep();
    } else {
      await t.exchange(client, headers, { body });
    }
    await t.finish(client, server);
  };
}

const post = { ':path': '/', ':method': 'POST' };

// Everything the handler's side sees, in one channel: the order between stream, request and response. The stream is
// listened to, not spied on: what counts is when a listener hears of something.
const STREAM_EVENTS = ['aborted', 'close', 'end', 'error', 'finish', 'prefinish', 'resume', 'timeout'];

function whole(handler, options) {
  return handling((req, res, t) => {
    const { stream } = req;
    // In node, before or after 'finish': that hangs on whether the session writes at once.
    stream.on('wantTrailers', () => t.log('order of trailers', 'stream:wantTrailers'));
    for (const name of STREAM_EVENTS) {
      stream.on(name, () => {
        // Older Nodes let a destroyed stream resume.
        if (name !== 'resume' || !stream.closed)
          t.log('order', `stream:${name}`);
      });
    }
    for (const [name, emitter] of Object.entries({ req, res })) {
      spy(emitter, (event) => {
        if (event !== 'data' && event !== 'readable')
          t.log('order', `${name}:${event}`);
      });
    }
    handler(req, res, t);
  }, options);
}

module.exports = {
  'what it says about itself': handling((req, res, t) => {
    t.log('req', req.httpVersion, req.httpVersionMajor, req.httpVersionMinor);
    t.log('req', req.method, req.url, req.authority, req.scheme, req.aborted, req.complete);
    t.log('req', { ...req.headers }, Object.getPrototypeOf(req.headers));
    t.log('req', req.rawHeaders);
    t.log('req', { ...req.trailers }, req.rawTrailers, req.socket === req.connection, res.req === req);
    t.log('req', req.readableHighWaterMark > 0, req.readableObjectMode, req.readable, req.readableFlowing);
    t.log('req', req.stream.session.constructor.name, req.path, req.statusCode, req.statusMessage);
    t.log('req', req.readableHighWaterMark === req.stream.readableHighWaterMark, Object.keys(req).length > 0);
    res.end();
  }, {
    headers: {
      ':path': '/a?b=c', ':method': 'DELETE', ':authority': 'example.org', 'x-dup': ['a', 'b'],
      'cookie': ['a=1', 'b=2'], 'x-one': 'c'
    }
  }),

  'authority falls back to host': handling((req, res, t) => {
    t.log('req', req.authority, req.headers.host, req.headers[':authority']);
    res.end();
  }, { headers: { ':path': '/', 'host': 'example.org' } }),

  'setting method and url': handling((req, res, t) => {
    for (const value of ['POST', ' post ', '', '   ', null, undefined, 5, {}]) {
      t.attempt('req', JSON.stringify(value) ?? 'undefined', () => {
        req.method = value;
        return req.method;
      });
    }
    for (const value of ['/other', '', null, undefined, 5]) {
      t.attempt('req', `url ${JSON.stringify(value) ?? 'undefined'}`, () => {
        req.url = value;
        return req.url;
      });
    }
    t.log('req', req.headers[':method'], req.headers[':path']);
    for (const name of ['headers', 'stream', 'socket', 'trailers', 'httpVersion', 'authority', 'aborted', 'complete'])
      t.attempt('req', name, () => { req[name] = 'x'; });
    res.end();
  }),

  'a body by data and end': handling((req, res, t) => {
    let text = '';
    req.setEncoding('utf8');
    req.on('data', (chunk) => { text += chunk; });
    req.on('end', () => {
      t.log('handler', text, req.complete, req.readableEnded);
      res.end(text);
    });
    t.log('handler', req.complete, req.readableEnded);
  }, { headers: post, body: 'the body' }),

  'a body by readable and read': handling((req, res, t) => {
    let size = 0;
    req.on('readable', () => {
      for (let chunk; (chunk = req.read()) !== null;)
        size += chunk.length;
    });
    req.on('end', () => res.end(String(size)));
  }, { headers: post, body: 'x'.repeat(100_000) }),

  'a body by iteration': handling(async (req, res, t) => {
    let text = '';
    for await (const chunk of req)
      text += chunk;
    t.log('handler', text.length, req.destroyed, req.readableEnded);
    res.end('iterated');
  }, { headers: post, body: 'x'.repeat(100_000) }),

  'a body by pipe': handling((req, res) => req.pipe(res), { headers: post, body: 'echo' }),

  'a body that nobody reads': handling((req, res) => res.end('ignored'), { headers: post, body: 'x'.repeat(200) }),

  'a body that is read after the answer': handling((req, res, t) => {
    let text = '';
    res.end('answer');
    setImmediate(() => {
      req.on('data', (chunk) => { text += chunk; });
      req.on('end', () => t.log('handler', text));
    });
  }, { headers: post, body: 'late' }),

  'pause and resume': handling((req, res, t) => {
    let text = '';
    req.pause();
    req.on('data', (chunk) => { text += chunk; });
    setTimeout(() => {
      t.log('handler', text, req.isPaused());
      req.resume();
    }, t.moment);
    req.on('end', () => {
      t.log('handler', text);
      res.end();
    });
  }, { headers: post, body: 'patience' }),

  'trailers arrive with the end': async (t) => {
    const server = await t.serve({}, (req, res) => {
      t.spy(req, 'req');
      t.log('handler', { ...req.trailers }, req.rawTrailers);
      req.resume();
      req.on('end', () => {
        t.log('handler', { ...req.trailers }, req.rawTrailers);
        res.end();
      });
    });
    const client = t.connect(server);
    const request = client.request(post, { waitForTrailers: true });
    request.on('wantTrailers', () => request.sendTrailers({ 'Checksum': 'abc', 'x-list': ['a', 'b'] }));
    request.end('body');
    request.resume();
    await t.once(request, 'close');
    await t.finish(client, server);
  },

  'aborted by a reset': handling((req, res, t) => {
    t.spy(res, 'res');
    req.on('aborted', () => t.log('handler', 'aborted', req.aborted, req.complete, res.writableEnded));
    req.on('close', () => t.log('handler', 'close', req.aborted, req.complete, req.readableEnded, req.destroyed));
    req.on('error', (error) => t.log('handler', 'error', error));
    res.write('x');
  }, {
    headers: post,
    client(request) {
      request.on('response', () => request.close(8));
    },
  }),

  'aborted by the end of the session': handling((req, res, t) => {
    t.spy(res, 'res');
    req.on('aborted', () => t.log('handler', 'aborted', req.aborted, req.complete));
    res.write('x');
  }, {
    headers: post,
    client(request, client) {
      request.on('response', () => client.destroy());
    },
  }),

  'no abort after the answer': handling((req, res, t) => {
    t.spy(res, 'res');
    res.end('x');
    req.on('close', () => t.log('handler', req.aborted, req.complete));
  }),

  'setTimeout': handling((req, res, t) => {
    t.log('handler', req.setTimeout(t.moment, () => {
      t.log('handler', 'timeout');
      res.end();
    }) === req);
    t.spy(res, 'res');
    res.on('finish', () => t.log('handler', req.setTimeout(5) === req));
    req.on('close', () => setImmediate(() => {
      t.attempt('handler', 'later', () => req.setTimeout(5, () => {}) === req);
    }));
  }),

  'setTimeout of the response': handling((req, res, t) => {
    t.spy(res, 'res');
    t.log('handler', res.setTimeout(t.moment, () => {
      t.log('handler', 'timeout');
      res.end();
    }) === res);
  }),

  'setTimeout with nonsense': handling((req, res, t) => {
    for (const value of [undefined, null, 'x', -1, NaN, Infinity, {}, 2 ** 31])
      t.attempt('handler', String(value), () => { req.setTimeout(value).setTimeout(0); });
    for (const value of [undefined, null, 'x', 5, {}])
      t.attempt('handler', `callback ${String(value)}`, () => { req.setTimeout(0, value); });
    res.end();
  }),

  'destroy of the request': handling((req, res, t) => {
    t.spy(res, 'res');
    req.on('error', (error) => t.log('handler', 'error', error));
    t.log('handler', req.destroy() === req, req.destroyed, req.stream.destroyed);
    setTimeout(() => {
      t.log('handler', req.stream.destroyed, res.writableEnded);
      res.end('still');
    }, t.moment);
  }),

  'destroy of the request with an error': handling((req, res, t) => {
    req.on('error', (error) => t.log('handler', 'error', error));
    req.destroy(new Error('broken'));
    setTimeout(() => res.end('still'), t.moment);
  }),

  'destroy of the request in mid-body': handling((req, res, t) => {
    req.once('data', () => {
      req.destroy();
      t.log('handler', req.complete, req.destroyed, req.readableEnded);
      res.end('enough');
      setTimeout(() => req.stream.destroy(), t.moment);
    });
  }, { headers: post, body: 'x'.repeat(50_000) }),

  'a body that stays paused': handling((req, res, t) => {
    req.on('data', () => t.log('handler', 'data'));
    req.pause();
    res.end('enough');
    res.on('close', () => {
      t.log('handler', req.complete, req.readableEnded, req.isPaused(), req.readableLength);
      setTimeout(() => req.resume(), t.moment);
    });
  }, { headers: post, body: 'x'.repeat(100) }),

  'complete, as it changes': handling((req, res, t) => {
    t.log('handler', req.complete, req.aborted);
    res.write('x');
    res.stream.destroy();
    t.log('handler', req.complete, req.aborted);
    req.on('close', () => t.log('handler', req.complete, req.aborted));
  }, { headers: post, client: () => {} }),

  'the objects after the end': handling((req, res, t) => {
    const { trailers, rawTrailers, headers, stream, socket } = req;
    res.end('x');
    req.on('close', () => setImmediate(() => {
      t.log('handler', req.trailers === trailers, req.rawTrailers === rawTrailers, req.headers === headers,
        req.stream === stream, req.socket === socket, req.connection === socket, res.stream === stream);
      t.log('handler', req.method, req.url, req.destroyed, req.readableEnded, req.readable);
      t.log('handler', res.destroyed, res.writable, res.closed, req.closed, req.errored, res.req === req);
      t.attempt('handler', 'pause', () => req.pause() === req);
      t.attempt('handler', 'resume', () => req.resume() === req);
      t.attempt('handler', 'read', () => req.read());
      t.attempt('handler', 'destroy', () => req.destroy() === req);
    }));
  }),

  'reading the stream instead of the request': handling((req, res, t) => {
    let text = '';
    req.stream.on('data', (chunk) => { text += chunk; });
    req.stream.on('end', () => {
      t.log('handler', text, req.readableEnded, req.complete);
      req.on('data', (chunk) => t.log('handler', 'data', String(chunk)));
      req.on('end', () => t.log('handler', 'end'));
      res.end('x');
    });
  }, { headers: post, body: 'body' }),

  'a request that is made late from a stream': async (t) => {
    const { Http2ServerRequest, Http2ServerResponse } = t.http2;
    const server = await t.serve({});
    server.on('stream', (stream, headers, flags, rawHeaders) => {
      const req = t.spy(new Http2ServerRequest(stream, headers, undefined, rawHeaders), 'req');
      const res = t.spy(new Http2ServerResponse(stream), 'res');
      t.log('handler', req.method, req.stream === stream, res.stream === stream, res.req === req,
        req.rawHeaders === rawHeaders);
      res.end('by hand');
    });
    const client = t.connect(server);
    await t.exchange(client, { ':path': '/' });
    await t.finish(client, server);
  },

  'options of the request': async (t) => {
    const { Http2ServerRequest } = t.http2;
    const server = await t.serve({});
    server.on('stream', (stream, headers, flags, rawHeaders) => {
      for (const options of [undefined, null, {}, { highWaterMark: 5 }, { encoding: 'utf8', autoDestroy: true }]) {
        t.attempt('handler', JSON.stringify(options) ?? 'undefined', () => {
          const req = new Http2ServerRequest(stream, headers, options, rawHeaders);
          return [req.readableHighWaterMark, req.readableEncoding, req._readableState.autoDestroy];
        });
      }
      stream.respond();
      stream.end();
    });
    const client = t.connect(server);
    await t.exchange(client, { ':path': '/' });
    await t.finish(client, server);
  },

  'order of everything: callbacks of end': whole((req, res, t) => {
    res.write('x', () => t.log('order', 'callback of write'));
    res.end('y', () => t.log('order', 'callback of end'));
    res.end(() => t.log('order', 'callback of the second end'));
    req.stream.on('finish', () => t.log('order', 'finish listener'));
    process.nextTick(() => t.log('order', 'tick'));
  }),
  'order of everything: callback of an end without a body': whole((req, res, t) => {
    res.end(() => t.log('order', 'callback of end'));
    t.log('order', 'sent', res.headersSent);
  }),
  'order of everything: callback of end for HEAD': whole((req, res, t) => {
    res.end(() => t.log('order', 'callback of end'));
  }, { headers: { ':path': '/', ':method': 'HEAD' } }),
  'order of everything: callback of end after writeHead for HEAD': whole((req, res, t) => {
    res.writeHead(200);
    setImmediate(() => {
      t.log('order', 'ended', res.writableEnded, res.stream.writableEnded);
      res.end('dropped', () => t.log('order', 'callback of end'));
    });
  }, { headers: { ':path': '/', ':method': 'HEAD' } }),
  'order of everything: callback of end after destroy': whole((req, res, t) => {
    res.stream.destroy();
    res.end('x', () => t.log('order', 'callback of end'));
    res.end(() => t.log('order', 'callback of the second end'));
    process.nextTick(() => t.log('order', 'tick'));
  }),
  'order of everything: end in close': whole((req, res, t) => {
    res.writeHead(200);
    res.stream.on('close', () => {
      res.end('x', () => t.log('order', 'callback of end'));
    });
    setTimeout(() => res.stream.close(), t.moment);
  }),
  'order of everything: an answer': whole((req, res) => res.end('x')),
  'order of everything: an answer without a body': whole((req, res) => res.end()),
  'order of everything: an answer in two writes': whole((req, res) => {
    res.write('x');
    res.end('y');
  }),
  'order of everything: a later answer': whole((req, res) => setTimeout(() => res.end('x'), 10)),
  'order of everything: a body read': whole((req, res) => {
    req.on('data', () => {});
    req.on('end', () => res.end('x'));
  }, { headers: post, body: 'body' }),
  'order of everything: a body ignored': whole((req, res) => res.end('x'), { headers: post, body: 'body' }),
  'order of everything: an echo': whole((req, res) => req.pipe(res), { headers: post, body: 'body' }),
  'order of everything: trailers': whole((req, res) => {
    res.setTrailer('a', 'b');
    res.end('x');
  }),
  'order of everything: HEAD': whole((req, res) => res.end('x'), { headers: { ':path': '/', ':method': 'HEAD' } }),
  'order of everything: 204': whole((req, res) => res.writeHead(204).end()),
  'order of everything: resume and answer': whole((req, res) => {
    req.resume();
    res.end('x');
  }),
  'order of everything: stream destroyed': whole((req, res) => {
    res.write('x');
    res.stream.destroy();
  }),
  'order of everything: stream destroyed with an error': whole((req, res) => {
    res.write('x');
    res.stream.destroy(new Error('broken'));
  }),
  'order of everything: response destroyed': whole((req, res) => res.destroy()),
  'order of everything: stream closed': whole((req, res) => res.stream.close(8)),
  'order of everything: reset by the client': whole((req, res) => res.write('x'), {
    headers: post,
    client: (request) => request.on('response', () => request.close(8)),
  }),
  'order of everything: reset by the client in mid-body': whole((req, res) => {
    req.on('data', () => {});
    res.write('x');
  }, {
    headers: post,
    client: (request) => {
      request.write('some');
      request.on('response', () => request.close(8));
    },
  }),
  'order of everything: session destroyed by the client': whole((req, res) => res.write('x'), {
    headers: post,
    client: (request, client) => request.on('response', () => client.destroy()),
  }),
  'order of everything: session destroyed by the server': whole((req, res) => {
    res.write('x');
    setTimeout(() => req.stream.session.destroy(), 10);
  }, {
    headers: post,
    client: () => {},
  }),
  'order of everything: aborted after the request was complete': whole((req, res) => {
    req.resume();
    res.write('x');
  }, {
    headers: post,
    client: (request) => {
      request.end('body');
      request.on('response', () => request.close(8));
    },
  }),
};
