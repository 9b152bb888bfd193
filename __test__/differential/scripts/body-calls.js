'use strict';

// Every form of write() and end(): with and without encoding and callback, as the first call after the head and as a later one.

const { createHash } = require('node:crypto');

const FORMS = {
  'a buffer': () => [Buffer.from('abc')],
  'a buffer, callback': (called) => [Buffer.from('abc'), called],
  'a buffer, undefined, callback': (called) => [Buffer.from('abc'), undefined, called],
  'a buffer, null, callback': (called) => [Buffer.from('abc'), null, called],
  'a buffer, utf8, callback': (called) => [Buffer.from('abc'), 'utf8', called],
  'a buffer, latin1': () => [Buffer.from('abc'), 'latin1'],
  'a buffer, buffer': () => [Buffer.from('abc'), 'buffer'],
  'a buffer, no encoding': () => [Buffer.from('abc'), 'bogus'],
  'a buffer, no callback': () => [Buffer.from('abc'), 'utf8', 'bogus'],
  'a buffer, null for a callback': () => [Buffer.from('abc'), 'utf8', null],
  'a buffer, an object': () => [Buffer.from('abc'), {}],
  'an empty buffer, callback': (called) => [Buffer.alloc(0), called],
  'a string': () => ['ab\u00e9'],
  'a string, callback': (called) => ['ab\u00e9', called],
  'a string, latin1, callback': (called) => ['ab\u00e9', 'latin1', called],
  'a string, utf8': () => ['ab\u00e9', 'utf8'],
  'a string, UTF-8, callback': (called) => ['ab\u00e9', 'UTF-8', called],
  'a string, hex': () => ['616263', 'hex'],
  'a string, no encoding': () => ['abc', 'bogus'],
  'an empty string, callback': (called) => ['', called],
  'an array, callback': (called) => [new Uint8Array([97, 98]), called],
  'other octets': (called) => [new Uint16Array([97, 98]), called],
  'a view, callback': (called) => [new DataView(new ArrayBuffer(2)), called],
  'a number': (called) => [7, called],
  'an object': () => [{}],
  'null': (called) => [null, called],
  'undefined': (called) => [undefined, called],
  'a callback': (called) => [called],
  'nothing': () => [],
};

// Each form in a request of its own. `writes` says how many buffers are written between the head and the call.
function calling(method, { listen, writes = 0, head }) {
  return async (t) => {
    const server = await t.serve();
    const client = t.connect(server);
    client.on('error', () => {});
    for (const [form, make] of Object.entries(FORMS)) {
      const log = (...what) => t.log(form, ...what);
      server.once(listen, (stream, response) => {
        const target = listen === 'stream' ? stream : response;
        target.on('error', (error) => log('server', 'error', error.code));
        target.on('finish', () => log('server', 'finish'));
        head(target);
        for (let i = 0; i < writes; i++) target.write(Buffer.from('-'));
        attempt(target, method, make((error) => log('called back', error?.code)), log);
        setImmediate(() => setImmediate(() => {
          if (!target.destroyed) target.end('.');
        }));
      });
      await receive(t, client, log);
    }
    await t.finish(client, server);
  };
}

function attempt(target, method, values, log) {
  try {
    const result = target[method](...values);
    log(method, result === target ? 'itself' : result);
  } catch ({ name, code, message }) {
    log(method, 'threw', name, code, message);
  }
}

async function receive(t, client, log) {
  const request = client.request({ ':path': '/' });
  request.on('error', (error) => log('client', 'error', error.code));
  let body = '';
  request.on('data', (chunk) => { body += chunk.toString('latin1'); });
  await t.once(request, 'close');
  await t.sleep();
  log('client', body, request.rstCode);
}

// A program that goes on when what it wrote is gone, and looks at nothing else.
async function oneAfterTheOther(t) {
  const server = await t.serve();
  server.on('stream', (stream) => {
    stream.respond();
    let left = 20;
    (function next() {
      if (left-- > 0) stream.write(Buffer.alloc(100, 'a'), next);
      else stream.end(Buffer.from('.'), () => t.log('ended'));
    })();
  });
  const client = t.connect(server);
  const request = client.request({ ':path': '/' });
  let octets = 0;
  request.on('data', (chunk) => { octets += chunk.length; });
  await t.once(request, 'close');
  t.log('client', octets);
  await t.finish(client, server);
}

// Chunks that are written in one tick cross together.
const CHUNKS = [
  ['a'], ['\u00e9'], [''], ['\ud83d'], ['\ude00'], ['\ud83d\ude00'], ['\ud83d', 'utf8'], [''], ['\ude00', 'utf-8'],
  ['\u00e9', 'latin1'], ['6162', 'hex'], ['\ud83d', 'utf16le'],
  [Buffer.from('b')], [Buffer.alloc(0)], [new Uint8Array([99])], [Buffer.alloc(1024, 'd')], [Buffer.alloc(1025, 'e')],
  [Buffer.alloc(40_000, 'f')], ['g'.repeat(20_000)], ['h'.repeat(20_000)], [Buffer.alloc(17_000, 'i')], ['j'],
];

async function together(t) {
  const server = await t.serve();
  server.on('stream', (stream) => {
    stream.respond();
    for (const [i, [chunk, encoding]] of CHUNKS.entries()) stream.write(chunk, encoding, () => t.log('called back', i));
    for (let i = 0; i < 1000; i++) stream.write(i % 3 === 0 ? `${i}` : Buffer.from(`${i}`));
    stream.end();
  });
  const client = t.connect(server);
  const request = client.request({ ':path': '/' });
  const hash = createHash('sha256');
  request.on('data', (chunk) => hash.update(chunk));
  await t.once(request, 'close');
  t.log('client', hash.digest('hex'));
  await t.finish(client, server);
}

const TARGETS = {
  'stream': { listen: 'stream', head: (stream) => stream.respond() },
  'stream, later': { listen: 'stream', head: (stream) => stream.respond(), writes: 1 },
  'stream without a head': { listen: 'stream', head() {} },
  'response': { listen: 'request', head() {} },
  'response, later': { listen: 'request', head() {}, writes: 1 },
};

const scripts = {
  'write by write, each when the one before is gone': oneAfterTheOther,
  'chunks of every kind in one tick': together,
};
for (const [name, target] of Object.entries(TARGETS)) {
  for (const method of ['write', 'end']) scripts[`${name}: ${method}()`] = calling(method, target);
}

module.exports = scripts;
