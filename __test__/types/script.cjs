'use strict';

// What a program in JavaScript gets from its editor.

const { connect, createServer, implementation } = require('http2-rs');

/** @type {import('node:http2').Http2Server} */
const server = createServer((request, response) => response.end(request.url));
/** @type {string} */
const version = implementation.version;

module.exports = { connect, server, version };
