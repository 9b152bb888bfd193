'use strict';

// PerformanceObserver entries of type 'http2' for sessions and streams, as node:http2 makes them.
//
// Node has no public way to put an entry of one's own before the observers. But what timerify() has measured passes by all
// of them, in a method that the observers share. The entry of an empty function, rewritten there, becomes ours, and all the
// rest is node's: which observers want it, when they are called, what class it is of. Where a node should lack that
// method, there are no entries.

const { performance, PerformanceObserver } = require('node:perf_hooks');
const { inspect } = require('node:util');
const { NGHTTP2_SESSION_SERVER } = require('./constants');
const { kSession, kType } = require('./symbols');

const ENTRY_TYPE = 'http2';

const { prototype } = PerformanceObserver;
const kMaybeBuffer = Object.getOwnPropertySymbols(prototype).find(({ description }) => description === 'kMaybeBuffer');
const maybeBuffer = prototype[kMaybeBuffer];
const nothing = performance.timerify(() => {});

const kTimes = Symbol('times');

// Whether anybody has ever asked for such entries. To be looked at before any of the functions below is called: nothing
// is measured for nobody.
const watch = { isOn: false };

// Calls `visit(observer, entry)` for each active observer, with an entry that none of them gets to see otherwise.
function visitObservers(visit) {
  prototype[kMaybeBuffer] = function(entry) { visit(this, entry); };
  try {
    nothing();
  } finally {
    prototype[kMaybeBuffer] = maybeBuffer;
  }
}

function publish(name, startTime, detail) {
  const fields = {
    'PerformanceEntry.Name': name,
    'PerformanceEntry.EntryType': ENTRY_TYPE,
    'PerformanceEntry.StartTime': startTime,
    'PerformanceEntry.Duration': performance.now() - startTime,
    'NodePerformanceEntry.Detail': detail,
  };
  let rewritten;
  visitObservers((observer, entry) => {
    if (rewritten !== entry) {
      for (const key of Object.getOwnPropertySymbols(entry))
        if (key.description in fields) entry[key] = fields[key.description];
      rewritten = entry;
    }
    Reflect.apply(maybeBuffer, observer, [entry]);
  });
}

// Learns of observers to come, and of those that are there already.
function install() {
  const { observe } = prototype;
  prototype.observe = {
    observe(...args) {
      Reflect.apply(observe, this, args);
      const [options] = args;
      if (options?.type === ENTRY_TYPE || options?.entryTypes?.includes(ENTRY_TYPE)) watch.isOn = true;
    },
  }.observe;
  visitObservers((observer) => {
    if (/entryTypes: \[[^\]]*'http2'/.test(inspect(observer))) watch.isOn = true;
  });
}

class SessionTimes {
  constructor() {
    this.start = performance.now();
    this.ended = 0;
    this.total = 0;
  }
}

class StreamTimes {
  constructor() {
    this.start = performance.now();
    this.firstHeader = 0;
    this.firstByte = 0;
    this.firstByteSent = 0;
    this.read = 0;
    this.written = 0;
  }

  // Since the start. What comes at once has come, too.
  get elapsed() {
    return Math.max(performance.now() - this.start, Number.MIN_VALUE);
  }
}

function beginSession(session) {
  session[kTimes] = new SessionTimes();
}

// `counters` are the engine's, of the whole life of the session.
function endSession(session, counters) {
  const times = session[kTimes];
  if (times === undefined) return;
  session[kTimes] = undefined;
  publish('Http2Session', times.start, {
    bytesWritten: counters.bytesWritten,
    bytesRead: counters.bytesRead,
    framesReceived: counters.framesReceived,
    framesSent: counters.framesSent,
    maxConcurrentStreams: counters.maxConcurrentStreams,
    // In nanoseconds, unlike all the rest: as node has it.
    pingRTT: Math.round(counters.pingRTT * 1e6),
    streamAverageDuration: times.ended === 0 ? 0 : times.total / times.ended,
    streamCount: counters.streamCount,
    type: session[kType] === NGHTTP2_SESSION_SERVER ? 'server' : 'client',
  });
}

function beginStream(stream) {
  stream[kTimes] = new StreamTimes();
}

function headerReceived(stream) {
  const times = stream[kTimes];
  if (times !== undefined && times.firstHeader === 0) times.firstHeader = times.elapsed;
}

function dataReceived(stream, octets) {
  const times = stream[kTimes];
  if (times === undefined) return;
  times.read += octets;
  if (times.firstByte === 0) times.firstByte = times.elapsed;
}

function dataSent(stream, octets) {
  const times = stream[kTimes];
  if (times === undefined) return;
  times.written += octets;
  if (times.firstByteSent === 0) times.firstByteSent = times.elapsed;
}

// To be called while the stream still has its session.
function endStream(stream) {
  const times = stream[kTimes];
  if (times === undefined) return;
  stream[kTimes] = undefined;
  const session = stream[kSession][kTimes];
  if (session !== undefined) {
    session.ended += 1;
    session.total += times.elapsed;
  }
  publish('Http2Stream', times.start, {
    bytesRead: times.read,
    bytesWritten: times.written,
    id: stream.id,
    timeToFirstByte: times.firstByte,
    timeToFirstByteSent: times.firstByteSent,
    timeToFirstHeader: times.firstHeader,
  });
}

if (maybeBuffer !== undefined) install();

module.exports = {
  beginSession, beginStream, dataReceived, dataSent, endSession, endStream, headerReceived, watch,
};
