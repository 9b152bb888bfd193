'use strict';

// How a stream may end, whatever befalls it; the rule is node:http2's. 'close' comes exactly once, and last. A stream that has
// failed has exactly one 'error'; one that has not, and is read, exactly one 'end'. So a reader always hears one of them. Both
// come only where the reader had come to an end before the stream failed.
//
// Failed is whatever was reset with a code other than NO_ERROR and CANCEL, or was destroyed with an error. What was given up
// with one of those two has no error: 'aborted', for who was still writing, is what tells. And who destroys a stream, or its
// session, without an error may hear neither 'end' nor 'error' of it.

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = require('node:http2').constants;

const names = ['end', 'error', 'aborted', 'close'];

/** Counts the events of a stream from now on, as {end, error, aborted, close, afterClose, failure}. */
function countEvents(stream) {
  // A server's stream can have been reset before anybody was told of it, as in node: its 'aborted' has been.
  const seen = {
    end: 0, error: 0, aborted: stream.aborted ? 1 : 0, close: 0, isRead: false, afterClose: [], failure: undefined,
  };
  for (const name of names) {
    stream.on(name, (error) => {
      if (seen.close > 0) seen.afterClose.push(name);
      seen[name] += 1;
      if (name === 'error') seen.failure = error;
      // What its reader has left lying is gone with the stream, and so is its end.
      if (name === 'close') seen.isRead = stream.readableFlowing === true && stream.readableLength === 0;
    });
  }
  return seen;
}

/**
 * What of a stream's events breaks the rule, once it is closed and nothing more is to come: [] where all is well.
 *
 * @param {boolean} isGivenUp by this side, which has destroyed the stream or its session
 */
function judgeEnding(stream, { end, error, aborted, close, isRead, afterClose }, isGivenUp = false) {
  const { rstCode } = stream;
  const faults = [];
  const expect = (condition, text) => { if (!condition) faults.push(text); };
  expect(close === 1, `'close' came ${close} times`);
  expect(afterClose.length === 0, `'${afterClose[0]}' came after 'close'`);
  expect(error <= 1, `'error' came ${error} times`);
  expect(end <= 1, `'end' came ${end} times`);
  expect(aborted === (stream.aborted ? 1 : 0), `'aborted' came ${aborted} times`);
  expect(error > 0 || rstCode === NGHTTP2_NO_ERROR || rstCode === NGHTTP2_CANCEL, `code ${rstCode}, and no 'error'`);
  expect(error > 0 || end > 0 || !isRead || isGivenUp, "neither 'end' nor 'error' came");
  return faults;
}

module.exports = { countEvents, judgeEnding };
