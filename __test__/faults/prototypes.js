'use strict';

// An exchange while the prototype of all objects has setters that throw, for names which the engine's objects have. Prints what
// became of it.

const http2 = require('../helpers/implementation');

const NAMES = [
  'headerTableSize', 'enablePush', 'initialWindowSize', 'maxFrameSize', 'effectiveLocalWindowSize', 'weight', 'state',
  'deflateDynamicTableSize', 'lastProcStreamID', 'sumDependencyWeight',
];

function setThrowingSetters() {
  for (const name of NAMES) {
    // eslint-disable-next-line no-extend-native
    Object.defineProperty(Object.prototype, name, {
      get() { return undefined; },
      set() { throw new Error(`set ${name}`); },
      configurable: true,
    });
  }
}

async function main() {
  const server = http2.createServer();
  server.on('stream', (stream) => {
    stream.respond();
    stream.pipe(stream);
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const client = http2.connect(`http://localhost:${server.address().port}`);
  await new Promise((resolve) => client.once('remoteSettings', resolve));
  setThrowingSetters();
  const acknowledged = new Promise((resolve) => client.settings({ initialWindowSize: 70_000 }, (error) => resolve(error === null)));
  const request = client.request({ ':method': 'POST' });
  request.end(Buffer.alloc(50_000));
  let octets = 0;
  for await (const chunk of request) octets += chunk.length;
  const outcome = {
    octets,
    acknowledged: await acknowledged,
    window: client.localSettings.initialWindowSize,
    last: client.state.lastProcStreamID,
  };
  for (const name of NAMES) delete Object.prototype[name];
  process.stdout.write(JSON.stringify(outcome));
  client.close();
  server.close();
}

main();
