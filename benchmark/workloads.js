'use strict';

// What is measured. Sizes are bytes; `load` holds h2load's arguments, `client` what client.js does against nghttpd.
// `floor` states the aim of each line: requests a second at least, CPU per request at most, both against node:http2.

const requestHeaders = [
  'cookie: session=4f1c6b2a9d7e8c3051f2a4b6; theme=dark; locale=en-GB',
  'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl',
  'accept: application/json, text/plain, */*',
  'accept-encoding: gzip, deflate, br',
  'accept-language: en-GB,en;q=0.9,de;q=0.8',
  'referer: https://app.example.com/dashboard/overview',
  'x-request-id: 7c0e0f5e-5a31-4d0f-9a55-0f0f8a1f6f11',
  'x-forwarded-for: 203.0.113.195, 198.51.100.178'
];

const headerArguments = requestHeaders.flatMap((header) => ['-H', header]);

module.exports = {
  server: [
    { name: 'core', title: 'core API, 12-byte answer', load: ['-c10', '-m10'], floor: [3, 1 / 3] },
    { name: 'compat', title: 'compatibility API, 12-byte answer', load: ['-c10', '-m10'], floor: [3, 1 / 3] },
    {
      name: 'json',
      title: 'compatibility API, 8 extra request and 12 response headers, 1 KB JSON',
      load: ['-c10', '-m10', ...headerArguments],
      floor: [3, 1 / 3]
    },
    { name: 'core', title: 'one connection, one stream at a time', load: ['-c1', '-m1'], floor: [1.8, 1 / 2] },
    { name: '64k', title: '64 KiB answers', load: ['-c10', '-m10'], floor: [1.5, 2 / 3] },
    {
      name: '1m',
      title: '1 MiB answers, 4 x 4, large windows',
      load: ['-c4', '-m4', '-w', '24', '-W', '28'],
      floor: [1.2, 3 / 4]
    },
    {
      name: 'file',
      title: 'files of 1 MiB by respondWithFile, 4 x 4, large windows',
      load: ['-c4', '-m4', '-w', '24', '-W', '28'],
      floor: [1, 1]
    },
    { name: 'post', title: 'POST of 64 KiB, body consumed', load: ['-c10', '-m10'], upload: 65536, floor: [2.5, 2 / 5] }
  ],
  client: [
    { title: 'client: 12-byte GETs, 100 at a time', path: '/small', concurrency: 100, floor: [3, 1 / 3] },
    { title: 'client: one at a time', path: '/small', concurrency: 1, floor: [1.8, 1 / 2] },
    { title: 'client: 1 MiB downloads, 8 at a time', path: '/large', concurrency: 8, floor: [1.5, 2 / 3] }
  ],
  growth: {
    sessions: [1, 10, 100, 1000].map((sessions) => {
      const each = Math.max(1, 100 / sessions);
      return { name: 'core', title: `${sessions} sessions, ${sessions * each} streams in all`, load: [`-c${sessions}`, `-m${each}`] };
    }),
    streams: [1, 10, 100].map((streams) => ({
      name: 'core', title: `10 sessions, ${streams} streams each`, load: ['-c10', `-m${streams}`]
    }))
  }
};
