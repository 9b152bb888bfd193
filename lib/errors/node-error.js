'use strict';

// How node makes its errors: an ordinary Error, TypeError or RangeError whose `name` is unchanged, with an own enumerable
// `code`, `toString()` and the head of the stack saying `Name [CODE]: message`.

// Node's stack formatter adds the code for every object that answers to this private mark. A real node error lends it
// to us, so that our stacks are formatted by the very same code.
function borrowNodeErrorMark() {
  let object;
  try {
    Buffer.alloc('');
  } catch (error) {
    object = error;
  }
  for (; object; object = Object.getPrototypeOf(object)) {
    const mark = Object.getOwnPropertySymbols(object).find(({ description }) => description === 'kIsNodeError');
    if (mark) return mark;
  }
  return Symbol('kIsNodeError');
}

const kIsNodeError = borrowNodeErrorMark();

function hide(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable: false });
}

// Gives a class of errors node's look: it prints its code and passes for its base class.
function dress(NodeError, Base) {
  const { prototype } = NodeError;
  hide(prototype, 'constructor', Base);
  hide(prototype, 'toString', function toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  });
  Object.defineProperty(prototype, kIsNodeError, { value: true });
  return NodeError;
}

// The constructor of errors with one code. `message` is a text, or a function from the constructor's arguments to the
// text which may also set properties on the error (its `this`).
function defineError(code, Base, message) {
  class NodeError extends Base {
    constructor(...args) {
      super();
      this.code = code;
      hide(this, 'message', typeof message === 'string' ? message : Reflect.apply(message, this, args));
    }
  }
  return dress(NodeError, Base);
}

module.exports = { defineError, dress };
