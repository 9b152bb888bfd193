// A proxy: an HTTP/2 server whose answers come from an HTTP/2 client.

import replyFrom from '@fastify/reply-from';
import Fastify from 'fastify';

export async function server({ key, cert, upstream }) {
  const app = Fastify({ http2: true, https: { key, cert } });
  await app.register(replyFrom, { base: upstream, http2: true });
  app.addContentTypeParser('*', (request, payload, done) => done(null, payload));
  app.all('/*', (request, reply) => reply.from(request.raw.url));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port, close: () => app.close() };
}
