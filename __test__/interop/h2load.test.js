'use strict';

// h2load against our server: many connections and streams at once, nothing lost.

const { listen } = require('../helpers/endpoints');
const { assertPrinted, run, testWith } = require('../helpers/tools');

const requests = 5000;

function assertAllSucceeded(stdout, count) {
  assertPrinted(stdout, new RegExp(`requests: ${count} total, ${count} started, ${count} done, ${count} succeeded, 0 failed, 0 errored`));
  assertPrinted(stdout, new RegExp(`status codes: ${count} 2xx, 0 3xx, 0 4xx, 0 5xx`));
}

for (const secure of [false, true]) {
  const over = secure ? 'TLS' : 'plaintext';

  testWith('h2load', `h2load over ${over}: GETs on 20 connections, 20 at a time`, async (t) => {
    const { url } = await listen(t, {
      secure,
      onStream(stream) {
        stream.respond({ ':status': 200 });
        stream.end('hello, world');
      },
    });
    const { stdout } = await run('h2load', [`-n${requests}`, '-c20', '-m20', url]);
    assertAllSucceeded(stdout, requests);
    assertPrinted(stdout, new RegExp(`\\(${requests * 'hello, world'.length}\\) data`));
  });

  testWith('h2load', `h2load over ${over}: POSTs through the compatibility API`, async (t) => {
    const { url } = await listen(t, {
      secure,
      onRequest(request, response) {
        let bytes = 0;
        request.on('data', (chunk) => { bytes += chunk.length; });
        request.on('end', () => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ bytes }));
        });
      },
    });
    const { stdout } = await run('h2load', ['-n1000', '-c5', '-m10', `--data=${__filename}`, url]);
    assertAllSucceeded(stdout, 1000);
  });

  testWith('h2load', `h2load over ${over}: bodies larger than every window`, async (t) => {
    const body = Buffer.alloc(1024 * 1024, 'x');
    const { url } = await listen(t, {
      secure,
      onStream(stream) {
        stream.respond({ ':status': 200 });
        stream.end(body);
      },
    });
    const { stdout } = await run('h2load', ['-n60', '-c3', '-m5', '-w16', '-W17', url]);
    assertAllSucceeded(stdout, 60);
    assertPrinted(stdout, new RegExp(`\\(${60 * body.length}\\) data`));
  });
}
