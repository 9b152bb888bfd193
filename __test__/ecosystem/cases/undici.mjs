import { Agent, fetch, request } from 'undici';
import { check } from '../contract.mjs';

export async function client({ url }) {
  const dispatcher = new Agent({ allowH2: true });
  await check(async ({ method, path, headers, body }) => {
    const answer = await request(`${url}${path}`, { method, headers, body, dispatcher });
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) };
  });
  await check(async ({ method, path, headers, body }) => {
    const answer = await fetch(`${url}${path}`, { method, headers, body, dispatcher });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: Buffer.from(await answer.arrayBuffer()) };
  });
  await dispatcher.close();
}
