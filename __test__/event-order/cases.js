'use strict';

// What each case of expected.txt does. `server(stream)` runs in the server's 'stream' event, `client(request,
// session)` right after request(). A client that does not ask for `data` resumes its stream.
const MIDSTREAM_MS = 10;

function answer(stream) {
  stream.respond();
  stream.end('hello');
}

function answerHalf(stream) {
  stream.respond();
  stream.write('hello');
}

function soon(action) {
  setTimeout(action, MIDSTREAM_MS);
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
    server(stream) {
      answerHalf(stream);
      soon(() => stream.destroy());
    },
  },
  destroyC: {
    server: answerHalf,
    client(request) {
      soon(() => request.destroy());
    },
  },
  rstS: {
    server(stream) {
      answerHalf(stream);
      soon(() => stream.close(8));
    },
  },
  rstC: {
    server: answerHalf,
    client(request) {
      soon(() => request.close(8));
    },
  },
  sessDestroyS: {
    server(stream) {
      answerHalf(stream);
      soon(() => stream.session.destroy());
    },
  },
  sessDestroyC: {
    server: answerHalf,
    client(request, session) {
      soon(() => session.destroy());
    },
  },
  sessCloseC: {
    server(stream) {
      answerHalf(stream);
      setTimeout(() => stream.end('bye'), 3 * MIDSTREAM_MS);
    },
    client(request, session) {
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
    server(stream) {
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
