'use strict';

async function pair(t, serverOptions, clientOptions) {
  const server = await t.serve(serverOptions);
  const sessions = new Promise((resolve) => server.once('session', resolve));
  const client = t.connect(server, clientOptions);
  const first = t.once(client, 'remoteSettings');
  const accepted = await sessions;
  await Promise.all([first, t.once(accepted, 'remoteSettings')]);
  return { server, client, accepted };
}

module.exports = {
  'both sides know their own and the other\'s': async (t) => {
    const { server, client, accepted } = await pair(t,
      { settings: { maxConcurrentStreams: 5, initialWindowSize: 70000 } },
      { settings: { enablePush: false, maxHeaderListSize: 10000 } });
    await t.sleep();
    t.log('client local', client.localSettings);
    t.log('client remote', client.remoteSettings);
    t.log('server local', accepted.localSettings);
    t.log('server remote', accepted.remoteSettings);
    t.log('pending', client.pendingSettingsAck, accepted.pendingSettingsAck);
    await t.finish(client, server);
  },

  'settings() again': async (t) => {
    const { server, client, accepted } = await pair(t);
    accepted.on('remoteSettings', (settings) => t.log('server', 'remoteSettings', settings));
    client.on('localSettings', (settings) => t.log('client', 'localSettings', settings));
    await new Promise((resolve) => {
      t.log('client', client.settings({ initialWindowSize: 100000, enablePush: false }, (error, settings, duration) => {
        t.log('client', 'callback', error, settings, typeof duration);
        resolve();
      }));
      t.log('client', client.pendingSettingsAck);
    });
    await t.sleep();
    await t.finish(client, server);
  },

  'settings() that cannot be': async (t) => {
    const { server, client } = await pair(t);
    for (const [label, ...args] of [
      ['null', null], ['text', 'x'], ['array', []], ['number', 5], ['range', { maxFrameSize: 1 }], ['type', { enablePush: 1 }],
      ['window', { initialWindowSize: 2 ** 31 }], ['callback', {}, 'x'], ['custom', { customSettings: 5 }],
    ]) t.attempt('client', label, () => client.settings(...args));
    await t.sleep();
    await t.finish(client, server);
  },

  'a session that is gone': async (t) => {
    const { server, client } = await pair(t);
    client.destroy();
    t.attempt('client', 'settings', () => client.settings({}));
    t.attempt('client', 'localSettings', () => Object.keys(client.localSettings));
    t.attempt('client', 'pending', () => client.pendingSettingsAck);
    await t.finish(undefined, server);
  },

  'more outstanding settings than allowed': async (t) => {
    const { server, client } = await pair(t, {}, { maxOutstandingSettings: 2 });
    client.on('error', (error) => t.log('client', 'error', error));
    for (let i = 0; i < 4; i++) {
      const acked = (error) => t.log('client', `ack ${i}`, error);
      t.attempt('client', `settings ${i}`, () => client.settings({ initialWindowSize: 70000 + i }, acked));
    }
    await t.sleep(3 * t.moment);
    await t.finish(client, server);
  },

  'custom settings': async (t) => {
    const { server, client, accepted } = await pair(t,
      { settings: { customSettings: { 1000: 1, 1001: 2 } }, remoteCustomSettings: [2000] },
      { settings: { customSettings: { 2000: 5, 2001: 6 } }, remoteCustomSettings: [1001] });
    await t.sleep();
    for (const [label, settings] of Object.entries({
      'client local': client.localSettings, 'client remote': client.remoteSettings,
      'server local': accepted.localSettings, 'server remote': accepted.remoteSettings,
    })) t.log(label, settings.customSettings);
    await t.finish(client, server);
  },

  'enablePush and enableConnectProtocol reach the peer': async (t) => {
    const { server, client, accepted } = await pair(t, { settings: { enableConnectProtocol: true } }, { settings: { enablePush: false } });
    t.log('client', client.remoteSettings.enableConnectProtocol);
    t.log('server', accepted.remoteSettings.enablePush);
    await t.finish(client, server);
  },

  'a lower limit for header lists is for requests to come': async (t) => {
    const { server, client } = await pair(t);
    let answer;
    server.on('stream', (stream) => {
      stream.on('error', (error) => t.log('server', 'error', error));
      answer = () => {
        stream.respond({ 'x-long': 'x'.repeat(100) });
        stream.end();
      };
      if (stream.id > 1) answer();
    });
    const first = t.exchange(client, {}, { channel: 'first' });
    await t.once(server, 'stream');
    await new Promise((resolve) => client.settings({ maxHeaderListSize: 100 }, resolve));
    answer();
    await first;
    await t.exchange(client, {}, { channel: 'second' });
    await t.finish(client, server);
  },

  'each frame of SETTINGS is told with its own values': async (t) => {
    const server = await t.serve({ settings: { maxConcurrentStreams: 9 } });
    server.on('session', (session) => {
      session.settings({ maxConcurrentStreams: 1 });
      session.settings({ maxConcurrentStreams: 2 });
      session.on('localSettings', (settings) => t.log('server', settings.maxConcurrentStreams));
    });
    const client = t.connect(server);
    client.on('remoteSettings', (settings) => t.log('client', settings.maxConcurrentStreams, client.remoteSettings.maxConcurrentStreams));
    await t.sleep(5 * t.moment);
    await t.finish(client, server);
  },
};
