'use strict';

const assert = require('node:assert');
const nodeHttp2 = require('node:http2');
const test = require('node:test');
const http2 = require('..');
const { describe } = require('./surface/describe');
const node26 = require('./surface/node26.json');

// What we have beyond Node 26.
const EXTRAS = new Set(['Http2ServerRequest.pause', 'Http2Session.transport', 'exports.implementation']);
// The classes between Http2Stream and Duplex, and between Http2ServerRequest and Readable.
const isLate = (name) => /^Late(Duplex|Readable)\./.test(name);

// Line by line, so that a difference is one line.
function lines({ order, classes, ...groups }) {
  return Object.entries({ ...groups, ...classes })
    .flatMap(([group, properties]) => Object.entries(properties).map(([name, what]) => [`${group}.${name}`, what]))
    .filter(([name]) => !EXTRAS.has(name) && !isLate(name))
    .map(([name, what]) => `${name}: ${what}`)
    .sort();
}

test('exports and classes are those of Node 26, property by property, on every Node', async () => {
  const surface = await describe(http2);
  assert.deepStrictEqual(surface.order.filter((name) => !EXTRAS.has(`exports.${name}`)), node26.order);
  assert.deepStrictEqual(lines(surface), lines(node26));
});

test('nothing that the running node has is missing', async () => {
  const ours = await describe(http2);
  const nodes = await describe(nodeHttp2);
  const missing = [];
  for (const [name, properties] of Object.entries({ exports: nodes.exports, ...nodes.classes })) {
    const has = name === 'exports' ? ours.exports : ours.classes[name];
    for (const property of Object.keys(properties))
      if (has?.[property] === undefined) missing.push(`${name}.${property}`);
  }
  assert.deepStrictEqual(missing, []);
});

test('Http2ServerRequest and Http2ServerResponse are the classes that servers use', async () => {
  const server = http2.createServer((request, response) => {
    assert.ok(request instanceof http2.Http2ServerRequest);
    assert.ok(response instanceof http2.Http2ServerResponse);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const client = http2.connect(`http://localhost:${server.address().port}`);
  const request = client.request().resume();
  await new Promise((resolve) => request.once('close', resolve));
  assert.strictEqual(request.rstCode, 0);
  client.close();
  await new Promise((resolve) => server.close(resolve));
});
