// What `import 'node:http2'` gives where require() decides which http2 there is: the same object, be it the package or node's.

import { createRequire } from 'node:module';

const http2 = createRequire(import.meta.url)('node:http2');

export default http2;

export const {
  connect,
  constants,
  createSecureServer,
  createServer,
  getDefaultSettings,
  getPackedSettings,
  getUnpackedSettings,
  Http2ServerRequest,
  Http2ServerResponse,
  implementation,
  performServerHandshake,
  sensitiveHeaders,
} = http2;
