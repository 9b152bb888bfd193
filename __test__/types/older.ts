// The same under the older ways to resolve modules, and those of bundlers.

import http2, { createServer, implementation } from 'http2-rs';

export const server = createServer();
export const client = http2.connect('http://localhost', {}, () => {});
export const { version } = implementation;
