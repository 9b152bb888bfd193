import superagent from 'superagent';
import { check } from '../contract.mjs';

function collect(response, done) {
  const chunks = [];
  response.on('data', (chunk) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks)));
}

export async function client({ url }) {
  await check(async ({ method, path, headers, body }) => {
    const request = superagent(method, `${url}${path}`).http2().set(headers).buffer(true).parse(collect).ok(() => true);
    const answer = await (body === undefined ? request : request.send(body));
    return { status: answer.status, headers: answer.headers, body: answer.body };
  });
}
