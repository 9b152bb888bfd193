// A page with what pages have: scripts, images, styles, a fetch POST, a WebSocket. It reports what it saw by a POST to /report,
// which ends the server.

import { EventEmitter, once } from 'node:events';
import http2 from 'node:http2';
import { text } from 'node:stream/consumers';
import { close, deferred, listen } from '../listening.mjs';
import { acceptWebSocket } from './ws.mjs';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const NUMBERS = Array.from({ length: 30 }, (_, index) => index);

const PAGE = `<!doctype html>
<title>A page</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
${NUMBERS.map((number) => `<img src="/image/${number}.gif">`).join('\n')}
<script type="module" src="/main.js"></script>
`;

const MAIN = `
import { answer } from '/answer.js';

async function report() {
  const posted = await fetch('/upload', { method: 'POST', body: 'x'.repeat(1000000) });
  const reader = (await fetch('/slow')).body.getReader();
  let chunks = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks++;
    await fetch('/next', { method: 'POST', body: 'seen' });
  }
  const socket = new WebSocket('wss://' + location.host + '/socket');
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: () => reject('no WebSocket') }));
  socket.send('hello');
  const echoed = await new Promise((resolve) => { socket.onmessage = ({ data }) => resolve(data); });
  socket.close();
  const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name, initiatorType }) => name.startsWith(location.origin) && initiatorType !== 'fetch');
  return {
    answer, echoed, chunks, uploaded: await posted.text(), color: getComputedStyle(document.body).color,
    images: [...document.images].filter(({ naturalWidth }) => naturalWidth === 1).length,
    protocols: [...new Set(entries.map(({ nextHopProtocol }) => nextHopProtocol))], resources: entries.length,
  };
}

addEventListener('load', async () => {
  const body = JSON.stringify(await report().catch((error) => ({ error: String(error) })));
  await fetch('/report', { method: 'POST', body });
});
`;

const FILES = {
  '/': ['text/html', PAGE],
  '/main.js': ['text/javascript', MAIN],
  '/answer.js': ['text/javascript', 'export const answer = 42;'],
  '/style.css': ['text/css', 'body { color: rgb(1, 2, 3); }'],
};

export async function server({ key, cert }) {
  const reported = deferred();
  const server = http2.createSecureServer({ key, cert, allowHTTP1: true, settings: { enableConnectProtocol: true } });
  const sessions = new Set();
  const seen = new EventEmitter();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', async (stream, headers) => {
    stream.on('error', reported.reject);
    const path = headers[':path'];
    if (headers[':method'] === 'CONNECT') {
      const socket = acceptWebSocket(stream, headers);
      socket.on('message', (data) => socket.send(`${data}`));
    } else if (headers[':method'] === 'POST') {
      const body = await text(stream);
      stream.respond();
      stream.end(`${body.length}`);
      if (path === '/report') stream.on('close', () => reported.resolve(JSON.parse(body)));
      if (path === '/next') seen.emit('next');
    } else if (path === '/slow') {
      stream.respond({ 'content-type': 'text/plain' });
      for (const part of ['one', 'two', 'three']) {
        stream.write(part);
        await once(seen, 'next');
      }
      stream.end();
    } else {
      const [type, body] = FILES[path] ?? ['image/gif', PIXEL];
      stream.respond({ 'content-type': type });
      stream.end(body);
    }
  });
  return {
    port: await listen(server),
    report: reported.promise,
    close() {
      for (const session of sessions) session.destroy();
      return close(server);
    },
  };
}
