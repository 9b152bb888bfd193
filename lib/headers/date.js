'use strict';

// The value of the `date` field, made once a second.

let second = -1;
let text = '';

function utcDate() {
  const now = Date.now();
  const current = Math.floor(now / 1000);
  if (current !== second) {
    second = current;
    text = new Date(now).toUTCString();
  }
  return text;
}

module.exports = { utcDate };
