'use strict';

// How a stream reaches its request and its response.
//
// The stream carries the two under kRequest and kResponse and these hooks under kCompat. What a stream emits of its own
// accord ('aborted', 'timeout', 'trailers', 'wantTrailers') it tells the hooks first: a plain call instead of a listener
// of each kind for each request. Only what node's Duplex emits has to be listened for.

const { kCompat, kRequest, kResponse } = require('../symbols');
const { kAborted, kBeforeClose, kOnClose, kTrailers } = require('./symbols');

const NO_TRAILERS = Object.freeze({ __proto__: null });

const hooks = {
  aborted(stream) {
    const request = stream[kRequest];
    if (!request) return;
    request[kAborted] = true;
    request.emit('aborted');
  },

  timeout(stream) {
    stream[kRequest]?.emit('timeout');
    stream[kResponse]?.emit('timeout');
  },

  trailers(stream, trailers, rawTrailers) {
    const request = stream[kRequest];
    if (!request) return;
    Object.assign(request.trailers, trailers);
    request.rawTrailers.push(...rawTrailers);
  },

  wantTrailers(stream) {
    stream.sendTrailers(stream[kResponse]?.[kTrailers] ?? NO_TRAILERS);
  },
};

function onClose() {
  this[kResponse]?.[kBeforeClose]();
  this[kRequest]?.[kOnClose]();
  this[kResponse]?.[kOnClose]();
}

// Called by whichever comes first, request or response; a pushed stream has only a response.
function link(stream) {
  if (stream[kCompat] === hooks) return;
  stream[kCompat] = hooks;
  stream.on('close', onClose);
}

module.exports = { link };
