'use strict';

// The value of the `date` field, made when it is wanted first in a second, and good until that ends. As long as nothing lets
// timers run, nor does it.

const { setTimeout } = require('node:timers');

let text;

function forget() {
  text = undefined;
}

function renew() {
  const now = new Date();
  text = now.toUTCString();
  setTimeout(forget, 1000 - now.getMilliseconds()).unref();
  return text;
}

function utcDate() {
  return text ?? renew();
}

module.exports = { utcDate };
