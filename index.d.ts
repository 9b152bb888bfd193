/// <reference types="node" />

// The API is that of node:http2, so its types are too.
export * from 'node:http2';
