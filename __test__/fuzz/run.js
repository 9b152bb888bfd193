'use strict';

// Runs stories on one implementation, and prints what came of each as a line of JSON: node run.js MODULE calm|wild SEED...

const { load } = require('../helpers/modules');
const Story = require('./story');

const [name, temper, ...seeds] = process.argv.slice(2);

async function main() {
  for (const seed of seeds.map(Number)) {
    process.stdout.write(`${JSON.stringify({ seed, ...await new Story(seed, load(name), temper === 'calm').run() })}\n`);
  }
  process.exit();
}

main();
