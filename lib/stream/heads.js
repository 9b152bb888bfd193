'use strict';

// Header lists that arrive: they open streams, or are events of streams that are open.

const {
  HTTP_STATUS_CONTINUE, HTTP_STATUS_MISDIRECTED_REQUEST, HTTP_STATUS_OK, NGHTTP2_FLAG_END_HEADERS, NGHTTP2_FLAG_END_STREAM,
  NGHTTP2_REFUSED_STREAM, NGHTTP2_SESSION_SERVER,
} = require('../constants');
const { toHeaderObject } = require('../headers');
const performance = require('../performance');
const originSet = require('../session/origin-set');
const { kCompat, kHandle, kSentHeaders, kSession, kType, kUpdateTimer } = require('../symbols');
const channels = require('./channels');
const { promised } = require('./client');
const { MARK, kMarks } = require('./fields');
const { MADE, kLate } = require('./late');
const { ServerHttp2Stream } = require('./server');

// What a header list is for its stream (nghttp2's numbers).
const RESPONSE = 1;
const PUSH_RESPONSE = 2;

function flagsOf(endStream) {
  return endStream ? NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_END_HEADERS;
}

function onHeaders(session, id, category, endStream, fields, sensitive) {
  if (session.destroyed) return;
  session[kUpdateTimer]();
  const headers = toHeaderObject(fields, sensitive ?? []);
  const stream = session[kHandle].streams.get(id);
  if (stream !== undefined) onMore(stream, category, endStream, headers, fields);
  else if (session[kType] === NGHTTP2_SESSION_SERVER) onRequest(session, id, endStream, headers, fields);
}

function onRequest(session, id, endStream, headers, fields) {
  const handle = session[kHandle];
  if (session.closed) {
    handle.rstStream(id, NGHTTP2_REFUSED_STREAM);
    return;
  }
  const stream = new ServerHttp2Stream(session, handle, id, headers);
  if (performance.watch.isOn) performance.headerReceived(stream);
  if (endStream) {
    stream[kMarks] |= MARK.END_AFTER_HEADERS;
    // Otherwise when it catches up.
    if (stream[kLate] === MADE) stream.push(null);
  }
  if (headers[':method'] === 'HEAD') {
    // The answer has no body, whatever is written.
    stream[kMarks] |= MARK.HEAD_REQUEST | MARK.SHUT;
    stream.end();
  }
  const { created, start } = channels.server;
  if (created.hasSubscribers) created.publish({ stream, headers });
  if (start.hasSubscribers) start.publish({ stream, headers });
  process.nextTick(emitStream, session, stream, headers, flagsOf(endStream), fields);
}

function onPushPromise(session, parentId, id, fields, sensitive) {
  if (session.destroyed) return;
  session[kUpdateTimer]();
  const headers = toHeaderObject(fields, sensitive ?? []);
  const stream = promised(session, id, headers);
  if (performance.watch.isOn) performance.headerReceived(stream);
  process.nextTick(emitStream, session, stream, headers, flagsOf(false), fields);
}

function emitStream(session, stream, headers, flags, fields) {
  // A push that nobody asked for is nobody's to lose: its error must not be what ends the process.
  if (!session.emit('stream', stream, headers, flags, fields)) stream.on('error', ignore);
}

function ignore() {}

// A list of a stream that is open already.
function onMore(stream, category, endStream, headers, fields) {
  // Reset by us.
  if (stream[kMarks] & MARK.GONE) return;
  if (performance.watch.isOn) performance.headerReceived(stream);
  const status = headers[':status'];
  const event = eventOf(category, status, endStream);
  const session = stream[kSession];
  if (status === HTTP_STATUS_MISDIRECTED_REQUEST) originSet.remove(session, stream[kSentHeaders]);
  const isAnswer = event === 'response' || event === 'push';
  const { finish } = channels.client;
  if (isAnswer && finish.hasSubscribers) finish.publish({ stream, headers, flags: flagsOf(endStream) });
  // Between 'readable' and 'end'.
  process.nextTick(emitHeaders, stream, event, headers, flagsOf(endStream), fields);
  if (endStream) stream.push(null);
}

// After an informational response, the category of the final one is that of any further list.
function eventOf(category, status, endStream) {
  if (category === PUSH_RESPONSE) return 'push';
  if (category === RESPONSE) return !endStream && status < HTTP_STATUS_OK ? 'headers' : 'response';
  if (status !== undefined) return status < HTTP_STATUS_OK ? 'headers' : 'response';
  return endStream ? 'trailers' : 'headers';
}

function emitHeaders(stream, event, headers, flags, fields) {
  if (event === 'trailers') stream[kCompat]?.trailers(stream, headers, fields);
  // In node a listener of its own, the first of them.
  if (event === 'headers' && headers[':status'] === HTTP_STATUS_CONTINUE)
    stream.prependOnceListener('headers', emitContinue);
  stream.emit(event, headers, flags, fields);
}

function emitContinue() {
  this.emit('continue');
}

module.exports = { onHeaders, onPushPromise };
