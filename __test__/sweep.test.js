'use strict';

// Every call with everything that is wrong or just right, in every state of its object: what is thrown, emitted and shown.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');
const { compare, differences } = require('./differential/sweep/compare');

// Older Nodes check less, and name much otherwise.
const skip = Number.parseInt(process.versions.node, 10) < 26 && 'the API is that of Node 26';

// The two ends of a connection race: node:http2 itself does not always see the same. What differs is played again, and counts
// when it differs each time.
const REPLAYS = 4;
const MANY = 50;

async function lasting(area, found) {
  for (let i = 0; i < REPLAYS && found.length > 0 && found.length < MANY; i++)
    found = differences(await compare(area, { names: found.map(([name]) => name) }));
  return found;
}

describe('as node:http2, call by call', { skip }, () => {
  for (const file of fs.readdirSync(path.join(__dirname, 'differential', 'sweep', 'areas')).sort()) {
    const area = path.basename(file, '.js');
    it(area, async () => {
      const outcome = await compare(area);
      assert.ok(Object.keys(outcome.expected).length > 100, 'hardly anything was compared');
      const [first, ...others] = await lasting(area, differences(outcome));
      assert.equal(first, undefined, `${others.length} others; ${JSON.stringify(first, undefined, 2)}`);
    });
  }
});
