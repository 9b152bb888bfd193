// @grpc/grpc-js: what its users rely on, over TLS and in plaintext.

import grpc from '@grpc/grpc-js';
import assert from 'node:assert';
import { once } from 'node:events';
import { pattern } from '../contract.mjs';

const MIB = 2 ** 20;
const limits = { 'grpc.max_receive_message_length': 32 * MIB, 'grpc.max_send_message_length': 32 * MIB };

const method = (name, requestStream, responseStream) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: (buffer) => buffer,
  requestDeserialize: (buffer) => buffer,
  responseSerialize: (buffer) => buffer,
  responseDeserialize: (buffer) => buffer,
});

const definition = {
  unary: method('Unary', false, false),
  collect: method('Collect', true, false),
  repeat: method('Repeat', false, true),
  chat: method('Chat', true, true),
  fail: method('Fail', false, false),
  never: method('Never', false, false),
  pending: method('Pending', false, false),
};

// Calls of `never` that came, and those of them that were given up.
let called = 0;
let cancelled = 0;

const implementation = {
  unary(call, callback) {
    const initial = new grpc.Metadata();
    initial.set('seen', call.metadata.get('given')[0] ?? 'nothing');
    initial.set('octets-bin', call.metadata.get('octets-bin')[0] ?? Buffer.alloc(0));
    call.sendMetadata(initial);
    const trailing = new grpc.Metadata();
    trailing.set('size', `${call.request.length}`);
    callback(null, call.request, trailing);
  },
  collect(call, callback) {
    const chunks = [];
    call.on('data', (chunk) => chunks.push(chunk));
    call.on('end', () => callback(null, Buffer.concat(chunks)));
  },
  repeat(call) {
    const times = Number(call.request);
    let sent = 0;
    (function send() {
      while (sent < times) if (!call.write(Buffer.from(`${sent++}`))) return call.once('drain', send);
      call.end();
    })();
  },
  chat(call) {
    call.on('data', (chunk) => call.write(Buffer.from(`${chunk}`.toUpperCase())));
    call.on('end', () => call.end());
  },
  fail(call, callback) {
    const metadata = new grpc.Metadata();
    metadata.set('reason', 'on purpose');
    callback({ code: grpc.status.FAILED_PRECONDITION, details: 'not today: ünicode', metadata });
  },
  never(call) {
    called++;
    call.on('cancelled', () => { cancelled++; });
    call.sendMetadata(new grpc.Metadata());
  },
  pending(call, callback) {
    callback(null, Buffer.from(`${called - cancelled}`));
  },
};

function bind(server, credentials) {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => error ? reject(error) : resolve(port));
  });
}

export async function server({ key, cert, plaintext }) {
  const server = new grpc.Server(limits);
  server.addService(definition, implementation);
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  const credentials = plaintext ? grpc.ServerCredentials.createInsecure() : grpc.ServerCredentials.createSsl(null, [pair]);
  const port = await bind(server, credentials);
  return {
    port,
    close: () => new Promise((resolve, reject) => server.tryShutdown((error) => error ? reject(error) : resolve())),
  };
}

const Client = grpc.makeGenericClientConstructor(definition, 'Echo');

export async function client({ url, cert, plaintext }) {
  const credentials = plaintext ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(Buffer.from(cert));
  const client = new Client(new URL(url).host, credentials, {
    ...limits, 'grpc.keepalive_time_ms': 100, 'grpc.keepalive_timeout_ms': 60_000, 'grpc.keepalive_permit_without_calls': 1,
  });
  await unary(client);
  await statuses(client);
  await streams(client);
  await cancellation(client);
  client.close();
}

// Resolves with what came by each way: {error, answer, initial, status}.
function call(client, name, message, ...more) {
  return new Promise((resolve) => {
    const told = {};
    const done = (error, answer) => {
      Object.assign(told, { error, answer });
      if (told.status) resolve(told);
    };
    const call = client[name](message, ...more, done);
    call.on('metadata', (initial) => { told.initial = initial; });
    call.on('status', (status) => {
      told.status = status;
      if ('error' in told) resolve(told);
    });
    told.call = call;
  });
}

async function unary(client) {
  const metadata = new grpc.Metadata();
  metadata.set('given', 'a value');
  metadata.set('octets-bin', Buffer.from([0, 255, 1, 254]));
  for (const size of [0, 5, 70_000, 20 * MIB]) {
    const { error, answer, initial, status } = await call(client, 'unary', pattern(size), metadata);
    assert.ifError(error);
    assert.ok(pattern(size).equals(answer));
    assert.deepStrictEqual(initial.get('seen'), ['a value']);
    assert.deepStrictEqual(initial.get('octets-bin'), [Buffer.from([0, 255, 1, 254])]);
    assert.deepStrictEqual(status.metadata.get('size'), [`${size}`]);
  }
  const many = await Promise.all(Array.from({ length: 200 }, (_, index) => call(client, 'unary', Buffer.from(`${index}`))));
  assert.deepStrictEqual(many.map(({ answer }) => `${answer}`), many.map((_, index) => `${index}`));
}

async function statuses(client) {
  const { error } = await call(client, 'fail', Buffer.alloc(1));
  assert.strictEqual(error.code, grpc.status.FAILED_PRECONDITION);
  assert.strictEqual(error.details, 'not today: ünicode');
  assert.deepStrictEqual(error.metadata.get('reason'), ['on purpose']);

  const late = await call(client, 'never', Buffer.alloc(1), new grpc.Metadata(), { deadline: Date.now() + 200 });
  assert.strictEqual(late.error.code, grpc.status.DEADLINE_EXCEEDED);
}

async function streams(client) {
  const collected = await new Promise((resolve, reject) => {
    const call = client.collect((error, answer) => error ? reject(error) : resolve(answer));
    for (let i = 0; i < 100; i++) call.write(pattern(10_000));
    call.end();
  });
  assert.ok(collected.equals(Buffer.concat(Array(100).fill(pattern(10_000)))));

  const numbers = [];
  for await (const message of client.repeat(Buffer.from('1000'))) numbers.push(Number(message));
  assert.deepStrictEqual(numbers, Array.from({ length: 1000 }, (_, index) => index));

  const chat = client.chat();
  for (const word of ['one', 'two', 'three']) {
    chat.write(Buffer.from(word));
    const [answer] = await once(chat, 'data');
    assert.strictEqual(`${answer}`, word.toUpperCase());
  }
  chat.end();
  const [status] = await once(chat, 'status');
  assert.strictEqual(status.code, grpc.status.OK);
}

// The server hears of calls that are given up: of this one, and of the one whose deadline has passed, if that came to it.
async function cancellation(client) {
  const given = new Promise((resolve) => {
    const call = client.never(Buffer.alloc(1), (error) => resolve(error));
    call.on('metadata', () => call.cancel());
  });
  assert.strictEqual((await given).code, grpc.status.CANCELLED);
  let heard;
  do heard = await call(client, 'pending', Buffer.alloc(0));
  while (`${heard.answer}` !== '0');
}
