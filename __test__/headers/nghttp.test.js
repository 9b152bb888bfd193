'use strict';

// Header lists between this package and nghttp2's own tools, which print each field as it came, with its never-indexed flag.

const assert = require('node:assert');
const { connect, exchange, listen } = require('../helpers/endpoints');
const { toObject, toPairs } = require('../helpers/header-lists');
const { sensitiveHeaders } = require('../helpers/implementation');
const { startNghttpd } = require('../helpers/nghttpd');
const { run, testWith } = require('../helpers/tools');

// [name, value, sensitive] for each field of a stream that the program printed as received.
function receivedFields(printed, streamId) {
  const line = new RegExp(`recv \\(stream_id=${streamId}(, sensitive)?\\) (:?[^:]+): (.*)$`, 'gm');
  return [...printed.matchAll(line)].map(([, sensitive, name, value]) => [name, value, Boolean(sensitive)]);
}

const fields = [
  ['x-a', '1'], ['x-b', '2'], ['x-a', '3'], ['x-secret', 'abc'], ['x-b', '4'], ['x-empty', ''], ['x-a', '1'],
];
const withFlag = ([name, value]) => [name, value, name === 'x-secret'];

testWith('nghttp', 'nghttp receives our list', async (t) => {
  const { url } = await listen(t, {
    onStream(stream) {
      stream.respond({ ...toObject([[':status', '200'], ...fields]), [sensitiveHeaders]: ['x-secret'] }, { sendDate: false });
      stream.end();
    },
  });
  const { stdout } = await run('nghttp', ['--verbose', url]);
  assert.deepStrictEqual(receivedFields(stdout, 13), [[':status', '200', false], ...fields.map(withFlag)]);
});

testWith('nghttp', 'our server receives the list of nghttp', async (t) => {
  let received;
  const { url } = await listen(t, {
    onStream(stream, headers, flags, rawHeaders) {
      received = { pairs: toPairs(rawHeaders), sensitive: headers[sensitiveHeaders] };
      stream.respond({ ':status': 200 }, { endStream: true });
    },
  });
  // nghttp sends no empty value.
  const notEmpty = fields.filter(([, value]) => value !== '');
  // nghttp2 never indexes authorization.
  const sent = [[':path', '/odd;p*?%zz'], [':authority', 'other.example'], ...notEmpty, ['authorization', 'Basic abc'], ['x-a', '5']];
  await run('nghttp', ['--no-dep', ...sent.map(([name, value]) => `--header=${name}: ${value}`), url]);
  const own = new Set(['accept', 'accept-encoding', 'user-agent']);
  assert.deepStrictEqual(received.pairs.filter(([name]) => !own.has(name)), [
    [':method', 'GET'], [':path', '/odd;p*?%zz'], [':scheme', 'http'], [':authority', 'other.example'],
    ...sent.filter(([name]) => !name.startsWith(':')),
  ]);
  assert.deepStrictEqual(received.sensitive, ['authorization']);
});

testWith('nghttpd', 'nghttpd receives the list of our client', async (t) => {
  const endpoint = await startNghttpd(t, { flags: ['--verbose'] });
  const client = await connect(t, endpoint);
  const pseudo = [[':path', '/index.html?%zz;*'], [':authority', 'other.example'], [':method', 'GET'], [':scheme', 'http']];
  await exchange(client, { ...toObject([...pseudo, ...fields]), [sensitiveHeaders]: ['x-secret'] });
  await endpoint.program.printed(/recv HEADERS frame .*stream_id=1>/);
  assert.deepStrictEqual(receivedFields(endpoint.program.stdout, 1), [...pseudo, ...fields].map(withFlag));
});

testWith('nghttpd', 'our client receives the list of nghttpd', async (t) => {
  const client = await connect(t, await startNghttpd(t, { flags: ['--trailer=x-b: 1', '--trailer=x-a: 2', '--trailer=x-b: 3'] }));
  const request = client.request({ ':path': '/index.html' });
  const lists = {};
  request.on('response', (headers, flags, rawHeaders) => { lists.response = toPairs(rawHeaders); });
  request.on('trailers', (headers, flags, rawHeaders) => { lists.trailers = toPairs(rawHeaders); });
  request.resume();
  await new Promise((resolve, reject) => request.on('close', resolve).on('error', reject));
  assert.deepStrictEqual(lists.response[0], [':status', '200']);
  assert.deepStrictEqual(lists.response.slice(1).map(([name]) => name), [
    'server', 'cache-control', 'date', 'content-length', 'last-modified', 'content-type', 'trailer',
  ]);
  assert.deepStrictEqual(lists.trailers, [['x-b', '1'], ['x-a', '2'], ['x-b', '3']]);
});
