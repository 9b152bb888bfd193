// What servers need to be started, to wait and to be stopped.

import { once } from 'node:events';

/** On a port that the system chooses. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

export async function close(server) {
  server.close();
  await once(server, 'close');
}

export function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
