'use strict';

const { format } = require('node:util');

// How sessions and streams show themselves: node's names and fields, whatever the class, and whatever the depth asked for.
function inspectAs(object, name, fields, depth) {
  if (typeof depth === 'number' && depth < 0) return object;
  return `${name} ${format(fields)}`;
}

module.exports = { inspectAs };
