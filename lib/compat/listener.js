'use strict';

// Turns a server's streams into requests and responses once somebody listens for them.

const { HTTP_STATUS_EXPECTATION_FAILED, HTTP_STATUS_METHOD_NOT_ALLOWED } = require('../constants');

function refuse(response, statusCode) {
  response.statusCode = statusCode;
  response.end();
}

// RFC 9110 section 9.3.6: a tunnel is not a request for content.
function serveConnect(server, request, response) {
  if (!server.emit('connect', request, response)) refuse(response, HTTP_STATUS_METHOD_NOT_ALLOWED);
}

// RFC 9110 section 10.1.1: 100-continue is the only expectation that is defined.
function serveExpectation(server, expectation, request, response) {
  if (expectation !== '100-continue') {
    if (!server.emit('checkExpectation', request, response)) refuse(response, HTTP_STATUS_EXPECTATION_FAILED);
  } else if (!server.emit('checkContinue', request, response)) {
    response.writeContinue();
    server.emit('request', request, response);
  }
}

// `Http2ServerRequest` and `Http2ServerResponse` are the server's classes, which may be its own.
function installCompat(server, { Http2ServerRequest, Http2ServerResponse }) {
  function onStream(stream, headers, flags, rawHeaders) {
    const request = new Http2ServerRequest(stream, headers, undefined, rawHeaders);
    const response = new Http2ServerResponse(stream);
    if (headers[':method'] === 'CONNECT') serveConnect(this, request, response);
    else if (headers.expect !== undefined) serveExpectation(this, headers.expect, request, response);
    else this.emit('request', request, response);
  }

  server.on('newListener', function onNewListener(event) {
    if (event !== 'request') return;
    this.removeListener('newListener', onNewListener);
    this.on('stream', onStream);
  });
}

module.exports = { installCompat };
