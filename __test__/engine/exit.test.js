'use strict';

// The engine keeps no process alive that has nothing to do, and lets none end that has something to tell.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');

const PRELUDE = `
  const { Side, sides, sockets, duplexPair, engine, block, CLIENT, SERVER } =
    require(${JSON.stringify(require.resolve('./harness'))});
  const t = { after() {} };
`;

// Runs a script to the end of its process and returns what it printed.
function run(script, args = []) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...args, '-e', PRELUDE + script],
    { encoding: 'utf8', timeout: 20_000 });
  assert.deepStrictEqual({ status, signal }, { status: 0, signal: null }, stdout + stderr);
  return stdout.trim().split('\n');
}

test('a process with the engine loaded ends', () => {
  assert.deepStrictEqual(run('console.log("loaded");'), ['loaded']);
});

test('a process with sessions over streams that hold nothing ends', () => {
  assert.deepStrictEqual(run(`
    sides(t).then(({ client }) => {
      client.request();
      process.on('exit', () => console.log('exit'));
    });
  `), ['exit']);
});

test('unref of the stream lets a process with an open session end', () => {
  assert.deepStrictEqual(run(`
    sides(t, { over: 'sockets' }).then(({ client, server }) => {
      client.next('onSettings').then(() => {
        client.handle.unref();
        server.handle.unref();
        process.on('exit', () => console.log('exit'));
      });
    });
  `), ['exit']);
});

test('events that are queued are told before the process ends', () => {
  assert.deepStrictEqual(run(`
    sides(t).then(async ({ client, server }) => {
      const id = client.request();
      await server.next('onHeaders');
      server.handle.respondWithBody(id, block([[':status', '200']]), 1, 0, 'last words', 'utf8');
      await client.next('onStreamClose');
      console.log(client.body(id).toString());
      // From a timer, when nothing else is left in the loop.
      setTimeout(() => {
        const other = client.request();
        server.next('onHeaders', other).then(() => console.log('told'));
      }, 20);
    });
  `), ['last words', 'told']);
});

test('process.exit() in a listener', () => {
  assert.deepStrictEqual(run(`
    sides(t).then(({ client, server }) => {
      server.listener = (name) => {
        if (name === 'onHeaders') {
          console.log('heard');
          process.exit(0);
        }
      };
      for (let count = 0; count < 10; count++)
        client.request();
    });
  `), ['heard']);
});

test('an idle process sleeps', () => {
  const [cpu] = run(`
    sides(t, { over: 'sockets' }).then(async ({ client, server }) => {
      const id = client.request();
      await server.next('onHeaders');
      server.respond(id, [], 1);
      await client.next('onStreamClose');
      setTimeout(() => {
        const start = process.cpuUsage();
        setTimeout(() => {
          const { user, system } = process.cpuUsage(start);
          console.log(user + system);
          process.exit();
        }, 500);
      }, 50);
    });
  `);
  assert.ok(Number(cpu) < 100_000, `${cpu} microseconds of 500 milliseconds`);
});

test('without process._tickCallback events still drain between each other', () => {
  assert.deepStrictEqual(run(`
    sides(t, { over: 'sockets' }).then(async ({ client, server }) => {
      await client.next('onSettings');
      server.listener = (name, id) => {
        if (name !== 'onHeaders')
          return;
        console.log('listener', id);
        process.nextTick(() => console.log('tick', id));
        Promise.resolve().then(() => console.log('microtask', id));
        if (id === 3)
          throw new Error('thrown');
      };
      process.on('uncaughtException', ({ message }) => console.log(message));
      for (let count = 0; count < 3; count++)
        client.request();
      setTimeout(() => process.exit(), 200);
    });
  `, ['-r', require.resolve('./no-tick-callback')]), [
    'listener 1', 'tick 1', 'microtask 1',
    'listener 3', 'thrown', 'tick 3', 'microtask 3',
    'listener 5', 'tick 5', 'microtask 5',
  ]);
});
