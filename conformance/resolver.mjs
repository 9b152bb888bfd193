// The resolver for `import 'node:http2'` on a Node without module.registerHooks; see hook.js.

let url;

export function initialize(data) {
  url = data.url;
}

export function resolve(specifier, context, nextResolve) {
  if (specifier === 'http2' || specifier === 'node:http2') return { url, format: 'commonjs', shortCircuit: true };
  return nextResolve(specifier, context);
}
