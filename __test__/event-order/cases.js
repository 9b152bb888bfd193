'use strict';

// What each case of expected.txt does. `server(stream, soon)` runs in the server's 'stream' event, `client(request,
// session, soon)` right after request(); what they give to `soon` happens in mid-stream, some time after the client got
// the response. A client that does not ask for `data` resumes its stream.

// After the client has begun to close its session.
const LATER_MS = 20;

function answer(stream) {
  stream.respond();
  stream.end('hello');
}

function answerHalf(stream) {
  stream.respond();
  stream.write('hello');
}

module.exports = {
  get: {
    server(stream) {
      stream.respond();
      stream.end();
    },
  },
  getbody: { server: answer },
  getbodyread: { server: answer, data: true },
  post: {
    method: 'POST',
    body: ['a', 'b'],
    data: true,
    server(stream) {
      stream.on('data', () => {});
      stream.on('end', () => answer(stream));
    },
  },
  postpipe: {
    method: 'POST',
    body: ['a', 'b'],
    data: true,
    server(stream) {
      stream.respond();
      stream.pipe(stream);
    },
  },
  head: { method: 'HEAD', server: answer },
  destroyS: {
    server(stream, soon) {
      answerHalf(stream);
      soon(() => stream.destroy());
    },
  },
  destroyC: {
    server: answerHalf,
    client(request, session, soon) {
      soon(() => request.destroy());
    },
  },
  rstS: {
    server(stream, soon) {
      answerHalf(stream);
      soon(() => stream.close(8));
    },
  },
  rstC: {
    server: answerHalf,
    client(request, session, soon) {
      soon(() => request.close(8));
    },
  },
  sessDestroyS: {
    server(stream, soon) {
      answerHalf(stream);
      soon(() => stream.session.destroy());
    },
  },
  sessDestroyC: {
    server: answerHalf,
    client(request, session, soon) {
      soon(() => session.destroy());
    },
  },
  sessCloseC: {
    server(stream, soon) {
      answerHalf(stream);
      soon(() => setTimeout(() => stream.end('bye'), LATER_MS));
    },
    client(request, session, soon) {
      soon(() => session.close());
    },
  },
  nobody204: {
    server(stream) {
      stream.respond({ ':status': 204 });
      stream.end();
    },
  },
  trailers: {
    server(stream) {
      stream.respond({}, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ checksum: 'abc' }));
      stream.end('hello');
    },
  },
  informational: {
    server(stream) {
      stream.additionalHeaders({ ':status': 103 });
      answer(stream);
    },
  },
  goaway: {
    server(stream, soon) {
      answerHalf(stream);
      soon(() => stream.session.goaway(2));
    },
  },
  pushno: { server: answer },
  respondEndStream: {
    server(stream) {
      stream.respond({ ':status': 200 }, { endStream: true });
    },
  },
  listenersC: { server: answer, data: true },
};
