'use strict';

// node --require http2-rs/register app.js
// node --import http2-rs/register app.mjs

require('./lib/register');
