'use strict';

// Header lists in an order of one's own. An object cannot hold a name twice, but node:http2 lower-cases its keys, so `x-a`,
// `X-a` and `x-A` are three keys of one field; that works with every version of Node and in both implementations.

function spellings(name) {
  const letters = [...name].flatMap((letter, index) => (/[a-z]/.test(letter) ? [index] : []));
  return Array.from({ length: 2 ** Math.min(letters.length, 8) }, (_, bits) => [...name]
    .map((letter, index) => ((bits >> letters.indexOf(index)) & 1 && letters.includes(index) ? letter.toUpperCase() : letter))
    .join(''));
}

/** The list [[name, value], ...] as an object that is sent as exactly this list. */
function toObject(pairs) {
  const unused = new Map();
  return Object.fromEntries(pairs.map(([name, value]) => {
    if (!unused.has(name)) unused.set(name, spellings(name));
    return [unused.get(name).shift(), value];
  }));
}

/** [name, value, name, value, ...] as [[name, value], ...]. */
function toPairs(rawHeaders) {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [rawHeaders[2 * index], rawHeaders[2 * index + 1]]);
}

module.exports = { toObject, toPairs };
