// The transport of the AWS SDK's streaming services.

import { NodeHttp2Handler } from '@smithy/node-http-handler';
import { HttpRequest } from '@smithy/protocol-http';
import { buffer } from 'node:stream/consumers';
import { check } from '../contract.mjs';

export async function client({ url }) {
  const { hostname, port, protocol } = new URL(url);
  for (const disableConcurrentStreams of [false, true]) {
    const handler = new NodeHttp2Handler({ disableConcurrentStreams, requestTimeout: 60_000, sessionTimeout: 60_000 });
    await check(async ({ method, path, headers, body }) => {
      const [pathname, search] = path.split('?');
      const query = Object.fromEntries(new URLSearchParams(search));
      const request = new HttpRequest({ method, hostname, port: Number(port), protocol, path: pathname, query, headers, body });
      const { response } = await handler.handle(request);
      return { status: response.statusCode, headers: response.headers, body: await buffer(response.body) };
    });
    handler.destroy();
  }
}
