import axios from 'axios';
import { check } from '../contract.mjs';

export async function client({ url }) {
  await check(async ({ method, path, headers, body }) => {
    const answer = await axios.request({
      method, url: `${url}${path}`, headers, data: body, httpVersion: 2, http2Options: { sessionTimeout: 100 },
      responseType: 'arraybuffer', validateStatus: () => true,
    });
    return { status: answer.status, headers: answer.headers, body: answer.data };
  });
}
