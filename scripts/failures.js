'use strict';

// A reporter for node:test that tells of failures only, with where and why: what a run of many thousand tests ends with.

const { inspect } = require('node:util');

module.exports = async function * failures(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:fail') continue;
    const { name, file = '', line = '', details: { error } } = data;
    // What has failed within is told by itself.
    if (error?.failureType === 'subtestsFailed') continue;
    yield `\n${name}\n  ${file}:${line}, ${process.version}\n${inspect(error?.cause ?? error).replace(/^/gm, '  ')}\n`;
  }
};
