'use strict';

// The API of node:http2, in node's order, and `implementation`. An object of plain names, for import finds its names by
// reading this file.

const { Http2ServerRequest, Http2ServerResponse } = require('./lib/compat');
const { connect } = require('./lib/connect');
const constants = require('./lib/constants');
const implementation = require('./lib/implementation');
const { createSecureServer, createServer, performServerHandshake } = require('./lib/server');
const { getDefaultSettings, getPackedSettings, getUnpackedSettings } = require('./lib/settings');
const { kSensitiveHeaders: sensitiveHeaders } = require('./lib/symbols');

module.exports = {
  connect,
  constants,
  createServer,
  createSecureServer,
  getDefaultSettings,
  getPackedSettings,
  getUnpackedSettings,
  performServerHandshake,
  sensitiveHeaders,
  Http2ServerRequest,
  Http2ServerResponse,
  implementation,
};
