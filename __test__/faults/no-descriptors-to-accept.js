'use strict';

// node no-descriptors-to-accept.js <module>: a server that has hardly a descriptor left for those who connect, or none, and then
// has some again. Run by accept.test.js.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { setTimeout } = require('node:timers/promises');
const { promisify } = require('node:util');
const { report } = require('../helpers/child');
const { load } = require('../helpers/modules');
const { LIMITED, giveBack, useUp } = require('./descriptors');

const [, , moduleName, part] = process.argv;
const http2 = load(moduleName);

function serve() {
  const server = http2.createServer();
  server.on('stream', (stream) => {
    stream.respond();
    stream.end('hello');
  });
  let held = [];
  process.on('message', async ({ spare }) => {
    // A client is through before the server's socket is closed, whose descriptor would be one more for the next.
    await none(server);
    giveBack(held);
    held = spare === undefined ? [] : useUp(spare);
    process.send('ready');
  });
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

/** Until no connection of the server is left, nor a descriptor of it, which is closed a turn of the loop later. */
async function none(server) {
  const connections = promisify(server.getConnections.bind(server));
  while (await connections() > 0) await setTimeout(1);
  await setTimeout(1);
}

// Unlike once(), whether or not there is an error first.
const closing = (emitter) => new Promise((resolve) => emitter.on('close', resolve));

/** What becomes of a request on a connection of its own. */
async function ask(port) {
  const client = http2.connect(`http://127.0.0.1:${port}`);
  client.on('error', () => {});
  const closed = closing(client);
  const stream = client.request();
  stream.on('error', () => {});
  stream.setEncoding('utf8');
  let body = '';
  stream.on('data', (text) => { body += text; });
  await closing(stream);
  client.close();
  await closed;
  return body === 'hello' ? 'answered' : 'refused';
}

async function main() {
  const argv = [...LIMITED, __filename, moduleName, 'serve'];
  const server = spawn('/bin/sh', argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = await once(server, 'message');
  const outcome = {};
  const step = async (name, message) => {
    server.send(message);
    await once(server, 'message');
    outcome[name] = await ask(port);
  };
  // What is loaded late is loaded now.
  await step('before', {});
  // One for the connection, and one for the engine's duplicate of it.
  await step('two left', { spare: 2 });
  await step('one left', { spare: 1 });
  await step('none left', { spare: 0 });
  await step('afterwards', {});
  server.disconnect();
  const [code] = await once(server, 'exit');
  report({ ...outcome, code });
}

if (part === 'serve') serve();
else main();
