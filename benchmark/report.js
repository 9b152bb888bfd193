'use strict';

const fs = require('node:fs');
const path = require('node:path');

function number(value, digits = 2) {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 100 ? 0 : digits);
}

function spread(ratio) {
  return `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})`;
}

const columns = ['work', 'req/s', 'node', 'ratio', 'CPU us/req', 'node', 'ratio', 'p50/p99 ms', 'node', 'RSS MiB', 'node'];

function cells({ title, ours, theirs, rate, cpu }) {
  const latency = (side) => `${number(side.p50)}/${number(side.p99)}`;
  const memory = (side) => side.memory ? number(side.memory / 1048576, 0) : '';
  return [
    title, number(ours.rate), number(theirs.rate), `${spread(rate)} x`, number(ours.cpu), number(theirs.cpu), spread(cpu),
    latency(ours), latency(theirs), memory(ours), memory(theirs)
  ];
}

function table(head, rows) {
  return [head, head.map((_, i) => i === 0 ? '---' : '---:'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function markdown({ about, lines, memory }) {
  const parts = [`# Benchmark\n\n${about}\n\nRatios are medians over the rounds, with the lowest and highest round in brackets.\n`];
  for (const heading of new Set(lines.map((line) => line.group))) {
    parts.push(`## ${heading}\n\n${table(columns, lines.filter((line) => line.group === heading).map(cells))}\n`);
  }
  if (memory.length) {
    const rows = memory.map(({ title, ours, theirs }) => [title, number(ours), number(theirs), number(ours / theirs)]);
    parts.push(`## Memory\n\n${table(['resident memory, KiB', 'http2-rs', 'node', 'ratio'], rows)}\n`);
  }
  return parts.join('\n');
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** A bar a line: how many times node's requests a second, with node's own rate as the mark at 1. */
function svg({ about, lines }) {
  const width = 860;
  const left = 400;
  const row = 26;
  const most = Math.max(4, ...lines.map((line) => line.rate.median));
  const scale = (width - left - 70) / most;
  const height = 60 + lines.length * row;
  const bars = lines.map((line, i) => {
    const y = 48 + i * row;
    const length = line.rate.median * scale;
    return `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escape(line.title)}</text>` +
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="18" rx="2" fill="#b7410e"/>` +
      `<text x="${(left + length + 6).toFixed(1)}" y="${y + 13}">${line.rate.median.toFixed(2)} x</text>`;
  });
  const one = left + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="20" font-size="14" font-weight="bold">Requests a second, times node:http2</text>
<text x="12" y="36" fill="#777">${escape(about)}</text>
${bars.join('\n')}
<line x1="${one}" x2="${one}" y1="42" y2="${height - 8}" stroke="#333" stroke-dasharray="3 3"/>
</svg>
`;
}

function write(directory, result) {
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, 'results.md'), markdown(result));
  fs.writeFileSync(path.join(directory, 'results.svg'), svg({ ...result, lines: result.lines.filter((line) => line.group === 'Work') }));
  fs.writeFileSync(path.join(directory, 'results.json'), JSON.stringify(result, null, 2) + '\n');
}

module.exports = { markdown, write, number, spread };
