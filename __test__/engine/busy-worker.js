'use strict';

// A Worker with sessions in mid-stream, over sockets and over streams, that ends as it is told.

const { parentPort, workerData: how } = require('node:worker_threads');
const { sides } = require('./harness');

const t = { after() {} };

async function busy(over) {
  const { client, server } = await sides(t, { over });
  server.listener = (name, id) => {
    if (name !== 'onHeaders')
      return;
    server.respond(id);
    if (how === 'exit in a listener' && id > 20)
      process.exit();
    if (how === 'throw' && id > 20)
      throw new Error('on purpose');
    const more = () => {
      if (server.handle.write(id, Buffer.alloc(20_000)) === 0)
        server.next('onWritten', id).then(more);
    };
    more();
  };
  const open = () => {
    const id = client.request([['x-count', String(Math.random())]], 0, 'POST');
    client.handle.write(id, Buffer.alloc(50_000));
    client.handle.ping(Buffer.alloc(8));
    if (id > 2)
      client.handle.rstStream(id - 2, 8);
  };
  const timer = setInterval(open, 1);
  open();
  return () => {
    clearInterval(timer);
    client.handle.destroy(0);
    server.handle.destroy(0);
    client.duplex.destroy();
    server.duplex.destroy();
  };
}

Promise.all(['pair', 'sockets', 'descriptors'].map(busy)).then((ends) => {
  parentPort.postMessage('busy');
  if (how === 'exit')
    setTimeout(() => process.exit(), 10);
  else if (how === 'end')
    setTimeout(() => ends.forEach((end) => end()), 10);
});
