import got from 'got';
import http2wrapper from 'http2-wrapper';
import { check } from '../contract.mjs';

export async function client({ url }) {
  await check(async ({ method, path, headers, body }) => {
    const answer = await got(`${url}${path}`, {
      method, headers, body, http2: true, responseType: 'buffer', throwHttpErrors: false, decompress: false,
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  });
  http2wrapper.globalAgent.destroy();
}
