import express from 'express';
import http2Express from 'http2-express-bridge';
import http2 from 'node:http2';
import { pattern } from '../contract.mjs';
import { close, listen } from '../listening.mjs';

export async function server({ key, cert }) {
  const app = http2Express(express);
  app.get('/greeting/:name', (request, response) => {
    if (request.get('x-test')) response.set('x-test', request.get('x-test'));
    response.send(`hello ${request.params.name}`);
  });
  app.get('/json', (request, response) => response.json({ version: request.httpVersion, query: request.query.q }));
  app.post('/echo', (request, response) => {
    response.setHeader('content-type', request.get('content-type'));
    request.pipe(response);
  });
  app.get('/large/:size', (request, response) => response.send(pattern(Number(request.params.size))));
  app.delete('/thing', (request, response) => response.status(204).end());
  const server = http2.createSecureServer({ key, cert, allowHTTP1: true }, app);
  return { port: await listen(server), close: () => close(server) };
}
