// What a module may write: the default import, names, a namespace, the preload.

import http2, { connect, constants, implementation, performServerHandshake, sensitiveHeaders } from 'http2-rs';
import * as namespace from 'http2-rs';
import type { ClientHttp2Session, Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'http2-rs';
import type { Http2SecureServer } from 'node:http2';
import 'http2-rs/register';

const session: ClientHttp2Session = connect('https://localhost');
const server: Http2SecureServer = http2.createSecureServer({ allowHTTP1: true, streamResetBurst: 10, streamResetRate: 1 });
const plain = namespace.createServer((request: Http2ServerRequest, response: Http2ServerResponse) => {
  response.end(request.url);
});
server.on('stream', (stream: ServerHttp2Stream, headers) => stream.respond({ ':status': 200, [sensitiveHeaders]: ['x'], x: headers.x }));
const versions: string[] = [implementation.version, http2.implementation.h2, implementation.rustls];
const code: number = constants.NGHTTP2_NO_ERROR;

// @ts-expect-error -- there is no such function
http2.createMagic();
// @ts-expect-error -- a version is not to be changed
implementation.version = '2';

export { code, performServerHandshake, plain, session, versions };
