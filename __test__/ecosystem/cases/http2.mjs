// node:http2's own API, the counterpart of packages that are a server or a client only.

import http2 from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import { check, pattern } from '../contract.mjs';
import { close, listen } from '../listening.mjs';

export async function handle(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'https://localhost');
  const [, first, second] = pathname.split('/');
  switch (`${request.method} ${first}`) {
    case 'GET greeting':
      if (request.headers['x-test']) response.setHeader('x-test', request.headers['x-test']);
      response.end(`hello ${second}`);
      break;
    case 'GET json':
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ version: request.httpVersion, query: searchParams.get('q') }));
      break;
    case 'POST echo':
      response.setHeader('content-type', request.headers['content-type']);
      request.pipe(response);
      break;
    case 'GET large':
      response.end(pattern(Number(second)));
      break;
    case 'DELETE thing':
      response.writeHead(204).end();
      break;
    default:
      response.writeHead(404).end();
  }
}

export async function server({ key, cert, plaintext }) {
  const server = plaintext ? http2.createServer(handle) : http2.createSecureServer({ key, cert, allowHTTP1: true }, handle);
  return { port: await listen(server), close: () => close(server) };
}

export async function client({ url }) {
  const session = http2.connect(url);
  await check(async ({ method, path, headers, body }) => {
    const request = session.request({ ':method': method, ':path': path, ...headers }, { endStream: body === undefined });
    if (body !== undefined) request.end(body);
    const [answer] = await once(request, 'response');
    return { status: answer[':status'], headers: answer, body: await buffer(request) };
  });
  session.close();
  await once(session, 'close');
}
