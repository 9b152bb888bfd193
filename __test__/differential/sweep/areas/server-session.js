'use strict';

const { METHODS, PROPERTIES } = require('../session-calls');

// The same of a server's session.
const STATES = {
  open: async (c) => c.connection(),
  closing: async (c) => {
    const pair = await c.connection();
    const stream = pair.client.request();
    stream.on('error', () => {});
    await new Promise((resolve) => pair.serverSession.once('stream', resolve));
    pair.serverSession.close();
    return pair;
  },
  destroyed: async (c) => {
    const pair = await c.connection();
    pair.serverSession.destroy();
    return pair;
  },
  'closed, idle': async (c) => {
    const pair = await c.connection();
    await new Promise((resolve) => pair.serverSession.close(resolve));
    return pair;
  },
};

module.exports = () => {
  const cases = [];
  for (const [state, reach] of Object.entries(STATES)) {
    for (const [label, call] of METHODS.both.concat(METHODS.server)) {
      cases.push([`${state}: ${label}`, async (c) => {
        const pair = await reach(c);
        c.call(label, () => call(pair.serverSession, c));
        c.snapshot('server', pair.serverSession, PROPERTIES);
        await c.settle(pair);
        c.snapshot('server after', pair.serverSession, PROPERTIES);
      }]);
    }
  }
  return cases;
};
