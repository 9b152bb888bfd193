'use strict';

// Marks a script for behaviour that node:http2 has from this major version on.
function since(major, script) {
  return Object.assign(script, { since: major });
}

module.exports = { since };
