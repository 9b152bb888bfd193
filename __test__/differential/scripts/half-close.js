'use strict';

// One side of the connection ends (FIN) while the other has something to send still: played by hand against a server, and
// against a client.

const net = require('node:net');
const { PREFACE, data, flag, headers, parse, request, response, settings, settingsAck, type, windowUpdate } =
  require('../../helpers/frames');

const LARGE = 300_000;
const WINDOW = 1_000_000;
const INITIAL_WINDOW_SIZE = 4;

const post = () => headers(1, request([], { method: 'POST' }), flag.END_HEADERS);
const get = () => headers(1, request());
const begin = () => headers(1, response(), flag.END_HEADERS);

// What the peer played by hand gets of the stream.
function describe(octets) {
  const frames = parse(octets).frames.filter(({ stream }) => stream === 1);
  const body = frames.filter((frame) => frame.type === type.DATA);
  return [
    `body ${body.reduce((sum, { payload }) => sum + payload.length, 0)}`,
    frames.some((frame) => frame.type === type.HEADERS) ? 'head' : 'no head',
    body.some(({ flags }) => flags & flag.END_STREAM) ? 'ended' : 'not ended',
    ...frames.filter((frame) => frame.type === type.RST_STREAM).map(({ payload }) => `reset ${payload.readUInt32BE()}`),
  ].join(', ');
}

// Collects what comes, and logs it when it is over.
function watch(t, socket) {
  const chunks = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('end', () => t.log('peer', 'end'));
  socket.on('error', () => t.log('peer', 'error'));
  return chunks;
}

// A client by hand ends its side right after `frames()`. `respond(stream)` is the server's answer.
function clientEnds(frames, respond, { halfOpen = false } = {}) {
  return async (t) => {
    const server = t.http2.createServer();
    let serverSession;
    server.on('session', (session) => {
      serverSession = session;
      t.spy(session, 'session', { only: ['close', 'error', 'goaway'], args: true });
    });
    server.on('sessionError', (error) => t.log('server', error));
    server.on('stream', (stream) => {
      t.spy(stream, 'stream', { only: ['aborted', 'end', 'error', 'finish', 'close'] });
      stream.resume();
      respond(stream);
    });
    // The server of http2 has no such option; whoever accepts for it has.
    const listener = halfOpen ? net.createServer({ allowHalfOpen: true }, (socket) => server.emit('connection', socket)) : server;
    await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const socket = net.connect({ port: listener.address().port, host: '127.0.0.1', allowHalfOpen: true });
    const closed = t.once(socket, 'close');
    const answered = new Promise((resolve) => server.on('stream', (stream) => stream.on('close', resolve)));
    const chunks = watch(t, socket);
    await t.once(socket, 'connect');
    socket.write(Buffer.concat([PREFACE, settings([INITIAL_WINDOW_SIZE, WINDOW]), settingsAck(), windowUpdate(0, WINDOW)]));
    await t.sleep();
    socket.end(Buffer.concat(frames()));
    if (halfOpen) {
      // The other side is the session's to end.
      await answered;
      await t.sleep(30);
      serverSession.close();
    }
    await closed;
    t.log('peer', 'got', describe(Buffer.concat(chunks)));
    await new Promise((resolve) => listener.close(resolve));
  };
}

// A server by hand answers a request with `frames()`, and ends its side.
function serverEnds(frames, { body } = {}) {
  return async (t) => {
    const listener = net.createServer({ allowHalfOpen: true }, (socket) => {
      const chunks = watch(t, socket);
      socket.write(Buffer.concat([settings(), settingsAck()]));
      let answered = false;
      socket.on('data', () => {
        const { frames: got } = parse(Buffer.concat(chunks).subarray(PREFACE.length));
        if (answered || !got.some((frame) => frame.type === type.HEADERS)) return;
        answered = true;
        socket.end(Buffer.concat(frames()));
      });
    });
    await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const client = t.connect(listener);
    t.spy(client, 'session', { only: ['close', 'error', 'goaway'], args: true });
    const stream = client.request({ ':method': body === undefined ? 'GET' : 'POST' });
    t.spy(stream, 'stream', { only: ['aborted', 'response', 'end', 'error', 'close'] });
    stream.on('error', () => {});
    let length = 0;
    stream.on('data', (chunk) => { length += chunk.length; });
    if (body !== undefined) stream.write(body);
    await t.once(client, 'close');
    t.log('stream', 'got', length, stream.rstCode);
    await new Promise((resolve) => listener.close(resolve));
  };
}

const answer = (body) => (stream) => {
  stream.respond();
  stream.end(body);
};
const answerLater = (stream) => setTimeout(() => { if (!stream.destroyed) answer('late')(stream); }, 20);

module.exports = {
  'the client after its request': clientEnds(() => [get()], answer('answer')),
  'the client before the answer begins': clientEnds(() => [get()], answerLater),
  'the client in the middle of its body': clientEnds(() => [post(), data(1, 'half')], (stream) => {
    stream.respond();
    stream.write('half');
  }),
  'the client in the middle of a frame': clientEnds(() => [post(), data(1, 'half').subarray(0, 11)], (stream) => stream.respond()),
  'the client, of a socket that stays half open': clientEnds(() => [get()], answer('answer'), { halfOpen: true }),
  'the client, of a socket that stays half open, before a large answer':
    clientEnds(() => [get()], (stream) => setTimeout(answer(Buffer.alloc(LARGE)), 20, stream), { halfOpen: true }),
  'the server after its answer': serverEnds(() => [begin(), data(1, 'whole', flag.END_STREAM)]),
  'the server in the middle of its answer': serverEnds(() => [begin(), data(1, 'half')]),
  'the server before its answer': serverEnds(() => []),
  'the server after its answer to half a request': serverEnds(() => [begin(), data(1, 'whole', flag.END_STREAM)], { body: 'half' }),
};
