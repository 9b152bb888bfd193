'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');

const { ORACLE, SUBJECT } = require('./helpers/modules');
const { runChild } = require('./helpers/child');
const since = require('./differential/since.json');

const directory = path.join(__dirname, 'differential');
const nodeMajor = Number.parseInt(process.versions.node, 10);

async function play(moduleName, area, name) {
  const { report } = await runChild(path.join(directory, 'run-script.js'), [moduleName, area, name]);
  return report;
}

for (const file of fs.readdirSync(path.join(directory, 'scripts')).sort()) {
  const area = path.basename(file, '.js');
  describe(`as node:http2: ${area}`, { concurrency: 2 }, () => {
    for (const name of Object.keys(require(`./differential/scripts/${area}`))) {
      // The API is that of the newest Node; where an older one behaves otherwise there is nothing to compare with.
      if (nodeMajor < (since[area]?.[name] ?? 0))
        continue;
      it(name, async () => {
        const [expected, actual] = await Promise.all([play(ORACLE, area, name), play(SUBJECT, area, name)]);
        assert.deepEqual(actual, expected);
      });
    }
  });
}
