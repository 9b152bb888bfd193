'use strict';

// Tables of calls, { side: [[label, (object, case) => ...]] }, and what fills them.

const { fresh, VALUES } = require('./values');

// One and one and a half would go off before or after the end of the case.
const NO_SHORT_TIME = Object.entries(VALUES).filter(([, value]) => ![1, 1.5].includes(value));

function table(...sides) {
  const methods = Object.fromEntries(sides.map((side) => [side, []]));

  function add(side, label, call) {
    methods[side].push([label, call]);
  }

  // The method with each value in the place of one argument, the others being fine.
  function sweep(side, method, args, position, values = Object.entries(VALUES)) {
    for (const [name, value] of values) {
      add(side, `${method}(${'_, '.repeat(position)}${name})`, (object) => object[method](...args.with(position, fresh(value))));
    }
  }

  return { methods, add, sweep };
}

// What a program gives to be called.
function callback(c) {
  return (...args) => c.log('callback', ...args);
}

module.exports = { NO_SHORT_TIME, callback, table };
