'use strict';

// The streams of a session. Layout: stream (what both sides share), client, server (the two classes), reading and writing
// (bodies), outbox (what leaves at the end of the tick), closing, trailers, push, file, fields (private state), channels
// (diagnostics).

const { ClientHttp2Stream } = require('./client');
const { ServerHttp2Stream } = require('./server');
const { Http2Stream } = require('./stream');

module.exports = { ClientHttp2Stream, Http2Stream, ServerHttp2Stream };
