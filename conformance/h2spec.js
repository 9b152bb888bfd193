'use strict';

// h2spec (https://github.com/summerwind/h2spec) on this package's server, and its h2specd on this package's client.
//
//   npm run h2spec                        the server, over plaintext and over TLS: 147 of 147 have to pass
//   npm run h2spec -- --client            the client: at least 56 of 57
//
// The programs are looked for in PATH, or where H2SPEC and H2SPECD say. What they check is also in __test__/protocol/,
// which needs neither of them.
//
// One of the cases, 6.7.2, contradicts node:http2: a PING acknowledgement that nobody asked for is to be ignored there, but
// ends a session of node's. The server that is checked has the option `ignoreUnsolicitedPingAcks` for it; without, one
// case fewer passes.

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const http2 = require('..');
const { createCertificate } = require('../__test__/helpers/certificate');

const SERVER_CASES = 147;
const CLIENT_CASES = 57;
const CLIENT_PASSES = 56;
const PER_CASE_SECONDS = 2;

function program(variable, name) {
  const found = process.env[variable] ?? name;
  if (spawnSync(found, ['--help']).error === undefined) return found;
  process.stderr.write(`${name} is neither in PATH nor where ${variable} says it is.\n`);
  process.exit(2);
}

const ignore = () => {};

// Answers once the request is complete, so that its faults are found first.
function onStream(stream) {
  stream.on('error', ignore);
  stream.resume();
  stream.on('end', () => {
    if (stream.destroyed) return;
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    stream.end('hello world');
  });
}

async function checkServer(secure) {
  const options = {
    ...(secure ? createCertificate() : {}),
    // Without a limit there is nothing to exceed.
    settings: { maxConcurrentStreams: 100 },
    ignoreUnsolicitedPingAcks: true,
  };
  const server = secure ? http2.createSecureServer(options) : http2.createServer(options);
  server.on('stream', onStream).on('sessionError', ignore).on('tlsClientError', ignore);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const args = ['--strict', '--host', '127.0.0.1', '--port', String(server.address().port), '--timeout', String(PER_CASE_SECONDS)];
  if (secure) args.push('--tls', '--insecure');
  const child = spawn(program('H2SPEC', 'h2spec'), args);
  const output = await outputOf(child);
  server.close();
  return judge(`server, ${secure ? 'TLS' : 'plaintext'}`, output, SERVER_CASES, SERVER_CASES);
}

async function outputOf(child) {
  let output = '';
  child.stdout.on('data', (chunk) => { output += chunk; });
  child.stderr.on('data', (chunk) => { output += chunk; });
  await once(child, 'close');
  return output;
}

function judge(what, output, cases, wanted) {
  const [, total, passed] = /(\d+) tests, (\d+) passed/.exec(output) ?? [];
  const fine = Number(total) === cases && Number(passed) >= wanted;
  if (!fine) process.stdout.write(output);
  process.stdout.write(`${what}: ${passed ?? 'none'} of ${cases} passed\n`);
  return fine;
}

// h2specd listens on a port for each case, and starts a program that is to make a request to it.
async function checkClient() {
  const child = spawn(program('H2SPECD', 'h2specd'), [
    '--host', '127.0.0.1', '--timeout', String(PER_CASE_SECONDS), '--exec', `${process.execPath} ${__filename} --request`,
  ]);
  return judge('client', await outputOf(child), CLIENT_CASES, CLIENT_PASSES);
}

// One request, as h2specd wants it: the URL comes last.
function request(url) {
  const { origin, pathname } = new URL(url);
  const client = http2.connect(origin, { rejectUnauthorized: false, ignoreUnsolicitedPingAcks: true });
  client.on('error', ignore);
  const stream = client.request({ ':path': pathname });
  stream.on('error', ignore).on('close', () => client.close()).resume();
}

async function main() {
  const words = process.argv.slice(2);
  if (words[0] === '--request') return request(words.at(-1));
  const fine = words.includes('--client')
    ? [await checkClient()]
    : [await checkServer(false), await checkServer(true)];
  process.exitCode = fine.every(Boolean) ? 0 : 1;
}

main();
