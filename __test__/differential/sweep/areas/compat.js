'use strict';

const { METHODS, REQUEST_PROPERTIES, RESPONSE_PROPERTIES } = require('../compat-calls');

// What a request and a response of the compatibility API say to each call, in each of their states.
const STATES = {
  'fresh': () => {},
  'head written': (request, response) => response.writeHead(200, { 'x-state': 'yes' }),
  'ended': (request, response) => response.end('body'),
  'over': async (request, response) => {
    response.end('body');
    request.resume();
    await new Promise((resolve) => response.once('close', resolve));
  },
  'destroyed': (request, response) => response.destroy(),
  'closed': async (request, response) => {
    response.stream.close(8);
    await new Promise((resolve) => response.once('close', resolve));
  },
};

module.exports = () => {
  const cases = [];
  for (const [state, reach] of Object.entries(STATES)) {
    for (const [side, calls] of Object.entries(METHODS)) {
      for (const [label, call] of calls) {
        cases.push([`${state}: ${side}: ${label}`, async (c) => {
          const pair = await c.connection();
          const exchange = c.watch(pair.client.request({ ':method': 'POST', 'x-sent': 'a' }), 'client stream');
          pair.client.on('stream', (push) => c.watch(push, 'client push').resume());
          exchange.resume();
          exchange.end('question');
          const [request, response] = await new Promise((resolve) => pair.server.once('request', (...args) => resolve(args)));
          c.watch(request, 'request');
          c.watch(response, 'response');
          c.known.set(response.stream, 'server stream');
          await reach(request, response);
          c.call(label, () => call(side === 'request' ? request : response, c));
          c.snapshot('request', request, REQUEST_PROPERTIES);
          c.snapshot('response', response, RESPONSE_PROPERTIES);
          await c.settle(pair);
          c.snapshot('request after', request, REQUEST_PROPERTIES);
          c.snapshot('response after', response, RESPONSE_PROPERTIES);
        }]);
      }
    }
  }
  return cases;
};
