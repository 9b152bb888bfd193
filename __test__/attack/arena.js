'use strict';

// Where attacks take place: an endpoint of ours with a bystander on it, and a look afterwards at what the attack has left.

const assert = require('node:assert');
const diagnostics = require('node:diagnostics_channel');
const { test } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { cleanup } = require('../helpers/cleanup');
const { collect, connect, exchange, listen } = require('../helpers/endpoints');
const { code, flag, headers, request, response, type } = require('../helpers/frames');
const { describe, untilFlat } = require('../helpers/growth');
const http2 = require('../helpers/implementation');
const { rawClient, rawServer } = require('../helpers/raw-peer');

const BYSTANDER = { ':path': '/bystander' };

/** The limits that sessions of ours have told of since; {limit, streamId} each. */
function watchLimits(t) {
  const told = [];
  const listener = ({ limit, streamId }) => told.push({ limit, streamId });
  diagnostics.subscribe('http2-rs.limit', listener);
  t.after(() => diagnostics.unsubscribe('http2-rs.limit', listener));
  return told;
}

/** Sockets that are open, of this process. */
const openSockets = () => process.getActiveResourcesInfo().filter((name) => /TCP|Pipe/.test(name)).length;

async function settlesAt(expected) {
  for (let turn = 0; turn < 2000 && openSockets() > expected; turn++) await delay(10);
  assert.ok(openSockets() <= expected, 'handles are left');
}

// Over TLS memory is measured by secure.test.js only, unless told otherwise: what a flood leaves behind lies above TLS.
async function leavesNothing(attack, { measured }) {
  await attack();
  const sockets = openSockets();
  if (!measured) {
    await attack();
    return settlesAt(sockets);
  }
  const memory = await untilFlat(attack, { most: 12 });
  await settlesAt(sockets);
  assert.ok(memory.flat, `every attack leaves something: ${describe(memory)}`);
}

const transports = { plaintext: false, TLS: true };

/** Tests an attack over plaintext and over TLS: `run` is one of the two below, or takes (t, {secure}). */
function overBoth(name, run, options) {
  for (const [transport, secure] of Object.entries(transports)) {
    test(`${name}, ${transport}`, (t) => run(t, { ...options, secure }));
  }
}

/**
 * A client that sends what it should not. Each time, the bystander's session goes on as if nothing were, and so does the
 * server.
 *
 * @param {object} t the test's context
 * @param {object} options
 *   attack(peer)      what it does
 *   judge(outcome)    {peer, error, limits, streams, secure}: how it went for the attacker, when its session is over or `until` is
 *   survives          the attacker's session is not ended by that
 *   server, peer      options of either; onStream: what the application does
 *   secure            over TLS; measured: whether rounds of it are to leave no memory behind
 */
async function againstServer(t, options) {
  const { attack, judge, survives = false, server = {}, peer: peerOptions = {}, onStream = answer, secure, measured = !secure } = options;
  const limits = watchLimits(t);
  const errors = [];
  const streams = [];
  let attacked = false;
  const endpoint = await listen(t, {
    secure,
    ...server,
    onStream(stream, requested) {
      stream.on('error', () => {});
      if (requested[':path'] === BYSTANDER[':path']) {
        answer(stream, requested);
        return;
      }
      streams.push(stream);
      onStream(stream, requested);
    },
  });
  endpoint.server.on('sessionError', (error) => errors.push(error));
  const bystander = await connect(t, endpoint);
  const request = () => exchange(bystander, BYSTANDER);
  bystander.on('close', () => assert.ok(!attacked, 'the bystander keeps its session'));
  await request();
  attacked = true;
  cleanup(t, () => { attacked = false; });
  await leavesNothing(async () => {
    limits.length = errors.length = streams.length = 0;
    const peer = await rawClient(t, endpoint, peerOptions);
    await attack(peer);
    if (!survives) {
      await peer.close();
      // The peer may have heard of it first.
      await onlyTheBystander(endpoint);
    }
    await judge?.({ peer, secure, error: errors[0], limits: [...limits], streams: [...streams] });
    assert.strictEqual((await request()).body.toString(), 'answer');
    peer.leave();
    await onlyTheBystander(endpoint);
    streams.length = 0;
  }, { measured });
  const newcomer = await connect(t, endpoint);
  assert.strictEqual((await exchange(newcomer, BYSTANDER)).body.toString(), 'answer');
  attacked = false;
}

async function onlyTheBystander({ sessions }) {
  for (let turn = 0; turn < 1000 && sessions.size > 1; turn++) await delay(5);
  assert.strictEqual(sessions.size, 1, "only the bystander's session is left");
}

function answer(stream) {
  stream.resume();
  stream.respond({ ':status': 200 });
  stream.end('answer');
}

/**
 * A server that sends what it should not, once a request of ours is there. A client of another server notices nothing.
 *
 * @param {object} options
 *   attack(peer, id)  what it does; the request is on stream `id`
 *   judge(outcome)    {error, requestError, limits, client, peer, secure}, when the session is closed
 *   survives          the session is not ended by that
 *   secure            over TLS; measured: whether rounds of it are to leave no memory behind
 */
async function againstClient(t, { attack, judge, survives = false, client: options = {}, secure, measured = !secure }) {
  const limits = watchLimits(t);
  const bystanders = await listen(t, { secure, onStream: answer });
  const bystander = await connect(t, bystanders);
  let accept;
  const server = await rawServer(t, (peer) => accept(peer), { secure });
  await leavesNothing(async () => {
    limits.length = 0;
    const peers = new Promise((resolve) => { accept = resolve; });
    const client = http2.connect(server.url, { ...server.options, ...options });
    const outcome = { client, error: undefined, requestError: undefined };
    client.on('error', (error) => { outcome.error = error; });
    const request = client.request({ ':path': '/' });
    request.on('error', (error) => { outcome.requestError = error; });
    request.resume();
    // events.once() would reject with the error that is expected here.
    const over = new Promise((resolve) => client.on('close', resolve));
    const peer = await peers;
    const head = await peer.frame((each) => each.type === type.HEADERS);
    const attacking = attack(peer, head?.stream ?? 1);
    if (survives) await attacking;
    else await over;
    await judge?.({ ...outcome, secure, request, peer, limits: [...limits] });
    assert.strictEqual((await exchange(bystander, BYSTANDER)).body.toString(), 'answer');
    if (!client.destroyed) client.destroy();
    await over;
    peer.leave();
    await attacking;
  }, { measured });
}

/** So many of what `make(index)` makes, as one Buffer. */
const many = (count, make) => Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));

/** The client's stream ids: 1, 3, 5, ... */
const idOf = (index) => 2 * index + 1;

/** The session ended for this limit, with this of node's errors, and the peer was told to calm down. */
function endedFor(limit, errno, name = 'ERR_HTTP2_ERROR') {
  return async ({ peer, error, limits }) => {
    assert.deepStrictEqual(limits.at(-1), { limit, streamId: 0 });
    assert.ok(error, 'an error was told');
    assert.deepStrictEqual([error.code, error.errno, error.limit], [name, errno, limit]);
    assert.strictEqual(await peer.goawayCode(), code.ENHANCE_YOUR_CALM);
  };
}

module.exports = {
  againstClient, againstServer, answer, collect, endedFor, flag, headers, idOf, many, overBoth, request, response, watchLimits,
};
