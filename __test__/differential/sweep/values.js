'use strict';

// What programs pass by mistake, and the ends of what they may pass: each by the name that it has in a report.

function named() {}
class Custom {}

const ALL = {
  undefined,
  'null': null,
  'true': true,
  'false': false,
  '0': 0,
  '-0': -0,
  '1': 1,
  '-1': -1,
  '1.5': 1.5,
  NaN,
  Infinity,
  '-Infinity': -Infinity,
  '2 ** 31 - 1': 2 ** 31 - 1,
  '2 ** 31': 2 ** 31,
  '2 ** 32 - 1': 2 ** 32 - 1,
  '2 ** 32': 2 ** 32,
  '2 ** 53': 2 ** 53,
  '1n': 1n,
  "''": '',
  "'x'": 'x',
  "'1'": '1',
  'symbol': Symbol('s'),
  '[]': [],
  '[1]': [1],
  '{}': {},
  'function': named,
  'date': new Date(0),
  'custom': new Custom(),
  'buffer': Buffer.from('12345678'),
};

// One of each kind; HTTP2_RS_SWEEP=all has all of them.
const SOME = new Set([
  'undefined', 'null', 'true', '0', '-1', '1.5', 'NaN', '2 ** 32', '1n', "''", "'x'", 'symbol', '[]', '{}', 'function',
]);

const VALUES = process.env.HTTP2_RS_SWEEP === 'all' ? ALL :
  Object.fromEntries(Object.entries(ALL).filter(([name]) => SOME.has(name)));

// { name: { [option]: value } } for each value, and for an option that cannot be read or is not the object's own.
function optionObjects(option) {
  const objects = Object.entries(VALUES).map(([name, value]) => [name, { [option]: value }]);
  objects.push(['getter that throws', { get [option]() { throw new Error(`getter of ${option}`); } }]);
  objects.push(['inherited', Object.create({ [option]: 5 })]);
  return objects;
}

// node completes a list that it is given.
function fresh(value) {
  return Array.isArray(value) ? [...value] : value;
}

module.exports = { fresh, optionObjects, VALUES };
