// What every server of a web framework here answers, and what every client is asked to do. So each client can talk to
// each server, and a new package is a file of twenty lines.
//
//   GET /greeting/<name>   "hello <name>", with the request's x-test in the answer's
//   GET /json              {"version": <HTTP version>, "query": <the parameter q>}
//   POST /echo             the body, with its content-type
//   GET /large/<size>      that many octets (pattern())
//   DELETE /thing          204
//   anything else          404

import assert from 'node:assert';

const MIB = 2 ** 20;

/** Octets that show when something is lost, doubled or misplaced. */
export function pattern(size) {
  const octets = Buffer.allocUnsafe(size);
  for (let i = 0; i < size; i++) octets[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xff;
  return octets;
}

/** @param exchange ({method, path, headers, body}) => {status, headers, body}; body a Buffer, headers an object */
export async function check(exchange) {
  const call = (method, path, more) => exchange({ method, path, headers: {}, ...more });

  const greeting = await call('GET', '/greeting/world', { headers: { 'x-test': 'a value' } });
  assert.deepStrictEqual([greeting.status, `${greeting.body}`], [200, 'hello world']);
  assert.strictEqual(greeting.headers['x-test'], 'a value');

  const json = await call('GET', '/json?q=%C3%A9t%C3%A9');
  assert.match(json.headers['content-type'], /^application\/json/);
  assert.deepStrictEqual(JSON.parse(json.body), { version: '2.0', query: 'été' });

  for (const body of [Buffer.from('{"some":"text"}'), pattern(3 * MIB)]) {
    const echo = await call('POST', '/echo', { headers: { 'content-type': 'application/octet-stream' }, body });
    assert.strictEqual(echo.status, 200);
    assert.strictEqual(echo.headers['content-type'], 'application/octet-stream');
    assert.ok(body.equals(echo.body), `${echo.body.length} of ${body.length} octets came back, or others`);
  }

  const large = await call('GET', `/large/${5 * MIB}`);
  assert.ok(pattern(5 * MIB).equals(large.body), `${large.body.length} octets came, or others`);

  const gone = await call('DELETE', '/thing');
  assert.deepStrictEqual([gone.status, gone.body.length], [204, 0]);
  assert.strictEqual((await call('GET', '/nowhere')).status, 404);

  const names = Array.from({ length: 50 }, (_, index) => `number-${index}`);
  const answers = await Promise.all(names.map((name) => call('GET', `/greeting/${name}`)));
  assert.deepStrictEqual(answers.map(({ body }) => `${body}`), names.map((name) => `hello ${name}`));
}
