'use strict';

const post = { ':path': '/', ':method': 'POST' };

async function withServer(t, configure, headersList, { captureRejections = false } = {}) {
  require('node:events').captureRejections = captureRejections;
  const server = await t.serve();
  configure(server);
  const client = t.connect(server);
  client.on('error', (error) => t.log('session', 'error', error));
  for (const [index, headers] of headersList.entries()) {
    const request = client.request(headers, { endStream: true });
    const channel = `client ${index}`;
    t.hear(request, channel, ['continue', 'headers', 'response', 'end', 'error', 'close', 'aborted']);
    request.resume();
    await t.once(request, 'close');
  }
  await t.sleep();
  await t.finish(client, server);
}

function answering(t, channel) {
  return (req, res) => {
    t.log(channel, req.method, req.url, req.headers.expect, res.headersSent);
    res.end(channel);
  };
}

module.exports = {
  'expectation: continue is answered': (t) => withServer(t, (server) => {
    server.on('request', answering(t, 'request'));
  }, [
    { ...post, expect: '100-continue' },
    { ...post, expect: '100-Continue' },
    { ...post, expect: '100-continue ' },
    { ...post, expect: '' },
    { ':path': '/', 'expect': '100-continue' },
  ]),

  'expectation: checkContinue': (t) => withServer(t, (server) => {
    server.on('request', answering(t, 'request'));
    server.on('checkContinue', (req, res) => {
      t.log('check', req.headers.expect, res.writeContinue());
      res.end('checked');
    });
  }, [{ ...post, expect: '100-continue' }, { ...post, expect: 'other' }, post]),

  'expectation: another one is refused': (t) => withServer(t, (server) => {
    server.on('request', answering(t, 'request'));
  }, [{ ...post, expect: 'magic' }, { ...post, expect: '200-ok' }]),

  'expectation: checkExpectation': (t) => withServer(t, (server) => {
    server.on('request', answering(t, 'request'));
    server.on('checkExpectation', answering(t, 'expectation'));
  }, [{ ...post, expect: 'magic' }, { ...post, expect: '100-continue' }, post]),

  'expectation: without a request listener': (t) => withServer(t, (server) => {
    server.on('checkContinue', answering(t, 'continue'));
    server.on('checkExpectation', answering(t, 'expectation'));
    server.on('stream', (stream) => {
      t.log('stream', 'stream');
      stream.respond();
      stream.end();
    });
  }, [{ ...post, expect: '100-continue' }, { ...post, expect: 'magic' }]),

  'CONNECT without a listener': (t) => withServer(t, (server) => {
    server.on('request', answering(t, 'request'));
  }, [{ ':method': 'CONNECT', ':authority': 'example.org:80' }]),

  'CONNECT with a listener': (t) => withServer(t, (server) => {
    server.on('request', answering(t, 'request'));
    server.on('connect', (req, res) => {
      t.log('connect', req.method, req.url, req.authority, req.scheme);
      res.end('tunnel');
    });
  }, [{ ':method': 'CONNECT', ':authority': 'example.org:80' }]),

  'CONNECT with an expectation': (t) => withServer(t, (server) => {
    server.on('request', answering(t, 'request'));
  }, [{ ':method': 'CONNECT', ':authority': 'example.org:80', 'expect': '100-continue' }]),

  'listeners of the server': async (t) => {
    const server = t.http2.createServer();
    const counts = (label) => t.log('counts', label,
      ...['stream', 'request', 'newListener', 'checkContinue', 'session', 'connection']
        .map((name) => `${name}:${server.listenerCount(name)}`));
    counts('fresh');
    server.on('newListener', (name) => t.log('events', 'newListener', name));
    server.on('checkContinue', () => {});
    counts('checkContinue');
    const listener = () => {};
    server.on('request', listener);
    counts('request');
    server.on('request', () => {});
    counts('two');
    server.removeListener('request', listener);
    server.removeAllListeners('request');
    counts('none');
    server.once('request', () => {});
    counts('once');
    const other = t.http2.createServer({}, () => {});
    t.log('counts', other.listenerCount('stream'), other.listenerCount('request'),
      other.listenerCount('newListener'));
    const third = t.http2.createServer(() => {});
    t.log('counts', third.listenerCount('stream'), third.listenerCount('request'));
  },

  'stream and request listeners together': (t) => withServer(t, (server) => {
    server.on('stream', (stream) => t.log('order', 'stream before', stream.headersSent,
      stream.listenerCount('error') > 0));
    server.on('request', (req, res) => {
      t.log('order', 'request');
      res.end('x');
    });
    server.on('stream', (stream) => t.log('order', 'stream after', stream.headersSent));
  }, [{ ':path': '/' }]),

  'two request listeners': (t) => withServer(t, (server) => {
    let first;
    server.on('request', (req, res) => { first = [req, res]; });
    server.on('request', (req, res) => {
      t.log('order', first[0] === req, first[1] === res);
      res.end('x');
    });
  }, [{ ':path': '/' }]),

  'once a request listener was removed': (t) => withServer(t, (server) => {
    const listener = () => t.log('order', 'removed listener');
    server.on('request', listener);
    server.removeListener('request', listener);
    server.on('stream', (stream) => {
      t.log('order', 'stream');
      stream.respond();
      stream.end('x');
    });
  }, [{ ':path': '/' }]),

  'this in the listener': (t) => withServer(t, (server) => {
    server.on('request', function(req, res) {
      t.log('order', this === server);
      res.end();
    });
  }, [{ ':path': '/' }]),

  'a listener that throws': (t) => withServer(t, (server) => {
    let count = 0;
    server.on('request', (req, res) => {
      res.end('x');
      if (count++ === 0)
        throw new Error('thrown');
    });
  }, [{ ':path': '/' }, { ':path': '/' }]),

  'a listener that rejects': (t) => withServer(t, (server) => {
    let count = 0;
    server.on('request', async (req, res) => {
      t.spy(res, 'res');
      res.setHeader('x-own', 'y');
      if (count++ > 0)
        res.write('half');
      throw new Error('rejected');
    });
  }, [{ ':path': '/' }, { ':path': '/' }], { captureRejections: true }),
};
