'use strict';

// The preload: from here on `http2` and `node:http2` are this package in this thread, whichever way they are asked for. A
// program keeps its sources, and so do the packages that it uses. Workers and children that inherit the command line or
// NODE_OPTIONS preload this again, each for itself.
//
// The package is loaded when http2 is first asked for, so that a process that never does so pays nothing. Where it cannot
// be loaded, node:http2 stays in force, and one warning says why.
//
// Layout: this file; and where module.registerHooks is missing (before Node 22.15), resolver.mjs for node's loader thread
// and http2.mjs, what it resolves to.

const Module = require('node:module');
const { pathToFileURL } = require('node:url');
const { getEnvironmentData, setEnvironmentData } = require('node:worker_threads');

const PACKAGE = require.resolve('../..');
const NAMES = new Set(['http2', 'node:http2']);
const WARNED = 'http2-rs: warned';

let state = 'untried';

// Whether node's own http2 makes way.
function available() {
  if (state === 'untried') {
    try {
      require(PACKAGE);
      state = 'loaded';
    } catch (error) {
      state = 'failed';
      warn(error);
    }
  }
  return state === 'loaded';
}

// Once: Workers that start later know it from their parent.
function warn({ message }) {
  if (getEnvironmentData(WARNED) !== undefined) return;
  setEnvironmentData(WARNED, true);
  process.emitWarning(`${message}\nnode:http2 is used instead.`, 'Http2RsWarning');
}

const isReplaced = (name) => NAMES.has(name) && available();

// Both require() and import pass through these hooks.
function replaceByHooks() {
  const replacement = { url: pathToFileURL(PACKAGE).href, format: 'commonjs', shortCircuit: true };
  Module.registerHooks({
    resolve: (specifier, context, nextResolve) => isReplaced(specifier) ? replacement : nextResolve(specifier, context),
  });
}

function replaceByPatch() {
  // Missing before Node 20.6, where only require() is replaced.
  if (Module.register !== undefined && !registerResolver()) return;
  const load = Module._load;
  Module._load = function(request) {
    return isReplaced(request) ? require(PACKAGE) : Reflect.apply(load, this, arguments);
  };
}

// False where the loader's thread is not allowed to be (--experimental-permission): half a program is not replaced.
function registerResolver() {
  try {
    Module.register(pathToFileURL(require.resolve('./resolver.mjs')));
    return true;
  } catch ({ message }) {
    state = 'failed';
    warn({ message: `http2-rs cannot have import hooked: ${message}.` });
    return false;
  }
}

function replaceBuiltinModule() {
  const { getBuiltinModule } = process;
  if (getBuiltinModule === undefined) return;
  process.getBuiltinModule = function(id) {
    return isReplaced(id) ? require(PACKAGE) : Reflect.apply(getBuiltinModule, this, arguments);
  };
}

if (process.env.HTTP2_RS_DISABLE !== '1') {
  if (typeof Module.registerHooks === 'function') replaceByHooks();
  else replaceByPatch();
  replaceBuiltinModule();
}
