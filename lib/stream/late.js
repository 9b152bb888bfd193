'use strict';

// Streams that become node's streams only when somebody looks.
//
// Most of what a Duplex does for a short answer is to keep two states that nobody reads and to emit events, each in a tick
// of its own, that nobody hears: more work than all of HTTP/2. So a stream begins without: `_readableState` and
// `_writableState` are accessors of its prototype, and the first touch, by which every method of node's streams begins,
// makes the stream what it would be by then. What its own class does without a touch is up to that class, which also knows
// what has happened in the meantime (`kCatchUp`).
//
// Listeners alone make nothing, but for those of 'data' and 'readable', which are requests to read. Whether there are any is
// asked when there is something to tell.

const EventEmitter = require('node:events');
const { Duplex } = require('node:stream');

// How far a stream has come that was not made. MADE: the state is node's, and there is nothing else to know.
const MADE = 0;
const FRESH = 1;
// Both sides have ended without having been looked at.
const OVER = 2;
// Further stages are the class's own.
const OWN = 3;

const kLate = Symbol('late');
const kCatchUp = Symbol('catchUp');

// A class that extends this one adds its fields to the object that it is given.
class Given {
  constructor(object) {
    return object;
  }
}

// The states as properties of the stream itself, where node's constructors expect them, in front of the accessors.
class ReadableSlots extends Given {
  _readableState = undefined;
}
class DuplexSlots extends Given {
  _readableState = undefined;
  _writableState = undefined;
}

// A class between `Class` (Duplex or Readable) and those that extend it. `options` is what Class is made with.
function late(Class, options) {
  const OwnSlots = Class === Duplex ? DuplexSlots : ReadableSlots;

  // With other options than those it is made at once.
  function Late(special) {
    // node's, as an EventEmitter has them; it fills in the first when there are listeners.
    this._events = undefined;
    this._eventsCount = 0;
    this._maxListeners = undefined;
    this[kLate] = FRESH;
    // An emitter belongs to the domain in which it was made.
    if (special !== undefined || process.domain) make(this, special);
  }

  // From here on the stream is an instance of Class in every respect.
  function make(unmade, special = options) {
    const stage = unmade[kLate];
    unmade[kLate] = MADE;
    const { _events: events, _eventsCount: count } = unmade;
    const stream = new OwnSlots(unmade);
    Reflect.apply(Class, stream, [special]);
    // What has happened is not told again.
    stream._events = undefined;
    stream._eventsCount = 0;
    stream[kCatchUp](stage);
    addListeners(stream, events, count);
  }

  // The listeners from before come after those that catching up has left, as they would have been later.
  function addListeners(stream, events, count) {
    if (count === 0) return;
    const { _events: added, _eventsCount: addedCount } = stream;
    stream._events = events;
    stream._eventsCount = count;
    if (addedCount === 0) return;
    for (const name of Reflect.ownKeys(added))
      if (added[name] !== undefined) stream.prependListener(name, added[name]);
  }

  function stateOf(name) {
    return {
      configurable: true,
      enumerable: false,
      get() {
        // The prototype itself has none.
        if (this[kLate] === undefined) return undefined;
        make(this);
        return this[name];
      },
    };
  }

  function on(event, listener) {
    if (this[kLate] !== MADE) {
      if (event !== 'data' && event !== 'readable') return EventEmitter.prototype.on.call(this, event, listener);
      make(this);
    }
    return Class.prototype.on.call(this, event, listener);
  }

  const method = (value) => ({ configurable: true, enumerable: false, writable: true, value });
  Late.prototype = Object.create(Class.prototype, {
    constructor: method(Late),
    _readableState: stateOf('_readableState'),
    ...(Class === Duplex && { _writableState: stateOf('_writableState') }),
    on: method(on),
    addListener: method(on),
  });
  Object.defineProperty(Late, 'name', { value: `Late${Class.name}` });
  Object.setPrototypeOf(Late, Class);
  return Late;
}

// A stream that nobody looked at was emptied: 'resume' and 'end' were emitted.
function readToEnd(stream) {
  const state = stream._readableState;
  state.ended = true;
  state.endEmitted = true;
  state.flowing = true;
}

// Makes a late stream.
function touch(stream) {
  return stream._readableState;
}

// Nobody could tell whether the stream emits anything but errors.
function isUnheard(stream) {
  const count = stream._eventsCount;
  return stream.emit === EventEmitter.prototype.emit &&
    (count === 0 || (count === 1 && stream._events.error !== undefined));
}

// Without a touch.
function isDestroyed(stream) {
  const stage = stream[kLate];
  return stage === MADE ? stream.destroyed : stage === OVER;
}

module.exports = { FRESH, MADE, OVER, OWN, isDestroyed, isUnheard, kCatchUp, kLate, late, readToEnd, touch };
