'use strict';

// What a process of a soak says of itself when index.js asks.

const fs = require('node:fs');

function descriptors() {
  try {
    return fs.readdirSync('/proc/self/fd').length;
  } catch {
    // Not on this system.
    return undefined;
  }
}

function sample(counts) {
  // Garbage comes and goes, by 150 MiB in a client: what is left of it is what counts.
  global.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external, descriptors: descriptors(), handles: process.getActiveResourcesInfo().length, ...counts };
}

/** Answers 'sample', and after `stop()` is done 'stop', with the numbers of then; then lets the process go. */
function answerQuestions(counts, stop) {
  process.on('message', async (question) => {
    if (question === 'stop') {
      await stop();
      for (let round = 0; round < 5; round += 1) {
        global.gc();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    process.send(sample(counts));
    if (question === 'stop') process.disconnect();
  });
  // Without its parent nobody would ever stop it.
  process.on('disconnect', () => process.exit());
}

module.exports = { answerQuestions };
