'use strict';

// node run-script.js <module> <area> <script>: runs one script with the module and reports its logs.

const { load } = require('../helpers/modules');
const { report } = require('../helpers/child');
const { Context } = require('./context');

const [, , moduleName, area, name] = process.argv;
const script = require(`./scripts/${area}`)[name];
const context = new Context(load(moduleName));

// Hanging is a result like any other, as long as both do it. No script takes nearly as long.
const HANG_MS = 5_000;

process.on('warning', (warning) => context.log('process', 'warning', warning.name, warning.message));
process.on('uncaughtException', (error) => context.log('process', 'uncaught', error));
process.on('exit', () => report(context.channels));

setTimeout(() => {
  context.log('process', 'hangs');
  process.exit();
}, HANG_MS).unref();

Promise.resolve(script(context)).then(
  () => context.log('process', 'done'),
  (error) => context.log('process', 'failed', error),
);
