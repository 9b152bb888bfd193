'use strict';

// Preloaded (NODE_OPTIONS=--require) into every process and Worker of a test of Node's own suite. It resolves http2 and
// node:http2 to this package, whichever way they are asked for, and leaves marks in a report file, by which the
// runner knows that the test really ran on the package: `package` where the package was handed out, `builtin` where
// Node's own implementation got loaded all the same.
//
// The runner says by environment variables where the package and the report are. Nothing here may create a global, a
// handle or an async resource: the tests count them.

const Module = require('node:module');
const { appendFileSync } = require('node:fs');
const { pathToFileURL } = require('node:url');
const internals = require('./internals');

const packagePath = process.env.HTTP2_CONFORMANCE_PACKAGE;
const reportPath = process.env.HTTP2_CONFORMANCE_REPORT;

const publicNames = new Set(['http2', 'node:http2']);
// Node's bundled undici loads Node's http2 for itself. A test may use it as a foreign client; that is no use of http2 by the test.
const foreignUser = 'internal/deps/undici/undici';
const builtinModule = /^NativeModule (?:http2$|internal\/http2\/)/;

if (packagePath && reportPath) install();

function install() {
  const originalLoad = Module._load;
  const marked = new Set();

  function mark(word) {
    if (marked.has(word)) return;
    marked.add(word);
    appendFileSync(reportPath, `${word}\n`);
  }

  function loadPackage() {
    const http2 = originalLoad(packagePath, module, false);
    mark('package');
    return http2;
  }

  const builtinIsLoaded = () => process.moduleLoadList.some((name) => builtinModule.test(name));
  let builtinIsForeign = false;

  function loadForeignUser(load) {
    const before = builtinIsLoaded();
    const loaded = load();
    if (!before) builtinIsForeign = builtinIsLoaded();
    return loaded;
  }

  Module._load = function(request, parent, isMain) {
    if (publicNames.has(request)) return loadPackage();
    if (request === foreignUser) return loadForeignUser(() => Reflect.apply(originalLoad, this, arguments));
    if (internals.has(request)) {
      const replaced = internals.load(request, packagePath, () => Reflect.apply(originalLoad, this, arguments));
      if (replaced !== undefined) {
        mark('package');
        return replaced;
      }
    }
    return Reflect.apply(originalLoad, this, arguments);
  };

  if (typeof process.getBuiltinModule === 'function') {
    const original = process.getBuiltinModule;
    process.getBuiltinModule = function(id) {
      return publicNames.has(id) ? loadPackage() : Reflect.apply(original, this, arguments);
    };
  }

  hookImports(mark);

  process.on('exit', () => {
    if (builtinIsLoaded() && !builtinIsForeign) mark('builtin');
  });
}

// `import 'node:http2'` does not pass through Module._load. Node 20 has no synchronous hooks; there the resolver runs
// on Node's loader thread, and the mark is made when the package is resolved instead of when it is loaded.
function hookImports(mark) {
  const url = pathToFileURL(packagePath).href;
  if (typeof Module.registerHooks === 'function') {
    Module.registerHooks({
      resolve(specifier, context, nextResolve) {
        if (!publicNames.has(specifier)) return nextResolve(specifier, context);
        mark('package');
        return { url, format: 'commonjs', shortCircuit: true };
      },
    });
  } else if (process.env.HTTP2_CONFORMANCE_ESM) {
    // A loader thread is not free (it shows up as a handle), so the runner asks for it only where a test imports.
    Module.register(pathToFileURL(require.resolve('./resolver.mjs')), { data: { url } });
    mark('package');
  }
}
