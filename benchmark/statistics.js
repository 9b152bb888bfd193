'use strict';

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Medians of each figure of the rounds of one implementation. */
function summary(rounds) {
  return Object.fromEntries(Object.keys(rounds[0]).map((key) => [key, median(rounds.map((round) => round[key]))]));
}

/** Ratios are taken round by round, between neighbours in time, so that a slow spell of the machine hits both sides. */
function ratios(ours, theirs, key) {
  const values = ours.map((round, i) => round[key] / theirs[i][key]);
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

module.exports = { median, summary, ratios };
