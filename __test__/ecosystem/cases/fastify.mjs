import Fastify from 'fastify';
import { pattern } from '../contract.mjs';

export async function server({ key, cert }) {
  const app = Fastify({ http2: true, https: { key, cert, allowHTTP1: true }, bodyLimit: 2 ** 24 });
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
  app.get('/greeting/:name', (request, reply) => {
    if (request.headers['x-test']) reply.header('x-test', request.headers['x-test']);
    return `hello ${request.params.name}`;
  });
  app.get('/json', async (request) => ({ version: request.raw.httpVersion, query: request.query.q }));
  app.post('/echo', (request, reply) => reply.type(request.headers['content-type']).send(request.body));
  app.get('/large/:size', async (request) => pattern(Number(request.params.size)));
  app.delete('/thing', (request, reply) => reply.code(204).send());
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port, close: () => app.close() };
}
