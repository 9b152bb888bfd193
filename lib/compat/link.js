'use strict';

// How a stream reaches its request and its response.
//
// The stream carries the two under kRequest and kResponse and these hooks under kCompat. What a stream emits of its own
// accord ('aborted', 'timeout', 'trailers', 'wantTrailers') it tells the hooks first: a plain call instead of a listener
// of each kind for each request. What node's Duplex emits has to be listened for, once the stream is one (lib/stream/late.js).

const { kCompat, kRequest, kResponse } = require('../symbols');
const { MADE, isUnheard, kLate } = require('../stream/late');
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

  // Nobody could tell whether they close.
  isUnheard(stream) {
    const request = stream[kRequest];
    return (request === undefined || isUnheard(request)) && (stream[kResponse] === undefined || isUnheard(stream[kResponse]));
  },

  close(stream) {
    stream[kResponse]?.[kBeforeClose]();
    stream[kRequest]?.[kOnClose]();
    stream[kResponse]?.[kOnClose]();
  },

  // The stream has been made.
  made(stream) {
    stream.on('close', onClose);
    if (stream[kRequest]) stream.on('error', ignoreError);
  },

  wantTrailers(stream) {
    stream.sendTrailers(stream[kResponse]?.[kTrailers] ?? NO_TRAILERS);
  },
};

function onClose() {
  hooks.close(this);
}

// Errors are the stream's own: who wants to hear of them listens there.
function ignoreError() {}

// Called by whichever comes first, request or response; a pushed stream has only a response.
function link(stream) {
  if (stream[kCompat] === hooks) return;
  stream[kCompat] = hooks;
  if (stream[kLate] === MADE) hooks.made(stream);
}

module.exports = { link };
