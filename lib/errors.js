'use strict';

// All errors of the API, by code.

module.exports = {
  ...require('./errors/argument'),
  ...require('./errors/generic'),
  ...require('./errors/http2'),
  ...require('./errors/nghttp2'),
};
