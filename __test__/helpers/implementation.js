'use strict';

// The module under test. HTTP2_RS_TEST_MODULE=node:http2 runs a test on Node's own implementation, to see whether it
// states what node:http2 does.

module.exports = require(process.env.HTTP2_RS_TEST_MODULE ?? '../..');
