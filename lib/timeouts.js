'use strict';

// Idle timeouts of sessions and streams. net.Socket's own setTimeout is borrowed, so that checks, errors and the timer
// itself are node's; it wants `destroyed`, `_onTimeout` and the slot kTimeout of its object.

const { Socket } = require('node:net');
const { kTimeout } = require('./symbols');

const setSocketTimeout = Socket.prototype.setTimeout;

function setTimeout(msecs, callback) {
  return Reflect.apply(setSocketTimeout, this, [msecs, callback]);
}

// There was activity: the timer starts again.
function refresh(owner) {
  const timer = owner[kTimeout];
  if (timer) timer.refresh();
}

function stop(owner) {
  if (owner[kTimeout]) setTimeout.call(owner, 0);
}

module.exports = { refresh, setTimeout, stop };
