// @connectrpc/connect-node: its three protocols, with every kind of method.

import { create, createFileRegistry, fromJson } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, StringValueSchema, file_google_protobuf_wrappers as wrappers } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import {
  Http2SessionManager, connectNodeAdapter, createConnectTransport, createGrpcTransport, createGrpcWebTransport,
} from '@connectrpc/connect-node';
import assert from 'node:assert';
import http2 from 'node:http2';
import { close, listen } from '../listening.mjs';

const method = (name, more) =>
  ({ name, inputType: '.google.protobuf.StringValue', outputType: '.google.protobuf.StringValue', ...more });

const file = fromJson(FileDescriptorProtoSchema, {
  name: 'echo.proto',
  package: 'test',
  syntax: 'proto3',
  dependency: ['google/protobuf/wrappers.proto'],
  service: [{
    name: 'Echo',
    method: [
      method('Unary'), method('Fail'), method('Never'), method('Collect', { clientStreaming: true }),
      method('Repeat', { serverStreaming: true }), method('Chat', { clientStreaming: true, serverStreaming: true }),
    ],
  }],
});
const Echo = createFileRegistry(file, (name) => name === wrappers.proto.name ? wrappers : undefined).getService('test.Echo');

const text = (value) => create(StringValueSchema, { value });

const implementation = {
  unary(request, context) {
    context.responseHeader.set('seen', context.requestHeader.get('given') ?? 'nothing');
    context.responseTrailer.set('size', `${request.value.length}`);
    return request;
  },
  fail() {
    throw new ConnectError('not today', Code.FailedPrecondition, { reason: 'on purpose' });
  },
  never: (request, { signal }) => new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  async collect(requests) {
    const values = [];
    for await (const { value } of requests) values.push(value);
    return text(values.join());
  },
  async * repeat({ value }) {
    for (let i = 0; i < Number(value); i++) yield text(`${i}`);
  },
  async * chat(requests) {
    for await (const { value } of requests) yield text(value.toUpperCase());
  },
};

export async function server({ key, cert }) {
  const handler = connectNodeAdapter({ routes: (router) => router.service(Echo, implementation) });
  const server = http2.createSecureServer({ key, cert }, handler);
  return { port: await listen(server), close: () => close(server) };
}

export async function client({ url }) {
  // Its sessions let a process end, even in the middle of a call (on node:http2, too).
  const alive = setInterval(() => {}, 2 ** 30);
  for (const createTransport of [createConnectTransport, createGrpcTransport, createGrpcWebTransport]) {
    const sessionManager = new Http2SessionManager(url, { pingIntervalMs: 50 });
    const transport = createTransport({ baseUrl: url, httpVersion: '2', sessionManager });
    await check(createClient(Echo, transport));
    sessionManager.abort();
  }
  clearInterval(alive);
}

async function * several(...values) {
  for (const value of values) yield text(value);
}

async function check(client) {
  const told = {};
  const answer = await client.unary(text('x'.repeat(100_000)), {
    headers: { given: 'a value' },
    onHeader: (headers) => { told.header = headers.get('seen'); },
    onTrailer: (trailers) => { told.trailer = trailers.get('size'); },
  });
  assert.strictEqual(answer.value.length, 100_000);
  assert.deepStrictEqual(told, { header: 'a value', trailer: '100000' });

  await assert.rejects(client.fail(text('')), (error) => {
    assert.deepStrictEqual([error.code, error.rawMessage], [Code.FailedPrecondition, 'not today']);
    assert.strictEqual(error.metadata.get('reason'), 'on purpose');
    return true;
  });
  await assert.rejects(client.never(text(''), { timeoutMs: 200 }), { code: Code.DeadlineExceeded });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  await assert.rejects(client.never(text(''), { signal: controller.signal }), { code: Code.Canceled });

  assert.strictEqual((await client.collect(several('a', 'b', 'c'))).value, 'a,b,c');

  const numbers = [];
  for await (const { value } of client.repeat(text('500'))) numbers.push(Number(value));
  assert.deepStrictEqual(numbers, Array.from({ length: 500 }, (_, index) => index));

  const words = [];
  for await (const { value } of client.chat(several('one', 'two'))) words.push(value);
  assert.deepStrictEqual(words, ['ONE', 'TWO']);
}
