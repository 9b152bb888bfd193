'use strict';

// What a test has opened is closed in the reverse order of opening; t.after() alone keeps the order.

const registered = new WeakMap();

function cleanup(t, close) {
  let stack = registered.get(t);
  if (!stack) {
    stack = [];
    registered.set(t, stack);
    t.after(async () => {
      for (const close of stack.reverse()) await close();
    });
  }
  stack.push(close);
}

module.exports = { cleanup };
