'use strict';

// The blocks of the last few lists, since programs send the same headers over and over: the same string also spares the
// engine from flattening a new one. What is compared are names and plain values, one by one.

// Slots are few so that the cache stays warm and small; a list has one place to be.
const SLOTS = 32;
// Longer blocks are not worth keeping alive.
const MAX_LENGTH = 2048;
const slots = new Array(SLOTS).fill(undefined);

// Names for lists that come again, under which the engine keeps them: the slot, and how many lists had names before.
const MOST_NAMES = 2 ** 26;
let names = 0;

class Recent {
  constructor(pairs, kind, strict, block, count, slot) {
    this.name = names < MOST_NAMES ? ++names * SLOTS + slot : 0;
    this.pairs = pairs;
    this.kind = kind;
    this.strict = strict;
    this.block = block;
    this.count = count;
  }
}

function slotOf(pairs) {
  let hash = pairs.length;
  for (let i = 1; i < pairs.length; i += 2) {
    const value = pairs[i];
    if (typeof value === 'string') hash = (hash * 31 + value.length) | 0;
    else if (typeof value === 'number') hash = (hash * 31 + value) | 0;
  }
  return hash & (SLOTS - 1);
}

function isSame(entry, pairs, kind, strict) {
  const known = entry.pairs;
  if (entry.kind !== kind || entry.strict !== strict || known.length !== pairs.length) return false;
  for (let i = 0; i < pairs.length; i++)
    if (known[i] !== pairs[i]) return false;
  return true;
}

// The entry of an equal list, or undefined.
function recall(pairs, kind, strict) {
  const entry = slots[slotOf(pairs)];
  return entry !== undefined && isSame(entry, pairs, kind, strict) ? entry : undefined;
}

// `pairs` must be the caller's own, hold no objects and never change.
function remember(pairs, kind, strict, block, count) {
  if (block.length > MAX_LENGTH) return;
  const slot = slotOf(pairs);
  slots[slot] = new Recent(pairs, kind, strict, block, count, slot);
}

module.exports = { recall, remember };
