'use strict';

// What is running, for programs and bug reports that have to tell it from node:http2, which has no such property.

const { versions } = require('./engine/load');

module.exports = Object.freeze({ name: 'http2-rs', ...versions });
