'use strict';

const { METHODS, PROPERTIES } = require('../stream-calls');

// The same of a client's stream.
const STATES = {
  'pending': { connected: false },
  'open': {},
  'ended': { reach: (stream) => stream.end('body') },
  'answered': {
    answer: (stream) => { stream.respond(); stream.write('x'); },
    reach: (stream) => new Promise((resolve) => stream.once('response', resolve)),
  },
  'answered whole': {
    answer: (stream) => { stream.respond(); stream.end('x'); },
    reach: (stream) => new Promise((resolve) => stream.once('response', resolve)),
  },
  'over': {
    answer: (stream) => { stream.respond(); stream.end('x'); },
    reach: (stream) => {
      stream.end();
      stream.resume();
      return new Promise((resolve) => stream.once('close', resolve));
    },
  },
  'closed': { reach: (stream) => stream.close(8) },
  'destroyed': { reach: (stream) => stream.destroy() },
  'refused': {
    answer: (stream) => stream.close(7),
    reach: (stream) => new Promise((resolve) => stream.once('close', resolve)),
  },
  'session closed': { reach: (stream) => stream.session.close() },
  'session destroyed': { reach: (stream) => stream.session.destroy() },
};

module.exports = () => {
  const cases = [];
  for (const [state, { connected, answer, reach }] of Object.entries(STATES)) {
    for (const [label, call] of METHODS.both) {
      cases.push([`${state}: ${label}`, async (c) => {
        const pair = await c.connection({ connected });
        const request = c.watch(pair.client.request({ ':method': 'POST' }), 'client stream');
        pair.server.on('stream', (stream) => {
          c.watch(stream, 'server stream');
          stream.resume();
          answer?.(stream);
        });
        if (connected !== false) await new Promise((resolve) => pair.server.once('stream', resolve));
        await reach?.(request);
        c.call(label, () => call(request, c));
        c.snapshot('stream', request, PROPERTIES);
        await c.settle(pair);
        c.snapshot('stream after', request, PROPERTIES);
      }]);
    }
  }
  return cases;
};
