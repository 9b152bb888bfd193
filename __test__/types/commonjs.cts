// What a CommonJS program in TypeScript may write.

import http2 = require('http2-rs');

const server = http2.createServer();
const name: 'http2-rs' = http2.implementation.name;
const same: typeof import('node:http2').connect = http2.connect;

export = { name, same, server };
