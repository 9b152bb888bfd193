'use strict';

// Descriptors of this process, used up and given back.

const fs = require('node:fs');

// A shell is what can set a limit. Beyond 256 only for those who may have so many.
const LIMITED = ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath];

/** Opens descriptors until there are none, gives `spare` of them back, and returns the others. */
function useUp(spare) {
  const held = [];
  for (;;) {
    try {
      held.push(fs.openSync('/dev/null'));
    } catch {
      break;
    }
  }
  giveBack(held.splice(0, spare));
  return held;
}

function giveBack(held) {
  for (const descriptor of held) fs.closeSync(descriptor);
}

module.exports = { LIMITED, giveBack, useUp };
