import Koa from 'koa';
import http2 from 'node:http2';
import { Readable } from 'node:stream';
import { pattern } from '../contract.mjs';
import { close, listen } from '../listening.mjs';

export async function server({ key, cert }) {
  const app = new Koa();
  app.use(async (context, next) => {
    const [, first, second] = context.path.split('/');
    switch (`${context.method} ${first}`) {
      case 'GET greeting':
        if (context.get('x-test')) context.set('x-test', context.get('x-test'));
        context.body = `hello ${second}`;
        break;
      case 'GET json':
        context.body = { version: context.req.httpVersion, query: context.query.q };
        break;
      case 'POST echo':
        context.type = context.get('content-type');
        context.body = context.req;
        break;
      case 'GET large':
        context.body = Readable.from([pattern(Number(second))]);
        break;
      case 'DELETE thing':
        context.status = 204;
        break;
      default:
        await next();
    }
  });
  const server = http2.createSecureServer({ key, cert }, app.callback());
  return { port: await listen(server), close: () => close(server) };
}
