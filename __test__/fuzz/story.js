'use strict';

// One story: a client and a server, to whom things are done at random, between turns of the loop and from inside of listeners.
// What came of it is a plain object: what each operation threw, and how every session and stream ended up.

const { once } = require('node:events');
const { countEvents, judgeEnding } = require('../helpers/endings');
const kinds = require('./operations');
const Random = require('./random');

const phases = 4;
const most = 4;
const beginnings = ['request', 'requestPost'];
// Listeners in which something is done, or that throw.
const moments = {
  client: ['connect', 'remoteSettings', 'localSettings', 'goaway', 'close'],
  server: ['remoteSettings', 'goaway', 'close'],
  request: ['ready', 'response', 'data', 'end', 'finish', 'wantTrailers', 'aborted', 'close'],
  response: ['ready', 'data', 'end', 'finish', 'wantTrailers', 'aborted', 'close'],
};

class Story {
  // A calm story does nothing inside of listeners, where what comes first is partly up to the network.
  constructor(seed, http2, isCalm = false) {
    this.isCalm = isCalm;
    this.dice = new Random(seed);
    this.http2 = http2;
    this.objects = [];
    this.log = [];
    this.active = 0;
    this.onUncaught = (error) => {
      this.note(`uncaught ${error.code ?? error.message}`);
    };
  }

  note(text) {
    this.active += 1;
    this.log.push(text);
  }

  // Objects are named by kind and number, in the order in which they came to be.
  add(kind, it) {
    const number = this.objects.filter((object) => object.kind === kind).length;
    const object = { kind, name: `${kind} ${number}`, it, closed: 0, errors: [], dice: new Random(this.dice.below(2 ** 31) + number) };
    this.objects.push(object);
    if (kind === 'request' || kind === 'response') object.seen = countEvents(it);
    it.on('error', (error) => {
      this.active += 1;
      object.errors.push(error.code ?? error.message);
    });
    it.on('close', () => {
      this.active += 1;
      object.closed += 1;
    });
    for (const moment of moments[kind]) it.once(moment, () => this.meet(object, moment));
    return it;
  }

  addRequest(request) {
    this.add('request', request);
    if (this.dice.below(4) > 0) request.resume();
  }

  addPushed(pushed) {
    this.add('response', pushed);
  }

  // A moment has come. Whether something is done then was settled when the object came to be: it must not depend on in which
  // order those of different objects come.
  meet(object, moment) {
    this.active += 1;
    if (this.isCalm) return;
    const fate = object.dice.below(12);
    if (fate < 2) this.act(object, object.dice, { when: `on ${moment}: ` });
    if (fate === 2) throw new Error(`thrown on ${moment}`);
  }

  act(object, dice, { when = '', name = dice.pick(Object.keys(kinds[object.kind])) } = {}) {
    let outcome = 'ok';
    if (name.startsWith('destroy')) this.giveUp(object);
    try {
      kinds[object.kind][name](object.it, dice, this);
    } catch (error) {
      outcome = error.code ?? error.message;
    }
    this.note(`${when}${object.name}.${name} -> ${outcome}`);
  }

  // It will be destroyed; a session, with all of its streams.
  giveUp(object) {
    const isSession = object.kind === 'client' || object.kind === 'server';
    for (const each of isSession ? this.objects : [object]) if (each.closed === 0) each.isGivenUp = true;
  }

  // Until nothing has happened for some turns.
  async settle() {
    for (let quiet = 0; quiet < 8; quiet += 1) {
      const { active } = this;
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (active !== this.active) quiet = 0;
    }
  }

  async run() {
    process.on('uncaughtException', this.onUncaught);
    const server = this.http2.createServer();
    server.on('session', (session) => this.add('server', session));
    server.on('stream', (stream) => {
      if (stream.destroyed) return;
      this.add('response', stream);
      stream.resume();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = this.add('client', this.http2.connect(`http://127.0.0.1:${server.address().port}`));
    if (this.dice.below(3) > 0) await this.settle();
    const records = [];
    for (let phase = 0; phase < phases; phase += 1) {
      for (let left = 1 + this.dice.below(most); left > 0; left -= 1) {
        // Mostly requests first, so that there is something to be done to.
        if (phase === 0 && this.dice.below(5) > 0) this.act(this.objects[0], this.dice, { name: this.dice.pick(beginnings) });
        else this.act(this.dice.pick(this.objects), this.dice);
      }
      await this.settle();
      records.push(this.state());
    }
    // The end: whatever is left must go.
    this.giveUp(this.objects[0]);
    client.destroy();
    for (const { kind, it } of this.objects) if (kind === 'server') it.destroy();
    server.close();
    await this.settle();
    const faults = this.objects.flatMap(({ name, it, closed, seen, isGivenUp }) => {
      if (seen !== undefined) return judgeEnding(it, seen, isGivenUp).map((fault) => `${name}: ${fault}`);
      return closed === 1 ? [] : [`${name}: 'close' came ${closed} times`];
    });
    process.off('uncaughtException', this.onUncaught);
    return { log: this.log, records, faults };
  }

  state() {
    return Object.fromEntries(this.objects.map(({ kind, name, it, closed, errors }) => {
      const common = { closed: it.closed, destroyed: it.destroyed, closeEvents: closed, errors };
      if (kind === 'client' || kind === 'server') return [name, common];
      const { rstCode, aborted, headersSent, writableEnded, writableFinished, readableEnded, pending } = it;
      return [name, { ...common, rstCode, aborted, headersSent, writableEnded, writableFinished, readableEnded, pending }];
    }));
  }
}

module.exports = Story;
