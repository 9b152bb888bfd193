'use strict';

// Bodies: back-pressure, windows, files, pipes.

const fs = require('node:fs');
const path = require('node:path');
const { pipeline, Readable } = require('node:stream');

const MIB = 1024 * 1024;

async function served(t, serve, act, options) {
  const server = await t.serve(options);
  server.on('stream', (stream, headers) => {
    stream.on('error', (error) => t.log('server', 'error', error));
    serve(stream, headers);
  });
  const client = t.connect(server);
  client.on('error', (error) => t.log('session', 'error', error));
  await act(client);
  await t.sleep();
  await t.finish(client, server);
}

function size(stream) {
  let bytes = 0;
  stream.on('data', (chunk) => { bytes += chunk.length; });
  return () => bytes;
}

const post = { ':path': '/', ':method': 'POST' };

module.exports = {
  'a large answer': (t) => served(t, (stream) => {
    stream.respond();
    stream.end(Buffer.alloc(3 * MIB, 'a'));
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    const bytes = size(request);
    t.spy(request, 'client', { only: ['response', 'end', 'close'] });
    await t.once(request, 'close');
    t.log('client', bytes());
  }),
  'a large request': (t) => served(t, (stream) => {
    const bytes = size(stream);
    stream.on('end', () => {
      t.log('server', bytes());
      stream.respond();
      stream.end();
    });
  }, async (client) => {
    const request = client.request(post);
    request.end(Buffer.alloc(3 * MIB, 'a'));
    await t.once(request.resume(), 'close');
  }),
  'an answer held back by its reader': (t) => served(t, (stream) => {
    stream.respond();
    let written = 0;
    const chunk = Buffer.alloc(65536);
    t.spy(stream, 'server', { only: ['finish', 'close', 'end'] });
    const more = () => {
      while (written < 40) {
        written++;
        if (!stream.write(chunk)) {
          stream.once('drain', more);
          return;
        }
      }
      stream.end();
    };
    more();
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    await t.once(request, 'response');
    await t.sleep(60);
    t.log('client', request.readableLength < 300_000, request.readableEnded);
    const bytes = size(request);
    await t.once(request, 'close');
    t.log('client', bytes());
  }),
  'pause and resume in mid-body': (t) => served(t, (stream) => {
    stream.respond();
    stream.end(Buffer.alloc(MIB));
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    let paused = 0;
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
      if (paused++ < 3) {
        request.pause();
        setTimeout(() => request.resume(), 2);
      }
    });
    await t.once(request, 'close');
    t.log('client', bytes);
  }),
  'drain': (t) => served(t, (stream) => {
    stream.respond();
    const chunk = Buffer.alloc(stream.writableHighWaterMark);
    t.log('server', stream.write(chunk), stream.writableLength === chunk.length);
    let rounds = 0;
    stream.on('drain', () => {
      t.log('server', 'drain', stream.writableLength);
      if (++rounds < 3)
        stream.write(chunk);
      else
        stream.end();
    });
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    await t.once(request.resume(), 'close');
  }),
  'many small writes': (t) => served(t, (stream) => {
    stream.respond();
    for (let i = 0; i < 500; i++)
      stream.write(`line ${i}\n`);
    stream.end();
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
    await t.once(request, 'close');
    t.log('client', text.length, text.endsWith('line 499\n'));
  }),
  'cork': (t) => served(t, (stream) => {
    stream.respond();
    stream.cork();
    for (const piece of ['a', Buffer.from('b'), 'c'])
      stream.write(piece, () => t.log('server', 'written'));
    stream.uncork();
    stream.end('d');
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
    await t.once(request, 'close');
    t.log('client', text);
  }),
  'encodings': (t) => served(t, (stream) => {
    stream.respond();
    for (const [text, encoding] of [['zürich', 'utf8'], ['zürich', 'latin1'], ['41', 'hex'], ['QQ==', 'base64'],
      ['ab', 'ascii'], ['ab', 'utf16le'], ['QQ', 'base64url']])
      stream.write(text, encoding);
    stream.write('');
    stream.write(new Uint8Array([1, 2]));
    stream.write(Buffer.alloc(0));
    stream.end('\u{1F600}');
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    await t.once(request, 'close');
    t.log('client', Buffer.concat(chunks));
  }),
  'what write refuses': (t) => served(t, (stream) => {
    stream.respond();
    for (const value of [undefined, null, 5, {}, [], true])
      t.attempt('server', String(value), () => stream.write(value));
    t.attempt('server', 'encoding', () => stream.write('x', 'nonsense'));
    stream.end();
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    await t.once(request.resume(), 'close');
  }),
  'a pipeline through': (t) => served(t, (stream) => {
    stream.respond();
    pipeline(stream, stream, (error) => t.log('server', 'pipeline', error ?? 'fine'));
  }, async (client) => {
    const request = client.request(post);
    const bytes = size(request);
    pipeline(Readable.from([Buffer.alloc(100_000), Buffer.alloc(200_000)]),
      request, (error) => t.log('client', 'pipeline', error ?? 'fine'));
    await t.once(request, 'close');
    t.log('client', bytes());
  }),
  'iteration': (t) => served(t, async (stream) => {
    let bytes = 0;
    for await (const chunk of stream)
      bytes += chunk.length;
    t.log('server', bytes, stream.destroyed);
    if (!stream.destroyed) {
      stream.respond();
      stream.end('x');
    }
  }, async (client) => {
    const request = client.request(post);
    request.on('error', (error) => t.log('client', 'error', error));
    request.end(Buffer.alloc(100_000));
    await t.once(request.resume(), 'close');
  }),
  'content-length that is wrong': (t) => served(t, (stream) => {
    stream.resume();
    stream.respond();
    stream.end('x');
  }, async (client) => {
    const request = client.request({ ...post, 'content-length': '10' });
    request.on('error', (error) => t.log('client', 'error', error));
    t.spy(request, 'client', { only: ['response', 'aborted', 'close'] });
    request.end('short');
    await t.once(request.resume(), 'close');
    t.log('client', request.rstCode);
  }),

  'respondWithFile': (t) => served(t, (stream) => {
    stream.respondWithFile(__filename, { 'content-type': 'text/plain' });
    t.spy(stream, 'server', { without: ['readable', 'newListener'] });
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    const bytes = size(request);
    request.on('response', (headers) => t.log('client', headers));
    await t.once(request, 'close');
    t.log('client', bytes() === fs.statSync(__filename).size);
  }),
  'respondWithFile: statCheck and ranges': (t) => served(t, (stream, headers) => {
    const forms = {
      '/header': { statCheck(stat, fields) { fields['x-size'] = String(stat.size > 0); } },
      '/range': { offset: 10, length: 5 },
      '/long': { length: 100_000_000 },
      '/false': { statCheck(stat) { stream.respond({ ':status': 304 }); stream.end(); return false; } },
      '/trailers': { waitForTrailers: true },
    };
    stream.on('wantTrailers', () => stream.sendTrailers({ a: 'b' }));
    stream.respondWithFile(__filename, {}, forms[headers[':path']]);
  }, async (client) => {
    for (const name of ['/header', '/range', '/long', '/false', '/trailers']) {
      const request = client.request({ ':path': name });
      const bytes = size(request);
      request.on('response', (headers) => t.log('client', name, headers[':status'], headers['x-size']));
      request.on('trailers', (headers) => t.log('client', name, headers));
      request.on('error', (error) => t.log('client', name, 'error', error));
      await t.once(request, 'close');
      t.log('client', name, bytes() < 10 ? bytes() : 'file');
    }
  }),
  'respondWithFile: what cannot be sent': (t) => served(t, (stream, headers) => {
    const onError = (error) => {
      t.log('server', headers[':path'], error.code, error.message.split(',')[0]);
      stream.respond({ ':status': 404 });
      stream.end();
    };
    const file = headers[':path'] === '/directory' ? __dirname : path.join(__dirname, 'missing');
    stream.respondWithFile(file, {}, headers[':path'] === '/unheard' ? {} : { onError });
  }, async (client) => {
    for (const name of ['/directory', '/missing', '/unheard']) {
      const request = client.request({ ':path': name });
      request.on('response', (headers) => t.log('client', name, headers[':status']));
      request.on('error', (error) => t.log('client', name, 'error', error));
      await t.once(request.resume(), 'close');
    }
  }),
  'respondWithFile: arguments': (t) => served(t, (stream) => {
    for (const options of [null, 'x', 5, { offset: 'x' }, { length: 'x' }, { statCheck: 5 }, { offset: -1 }])
      t.attempt('server', t.show(options), () => stream.respondWithFile(__filename, {}, options));
    for (const headers of [{ ':status': 204 }, { ':status': 205 }, { ':status': 304 }])
      t.attempt('server', t.show(headers), () => stream.respondWithFile(__filename, headers));
    if (!stream.headersSent)
      stream.respond();
    stream.end();
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    await t.once(request.resume(), 'close');
  }),
  'respondWithFD': (t) => served(t, (stream) => {
    const fd = fs.openSync(__filename);
    stream.respondWithFD(fd, {}, { offset: 5, length: 7 });
    stream.on('close', () => t.attempt('server', 'still open', () => fs.fstatSync(fd).isFile() && fs.closeSync(fd)));
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    const bytes = size(request);
    await t.once(request, 'close');
    t.log('client', bytes());
  }),
  'respondWithFD: a FileHandle': (t) => served(t, async (stream) => {
    const handle = await fs.promises.open(__filename);
    stream.respondWithFD(handle, {}, { length: 7 });
    stream.on('close', () => handle.close().then(() => t.log('server', 'closed')));
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    const bytes = size(request);
    await t.once(request, 'close');
    t.log('client', bytes());
  }),
  'respondWithFD: what is refused': (t) => served(t, (stream) => {
    for (const fd of ['x', null, undefined, {}])
      t.attempt('server', String(fd), () => stream.respondWithFD(fd));
    t.attempt('server', 'options', () => stream.respondWithFD(0, {}, 'x'));
    if (!stream.headersSent)
      stream.respond();
    stream.end();
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    await t.once(request.resume(), 'close');
  }),
  'a closed descriptor': (t) => served(t, (stream) => {
    const fd = fs.openSync(__filename);
    fs.closeSync(fd);
    t.spy(stream, 'server', { only: ['aborted', 'close'] });
    stream.respondWithFD(fd);
  }, async (client) => {
    const request = client.request({ ':path': '/' });
    t.spy(request, 'client', { only: ['response', 'error', 'close'] });
    request.on('error', () => {});
    await t.once(request.resume(), 'close');
  }),
};
