'use strict';

// What every stream owes its user, whatever befalls it: 'close' once, and 'end' and 'error' at most once. Both can come, as in
// node: what was to be received has ended, and then the connection breaks.

const assert = require('node:assert');

/** Counts the events of a stream. The promise settles when it is closed, with {end, error, close, octets, failure, reset, aborted}. */
function watch(stream) {
  const seen = { end: 0, error: 0, close: 0, octets: 0, failure: undefined };
  stream.on('data', (chunk) => { seen.octets += chunk.length; });
  stream.on('end', () => { seen.end += 1; });
  stream.on('error', (error) => {
    seen.error += 1;
    seen.failure = error;
  });
  return new Promise((resolve, reject) => {
    stream.on('close', () => {
      seen.close += 1;
      // Whatever would come a second time would come soon.
      setImmediate(() => {
        try {
          assert.strictEqual(seen.close, 1, "'close' more than once");
          assert.ok(seen.error <= 1, "'error' more than once");
          assert.ok(seen.end <= 1, "'end' more than once");
          resolve({ ...seen, reset: stream.rstCode, aborted: stream.aborted });
        } catch (error) {
          reject(error);
        }
      });
    });
  });
}

// What has not come after so many milliseconds never comes, however busy the machine is.
const patience = 60_000;

/** Settles when all has, or rejects with what never does. */
function eventually(what) {
  const names = Object.keys(what);
  const left = new Set(names);
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${patience} ms there is no ${[...left].join(', no ')}`)), patience);
  });
  const all = Promise.all(names.map(async (name) => {
    const value = await what[name];
    left.delete(name);
    return value;
  }));
  return Promise.race([all, late]).finally(() => clearTimeout(timer));
}

module.exports = { eventually, watch };
