'use strict';

// Streams and requests that nobody looks at while they are answered, and what they say of themselves when somebody does.

const { finished } = require('node:stream');

const GET = { ':path': '/' };
const POST = { ':path': '/', ':method': 'POST' };

const GETTERS = [
  'readable', 'readableEnded', 'readableFlowing', 'readableLength', 'readableAborted', 'readableDidRead', 'readableEncoding',
  'writable', 'writableEnded', 'writableFinished', 'writableLength', 'writableNeedDrain', 'writableCorked', 'writableAborted',
  'destroyed', 'errored', 'closed', 'allowHalfOpen', 'aborted', 'rstCode', 'headersSent', 'endAfterHeaders', 'bufferSize',
];
const EVENTS = ['pause', 'resume', 'end', 'prefinish', 'finish', 'close', 'error', 'aborted', 'drain', 'timeout'];

function look(t, emitter, label) {
  t.log('looks', label, ...GETTERS.map((name) => `${name}:${emitter[name]}`));
  for (const name of EVENTS) emitter.on(name, () => t.log(label, name));
  finished(emitter, (error) => t.log(label, 'finished', error?.code));
}

const answer = (stream) => {
  stream.respond();
  stream.end('hello');
};

// `answers(stream, look)` says when the stream is looked at. What nobody looked at until then is looked at when the client is
// through.
function exchange(answers, { headers = GET, request = () => {}, listen = 'stream', finish = true } = {}) {
  return async (t) => {
    const server = await t.serve();
    let seen;
    server.on(listen, (first, second) => {
      seen = listen === 'stream' ? first : second.stream;
      answers(first, (label, emitter = first) => look(t, emitter, label), second, t);
    });
    const client = t.connect(server);
    client.on('error', () => {});
    const stream = client.request(headers);
    stream.on('error', () => {});
    stream.resume();
    const closed = t.once(stream, 'close');
    request(stream);
    await closed;
    await t.sleep();
    if (finish) look(t, seen, 'in the end');
    await t.sleep();
    await t.finish(client, server);
  };
}

const compat = (answers, options) => exchange(answers, { ...options, listen: 'request' });

module.exports = {
  'never': exchange(answer, { finish: false }),
  'in the end': exchange(answer),
  'before the answer': exchange((stream, look) => {
    look('fresh');
    answer(stream);
  }),
  'between head and body': exchange((stream, look) => {
    stream.respond();
    look('with a head');
    stream.end('hello');
  }),
  'after the answer': exchange((stream, look) => {
    answer(stream);
    look('answered');
  }),
  'in the next tick': exchange((stream, look) => {
    answer(stream);
    process.nextTick(look, 'answered');
  }),
  'in a microtask': exchange((stream, look) => {
    answer(stream);
    queueMicrotask(() => look('answered'));
  }),
  'with a listener from before': exchange((stream, look, _, t) => {
    for (const name of EVENTS) stream.on(name, () => t.log('heard', name));
    answer(stream);
  }),
  'with a listener that others do not see': exchange((stream, look, _, t) => {
    stream.prependListener('end', () => t.log('heard', 'end'));
    stream.prependListener('close', () => t.log('heard', 'close'));
    answer(stream);
  }),
  'with once()': exchange((stream, look, _, t) => {
    stream.once('close', () => t.log('heard', 'close'));
    answer(stream);
  }),
  'with a listener for errors alone': exchange((stream) => {
    stream.on('error', () => {});
    answer(stream);
  }),
  'written to': exchange((stream, look, _, t) => {
    stream.respond();
    t.log('writes', stream.write('hello'));
    setTimeout(() => stream.end('more'), t.moment);
  }),
  'written to twice': exchange((stream, look, _, t) => {
    stream.respond();
    t.log('writes', stream.write('hello'), stream.write('more'));
    stream.end();
  }),
  'looked at while it writes': exchange((stream, look, _, t) => {
    stream.respond();
    stream.write('hello');
    look('writing');
    setTimeout(() => stream.end('more'), t.moment);
  }),
  'looked at when it has written': exchange((stream, look, _, t) => {
    stream.respond();
    stream.write('hello');
    setTimeout(() => {
      look('written');
      stream.end();
    }, t.moment);
  }),
  'more than a Writable asks for': exchange((stream, look, _, t) => {
    stream.respond();
    t.log('writes', stream.write('x'.repeat(200_000)));
    stream.on('drain', () => stream.end());
  }),
  'a write that has a callback': exchange((stream, look, _, t) => {
    stream.respond();
    t.log('writes', stream.write('hello', () => t.log('called', 'back')));
    stream.end();
  }),
  'a write that is none': exchange((stream, look, _, t) => {
    stream.respond();
    stream.on('error', (error) => t.log('heard', error));
    t.attempt('throws', 'null', () => stream.write(null));
    t.attempt('throws', '5', () => stream.write(5));
    stream.end();
  }),
  'ended after it was closed': exchange((stream, look, _, t) => {
    stream.respond();
    stream.write('hello');
    setTimeout(() => stream.close(), t.moment);
  }),
  'a Buffer': exchange((stream, look) => {
    stream.respond();
    stream.end(Buffer.from('hello'));
    look('answered');
  }),
  'an empty string': exchange((stream, look) => {
    stream.respond();
    stream.end('');
    look('answered');
  }),
  'a Uint8Array': exchange((stream) => {
    stream.respond();
    stream.end(new Uint8Array(5));
  }),
  'hexadecimal': exchange((stream) => {
    stream.respond();
    stream.end('abcd', 'hex');
  }),
  'an encoding that is none': exchange((stream, look, _, t) => {
    stream.respond();
    t.attempt('throws', 'end', () => stream.end('abcd', 'nonsense'));
    stream.end('x');
  }),
  'a callback': exchange((stream, look, _, t) => {
    stream.respond();
    stream.end('abcd', () => t.log('called', 'back'));
  }),
  'ended twice': exchange((stream, look, _, t) => {
    answer(stream);
    t.attempt('throws', 'end', () => stream.end() === stream);
  }),
  'written after the end': exchange((stream, look, _, t) => {
    stream.on('error', (error) => t.log('heard', error));
    answer(stream);
    t.attempt('throws', 'write', () => stream.write('more'));
  }),
  'destroyed after the end': exchange((stream) => {
    answer(stream);
    stream.destroy();
  }),
  'closed after the end': exchange((stream, look) => {
    answer(stream);
    stream.close();
    look('closed');
  }),
  'a request with a body': exchange((stream) => answer(stream), {
    headers: POST,
    request: (stream) => stream.end('body'),
  }),
  'a request with a body that is looked at': exchange((stream, look) => {
    answer(stream);
    setImmediate(look, 'later');
  }, { headers: POST, request: (stream) => stream.end('body') }),
  'reset by the client': exchange((stream) => {
    stream.on('error', () => {});
    stream.respond();
  }, { request: (stream) => stream.on('response', () => stream.close(8)) }),
  'read late': exchange((stream, look, _, t) => {
    stream.on('data', (chunk) => t.log('heard', chunk));
    stream.on('end', () => answer(stream));
  }, { headers: POST, request: (stream) => stream.end('body') }),
  'readable late': exchange((stream, look, _, t) => {
    stream.on('readable', () => t.log('heard', 'readable', stream.read()));
    stream.on('end', () => answer(stream));
  }),

  'a request and a response': compat((request, look, response) => {
    response.end('hello');
  }),
  'a request after the answer': compat((request, look, response) => {
    response.end('hello');
    look('request');
  }),
  'a request before the answer': compat((request, look, response) => {
    look('request');
    response.end('hello');
  }),
  'the events of a request': compat((request, look, response, t) => {
    for (const name of EVENTS) request.on(name, () => t.log('request', name));
    response.end('hello');
  }),
  'the events of a response': compat((request, look, response, t) => {
    for (const name of EVENTS) response.on(name, () => t.log('response', name));
    response.end('hello');
  }),
  'a response with a callback': compat((request, look, response, t) => {
    response.end('hello', () => t.log('called', 'back'));
  }),
  'a response that listens from within': compat((request, look, response, t) => {
    response.on('finish', () => {
      t.log('response', 'finish', request.complete, request.stream.destroyed);
      response.on('close', () => t.log('response', 'close'));
    });
    response.end('hello');
  }),
};
