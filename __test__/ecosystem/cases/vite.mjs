// vite's dev server, which serves HTTP/2 when it has a certificate, with a page that a browser loads and that is changed
// under it.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { createServer } from 'vite';
import { deferred } from '../listening.mjs';

const PAGE = new URL('../vite-page/', import.meta.url);

export async function server({ key, cert }) {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-vite-')));
  fs.cpSync(PAGE, root, { recursive: true });
  const reports = [];
  const reported = deferred();
  const connected = deferred();

  async function receive(request, response, next) {
    if (request.url !== '/report') return next();
    reports.push({ version: request.httpVersion, ...JSON.parse(await text(request)) });
    response.end();
    if (reports.length === 1) change().catch(reported.reject);
    else reported.resolve(reports);
  }

  // Before the page's WebSocket is there nobody is told of a change, and before vite watches the file nobody hears of it: it
  // changes again until the page has said so.
  async function change() {
    await connected.promise;
    while (reports.length === 1) {
      fs.writeFileSync(path.join(root, 'answer.ts'), 'export const answer: number = 43;\n');
      await setTimeout(500);
    }
  }

  const vite = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { https: { key, cert }, host: '127.0.0.1', port: 0, watch: { usePolling: true, interval: 50 } },
    plugins: [{ name: 'report', configureServer: ({ middlewares }) => { middlewares.use(receive); } }],
  });
  vite.ws.on('vite:client:connect', connected.resolve);
  await vite.listen();
  return {
    port: vite.httpServer.address().port,
    report: reported.promise,
    async close() {
      await vite.close();
      fs.rmSync(root, { recursive: true });
    },
  };
}
