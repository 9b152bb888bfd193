'use strict';

// A peer that is gone before what it sent is read: how that ends is told after it, whether a read meets it or a write.
//
// `over` is what carries the frames of both ends, one of which is played by hand: a socket to write to, and the one `beneath`
// it, by which a peer leaves.
//   serve(t)              a server
//   approach(t, server)   a client of it, by hand: { socket, beneath }
//   expect(t)             a server by hand
//   dial(t, server)       a session to it
//   accept(t, server)     and what it accepts: { socket, beneath }

const f = require('../helpers/frames');

const OPEN = f.flag.END_HEADERS;
const EVENTS = ['aborted', 'close', 'end', 'error', 'finish', 'response'];
const LARGE = 8_000_000;
// Windows that hold nothing back, so that it is the peer's kernel that does.
const WIDE = Buffer.concat([f.settings([4, 2 ** 30]), f.windowUpdate(0, 2 ** 30)]);

// Until what was sent is with the other end of the connection, and nothing has been read there.
const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);

function watch(t, emitter, channel) {
  t.spy(emitter, channel, { only: EVENTS }).on('error', () => {});
  return emitter;
}

const write = (t, stream, body) => stream.write(body, (error) => t.log('written', error?.code));
const post = (id) => f.headers(id, f.request([], { method: 'POST' }), OPEN);

// The last words of a peer that leaves, and what is done before they are read.
async function part(t, { socket, beneath }, words, { leave, act = () => {} }, stream) {
  await t.sleep(50);
  socket.write(words);
  leave(beneath);
  block();
  act(t, stream);
}

async function close(t, closed, server) {
  await closed;
  await t.sleep();
  await new Promise((resolve) => server.close(resolve));
}

// A server with one request open. The client sends another one and leaves, and `act` is done before the server reads that.
function served(over, { answer = (stream) => stream.respond(), first = () => {}, ...parting }) {
  return async (t) => {
    const server = await over.serve(t);
    let count = 0;
    const opened = t.once(server, 'stream');
    server.on('sessionError', (error) => t.log('server', error));
    server.on('stream', (stream) => {
      watch(t, stream, `stream ${count += 1}`);
      answer(stream);
    });
    const accepted = t.once(server, 'session');
    const peer = await over.approach(t, server);
    const { socket } = peer;
    socket.on('error', () => {});
    socket.write(Buffer.concat([f.PREFACE, WIDE, f.settingsAck(), post(1)]));
    socket.pause();
    const [[session], [stream]] = await Promise.all([accepted, opened]);
    watch(t, session, 'session');
    const closed = t.once(session, 'close');
    first(t, stream);
    await part(t, peer, post(3), parting, stream);
    await close(t, closed, server);
  };
}

// A client with one request open. The server answers and leaves, and `act` is done before the client reads that.
function dialled(over, { first = (t, request) => request.write('first'), end = 0, ...parting }) {
  return async (t) => {
    const peers = await over.expect(t);
    const accepted = over.accept(t, peers);
    const client = watch(t, over.dial(t, peers), 'client');
    const peer = await accepted;
    const { socket } = peer;
    socket.on('error', () => {});
    socket.write(Buffer.concat([WIDE, f.settingsAck()]));
    await t.once(client, 'remoteSettings');
    const request = watch(t, client.request({ ':method': 'POST' }), 'request');
    request.resume();
    const closed = t.once(client, 'close');
    first(t, request);
    await part(t, peer, Buffer.concat([f.headers(1, f.response(), OPEN), f.data(1, 'answer', end)]), parting, request);
    await close(t, closed, peers);
  };
}

const resets = (socket) => socket.resetAndDestroy();
const destroys = (socket) => socket.destroy();
const ends = (socket) => socket.end();

const answerWhole = (stream) => {
  stream.respond();
  stream.end('answer');
};
const small = (t, stream) => write(t, stream, 'more');
const large = (t, stream) => write(t, stream, Buffer.alloc(LARGE));

const scripts = (over) => ({
  'a client resets after a request': served(over, { leave: resets }),
  'a client resets after a request that is answered at once': served(over, { leave: resets, answer: answerWhole }),
  'a client resets while a server writes': served(over, { leave: resets, act: small }),
  'a client resets while much is written': served(over, { leave: resets, first: large }),
  'a client ends while a server writes': served(over, { leave: ends, act: small }),
  'a client leaves what it was sent unread': served(over, { leave: destroys, first: large }),
  'a server resets after an answer': dialled(over, {
    leave: resets, first: (t, request) => request.end(), end: f.flag.END_STREAM,
  }),
  'a server resets while a client writes': dialled(over, { leave: resets, act: small }),
  'a server resets while much is written': dialled(over, { leave: resets, first: large }),
  'a server leaves while a client writes': dialled(over, { leave: destroys, act: small }),
});

module.exports = { scripts };
