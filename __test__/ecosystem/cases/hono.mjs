import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import http2 from 'node:http2';
import { once } from 'node:events';
import { pattern } from '../contract.mjs';
import { close } from '../listening.mjs';

export async function server({ key, cert }) {
  const app = new Hono();
  app.get('/greeting/:name', (context) => {
    const test = context.req.header('x-test');
    return context.text(`hello ${context.req.param('name')}`, 200, test ? { 'x-test': test } : {});
  });
  app.get('/json', (context) => context.json({ version: context.env.incoming.httpVersion, query: context.req.query('q') }));
  app.post('/echo', (context) => context.body(context.req.raw.body, 200, { 'content-type': context.req.header('content-type') }));
  app.get('/large/:size', (context) => context.body(pattern(Number(context.req.param('size')))));
  app.delete('/thing', (context) => context.body(null, 204));
  const server = serve({
    fetch: app.fetch, createServer: http2.createSecureServer, serverOptions: { key, cert }, port: 0, hostname: '127.0.0.1',
  });
  await once(server, 'listening');
  return { port: server.address().port, close: () => close(server) };
}
