'use strict';

// SETTINGS, PING, ALTSVC, ORIGIN, windows and stream ids: what a session sends and what it hears.

// The settings that a session begins with are known and acknowledged.
const settledOn = (t, session) => Promise.all([t.once(session, 'remoteSettings'), t.once(session, 'localSettings')]);

function sessions(act, { serverOptions, clientOptions } = {}) {
  return async (t) => {
    const server = await t.serve(serverOptions);
    let settled;
    const seen = t.once(server, 'session');
    server.on('session', (session) => {
      settled = settledOn(t, session);
      t.spy(session, 'server session', { args: true, without: ['stream', 'connect'] });
      session.on('error', () => {});
    });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      stream.respond();
      if (headers[':path'] === '/hold')
        stream.on('end', () => stream.end()).resume();
      else
        stream.end('x');
    });
    const client = t.connect(server, clientOptions);
    t.spy(client, 'client session', { args: true, without: ['stream', 'connect'] });
    client.on('error', () => {});
    const [[serverSession]] = await Promise.all([seen, settledOn(t, client)]);
    await settled;
    await act({ t, client, serverSession, server });
    await t.sleep();
    if (client.destroyed) {
      await new Promise((resolve) => server.close(resolve));
      return;
    }
    await t.finish(client, server);
  };
}

module.exports = {
  'settings: as they are exchanged': sessions(({ t, client, serverSession }) => {
    t.log('client', client.localSettings, client.remoteSettings, client.pendingSettingsAck);
    t.log('server', serverSession.localSettings, serverSession.remoteSettings, serverSession.pendingSettingsAck);
  }, {
    serverOptions: {
      settings: { maxConcurrentStreams: 50, initialWindowSize: 70000, customSettings: { 9999: 5 } },
      remoteCustomSettings: [7777]
    },
    clientOptions: {
      settings: { enablePush: false, maxHeaderListSize: 9000, customSettings: { 7777: 1 } },
      remoteCustomSettings: [9999]
    }
  }),
  'settings: changed later': sessions(async ({ t, client, serverSession }) => {
    const acknowledged = t.once(client, 'localSettings');
    client.settings({ initialWindowSize: 100000, maxFrameSize: 20000 },
      (...args) => t.log('callbacks', 'client', ...args.slice(0, 2)));
    t.log('client', client.pendingSettingsAck, client.localSettings.initialWindowSize);
    await acknowledged;
    t.log('client', client.pendingSettingsAck, client.localSettings.initialWindowSize);
    serverSession.settings({ maxConcurrentStreams: 3 });
    serverSession.settings({ headerTableSize: 100 }, (error) => t.log('callbacks', 'server', error));
    await t.sleep(30);
    t.log('server', serverSession.remoteSettings, serverSession.localSettings, client.remoteSettings);
  }),
  'settings: what is refused': sessions(({ t, client }) => {
    for (const settings of [undefined, null, 'x', 5, [], { headerTableSize: -1 }, { headerTableSize: 2 ** 32 },
      { enablePush: 5 }, { enablePush: 'x' },
      { initialWindowSize: 2 ** 31 }, { maxFrameSize: 100 }, { maxFrameSize: 2 ** 24 }, { maxConcurrentStreams: -1 },
      { maxHeaderListSize: 'x' },
      { enableConnectProtocol: 1 }, { maxHeaderSize: -1 }, { unknown: 5 }, { headerTableSize: 1.5 },
      { headerTableSize: '100' }, { headerTableSize: NaN }])
      t.attempt('calls', t.show(settings), () => client.settings(settings));
    for (const callback of [null, 'x', 5])
      t.attempt('calls', `callback ${String(callback)}`, () => client.settings({}, callback));
  }),
  'settings: too many unacknowledged': sessions(({ t, client }) => {
    for (let i = 0; i < 12; i++)
      t.attempt('calls', String(i), () => client.settings({ headerTableSize: 4096 + i },
        (error) => t.log('callbacks', i, error)));
  }, { clientOptions: { maxOutstandingSettings: 10 } }),
  'settings: getPackedSettings and back': async (t) => {
    const { getDefaultSettings, getPackedSettings, getUnpackedSettings } = t.http2;
    t.log('default', getDefaultSettings());
    const packed = getPackedSettings({
      headerTableSize: 100, enablePush: true, maxConcurrentStreams: 5,
      initialWindowSize: 70000, maxFrameSize: 20000,
      maxHeaderListSize: 77, enableConnectProtocol: false
    });
    t.log('packed', packed, getUnpackedSettings(packed), getUnpackedSettings(packed, { validate: true }),
      getPackedSettings({}), getPackedSettings());
    for (const value of [undefined, null, 'x', 5, {}, Buffer.alloc(5), new Uint8Array(12),
      Buffer.from([0, 5, 0, 0, 0, 1])])
      t.attempt('unpack', t.show(value), () => getUnpackedSettings(value));
    t.attempt('unpack', 'validate', () => getUnpackedSettings(Buffer.from([0, 5, 0, 0, 0, 1]), { validate: true }));
  },

  'ping': sessions(async ({ t, client, serverSession }) => {
    for (const [name, session] of [['client', client], ['server', serverSession]]) {
      await new Promise((resolve) => {
        t.log('calls', name, session.ping(Buffer.from('abcdefgh'), (error, duration, payload) => {
          t.log('callbacks', name, error, typeof duration, duration >= 0, payload);
          resolve();
        }));
      });
    }
  }),
  'ping: several at once': sessions(async ({ t, client }) => {
    const answers = [];
    for (let i = 0; i < 12; i++)
      answers.push(client.ping(Buffer.alloc(8, i), (error, duration, payload) => t.log('callbacks', i, error,
        payload?.[0])));
    t.log('calls', answers);
    await t.sleep(30);
  }),
  'ping: what is refused': sessions(({ t, client }) => {
    for (const args of [[], ['x'], [Buffer.alloc(7), () => {}], [Buffer.alloc(9), () => {}], [5, () => {}],
      [null, () => {}], [Buffer.alloc(8)], [Buffer.alloc(8), 'x'],
      [new Uint8Array(8), () => {}], [new DataView(new ArrayBuffer(8)), () => {}]])
      t.attempt('calls', t.show(args.map((arg) => (typeof arg === 'function' ? 'callback' : arg))),
        () => client.ping(...args));
  }),
  'ping: cancelled by the end': sessions(({ t, client }) => {
    client.ping((error, duration, payload) => t.log('callbacks', error, duration, payload.length));
    client.destroy();
  }),

  'altsvc': sessions(async ({ t, client, serverSession }) => {
    serverSession.altsvc('h2=":8000"', 'https://example.org:8000/path');
    serverSession.altsvc('h2=":8001"', new URL('https://example.org'));
    serverSession.altsvc('clear', { origin: 'http://example.org' });
    for (const args of [[], ['h2', 'not a url'], ['h2', 5, 6], [5, 'https://example.org'], ['h2', {}],
      ['ä', 'https://example.org'], ['h2', 0], ['h2', -1], ['h2', 99],
      ['x'.repeat(16384), 'https://example.org'], ['h2', 'file:///x']])
      t.attempt('calls', t.show(args).slice(0, 60), () => serverSession.altsvc(...args));
    await t.sleep(20);
  }),
  'origin': sessions(async ({ t, client, serverSession }) => {
    t.log('client', client.originSet);
    serverSession.origin('https://example.org', new URL('https://other.org/path'), { origin: 'http://third.org' });
    for (const args of [[], ['not a url'], [5], [null], [{}], ['file:///x'], ['https://'.padEnd(16390, 'x')]])
      t.attempt('calls', t.show(args).slice(0, 60), () => serverSession.origin(...args));
    await t.sleep(20);
    t.log('client', client.originSet);
  }),

  'setLocalWindowSize': sessions(({ t, client }) => {
    for (const size of [100000, 65535, 2 ** 31 - 1, 0, -1, 2 ** 31, 1.5, 'x', undefined, NaN])
      t.attempt('calls', String(size), () => [client.setLocalWindowSize(size),
        client.state.localWindowSize, client.state.effectiveLocalWindowSize]);
  }),
  'setNextStreamID': sessions(async ({ t, client }) => {
    for (const id of [0, -1, 2 ** 32, 1.5, 'x', undefined, 4, 101])
      t.attempt('calls', String(id), () => client.setNextStreamID(id));
    const request = client.request({ ':path': '/' });
    t.log('calls', request.id);
    await t.once(request.resume(), 'close');
  }),
  'state': sessions(async ({ t, client, serverSession }) => {
    t.log('client', client.state);
    t.log('server', serverSession.state);
    const request = client.request({ ':path': '/hold', ':method': 'POST' });
    t.log('stream', request.state);
    await t.once(request.resume(), 'response');
    t.log('stream', request.state);
    request.end();
    await t.once(request, 'close');
    t.log('stream', request.state);
  }),
  'about the session': sessions(({ t, client, serverSession, server }) => {
    for (const session of [client, serverSession]) {
      t.log('about', session.constructor.name, session.type, session.encrypted, session.alpnProtocol,
        session.connecting, session.closed, session.destroyed,
        session.originSet, session.goawayCode, session.goawayLastStreamID, session.pendingSettingsAck);
      const { socket } = session;
      t.log('about', socket === session.socket, socket.remoteAddress);
    }
    t.log('about', serverSession.server === server, client.server);
  }),
  'the socket of a session': sessions(({ t, client }) => {
    const { socket } = client;
    for (const name of ['destroy', 'emit', 'end', 'pause', 'read', 'resume', 'write', 'setEncoding', 'setKeepAlive',
      'setNoDelay', 'on', 'ref', 'remotePort'])
      t.attempt('get', name, () => (socket[name] === undefined ? 'nothing' : 'something'));
    for (const name of ['emit', 'end', 'pause', 'read', 'resume', 'write', 'setEncoding', 'setKeepAlive',
      'setNoDelay', 'own'])
      t.attempt('set', name, () => { socket[name] = 5; });
    t.attempt('set', 'timeout', () => socket.setTimeout(0) === client);
    t.log('get', socket instanceof require('node:net').Socket, 'remoteAddress' in socket);
  }),

  'setTimeout of a session': sessions(async ({ t, client }) => {
    t.log('calls', client.setTimeout(t.moment, () => t.log('calls', 'callback')) === client);
    await t.once(client, 'timeout');
    client.setTimeout(0);
    for (const args of [['x'], [-1], [NaN], [5, 'x'], [0, null]])
      t.attempt('calls', t.show(args), () => client.setTimeout(...args) === client);
    client.setTimeout(0);
  }),
  'setTimeout of a stream': sessions(async ({ t, client }) => {
    const request = client.request({ ':path': '/hold', ':method': 'POST' });
    request.resume();
    t.spy(request, 'stream', { only: ['timeout', 'close', 'end'] });
    t.log('calls', request.setTimeout(t.moment, () => t.log('calls', 'callback')) === request);
    await t.once(request, 'timeout');
    request.setTimeout(0);
    request.end();
    await t.once(request, 'close');
    t.log('calls', request.setTimeout(5, () => t.log('calls', 'never')) === request);
    await t.sleep(10);
  }),
  'timeout of the server': async (t) => {
    const server = await t.serve();
    t.log('server', server.timeout, server.setTimeout(30) === server, server.timeout);
    server.on('timeout', (session) => {
      t.log('server', 'timeout', session.constructor.name);
      session.close();
    });
    const client = t.connect(server);
    t.spy(client, 'client session', { only: ['close', 'error', 'goaway'] });
    await t.once(client, 'close');
    await new Promise((resolve) => server.close(resolve));
  },
  'timeout of the server without a listener': async (t) => {
    const server = await t.serve();
    server.setTimeout(30);
    server.on('session', (session) => t.spy(session, 'server session', { only: ['timeout', 'close'] }));
    const client = t.connect(server);
    t.spy(client, 'client session', { only: ['close', 'error', 'goaway'] });
    await t.once(client, 'close');
    await new Promise((resolve) => server.close(resolve));
  },

  'numbers that are refused': async (t) => {
    for (const name of ['maxSessionInvalidFrames', 'maxSessionRejectedStreams', 'unknownProtocolTimeout']) {
      for (const value of [-1, 2 ** 32, 1.5, NaN, 'x', null, 0, 2 ** 32 - 1])
        t.attempt(name, t.show(value), () => t.http2.createServer({ [name]: value }).constructor.name);
    }
  },

  'options that are refused': async (t) => {
    const { connect, createServer, createSecureServer } = t.http2;
    const each = (name, values, make) => {
      for (const value of values)
        t.attempt(name, t.show(value), () => make(value).constructor.name);
    };
    each('createServer', [undefined, null, 'x', 5, {}, [], { settings: 'x' }, { settings: { maxFrameSize: 1 } },
      { maxSessionInvalidFrames: 'x' }, { maxSessionInvalidFrames: -1 },
      { maxSessionRejectedStreams: 'x' }, { unknownProtocolTimeout: 'x' }, { Http2ServerRequest: 'x' },
      { Http1IncomingMessage: 5 }, { remoteCustomSettings: 'x' },
      { remoteCustomSettings: Array(11).fill(0).map((_, i) => i + 100) }, { paddingStrategy: 'x' },
      { maxDeflateDynamicTableSize: 'x' }, { streamResetBurst: 'x' },
      { streamResetRate: -1 }, { strictSingleValueFields: 'x' }], (options) => createServer(options));
    each('createServer listener', [undefined, null, 'x', 5, {}], (listener) => createServer({}, listener));
    each('createSecureServer', [undefined, null, 'x', {}, { allowHTTP1: 'x' }],
      (options) => createSecureServer(options));
    const fake = () => new (require('node:stream').Duplex)({
      read() {},
      write(chunk, encoding, callback) { callback(); }
    });
    each('connect', ['nonsense', 'ftp://example.org', '', null, undefined, 5, {}], (authority) => {
      const session = connect(authority, { createConnection: fake });
      session.on('error', () => {});
      session.destroy();
      return session;
    });
    each('connect options', [null, 'x', { protocol: 'ftp:' }, { maxSessionInvalidFrames: 'x' }, { settings: 'x' },
      { createConnection: 'x' }, { unknownProtocolTimeout: 'x' },
      { maxReservedRemoteStreams: 'x' }, { peerMaxConcurrentStreams: 'x' }, { remoteCustomSettings: 5 }],
    (options) => {
      const session = connect('http://127.0.0.1:1', { createConnection: fake, ...options });
      session.on('error', () => {});
      session.destroy();
      return session;
    });
  },
};
