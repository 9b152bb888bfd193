'use strict';

// What a story can do to a session or a stream, legal or not. Each takes the object and its own dice: what it does depends on
// nothing else.

const piece = (dice) => 'x'.repeat(dice.pick([0, 1, 100, 20_000]));
const ignore = () => {};
const failure = () => new Error('on purpose');

const session = {
  close: (it) => it.close(),
  destroy: (it) => it.destroy(),
  destroyWithError: (it) => it.destroy(failure()),
  destroyWithCode: (it, dice) => it.destroy(dice.pick([0, 2, 8])),
  ping: (it) => it.ping(ignore),
  pingOdd: (it, dice) => it.ping(dice.pick([Buffer.alloc(7), 'x', null]), ignore),
  settings: (it, dice) => it.settings({ initialWindowSize: dice.pick([0, 1000, 100_000]) }),
  settingsOdd: (it, dice) => it.settings(dice.pick([{ initialWindowSize: -1 }, { enablePush: 1 }, null, 5, { maxFrameSize: 1 }])),
  goaway: (it, dice) => it.goaway(dice.pick([0, 2])),
  goawayOdd: (it, dice) => it.goaway(dice.pick(['0', null]), dice.pick([0, 'x'])),
  window: (it, dice) => it.setLocalWindowSize(dice.pick([100_000, 2 ** 20])),
  windowOdd: (it, dice) => it.setLocalWindowSize(dice.pick([-1, 'x', 2 ** 31])),
  nextStream: (it, dice) => it.setNextStreamID(dice.pick([99, 100])),
  nextStreamOdd: (it, dice) => it.setNextStreamID(dice.pick([0, -1, 2 ** 32, 'x'])),
  timeout: (it) => it.setTimeout(100_000),
  ref: (it) => it.ref(),
};

const client = {
  ...session,
  request: (it, dice, story) => story.addRequest(it.request({ ':path': '/' }, { endStream: dice.below(2) === 0 })),
  requestAgain: (it, dice, story) => client.request(it, dice, story),
  requestPost: (it, dice, story) => story.addRequest(
    it.request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: dice.below(2) === 0 })),
  requestOdd: (it, dice, story) => story.addRequest(it.request(
    dice.pick([{ ':status': 1 }, { connection: 'close' }, { ':method': 'CONNECT' }, { ':unknown': 'x' }, { host: ['a', 'b'] }]))),
};

const server = {
  ...session,
  altsvc: (it, dice) => it.altsvc('h2=":8000"', dice.pick(['http://example.org', 1])),
  altsvcOdd: (it, dice) => it.altsvc(dice.pick(['\u2713', 1, '']), dice.pick([0, 'x', {}])),
  origin: (it, dice) => it.origin(dice.pick(['https://example.org', 'x', {}])),
};

const stream = {
  write: (it, dice) => it.write(piece(dice)),
  writeOdd: (it, dice) => it.write(dice.pick([null, 5, {}])),
  end: (it) => it.end(),
  endWith: (it, dice) => it.end(piece(dice)),
  close: (it, dice) => it.close(dice.pick([0, 2, 8])),
  closeOdd: (it, dice) => it.close(dice.pick([-1, 'x', 2 ** 32]), dice.pick([undefined, 5])),
  destroy: (it) => it.destroy(),
  destroyWithError: (it) => it.destroy(failure()),
  pause: (it) => it.pause(),
  resume: (it) => it.resume(),
  cork: (it) => it.cork(),
  uncork: (it) => it.uncork(),
  sendTrailers: (it) => it.sendTrailers({ a: 'b' }),
  sendTrailersOdd: (it, dice) => it.sendTrailers(dice.pick([{ ':status': 200 }, null, 5])),
  timeout: (it) => it.setTimeout(100_000),
  priority: (it) => it.priority({ weight: 5 }),
};

const response = {
  ...stream,
  respond: (it) => it.respond({ ':status': 200 }),
  respondAgain: (it) => it.respond({ ':status': 200 }),
  respondAndEnd: (it) => it.respond({ ':status': 204 }, { endStream: true }),
  respondThenTrailers: (it) => it.respond({ ':status': 200 }, { waitForTrailers: true }),
  respondOdd: (it, dice) => it.respond(dice.pick([{ ':status': 99 }, { ':status': 'x' }, { ':path': '/' }, { connection: 'x' }, 5])),
  headers: (it, dice) => it.additionalHeaders({ ':status': dice.pick([103, 101, 200]) }),
  file: (it) => it.respondWithFile(__filename),
  fileOdd: (it, dice) => it.respondWithFile(
    dice.pick(['/no/such/file', __dirname]), undefined, dice.pick([undefined, { onError: ignore }])),
  push: (it, dice, story) => it.pushStream({ ':path': '/pushed' }, (error, pushed) => {
    if (error) story.note(`push ${error.code}`);
    else story.addPushed(pushed);
  }),
  pushOdd: (it, dice) => it.pushStream(dice.pick([{ ':status': 1 }, 5]), dice.pick([undefined, ignore])),
};

const kinds = { client, server, request: stream, response };

module.exports = kinds;
