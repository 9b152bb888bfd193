'use strict';

const { spy } = require('../helpers/spy');

// What a script gets to work with. Logs are kept apart by channel and compared channel by channel: within one peer or
// one emitter the order is promised, between the two ends of a socket it is not.
class Context {
  constructor(http2) {
    this.http2 = http2;
    this.channels = {};
    // Scripts that wait for something to time out keep this short and the opposite long.
    this.moment = 15;
  }

  log(channel, ...items) {
    (this.channels[channel] ??= []).push(items.map(show).join(' '));
  }

  // Logs the emitter's events. `only` keeps these names, `without` drops some; `args` logs the arguments too.
  // Chunks of a body come in any number: 'data' and 'readable' are left out unless asked for in `only`.
  spy(emitter, channel, { only, without = ['data', 'readable'], args = false } = {}) {
    spy(emitter, (name, values) => {
      if (only ? !only.includes(name) : without.includes(name))
        return;
      if (name === 'error')
        this.log(channel, 'error', values[0]);
      else
        this.log(channel, name, ...(args ? values.filter(isPlain) : []));
    });
    return emitter;
  }

  // Logs events as a listener hears of them: for events that node emits from within others.
  hear(emitter, channel, names) {
    for (const name of names)
      emitter.on(name, (...values) => this.log(channel, name, ...values.filter(isPlain)));
    return emitter;
  }

  show(value) {
    return show(value);
  }

  // Logs what the function returns or throws.
  attempt(channel, label, action) {
    try {
      this.log(channel, label, '=>', action());
    } catch (error) {
      this.log(channel, label, '!!', error);
    }
  }

  // A cleartext server on a free port, a client session connected to it.
  async serve(options, onRequest) {
    const server = this.http2.createServer(options ?? {}, onRequest);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  connect(server, options) {
    return this.http2.connect(`http://127.0.0.1:${server.address().port}`, options);
  }

  once(emitter, name) {
    return new Promise((resolve) => emitter.once(name, (...values) => resolve(values)));
  }

  sleep(ms = this.moment) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  // The usual end of a script: the session, then its server, and both seen to close.
  async finish(client, server) {
    if (client && !client.destroyed) {
      const closed = this.once(client, 'close');
      client.close();
      await closed;
    }
    await new Promise((resolve) => server.close(resolve));
  }

  // One exchange, collected: { headers, trailers, body, info, pushes: the events in order }.
  async exchange(client, headers, { body, options, channel = 'client' } = {}) {
    const request = client.request(headers, options);
    request.on('headers', (info) => this.log(channel, 'headers', info));
    request.on('response', (response) => this.log(channel, 'response', response));
    request.on('trailers', (trailers) => this.log(channel, 'trailers', trailers));
    request.on('error', (error) => this.log(channel, 'error', error));
    request.on('aborted', () => this.log(channel, 'aborted'));
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => { text += chunk; });
    request.on('end', () => this.log(channel, 'body', text));
    if (body !== undefined)
      request.end(body);
    await this.once(request, 'close');
    this.log(channel, 'close', request.rstCode);
    return request;
  }
}

// Only values that read the same in both implementations: no streams, no sockets.
function isPlain(value) {
  return typeof value !== 'function' &&
    (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Error ||
     Buffer.isBuffer(value) || [null, Object.prototype].includes(Object.getPrototypeOf(value)));
}

// What differs from run to run.
const OWN_PORT = /\b127\.0\.0\.1:\d+/g;
const HTTP_DATE = /\b\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT\b/g;

function show(value) {
  if (typeof value === 'string')
    return value.replace(HTTP_DATE, '(date)').replace(OWN_PORT, '127.0.0.1:(port)');
  if (value instanceof Error)
    return `${value.name} [${value.code}] ${value.errno ?? ''}: ${value.message}`;
  if (Buffer.isBuffer(value))
    return `<${value.toString('hex')}>`;
  if (Array.isArray(value))
    return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null && ![null, Object.prototype].includes(Object.getPrototypeOf(value)))
    return `[${value.constructor.name}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.keys(value).map((key) => `${show(key)}: ${show(value[key])}`).join(', ')}}`;
  return String(value);
}

module.exports = { Context };
