'use strict';

// Many requests on many sessions at once: each gets its own answer, none is lost.

const assert = require('node:assert');
const { test } = require('node:test');
const { collect, connect, exchange, listen } = require('../helpers/endpoints');

const sessions = 100;
const requestsPerSession = 100;

for (const secure of [false, true]) {
  test(`10,000 requests on 100 sessions at once, ${secure ? 'TLS' : 'plaintext'}`, { timeout: 120_000 }, async (t) => {
    let served = 0;
    const endpoint = await listen(t, {
      secure,
      async onStream(stream, headers) {
        served += 1;
        const body = await collect(stream);
        stream.respond({ ':status': 200, 'x-echo': headers[':path'] });
        stream.end(`${headers[':path']} ${body}`);
      },
    });
    const clients = await Promise.all(Array.from({ length: sessions }, () => connect(t, endpoint)));
    const answers = await Promise.all(clients.flatMap((client, session) => (
      Array.from({ length: requestsPerSession }, (_, request) => {
        const upload = request % 2 ? { ':method': 'POST' } : {};
        return exchange(client, { ':path': `/${session}/${request}`, ...upload }, request % 2 ? { body: `${request}`.repeat(50) } : {});
      })
    )));
    assert.strictEqual(served, sessions * requestsPerSession);
    answers.forEach(({ headers, body }, index) => {
      const session = Math.floor(index / requestsPerSession);
      const request = index % requestsPerSession;
      const upload = request % 2 ? `${request}`.repeat(50) : '';
      assert.strictEqual(headers['x-echo'], `/${session}/${request}`);
      assert.strictEqual(body.toString(), `/${session}/${request} ${upload}`);
    });
  });
}
