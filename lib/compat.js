'use strict';

// The compatibility API: requests and responses as node:http has them, on the streams of a server.
//
// Layout: listener (from a server's streams to its requests), request, response, link (how a stream reaches the two),
// fields and early-hints (what may be sent), socket (what `socket` shows).

module.exports = {
  ...require('./compat/listener'),
  ...require('./compat/request'),
  ...require('./compat/response'),
};
