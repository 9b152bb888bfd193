'use strict';

const { inspect } = require('node:util');

// How sessions and streams show themselves: node's names and fields, whatever the class.
function inspectAs(object, name, fields, depth, options) {
  if (typeof depth === 'number' && depth < 0) return object;
  return `${name} ${inspect(fields, { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
}

module.exports = { inspectAs };
