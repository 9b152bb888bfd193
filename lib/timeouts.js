'use strict';

// Idle timeouts of sessions and streams. net.Socket's own setTimeout is borrowed, so that checks, errors and the timer
// itself are node's; it wants `destroyed`, `_onTimeout` and the slot kTimeout of its object.

const { Socket } = require('node:net');
const { kCompat, kTimeout } = require('./symbols');

// The octets that had been sent when the timer last ran out.
const kSeenBytes = Symbol('seenBytes');

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
  if (owner[kTimeout]) Reflect.apply(setTimeout, owner, [0]);
}

// The timer ran out. A large body that is still going out in small steps is activity, though nobody calls anything.
function expire(owner, isSending, handle) {
  if (owner.destroyed) return;
  if (isSending && handle !== undefined) {
    const { bytesWritten } = handle.counters();
    if (owner[kSeenBytes] !== bytesWritten) {
      owner[kSeenBytes] = bytesWritten;
      refresh(owner);
      return;
    }
  }
  owner[kCompat]?.timeout(owner);
  owner.emit('timeout');
}

module.exports = { expire, refresh, setTimeout, stop };
