// One end of a conversation, in a process of its own: node [--require .../register.js] role.mjs <case> <server|client>.
//
// The parent says by a message what to do it with (parties.js). A server answers with its port, may have something to
// report of what it was asked, and is told to stop.
// Both end with a report: whose http2 ran, and whether node's own got loaded.

import http2 from 'node:http2';
import { once } from 'node:events';

const [name, role] = process.argv.slice(2);
const loaded = (pattern) => process.moduleLoadList.some((entry) => pattern.test(entry));

const [context] = await once(process, 'message');
const { [role]: run } = await import(`./cases/${name}.mjs`);

if (role === 'server') {
  const { port, close, report } = await run(context);
  process.send({ port });
  report?.then((value) => process.send({ report: value }));
  await once(process, 'message');
  await close();
} else {
  await run(context);
}

process.send({
  implementation: http2.implementation?.name ?? 'node:http2',
  builtin: loaded(/^NativeModule internal\/http2\//),
  // What node bundles for fetch() takes node's http2 for itself.
  bundled: loaded(/^NativeModule internal\/deps\/undici\//),
});
process.disconnect();
