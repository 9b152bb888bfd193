// Runs on node's loader thread, for Node without module.registerHooks: sends imports of http2 to http2.mjs.

const replacement = { url: new URL('http2.mjs', import.meta.url).href, format: 'module', shortCircuit: true };

export function resolve(specifier, context, nextResolve) {
  return specifier === 'http2' || specifier === 'node:http2' ? replacement : nextResolve(specifier, context);
}
