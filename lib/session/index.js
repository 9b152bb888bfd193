'use strict';

// Sessions. Layout: session (what both sides share), client, server (the two classes), closing, settings, ping, origin-set,
// socket-proxy, handlers (what the engine tells), fields (private state).

const engine = require('../engine');
const { ClientHttp2Session } = require('./client');
const handlers = require('./handlers');
const { ServerHttp2Session } = require('./server');
const { Http2Session } = require('./session');

engine.setHandlers(handlers);

module.exports = { ClientHttp2Session, Http2Session, ServerHttp2Session };
