'use strict';

// The open streams of a session by id, with the part of Map's interface that is needed.
//
// Ids of requests count up, so that those of open streams mostly lie close together: an array indexed by their lower bits
// holds nearly all of them, and a Map the rest. A Map for all of them costs more than its look-ups: whenever it fills up
// with deleted entries it moves to a new table, the old one points to the new one, and once garbage collection has moved
// one of these tables to the old generation, it keeps all that follow it alive, and with them every stream they held, until
// the next full collection.

const FIRST_SIZE = 16;

// Beyond this, streams that collide are few and long-lived.
const LAST_SIZE = 1024;

class StreamTable {
  constructor() {
    this.size = 0;
    this.ids = new Array(FIRST_SIZE).fill(0);
    this.streams = new Array(FIRST_SIZE).fill(undefined);
    this.mask = FIRST_SIZE - 1;
    this.others = undefined;
  }

  get(id) {
    const slot = (id >>> 1) & this.mask;
    if (this.ids[slot] === id) return this.streams[slot];
    return this.others === undefined ? undefined : this.others.get(id);
  }

  has(id) {
    return this.get(id) !== undefined;
  }

  set(id, stream) {
    if (!this.has(id)) this.size++;
    this.put(id, stream);
    return this;
  }

  put(id, stream) {
    for (;;) {
      const slot = (id >>> 1) & this.mask;
      if (this.ids[slot] === 0 || this.ids[slot] === id) {
        this.ids[slot] = id;
        this.streams[slot] = stream;
        return;
      }
      // An even id, of a pushed stream, shares its slot with the odd one beside it, however large the array.
      if (this.mask >= LAST_SIZE - 1 || (id & 1) === 0) break;
      this.grow();
    }
    this.others ??= new Map();
    this.others.set(id, stream);
  }

  grow() {
    const { ids, streams } = this;
    const size = ids.length * 2;
    this.mask = size - 1;
    this.ids = new Array(size).fill(0);
    this.streams = new Array(size).fill(undefined);
    for (let i = 0; i < ids.length; i++)
      if (ids[i] !== 0) this.put(ids[i], streams[i]);
  }

  delete(id) {
    const slot = (id >>> 1) & this.mask;
    if (this.ids[slot] === id) {
      this.ids[slot] = 0;
      this.streams[slot] = undefined;
      this.size--;
      return true;
    }
    if (this.others === undefined || !this.others.delete(id)) return false;
    this.size--;
    return true;
  }

  // A snapshot, in the order in which ids count: whoever goes through it may open and close streams.
  values() {
    const list = [];
    for (let i = 0; i < this.ids.length; i++)
      if (this.ids[i] !== 0) list.push([this.ids[i], this.streams[i]]);
    if (this.others !== undefined) list.push(...this.others);
    return list.sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
  }

  clear() {
    this.size = 0;
    this.ids.fill(0);
    this.streams.fill(undefined);
    this.others = undefined;
  }
}

module.exports = StreamTable;
