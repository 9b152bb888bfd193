'use strict';

// What a test that runs with --expose-internals gets from this package: its own symbols and classes where Node's
// modules hold those of node:http2. Tests that need any of these count as the class `internal-symbol`.

const path = require('node:path');

// Node's module -> the names that are replaced, each with our module that exports it.
const replacements = {
  'internal/http2/util': { kSocket: 'lib/symbols.js', NghttpError: 'lib/errors.js' },
  'internal/http2/core': { ServerHttp2Session: 'lib/session/server.js', ClientHttp2Session: 'lib/session/client.js' },
  'internal/timers': { kTimeout: 'lib/symbols.js' },
};

function has(request) {
  return Object.hasOwn(replacements, request);
}

// Node's own module is loaded only for internal/timers, whose other exports a test may use as well.
function load(request, packagePath, loadOriginal) {
  const root = path.dirname(packagePath);
  const replaced = request === 'internal/timers' ? { ...loadOriginal() } : {};
  for (const [name, file] of Object.entries(replacements[request])) {
    const value = require(path.join(root, file))[name];
    if (value === undefined) throw new Error(`conformance: ${file} exports no ${name}`);
    replaced[name] = value;
  }
  return replaced;
}

module.exports = { has, load };
