'use strict';

// Calls `log(name, args)` for every event that the emitter emits, before its listeners run. Overriding emit() rather
// than adding listeners keeps the spy invisible: a listener on 'data', 'error' or 'goaway' would change behaviour.
function spy(emitter, log) {
  const emit = emitter.emit;
  emitter.emit = function(name, ...args) {
    if (name !== 'newListener' && name !== 'removeListener')
      log(name, args);
    return Reflect.apply(emit, this, [name, ...args]);
  };
  return emitter;
}

module.exports = { spy };
