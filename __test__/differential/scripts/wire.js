'use strict';

// The frames that go over the wire, for what both sides are asked to do one after the other.

const { recordFrames } = require('../../helpers/recorder');

// Of header blocks only the rest beside a multiple of 8 is shown, and only where padding makes it the same everywhere.
function describe({ type, flags, stream, payload }, { padded }) {
  const head = `${type} #${stream} 0x${flags.toString(16)}`;
  switch (type) {
    case 'HEADERS':
    case 'PUSH_PROMISE':
    case 'CONTINUATION':
      return padded ? `${head} ${(9 + payload.length) % 8}` : head;
    case 'DATA':
      return `${head} ${payload.length}`;
    case 'PING':
      return head;
    default:
      return `${head} ${payload.toString('hex')}`;
  }
}

// `act` gets a client session, the server's session and a promise for the next request of the server.
function wired(act, { serverOptions, clientOptions, padded = false, shown = () => true } = {}) {
  return async (t) => {
    const server = await t.serve(serverOptions);
    let ending = false;
    const proxy = await recordFrames(server.address().port, (side, frame) => {
      // What the server still says to a client that has gone is a matter of who closes the connection first.
      if (ending && side === 'server') return;
      if (shown(frame, side)) t.log(side, describe(frame, { padded }));
    });
    const sessions = t.once(server, 'session');
    const client = t.http2.connect(`http://127.0.0.1:${proxy.address().port}`, clientOptions);
    client.on('error', (error) => t.log('client session', error));
    client.on('stream', (push) => push.resume());
    server.on('sessionError', (error) => t.log('server session', error));
    const [session] = await sessions;
    const next = () => t.once(server, 'stream').then(([stream]) => stream.on('error', () => {}));
    await new Promise((resolve) => client.ping(resolve));
    await act({ t, client, session, next, server });
    await t.sleep(30);
    if (!client.destroyed) {
      ending = true;
      client.close();
      await t.once(client, 'close');
    }
    await new Promise((resolve) => server.close(resolve));
    await new Promise((resolve) => proxy.close(resolve));
  };
}

// One request and its answer, to the end.
async function exchange({ client, next }, headers, options, answer, body) {
  const coming = next();
  const request = client.request(headers, options);
  request.on('error', () => {});
  if (body !== undefined) request.end(body);
  request.resume();
  const closed = new Promise((resolve) => request.once('close', resolve));
  const stream = await coming;
  await answer(stream);
  await closed;
}

const paddedBodies = async (wire) => {
  await exchange(wire, { ':path': '/' }, {}, (stream) => stream.respond({}, { endStream: true }));
  await exchange(wire, { ':method': 'POST', 'x': 'y' }, {}, (stream) => {
    stream.respond({ name: 'value' });
    stream.end('<h1>Hello World.</h1>');
  }, 'a body of 21 octets .');
  await exchange(wire, { ':method': 'POST' }, {}, (stream) => {
    stream.respond();
    stream.end(Buffer.alloc(3000));
  }, Buffer.alloc(2000));
};

const withPadding = (paddingStrategy) => ({
  serverOptions: { paddingStrategy },
  clientOptions: { paddingStrategy },
  padded: paddingStrategy === 1,
  // Which acknowledgement comes first, that of a PING or that of the SETTINGS before it, is of no consequence.
  shown: ({ type }) => type !== 'PING',
});

// What a session that is destroyed in the middle of a tick still says. How its peer takes that is for other scripts.
const destroyedBy = (who, act) => wired(async (wire) => {
  await wire.t.sleep();
  await act(wire);
}, { shown: (frame, side) => side === who });

async function requests(wire, count, headers = {}) {
  const streams = [];
  for (let i = 0; i < count; i += 1) {
    const coming = wire.next();
    wire.client.request(headers).on('error', () => {});
    streams.push(await coming);
  }
  return streams;
}

const whenDestroyed = {
  'destroyed with an error by the server': destroyedBy('server', async (wire) => {
    await requests(wire, 3, { ':method': 'POST' });
    wire.session.destroy(new Error('broken'));
  }),
  'destroyed after an answer of the same tick': destroyedBy('server', async (wire) => {
    const [stream] = await requests(wire, 2);
    await wire.t.sleep();
    stream.respond();
    stream.end('x');
    wire.session.destroy(8);
  }),
  'destroyed after an answer that was closed': destroyedBy('server', async (wire) => {
    const [stream] = await requests(wire, 1);
    await wire.t.sleep();
    stream.respond();
    stream.end('x');
    stream.close();
    wire.session.destroy();
  }),
  'destroyed after frames of its own': destroyedBy('server', async ({ session, t }) => {
    await t.sleep();
    session.ping(() => {});
    session.settings({ initialWindowSize: 5 });
    session.altsvc('h2', 'https://example.org');
    session.goaway(5, 0, Buffer.from('why'));
    session.destroy();
  }),
  'destroyed by the client with its requests': destroyedBy('client', ({ client }) => {
    for (let i = 0; i < 3; i += 1) client.request({ ':path': '/' }).on('error', () => {});
    client.destroy();
  }),
  'destroyed after a request that was canceled': destroyedBy('client', ({ client }) => {
    client.request({ ':path': '/' }).close(8);
    client.destroy();
  }),
  'destroyed after a request that was closed': destroyedBy('client', ({ client }) => {
    client.request({ ':path': '/' }).close();
    client.destroy();
  }),
  'destroyed while a request is on its way': destroyedBy('server', async ({ client, session }) => {
    session.on('ping', () => session.destroy());
    client.ping(() => {});
    client.request({ ':path': '/' }).on('error', () => {});
    await new Promise((resolve) => client.once('close', resolve));
  }),
};

module.exports = {
  'nothing': wired(() => {}),
  'settings of both sides': wired(() => {}, {
    serverOptions: {
      settings: {
        headerTableSize: 100, initialWindowSize: 100000, maxFrameSize: 20000, maxConcurrentStreams: 7,
        maxHeaderListSize: 5000, enableConnectProtocol: true, customSettings: { 1234: 5 },
      },
    },
    clientOptions: { settings: { enablePush: false, maxHeaderSize: 700 }, peerMaxConcurrentStreams: 5 },
  }),
  'settings later': wired(async ({ client, session, t }) => {
    client.settings({ enablePush: false, initialWindowSize: 70000 });
    await t.once(client, 'localSettings');
    session.settings({ maxConcurrentStreams: 1, customSettings: { 99: 1 } });
    await t.once(session, 'localSettings');
    client.settings({});
    await t.once(client, 'localSettings');
  }),
  'a request and its answer': wired((wire) => exchange(wire, {}, {}, (stream) => {
    stream.respond();
    stream.end('x');
  })),
  'a head alone': wired(async (wire) => {
    await exchange(wire, {}, {}, (stream) => stream.respond({}, { endStream: true }));
    await exchange(wire, {}, {}, (stream) => stream.respond({ ':status': 204 }));
    await exchange(wire, { ':method': 'HEAD' }, {}, (stream) => stream.respond());
    await exchange(wire, {}, {}, (stream) => {
      stream.respond();
      stream.end();
    });
  }),
  'a body in writes': wired(async (wire) => {
    await exchange(wire, { ':method': 'POST' }, {}, (stream) => {
      stream.respond();
      stream.write('one');
      stream.end('two');
    }, 'body');
    await exchange(wire, {}, {}, (stream) => {
      stream.respond();
      stream.write('one', () => stream.end('two'));
    });
    await exchange(wire, {}, {}, (stream) => {
      stream.respond();
      stream.write('one');
      setTimeout(() => stream.end(), 10);
    });
    await exchange(wire, {}, {}, (stream) => {
      stream.cork();
      stream.write('one');
      stream.write('two');
      stream.uncork();
      stream.end();
    });
  }),
  'trailers': wired(async (wire) => {
    const withTrailers = (trailers, body) => (stream) => {
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(body);
    };
    await exchange(wire, {}, {}, withTrailers({ a: 'b' }, 'x'));
    await exchange(wire, {}, {}, withTrailers({}, 'x'));
    await exchange(wire, {}, {}, withTrailers({ a: 'b' }));
  }),
  'informational answers': wired((wire) => exchange(wire, { expect: '100-continue' }, {}, (stream) => {
    stream.additionalHeaders({ ':status': 100 });
    stream.additionalHeaders({ ':status': 103, 'link': '<a>' });
    stream.respond();
    stream.end('x');
  })),
  'pushed answers': wired((wire) => exchange(wire, {}, {}, (stream) => {
    stream.pushStream({ ':path': '/a' }, (_, push) => {
      push.respond();
      push.end('pushed');
    });
    stream.pushStream({ ':path': '/b' }, (_, push) => push.respond({}, { endStream: true }));
    stream.respond();
    setTimeout(() => stream.end('x'), 20);
  })),
  'resets': wired(async (wire) => {
    for (const code of [0, 2, 5, 8, 255])
      await exchange(wire, {}, {}, (stream) => stream.close(code));
    for (const code of [0, 8]) {
      await exchange(wire, { ':method': 'POST' }, {}, (stream) => {
        stream.respond();
        stream.end('x');
        stream.close(code);
      });
    }
    await exchange(wire, {}, {}, (stream) => stream.destroy());
    await exchange(wire, {}, {}, (stream) => stream.destroy(new Error('broken')));
  }),
  'resets by the client': wired(async (wire) => {
    for (const act of [(request) => request.close(), (request) => request.close(8), (request) => request.destroy(),
      (request) => request.destroy(new Error('broken'))]) {
      const coming = wire.next();
      const request = wire.client.request({ ':method': 'POST' });
      request.on('error', () => {});
      const stream = await coming;
      const closed = Promise.all([request, stream].map((end) => new Promise((resolve) => end.once('close', resolve))));
      act(request);
      await closed;
    }
  }),
  // Who says goodbye first is a race.
  'a request that is reset at once': wired(async ({ client, t }) => {
    for (const headers of [{}, { ':method': 'POST' }, { ':method': 'CONNECT', ':authority': 'a' }]) {
      for (const act of [(request) => request.close(8), (request) => request.destroy()]) {
        const request = client.request(headers);
        request.on('error', () => {});
        act(request);
        await t.once(request, 'close');
      }
    }
  }, { shown: ({ type }) => type !== 'GOAWAY' }),
  ...whenDestroyed,
  'pings': wired(async ({ client, session }) => {
    await new Promise((resolve) => client.ping(Buffer.from('12345678'), resolve));
    await new Promise((resolve) => session.ping(resolve));
  }),
  'altsvc and origin': wired(({ session }) => {
    session.altsvc('h2=":8000"', 'https://example.org');
    session.origin('https://example.org', 'https://other.org');
  }),
  'windows': wired(async ({ client, session, t }) => {
    client.setLocalWindowSize(100000);
    session.setLocalWindowSize(2 ** 20);
    await t.sleep();
    client.setLocalWindowSize(70000);
    client.setLocalWindowSize(120000);
  }),
  'setNextStreamID': wired(async (wire) => {
    wire.client.setNextStreamID(101);
    await exchange(wire, {}, {}, (stream) => {
      stream.respond();
      stream.end('x');
    });
  }),
  'options of old': wired(async (wire) => {
    const answer = (stream) => stream.respond({}, { endStream: true });
    await exchange(wire, {}, { weight: 100 }, answer);
    await exchange(wire, {}, { parent: 1, exclusive: true }, answer);
    await exchange(wire, {}, { silent: true }, answer);
  }),
  'goaway': wired(async ({ client, session, t }) => {
    session.goaway(0, 0, Buffer.from('because'));
    await t.sleep();
  }),
  'goaway with an error': wired(async ({ session, t }) => {
    session.goaway(2, 1, Buffer.from('because'));
    await t.sleep();
  }),
  'close in mid-stream': wired(async (wire) => {
    await exchange(wire, {}, {}, async (stream) => {
      stream.respond();
      stream.write('x');
      const heard = wire.t.once(wire.session, 'goaway');
      wire.client.close();
      await heard;
      await wire.t.sleep();
      stream.end('y');
    });
  }),
  'close by the server in mid-stream': wired(async (wire) => {
    await exchange(wire, {}, {}, async (stream) => {
      stream.respond();
      stream.write('x');
      const heard = wire.t.once(wire.client, 'goaway');
      wire.session.close();
      await heard;
      await wire.t.sleep();
      stream.end('y');
    });
  }),
  'destroy': wired(async (wire) => {
    await exchange(wire, {}, {}, (stream) => {
      stream.respond();
      stream.write('x');
      wire.session.destroy();
    });
  }),
  'destroy with a code': wired(async (wire) => {
    await exchange(wire, {}, {}, (stream) => {
      stream.respond();
      stream.write('x');
      wire.session.destroy(5);
    });
  }),
  'padding: ALIGNED': wired(paddedBodies, withPadding(1)),
  'padding: MAX': wired(paddedBodies, withPadding(2)),
};
