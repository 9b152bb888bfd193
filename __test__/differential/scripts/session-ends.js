'use strict';

// How sessions end: close(), destroy(), goaway() and lost connections, with streams in every state.

// `act(sides)` runs when a request has been answered in half; both sessions and both streams are logged. `until` names
// the session that is waited for; the other may go on. `graceful` leaves out how often the sessions of a graceful end say
// GOAWAY: whether the last one still arrives is a race between the two ends.
function midstream(act, { settle = 25, until = 'both', graceful = false } = {}) {
  return async (t) => {
    const without = graceful ? ['stream', 'goaway'] : ['stream'];
    const server = await t.serve();
    const sides = { t, server };
    const sessionSeen = t.once(server, 'session');
    server.on('session', (session) => {
      sides.serverSession = session;
      t.spy(session, 'server session', { args: true, without });
      session.on('error', () => {});
      session.on('close', () => t.log('server session', 'after', ...describe(session, graceful)));
    });
    server.on('sessionError', (error) => t.log('server', 'sessionError', error));
    server.on('stream', (stream) => {
      sides.serverStream = stream;
      t.spy(stream, 'server stream');
      stream.on('error', () => {});
      stream.resume();
      stream.respond();
      stream.write('half');
    });
    const client = sides.client = t.connect(server);
    t.spy(client, 'client session', { args: true, without });
    client.on('error', () => {});
    await t.once(client, 'remoteSettings');
    await sessionSeen;
    const stream = sides.clientStream = client.request({ ':path': '/', ':method': 'POST' });
    t.spy(stream, 'client stream');
    stream.on('error', () => {});
    await t.once(stream.resume(), 'response');
    await t.sleep();
    const closed = [];
    if (until === 'both' || until === 'client')
      closed.push(t.once(client, 'close').then(() => t.log('client session', 'after', ...describe(client, graceful))));
    if (until === 'both' || until === 'server')
      closed.push(t.once(sides.serverSession, 'close'));
    act(sides);
    await Promise.all(closed);
    await t.sleep(settle);
    for (const session of [client, sides.serverSession]) {
      if (!session.destroyed)
        t.log('leftover', session === client ? 'client' : 'server', ...describe(session, graceful));
    }
    client.destroy();
    sides.serverSession.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
}

function endBoth(clientStream, serverStream) {
  clientStream.end();
  serverStream.end('rest');
}

function describe(session, graceful) {
  const facts = [
    `closed:${session.closed}`, `destroyed:${session.destroyed}`, `connecting:${session.connecting}`,
    `socket:${session.socket === undefined ? 'none' : 'there'}`,
  ];
  return graceful ? facts : [...facts, `goaway:${session.goawayCode}`, `last:${session.goawayLastStreamID}`];
}

const codes = [0, 1, 2, 7, 8, 11];

module.exports = {
  'close by the client, then the stream ends': midstream(({ client, clientStream, serverStream, t }) => {
    client.close(() => t.log('callbacks', 'close'));
    t.log('client session', 'closing', client.closed, client.destroyed);
    setTimeout(endBoth, 10, clientStream, serverStream);
  }, { graceful: true }),
  'close by the server, then the stream ends': midstream(({ serverSession, clientStream, serverStream, t }) => {
    serverSession.close(() => t.log('callbacks', 'close'));
    setTimeout(endBoth, 10, clientStream, serverStream);
  }, { graceful: true }),
  'close by both': midstream(({ client, serverSession, clientStream, serverStream }) => {
    client.close();
    serverSession.close();
    setTimeout(endBoth, 10, clientStream, serverStream);
  }, { graceful: true }),
  'close twice': midstream(({ client, clientStream, serverStream, t }) => {
    t.attempt('callbacks', 'first', () => client.close(() => t.log('callbacks', 'first')));
    t.attempt('callbacks', 'second', () => client.close(() => t.log('callbacks', 'second')));
    setTimeout(endBoth, 10, clientStream, serverStream);
  }, { graceful: true }),
  'close, then destroy': midstream(({ client }) => {
    client.close();
    setTimeout(() => client.destroy(), 100);
  }),
  'server.close in mid-stream': midstream(({ server, clientStream, serverStream, client, t }) => {
    server.close(() => t.log('callbacks', 'server closed'));
    setTimeout(endBoth, 10, clientStream, serverStream);
    setTimeout(() => client.close(), 25);
  }, { graceful: true }),

  'destroy by the client': midstream(({ client }) => client.destroy()),
  'destroy by the client with an error': midstream(({ client }) => client.destroy(new Error('broken'))),
  'destroy by the server': midstream(({ serverSession }) => serverSession.destroy()),
  'destroy by the server with an error': midstream(({ serverSession }) => serverSession.destroy(new Error('broken'))),
  'destroy by both': midstream(({ client, serverSession }) => {
    client.destroy();
    serverSession.destroy();
  }),
  ...forEach(codes, 'destroy by the client with code', (code) => midstream(({ client }) => client.destroy(code))),
  ...forEach(codes, 'destroy by the server with code',
    (code) => midstream(({ serverSession }) => serverSession.destroy(code))),
  'destroy with an error and a code': midstream(({ client }) => client.destroy(new Error('broken'), 11)),
  'destroy with an error and a code by the server': midstream(({ serverSession }) => {
    serverSession.destroy(new Error('broken'), 11);
  }),
  'destroy twice': midstream(({ client, t }) => {
    t.attempt('calls', 'first', () => client.destroy());
    t.attempt('calls', 'second', () => client.destroy(new Error('late')));
  }),

  ...forEach(codes.slice(1),
    'goaway by the server', (code) => midstream(({ serverSession }) => serverSession.goaway(code))),
  ...forEach(codes.slice(1), 'goaway by the client', (code) => midstream(({ client }) => client.goaway(code))),
  'goaway without an error by the server': midstream(({ serverSession, clientStream, serverStream }) => {
    serverSession.goaway(0);
    setTimeout(endBoth, 10, clientStream, serverStream);
  }, { until: 'client', graceful: true }),
  'goaway without an error by the client': midstream(({ client, clientStream, serverStream }) => {
    client.goaway(0);
    setTimeout(endBoth, 10, clientStream, serverStream);
  }, { until: 'server', graceful: true }),
  ...forEach(codes.slice(1), 'what a listener to goaway sees', (code) => midstream(({ client, serverSession, t }) => {
    client.on('goaway', () => {
      const tell = (when) => t.log('seen', when, client.closed, client.destroyed);
      tell('at once');
      process.nextTick(tell, 'in a tick');
      queueMicrotask(() => tell('in a microtask'));
    });
    serverSession.goaway(code);
  })),
  'destroy by a listener to goaway': midstream(({ client, serverSession, t }) => {
    client.on('goaway', () => {
      client.destroy(new Error('left'), 0);
      t.log('seen', client.closed, client.destroyed);
    });
    serverSession.goaway(0);
  }, { until: 'client' }),
  'goaway with data and a last stream': midstream(({ serverSession }) => {
    serverSession.goaway(0, 1, Buffer.from('debug data'));
  }, { until: 'neither' }),
  'goaway that gives up the stream': midstream(({ serverSession }) => {
    serverSession.goaway(8, 0, Buffer.from('away'));
  }),
  'what goaway accepts': midstream(({ client, t }) => {
    for (const args of [['x'], [null], [-1], [2 ** 32], [0, 'x'], [0, -1], [0, 0, 'text'], [0, 0, 5], [0, 0, {}],
      [1.5]])
      t.attempt('calls', t.show(args), () => client.goaway(...args));
    client.destroy();
  }),
  'a request after goaway was received': midstream(({ client, serverSession, t }) => {
    serverSession.goaway(0);
    setTimeout(() => {
      t.attempt('calls', 'request', () => {
        const request = client.request({ ':path': '/' });
        t.spy(request, 'second');
        request.on('error', () => {});
        return request.id;
      });
      setTimeout(() => client.destroy(), 20);
    }, 20);
  }),
  'a request after close': midstream(({ client, clientStream, serverStream, t }) => {
    client.close();
    t.attempt('calls', 'request', () => client.request({ ':path': '/' }));
    endBoth(clientStream, serverStream);
  }, { graceful: true }),
  'a request after destroy': midstream(({ client, t }) => {
    client.destroy();
    t.attempt('calls', 'request', () => client.request({ ':path': '/' }));
  }),

  'the socket of the client is destroyed': midstream(({ client, t }) => {
    t.attempt('calls', 'destroy', () => typeof client.socket.destroy());
  }),
  'the connection is lost on the client': midstream(({ client }) => rawSocket(client).destroy()),
  'the connection is lost on the client with an error': midstream(({ client }) => {
    rawSocket(client).destroy(new Error('wire cut'));
  }),
  'the connection is lost on the server': midstream(({ serverSession }) => rawSocket(serverSession).destroy()),
  'the connection is reset by the client': midstream(({ client }) => rawSocket(client).resetAndDestroy()),
  'the connection is half-closed by the client': midstream(({ client }) => rawSocket(client).end()),
  'the connection is half-closed by the server': midstream(({ serverSession }) => rawSocket(serverSession).end()),

  'calls after the end': midstream(({ client, t }) => {
    client.on('close', () => setImmediate(() => {
      for (const [label, call] of Object.entries(calls(client)))
        t.attempt('calls', label, call);
    }));
    client.destroy();
  }),
  'calls right after destroy': midstream(({ client, t }) => {
    client.destroy();
    for (const [label, call] of Object.entries(calls(client)))
      t.attempt('calls', label, call);
  }),
  'calls right after close': midstream(({ client, t }) => {
    client.close();
    for (const [label, call] of Object.entries(calls(client)))
      t.attempt('calls', label, call);
  }),

  'without any stream': async (t) => {
    const server = await t.serve();
    server.on('session', (session) => t.spy(session, 'server session', { args: true }));
    const client = t.connect(server);
    t.spy(client, 'client session', { without: ['connect'], args: true });
    await t.once(client, 'remoteSettings');
    await t.sleep();
    await t.finish(client, server);
  },
  'close before it is connected': async (t) => {
    const server = await t.serve();
    const client = t.connect(server);
    t.spy(client, 'client session', { without: ['connect'] });
    t.log('client session', client.connecting, client.closed, client.socket === undefined, client.alpnProtocol);
    client.close(() => t.log('callbacks', 'close'));
    await t.once(client, 'close');
    await new Promise((resolve) => server.close(resolve));
  },
  'close before it is connected, with a request': async (t) => {
    const server = await t.serve();
    server.on('stream', (stream) => {
      stream.respond();
      stream.end('x');
    });
    const client = t.connect(server);
    t.spy(client, 'client session', { without: ['connect'] });
    const request = client.request({ ':path': '/' });
    t.spy(request.resume(), 'client stream');
    client.close();
    await t.once(client, 'close');
    await new Promise((resolve) => server.close(resolve));
  },
  'destroy before it is connected': async (t) => {
    const server = await t.serve();
    const client = t.connect(server);
    t.spy(client, 'client session', { without: ['connect'] });
    const request = client.request({ ':path': '/' });
    t.spy(request, 'client stream');
    request.on('error', () => {});
    client.destroy();
    await t.once(client, 'close');
    await new Promise((resolve) => server.close(resolve));
  },
  'nobody listens': async (t) => {
    const net = require('node:net');
    const listener = net.createServer().listen(0, '127.0.0.1');
    await t.once(listener, 'listening');
    const { port } = listener.address();
    await new Promise((resolve) => listener.close(resolve));
    const client = t.http2.connect(`http://127.0.0.1:${port}`);
    t.spy(client, 'client session', { only: ['close', 'connect', 'goaway'] });
    client.on('error', (error) => t.log('client session', 'error', error.code, error.syscall));
    const request = client.request({ ':path': '/' });
    t.spy(request, 'client stream', { only: ['close', 'end', 'aborted', 'response'] });
    request.on('error', (error) => t.log('client stream', 'error', error.code));
    await t.once(client, 'close');
    await t.sleep();
  },
  'the server speaks another protocol': async (t) => {
    const net = require('node:net');
    const listener = net.createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).on('error', () => {});
    }).listen(0, '127.0.0.1');
    await t.once(listener, 'listening');
    const client = t.http2.connect(`http://127.0.0.1:${listener.address().port}`);
    t.spy(client, 'client session', { without: ['connect'] });
    client.on('error', () => {});
    const request = client.request({ ':path': '/' });
    t.spy(request, 'client stream');
    request.on('error', () => {});
    await t.once(client, 'close');
    listener.close();
  },
  'the server hangs up at once': async (t) => {
    const net = require('node:net');
    const listener = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await t.once(listener, 'listening');
    const client = t.http2.connect(`http://127.0.0.1:${listener.address().port}`);
    t.spy(client, 'client session', { only: ['close', 'goaway'] });
    client.on('error', () => {});
    const request = client.request({ ':path': '/' });
    request.on('error', () => t.log('client stream', 'error'));
    request.on('close', () => t.log('client stream', 'close'));
    await t.once(client, 'close');
    listener.close();
  },
  'the client speaks another protocol': async (t) => {
    const net = require('node:net');
    const server = await t.serve();
    server.on('session', (session) => {
      t.spy(session, 'server session', { args: true });
      session.on('error', () => {});
    });
    server.on('sessionError', (error) => t.log('server', 'sessionError', error));
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: example.org\r\n\r\n');
    socket.resume();
    socket.on('error', () => {});
    await t.once(socket, 'close');
    await t.sleep();
    await new Promise((resolve) => server.close(resolve));
  },
};

// The net.Socket behind a session, which its proxy does not let go of.
function rawSocket(session) {
  const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'socket');
  return session[symbol];
}

function forEach(values, name, make) {
  return Object.fromEntries(values.map((value) => [`${name}: ${value}`, make(value)]));
}

function calls(session) {
  return {
    'state': () => ['closed', 'destroyed', 'connecting', 'encrypted', 'alpnProtocol', 'type', 'pendingSettingsAck',
      'goawayCode',
      'goawayLastStreamID', 'originSet'].map((name) => `${name}:${session[name]}`),
    'socket': () => typeof session.socket,
    'session state': () => Object.keys(session.state).length,
    'localSettings': () => Object.keys(session.localSettings).length,
    'remoteSettings': () => Object.keys(session.remoteSettings).length,
    'settings': () => session.settings({ enablePush: false }),
    'ping': () => session.ping(() => {}),
    'goaway': () => session.goaway(),
    'setTimeout': () => session.setTimeout(0) === session,
    'setLocalWindowSize': () => session.setLocalWindowSize(100000),
    'setNextStreamID': () => session.setNextStreamID(101),
    'ref': () => session.ref(),
    'unref': () => session.unref(),
    'close': () => session.close(),
    'destroy': () => session.destroy(),
  };
}
