// WebSockets over HTTP/2 (RFC 8441): extended CONNECT by http2, the frames by ws, which takes any Duplex for its socket.

import assert from 'node:assert';
import { once } from 'node:events';
import http2 from 'node:http2';
import WebSocket from 'ws';
import { pattern } from '../contract.mjs';
import { close, listen } from '../listening.mjs';

const LIMITS = { allowSynchronousEvents: true, maxPayload: 2 ** 24, skipUTF8Validation: false };

export function overStream(stream, isServer) {
  const socket = new WebSocket(null, undefined, { autoPong: true, closeTimeout: 30_000 });
  socket._isServer = isServer;
  socket.setSocket(stream, Buffer.alloc(0), LIMITS);
  return socket;
}

export function acceptWebSocket(stream, headers) {
  if (headers[':method'] !== 'CONNECT' || headers[':protocol'] !== 'websocket') return undefined;
  stream.respond({ ':status': 200 });
  return overStream(stream, true);
}

export async function server({ key, cert }) {
  const server = http2.createSecureServer({ key, cert, settings: { enableConnectProtocol: true } });
  server.on('stream', (stream, headers) => {
    const socket = acceptWebSocket(stream, headers);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return { port: await listen(server), close: () => close(server) };
}

export async function client({ url }) {
  const session = http2.connect(url);
  await once(session, 'remoteSettings');
  assert.strictEqual(session.remoteSettings.enableConnectProtocol, true);
  await Promise.all(Array.from({ length: 5 }, () => talk(session)));
  session.close();
  await once(session, 'close');
}

async function talk(session) {
  const stream = session.request(
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat', 'sec-websocket-version': '13' }, { endStream: false });
  const [headers] = await once(stream, 'response');
  assert.strictEqual(headers[':status'], 200);
  const socket = overStream(stream, false);

  socket.send('hello');
  const [text, isBinary] = await once(socket, 'message');
  assert.deepStrictEqual([`${text}`, isBinary], ['hello', false]);

  const large = pattern(2 ** 21);
  socket.send(large);
  assert.ok(large.equals((await once(socket, 'message'))[0]));

  socket.ping('are you there');
  assert.strictEqual(`${(await once(socket, 'pong'))[0]}`, 'are you there');

  socket.close(4000, 'enough');
  const [code, reason] = await once(socket, 'close');
  assert.deepStrictEqual([code, `${reason}`], [4000, 'enough']);
}
