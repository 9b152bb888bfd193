'use strict';

// Chromium loads pages: one of our own, and one from vite's dev server.

const assert = require('node:assert');
const { cleanup } = require('../helpers/cleanup');
const { temporaryDirectory } = require('../helpers/packages');
const { start, testWith } = require('../helpers/tools');
const { createContext, NODE, OURS, startServer } = require('./parties');

function visit(t, url) {
  const profile = temporaryDirectory(t);
  const chromium = start('chromium', [
    '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--ignore-certificate-errors',
    `--user-data-dir=${profile}`, url,
  ]);
  cleanup(t, () => {
    chromium.child.kill();
    return chromium.ended;
  });
  return chromium.ended.then(({ stderr }) => assert.fail(`chromium has ended:\n${stderr}`));
}

async function show(t, name, implementation) {
  const server = await startServer(t, name, implementation, createContext(t));
  const report = await Promise.race([server.report(), visit(t, server.url)]);
  await server.stop();
  return report;
}

for (const implementation of [OURS, NODE]) {
  testWith('chromium', `a page with scripts, images, uploads and a WebSocket from ${implementation}`, async (t) => {
    assert.deepStrictEqual(await show(t, 'browser', implementation), {
      answer: 42,
      echoed: 'hello',
      chunks: 3,
      uploaded: '1000000',
      color: 'rgb(1, 2, 3)',
      images: 30,
      protocols: ['h2'],
      // The page, two scripts, the style, thirty images. What it fetches is listed some time after it has come.
      resources: 34,
    });
  });

  testWith('chromium', `a page of vite's dev server on ${implementation}, and a change to it`, async (t) => {
    const [loaded, changed] = await show(t, 'vite', implementation);
    assert.deepStrictEqual(loaded, { version: '2.0', answer: 42, color: 'rgb(1, 2, 3)', protocols: ['h2'] });
    assert.deepStrictEqual([changed.version, changed.answer], ['2.0', 43]);
  });
}
