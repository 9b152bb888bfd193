'use strict';

const assert = require('node:assert');
const test = require('node:test');
const StreamTable = require('../../lib/engine/stream-table');

// A Map is what the table stands in for, so it is what it is compared with.
function compare(table, map, ids) {
  assert.strictEqual(table.size, map.size);
  for (const id of ids) {
    assert.strictEqual(table.get(id), map.get(id));
    assert.strictEqual(table.has(id), map.has(id));
  }
  const sorted = [...map].sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
  assert.deepStrictEqual([...table.values()], sorted);
}

test('holds streams that come and go in order, beside long-lived and pushed ones', () => {
  const table = new StreamTable();
  const map = new Map();
  const ids = [1, 2, 4];
  for (const id of ids) {
    table.set(id, { id });
    map.set(id, table.get(id));
  }
  for (let id = 3; id < 20_001; id += 2) {
    table.set(id, { id });
    map.set(id, table.get(id));
    const old = id - 60;
    if (old > 1) assert.strictEqual(table.delete(old), map.delete(old));
  }
  compare(table, map, [...ids, 19_939, 19_941, 19_999, 20_001, 3, 2 ** 31 - 1]);
});

test('holds many at once, and ids far apart that share a slot', () => {
  const table = new StreamTable();
  const map = new Map();
  const ids = [];
  for (let i = 0; i < 5000; i++) ids.push(1 + 2 * i);
  for (let i = 0; i < 50; i++) ids.push(1 + 4096 * 2 * (i + 10));
  for (const id of ids) {
    table.set(id, { id });
    map.set(id, table.get(id));
  }
  compare(table, map, ids);
  for (const id of ids.filter((_, i) => i % 3 === 0)) assert.strictEqual(table.delete(id), map.delete(id));
  compare(table, map, ids);
  assert.strictEqual(table.delete(ids[0]), false);
  table.clear();
  compare(table, new Map(), ids);
});

test('what values() gave may be closed on the way through', () => {
  const table = new StreamTable();
  for (const id of [5, 1, 3]) table.set(id, id);
  const seen = [];
  for (const id of table.values()) {
    seen.push(id);
    table.clear();
  }
  assert.deepStrictEqual(seen, [1, 3, 5]);
});
