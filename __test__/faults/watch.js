'use strict';

// Waits for streams to end, each as it must: see helpers/endings.js.

const { countEvents, judgeEnding } = require('../helpers/endings');

/** Reads a stream. The promise settles when it is closed, with {end, error, aborted, close, octets, failure, reset}. */
function watch(stream) {
  const seen = Object.assign(countEvents(stream), { octets: 0 });
  stream.on('data', (chunk) => { seen.octets += chunk.length; });
  return new Promise((resolve, reject) => {
    stream.once('close', () => {
      // Whatever would come a second time would come soon.
      setImmediate(() => {
        const faults = judgeEnding(stream, seen);
        if (faults.length > 0) reject(new Error(faults.join('; ')));
        else resolve({ ...seen, reset: stream.rstCode });
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
