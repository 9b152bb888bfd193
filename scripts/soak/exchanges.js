'use strict';

// One request of each kind, and how it came out.

const { countEvents, judgeEnding } = require('../../__test__/helpers/endings');
const { Checker, piece, pour } = require('./pattern');

const { constants } = require('../..');

const codes = Object.fromEntries([
  'NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED', 'FRAME_SIZE_ERROR',
  'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED',
].map((name) => [constants[`NGHTTP2_${name}`], `NGHTTP2_${name}`]));

const post = { ':method': 'POST' };
const random = (most) => Math.floor(Math.random() * most);

// `start(request, expect)` drives a request; `expect` is filled with what the answer has to be: its length, its trailers, or
// the reasons for which it may fail. `mayStop` is for those that are never answered.
const all = {
  small: { path: '/small', start: (request, expect) => { expect.length = 11; } },

  large: {
    path: () => `/large?length=${random(2_000_000)}`,
    start(request, expect, path) {
      expect.length = Number(path.split('=')[1]);
      expect.pattern = true;
    },
  },

  upload: {
    path: '/upload',
    headers: post,
    start(request) { pour(request, random(1_000_000)); },
  },

  echo: {
    path: '/echo',
    headers: post,
    start(request, expect) {
      expect.length = random(300_000);
      expect.pattern = true;
      pour(request, expect.length, 1 + random(20_000));
    },
  },

  push: { path: '/push', start: (request, expect) => { expect.length = 6; } },

  serverReset: {
    path: () => `/reset?code=${[2, 8, 11][random(3)]}`,
    start(request, expect, path) { expect.meant = [codes[Number(path.split('=')[1])]]; },
  },

  clientReset: {
    path: '/large?length=3000000',
    start(request, expect) {
      expect.meant = ['NGHTTP2_CANCEL'];
      request.once('data', () => request.close(constants.NGHTTP2_CANCEL));
    },
  },

  silence: {
    path: '/silence',
    start(request, expect) {
      expect.meant = ['NGHTTP2_CANCEL', 'stopped'];
      setTimeout(() => request.close(constants.NGHTTP2_CANCEL), random(50));
    },
  },

  destroyed: {
    path: '/large?length=500000',
    start(request, expect) {
      expect.meant = ['stopped', 'aborted', 'on purpose', 'NGHTTP2_CANCEL'];
      setTimeout(() => request.destroy(random(2) ? undefined : new Error('on purpose')), random(10));
    },
  },

  trailers: {
    path: '/trailers',
    headers: post,
    options: { waitForTrailers: true },
    start(request, expect) {
      const question = String(random(1000));
      expect.length = 13;
      expect.trailer = question;
      request.on('wantTrailers', () => request.sendTrailers({ question }));
      request.end(piece(0, random(30_000)));
    },
  },

  file: {
    path: '/file',
    start(request, expect) {
      expect.length = 300_000;
      expect.pattern = true;
    },
  },

  slow: { path: '/slow', start: (request, expect) => { expect.length = 20; } },
  goaway: { path: '/goaway', start: (request, expect) => { expect.length = 7; } },
  die: { path: '/die', start() {} },
};

/** Those that do not end their connection. Small ones come often. */
const kinds = [...Object.keys(all).filter((kind) => kind !== 'goaway' && kind !== 'die'), ...Array(10).fill('small')];

/**
 * Sends a request and settles when it is closed: `reason` says why it failed, `meant` which reasons were intended, `complete`
 * whether all of the answer is there, and `faults` what of it cannot be right.
 */
function begin(session, kind, counts) {
  const { headers, options, path: where, start } = all[kind];
  const path = typeof where === 'function' ? where() : where;
  const expect = { meant: [] };
  const faults = [];
  let request;
  try {
    request = session.request({ ':path': path, ...headers }, { endStream: headers === undefined, ...options });
  } catch (error) {
    return Promise.resolve({ reason: error.code ?? error.message, meant: expect.meant, faults });
  }
  return new Promise((resolve) => {
    const checker = new Checker();
    const seen = countEvents(request);
    let responses = 0;
    let trailers;
    request.on('response', () => { responses += 1; });
    request.on('trailers', (received) => { trailers = received; });
    request.on('data', (chunk) => {
      counts.octets += chunk.length;
      checker.take(chunk);
    });
    request.once('close', () => {
      const answered = responses === 1 && seen.end === 1 && seen.error === 0 && !request.aborted && request.rstCode === 0;
      const complete = (expect.length ?? checker.length) === checker.length && expect.trailer === trailers?.answer;
      if (expect.pattern && !checker.intact) faults.push('other octets');
      const reason = answered ? undefined : reasonOf(request, seen.failure);
      // What would come a second time would come within this turn or the next.
      setImmediate(() => {
        faults.push(...judgeEnding(request, seen, kind === 'destroyed' || session.destroyed));
        resolve({ reason, complete, meant: expect.meant, faults });
      });
    });
    start(request, expect, path);
  });
}

function reasonOf({ aborted, rstCode }, failure) {
  if (failure !== undefined && failure.code !== 'ERR_HTTP2_STREAM_ERROR') return failure.code ?? failure.message;
  if (rstCode !== 0) return codes[rstCode] ?? `code ${rstCode}`;
  return aborted ? 'aborted' : 'stopped';
}

module.exports = { begin, kinds };
