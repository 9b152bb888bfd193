'use strict';

// A question to the peer, PING or SETTINGS, whose answer is awaited: its callback, and the async context to call it in.

const { AsyncResource } = require('node:async_hooks');

class Pending extends AsyncResource {
  // `type` is what async_hooks sees; node's name for it.
  constructor(type, callback) {
    super(type, { requireManualDestroy: true });
    this.callback = callback;
    this.sentAt = performance.now();
  }

  // Milliseconds since it was asked.
  get duration() {
    return performance.now() - this.sentAt;
  }

  // Once.
  settle(...results) {
    this.conclude(() => this.callback?.(...results));
  }

  // The same for an answer of which there is more to tell.
  conclude(action) {
    try {
      this.runInAsyncScope(action);
    } finally {
      this.emitDestroy();
    }
  }
}

module.exports = { Pending };
