'use strict';

// A peer that is gone before what it sent is read: how that ends is told after it, whether a read meets it or a write.

const net = require('node:net');
const f = require('../../helpers/frames');

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

// A server with one request open. The client sends another one and leaves, and `act` is done before the server reads that.
function served({ act = () => {}, leave, answer = (stream) => stream.respond(), first = () => {} }) {
  return async (t) => {
    const server = await t.serve();
    let count = 0;
    const opened = t.once(server, 'stream');
    server.on('sessionError', (error) => t.log('server', error));
    server.on('stream', (stream) => {
      watch(t, stream, `stream ${count += 1}`);
      answer(stream);
    });
    const accepted = t.once(server, 'session');
    const socket = net.connect(server.address().port, '127.0.0.1').on('error', () => {});
    socket.write(Buffer.concat([f.PREFACE, WIDE, f.settingsAck(), post(1)]));
    socket.pause();
    const [[session], [stream]] = await Promise.all([accepted, opened]);
    watch(t, session, 'session');
    const closed = t.once(session, 'close');
    first(t, stream);
    await t.sleep(50);
    socket.write(post(3));
    leave(socket);
    block();
    act(t, stream);
    await closed;
    await t.sleep();
    await new Promise((resolve) => server.close(resolve));
  };
}

// A client with one request open. The server answers and leaves, and `act` is done before the client reads that.
function dialled({ act = () => {}, leave, first = (t, request) => request.write('first'), end = 0 }) {
  return async (t) => {
    const peers = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await t.once(peers, 'listening');
    const accepted = t.once(peers, 'connection');
    const client = watch(t, t.connect(peers), 'client');
    const [socket] = await accepted;
    socket.on('error', () => {});
    socket.write(Buffer.concat([WIDE, f.settingsAck()]));
    await t.once(client, 'remoteSettings');
    const request = watch(t, client.request({ ':method': 'POST' }), 'request');
    request.resume();
    const closed = t.once(client, 'close');
    first(t, request);
    await t.sleep(50);
    socket.write(Buffer.concat([f.headers(1, f.response(), OPEN), f.data(1, 'answer', end)]));
    leave(socket);
    block();
    act(t, request);
    await closed;
    await t.sleep();
    await new Promise((resolve) => peers.close(resolve));
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

// Over the pipe the stream underneath is anybody's, and a net.Socket destroys itself with the error of a write.
module.exports = process.env.HTTP2_RS_TRANSPORT === 'pipe' ? {} : {
  'a client resets after a request': served({ leave: resets }),
  'a client resets after a request that is answered at once': served({ leave: resets, answer: answerWhole }),
  'a client resets while a server writes': served({ leave: resets, act: small }),
  'a client resets while much is written': served({ leave: resets, first: large }),
  'a client ends while a server writes': served({ leave: ends, act: small }),
  'a client leaves what it was sent unread': served({ leave: destroys, first: large }),
  'a server resets after an answer': dialled({ leave: resets, first: (t, request) => request.end(), end: f.flag.END_STREAM }),
  'a server resets while a client writes': dialled({ leave: resets, act: small }),
  'a server resets while much is written': dialled({ leave: resets, first: large }),
  'a server leaves while a client writes': dialled({ leave: destroys, act: small }),
};
