'use strict';

const path = require('node:path');

// The two implementations a behaviour is compared between. Tests name them by these strings, because a case runs in
// a process of its own and only strings cross over.
const ORACLE = 'node:http2';
const SUBJECT = 'http2-rs';

const root = path.resolve(__dirname, '..', '..');

function load(name) {
  return require(name === SUBJECT ? root : name);
}

module.exports = { ORACLE, SUBJECT, load };
