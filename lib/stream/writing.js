'use strict';

// The body on its way out: Duplex's _write, _writev and _final. One body (a chunk or a list of chunks) is in hand at a
// time; it leaves through the outbox and is answered when the engine has sent it.

const { AsyncResource } = require('node:async_hooks');
const performance = require('../performance');
const { getDefaultHighWaterMark } = require('node:stream');
const { kProceed, kSession, kUpdateTimer } = require('../symbols');
const {
  LATE, MARK, kBody, kBodyCallback, kBodyEncoding, kBodyScope, kChannels, kFinalCallback, kMarks,
} = require('./fields');
const { kLate } = require('./late');
const outbox = require('./outbox');

const HIGH_WATER_MARK = getDefaultHighWaterMark(false);

function write(stream, body, encoding, callback) {
  if (stream[kBodyCallback] === unseen) {
    stream[kBodyCallback] = callback;
    return;
  }
  // A pending stream is corked, but anybody can uncork it.
  if (stream.pending) {
    stream.once('ready', () => write(stream, body, encoding, callback));
    return;
  }
  // The error that destroyed the stream has been emitted; nothing is left to tell.
  if (stream.destroyed) return;
  if ((stream[kMarks] & MARK.HEADERS_SENT) === 0) stream[kProceed]();

  const { bodyChunkSent } = stream[kChannels];
  if (bodyChunkSent !== undefined && bodyChunkSent.hasSubscribers)
    publishBody(bodyChunkSent, stream, body, encoding);

  take(stream, body, encoding, callback);
}

function take(stream, body, encoding, callback) {
  stream[kUpdateTimer]();
  stream[kSession][kUpdateTimer]();
  stream[kBody] = body;
  stream[kBodyEncoding] = encoding;
  stream[kBodyCallback] = callback;
  stream[kBodyScope] = new AsyncResource('HTTP2WRITE');
  if (performance.watch.isOn) performance.dataSent(stream, bodySize(stream));
  stream[kMarks] |= MARK.BODY_DUE;
  outbox.post(stream);
}

// Buffers alone are told as such, and with strings among them each with its encoding.
function publishBody(channel, stream, body, encoding) {
  const writev = Array.isArray(body);
  const data = writev && body.allBuffers ? body.map(({ chunk }) => chunk) : body;
  channel.publish({ stream, writev, data, encoding });
}

// The callback of a body that was taken from a stream whose Writable is not made, until that is.
function unseen() {}

// end() of a late stream after its head: this body, and no other. False where it takes a Writable to judge.
function endUnseen(stream, body, encoding) {
  return takeUnseen(stream, body, encoding, LATE.ENDING);
}

// write() that is not more than a Writable asks for.
function writeUnseen(stream, body, encoding) {
  return body?.length < HIGH_WATER_MARK && takeUnseen(stream, body, encoding, LATE.WRITING);
}

function takeUnseen(stream, body, encoding, stage) {
  if ((stream[kMarks] & MARK.HEADERS_SENT) === 0) return false;
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return false;
  // In the place of the encoding there may also be the callback, or what a Writable refuses.
  if (encoding !== undefined && encoding !== 'utf8') return false;
  stream[kLate] = stage;
  take(stream, body, typeof body === 'string' ? 'utf8' : 'buffer', unseen);
  return true;
}

// Everything has been written, or there never was anything.
function final(stream, callback) {
  if (stream.pending) {
    // The request is on its way, and nobody can be listening for 'ready' yet, unless it waits for the connection.
    if (stream[kSession].connecting) stream.once('ready', () => final(stream, callback));
    else stream[kFinalCallback] = callback;
    return;
  }
  outbox.finish(stream);
  const { bodySent } = stream[kChannels];
  if (bodySent !== undefined && bodySent.hasSubscribers) bodySent.publish({ stream });
  callback();
}

// A body is on its way that the engine has not got rid of.
function isSending(stream) {
  return stream[kBodyCallback] !== undefined || (stream[kMarks] & (MARK.FILE | MARK.GONE)) === MARK.FILE;
}

function bodySize(stream) {
  const body = stream[kBody];
  if (body === undefined) return 0;
  if (!Array.isArray(body)) return sizeOf(body, stream[kBodyEncoding]);
  let size = 0;
  for (const { chunk, encoding } of body) size += sizeOf(chunk, encoding);
  return size;
}

function sizeOf(chunk, encoding) {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.byteLength;
}

module.exports = { bodySize, endUnseen, final, isSending, write, writeUnseen };
