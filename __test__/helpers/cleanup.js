'use strict';

// What a test has opened is closed in the reverse order of opening, all of it, even when some of it does not close well;
// t.after() alone keeps the order, and ends with the first error.

const registered = new WeakMap();

function cleanup(t, close) {
  let stack = registered.get(t);
  if (!stack) {
    stack = [];
    registered.set(t, stack);
    t.after(async () => {
      const errors = [];
      for (const close of stack.reverse()) {
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    });
  }
  stack.push(close);
}

module.exports = { cleanup };
