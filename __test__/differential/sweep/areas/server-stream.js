'use strict';

const { METHODS, PROPERTIES: ALL } = require('../stream-calls');

// What is still to be written is counted otherwise for files.
const PROPERTIES = ALL.filter((name) => name !== 'bufferSize');

// What a server's stream says to each call, in each of its states.
const STATES = {
  'fresh': () => {},
  'responded': (stream) => stream.respond({ 'x-state': 'yes' }),
  'ended': (stream) => { stream.respond(); stream.end('body'); },
  'closed': (stream) => stream.close(8),
  'destroyed': (stream) => stream.destroy(),
  'abandoned': async (stream, request) => {
    request.close(8);
    await new Promise((resolve) => stream.once('close', resolve));
  },
  'session closed': (stream) => stream.session.close(),
  'session destroyed': (stream) => stream.session.destroy(),
};

module.exports = () => {
  const cases = [];
  for (const [state, reach] of Object.entries(STATES)) {
    for (const [label, call] of METHODS.both.concat(METHODS.server)) {
      cases.push([`${state}: ${label}`, async (c) => {
        const pair = await c.connection();
        const request = c.watch(pair.client.request({ ':method': 'POST' }), 'client stream');
        pair.client.on('stream', (push) => c.watch(push, 'client push').resume());
        request.resume();
        const [stream] = await new Promise((resolve) => pair.serverSession.once('stream', (...args) => resolve(args)));
        c.watch(stream, 'server stream');
        c.known.set(stream.session, 'server session');
        stream.resume();
        await reach(stream, request);
        c.call(label, () => call(stream, c));
        c.snapshot('stream', stream, PROPERTIES.filter((name) => name !== 'bufferSize'));
        await c.settle(pair);
        c.snapshot('stream after', stream, PROPERTIES);
        request.end();
        await c.settle(pair);
        c.snapshot('stream at the end', stream, PROPERTIES.filter((name) => name !== 'bufferSize'));
        c.snapshot('request at the end', request, PROPERTIES);
      }]);
    }
  }
  return cases;
};
