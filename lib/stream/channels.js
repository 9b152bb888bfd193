'use strict';

// The diagnostics channels of streams. Publishers ask `hasSubscribers` first: a message costs an object.

const { channel } = require('node:diagnostics_channel');

function ofSide(side) {
  return {
    created: channel(`http2.${side}.stream.created`),
    start: channel(`http2.${side}.stream.start`),
    error: channel(`http2.${side}.stream.error`),
    finish: channel(`http2.${side}.stream.finish`),
    close: channel(`http2.${side}.stream.close`),
  };
}

module.exports = {
  client: {
    ...ofSide('client'),
    bodyChunkSent: channel('http2.client.stream.bodyChunkSent'),
    bodySent: channel('http2.client.stream.bodySent'),
  },
  server: ofSide('server'),
};
