'use strict';

// A server that answers in the same turn of the loop in which another session of its process hears from its peer.

const EVENTS = ['resume', 'end', 'prefinish', 'finish', 'close', 'error', 'aborted'];

// `begin` and `answer` are what the server does with the stream, the one when it comes, the other when the client's session is
// about to be told of something.
function answered(begin, answer) {
  return async (t) => {
    const server = await t.serve();
    const streaming = t.once(server, 'stream');
    const client = t.connect(server);
    const request = client.request({ ':path': '/' });
    t.hear(request, 'client', EVENTS).resume();
    const closed = t.once(request, 'close');
    const [stream] = await streaming;
    t.hear(stream, 'server', EVENTS);
    begin(stream);
    await t.sleep();
    // Its frame has arrived in the turn of the first immediate, and is acknowledged in that of the second.
    client.ping(() => t.log('client', 'pinged'));
    setImmediate(() => setImmediate(() => answer(stream)));
    await closed;
    await t.sleep();
    await t.finish(client, server);
  };
}

module.exports = {
  'a whole answer': answered(() => {}, (stream) => {
    stream.respond();
    stream.end('hello');
  }),
  'a body': answered((stream) => stream.respond(), (stream) => stream.end('hello')),
  'the rest of a body': answered((stream) => {
    stream.respond();
    stream.write('hello');
  }, (stream) => stream.end('more')),
  'the end': answered((stream) => {
    stream.respond();
    stream.write('hello');
  }, (stream) => stream.end()),
};
