'use strict';

// The HTTP/1 side of a secure server with `allowHTTP1`. Connections that did not negotiate HTTP/2 go to node's own HTTP/1
// code, with the HTTP/2 server in the part of the http.Server: it emits 'request', 'upgrade', 'clientError' and so on, and
// carries the properties that this code reads.

const http = require('node:http');
const net = require('node:net');

// Own properties that an http.Server has and that mean something else, or nothing, on ours.
const NOT_SHARED = new Set(['timeout', 'httpAllowHalfOpen', 'maxHeadersCount', 'maxRequestsPerSocket']);

// Makes `server` a home for HTTP/1 connections. An http.Server with the same options, which never listens, lends what
// node sets up in its constructor: checked options under names and symbols of node's own, and the listener that starts to
// watch connections for timeouts.
function prepare(server, options) {
  const model = new http.Server({ ...options, ...options.http1Options });
  const ownToNet = new Set(Reflect.ownKeys(new net.Server()));
  for (const key of Reflect.ownKeys(model))
    if (!ownToNet.has(key) && !NOT_SHARED.has(key)) server[key] = model[key];
  for (const listener of model.listeners('listening')) server.on('listening', listener);
}

function accept(server, socket) {
  return Reflect.apply(http._connectionListener, server, [socket]);
}

// Ends the idle keep-alive connections too, as http.Server does.
function close(server, args) {
  return Reflect.apply(http.Server.prototype.close, server, args);
}

function closeIdleConnections(server) {
  Reflect.apply(http.Server.prototype.closeIdleConnections, server, []);
}

module.exports = { accept, close, closeIdleConnections, prepare };
