'use strict';

// What the samples of a soak say.

const mebibyte = 1024 * 1024;

// What is begun only once (code that is compiled, buffers that are kept, heaps that find their size) is over after this part.
const warmUp = 1 / 3;
// A trend cannot be told from noise in fewer samples, or in less time.
const fewestSamples = 30;
const shortest = 120;
// A heap of V8's grows and shrinks by some such amount for no reason of ours.
const noise = 12 * mebibyte;

/** The line through points: {slope, deviation}, the latter of the points from it. */
function fit(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([at]) => at));
  const y = mean(points.map(([, value]) => value));
  const slope = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) /
    points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  const deviation = Math.sqrt(mean(points.map(([at, value]) => (value - y - slope * (at - x)) ** 2)));
  return { slope, deviation };
}

/** How memory went after the warm-up: what it grew by along the line, and what it may. */
function trend(series, side) {
  const points = series.slice(Math.floor(series.length * warmUp)).map((sample) => [sample.seconds, sample[side].rss]);
  if (points.length < fewestSamples || points.at(-1)[0] - points[0][0] < shortest) return undefined;
  const { slope, deviation } = fit(points);
  const span = points.at(-1)[0] - points[0][0];
  return { first: points[0][1], last: points.at(-1)[1], grew: slope * span, deviation, allowed: Math.max(noise, 2 * deviation) };
}

function judge({ node, seconds, idle, series, last }) {
  const { client, server } = last;
  const wrong = [...client.faults, ...server.faults];
  const expect = (condition, text) => { if (!condition) wrong.push(text); };
  expect(client.sent > 0, 'nothing was sent');
  expect(client.sent === client.answered + client.failed,
    `of ${client.sent} requests ${client.answered} were answered and ${client.failed} failed`);
  expect(client.connections === client.connectionsClosed, `${client.connections - client.connectionsClosed} connections never closed`);
  expect(server.sessions === server.sessionsClosed, `${server.sessions - server.sessionsClosed} sessions of the server never closed`);
  expect(server.streams === server.streamsClosed, `${server.streams - server.streamsClosed} streams of the server never closed`);
  expect(server.bodiesBroken === 0, `${server.bodiesBroken} uploads arrived broken`);
  expect(server.descriptors === idle.server.descriptors,
    `the server has ${server.descriptors} descriptors open, and had ${idle.server.descriptors}`);
  const memory = {};
  for (const side of ['server', 'client']) {
    memory[side] = trend(series, side);
    const { grew, allowed } = memory[side] ?? {};
    expect(!(grew > allowed), `the resident memory of the ${side} grew by ${show(grew)}`);
  }
  return { node, seconds, wrong, memory, idle, last };
}

const show = (octets) => `${(octets / mebibyte).toFixed(1)} MiB`;

function print({ node, seconds, wrong, memory, idle, last: { client, server } }, out) {
  const say = (text = '') => process.stdout.write(`${text}\n`);
  say(`${(seconds / 60).toFixed(1)} minutes on Node ${node}`);
  say(`requests      ${client.sent} sent = ${client.answered} answered + ${client.failed} failed; ${client.pushes} pushes`);
  const reasons = Object.entries(client.reasons).sort(([, a], [, b]) => b - a);
  for (const [reason, count] of reasons) say(`              ${count} ${reason}`);
  say(`received      ${(client.octets / mebibyte).toFixed(0)} MiB`);
  say(`connections   ${client.connections}, ${client.connectionsClosed} closed`);
  say(`sessions      of the server ${server.sessions}, ${server.sessionsClosed} closed`);
  say(`streams       of the server ${server.streams}, ${server.streamsClosed} closed`);
  say(`descriptors   of the server ${idle.server.descriptors} before, ${server.descriptors} after`);
  for (const [side, line] of Object.entries(memory)) {
    say(`memory        ${side}: ${line
      ? `${show(line.first)} after the warm-up, ${show(line.last)} at the end; ` +
        `the trend is ${show(line.grew)}, the deviation ${show(line.deviation)}`
      : 'the run was too short to say'}`);
  }
  say(`plotted by    ${out}/soak.csv`);
  for (const text of wrong) say(`WRONG: ${text}`);
  say(wrong.length > 0 ? 'The soak failed.' : 'The soak passed.');
}

const columns = ['rss', 'heapUsed', 'external', 'descriptors', 'handles'];

function toCsv(series) {
  const of = ['server', 'client'].flatMap((side) => columns.map((name) => `${side} ${name}`));
  const rows = series.map(({ seconds, server, client }) => [
    seconds.toFixed(1), client.sent, client.answered, client.failed,
    ...[server, client].flatMap((sample) => columns.map((name) => sample[name])),
  ]);
  return [['seconds', 'sent', 'answered', 'failed', ...of], ...rows].map((row) => `${row.join(',')}\n`).join('');
}

module.exports = { judge, print, toCsv };
