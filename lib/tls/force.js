'use strict';

// For tests, and for finding out whether one TLS is to blame: the option `tls`, or HTTP2_RS_TLS for all that have none.

const { ERR_INVALID_ARG_VALUE } = require('../errors');

const PATHS = [undefined, 'rustls', 'node'];

const BY_ENVIRONMENT = PATHS.includes(process.env.HTTP2_RS_TLS) ? process.env.HTTP2_RS_TLS : undefined;

// 'rustls', 'node', or undefined for whichever is right.
function forcedPath({ tls = BY_ENVIRONMENT }) {
  if (!PATHS.includes(tls)) throw new ERR_INVALID_ARG_VALUE('options.tls', tls);
  return tls;
}

module.exports = { forcedPath };
