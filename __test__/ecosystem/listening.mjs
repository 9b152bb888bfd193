// Servers on a port that the system chooses.

import { once } from 'node:events';

export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

export async function close(server) {
  server.close();
  await once(server, 'close');
}
