'use strict';

// Our errors beside node's of the same code, made with the same arguments.

const assert = require('node:assert');
const { inspect } = require('node:util');
const { AbortError: NodeAbortError, codes } = require('internal/errors');
const { NghttpError: NodeNghttpError } = require('internal/http2/util');
const errors = require('../../lib/errors');
const cases = require('./error-cases');

// What a program can see of an error. The place in the stack where it was made differs, of course.
function visible(error) {
  const [head] = error.stack.split('\n    at ');
  const own = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack').sort();
  return {
    name: error.name,
    constructor: error.constructor.name,
    isPlain: [Error, TypeError, RangeError].includes(error.constructor),
    message: error.message,
    text: String(error),
    head,
    inspected: inspect(error).replace(/\n {4}at .*/g, '').replace(/\n\s*\.\.\. \d+ lines matching.*/g, ''),
    properties: own.map((name) => {
      const { value, enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(error, name);
      return [name, value, enumerable, writable, configurable];
    }),
  };
}

function same(ours, nodes, label) {
  const describe = (make) => {
    try {
      return visible(make());
    } catch (error) {
      return `throws ${error.name}`;
    }
  };
  assert.deepStrictEqual(describe(ours), describe(nodes), label);
}

for (const [code, lists] of Object.entries(cases)) {
  // An older node does not have all codes of Node 26.
  if (codes[code] === undefined) continue;
  for (const args of lists) {
    same(() => new errors[code](...args), () => new codes[code](...args), `${code} ${inspect(args)}`);
    for (const Base of ['RangeError'])
      if (errors[code][Base]) same(() => new errors[code][Base](...args), () => new codes[code][Base](...args), code);
  }
}

for (let errno = 10; errno > -1000; errno--)
  same(() => new errors.NghttpError(errno), () => new NodeNghttpError(errno), `NghttpError ${errno}`);
same(() => new errors.NghttpError(-501, 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES'),
  () => new NodeNghttpError(-501, 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES'));

same(() => new errors.AbortError(), () => new NodeAbortError());
same(() => new errors.AbortError(undefined, { cause: 'why' }), () => new NodeAbortError(undefined, { cause: 'why' }));
