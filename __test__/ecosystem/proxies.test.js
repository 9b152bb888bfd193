'use strict';

// Proxies that people put in front of it: nginx for gRPC, haproxy, nghttpx. The server behind them is this package; the
// client is this package or node:http2.

const fs = require('node:fs');
const path = require('node:path');
const { cleanup } = require('../helpers/cleanup');
const { temporaryDirectory } = require('../helpers/packages');
const { freePort, listening } = require('../helpers/ports');
const { start, testWith } = require('../helpers/tools');
const { createContext, NODE, OURS, runClient, startServer } = require('./parties');

const proxies = {
  nginx: {
    server: 'grpc-js',
    client: 'grpc-js',
    plaintext: true,
    args: ({ directory, front, back, keyFile, certFile }) => ['-p', directory, '-c', write(directory, 'nginx.conf', `
      daemon off;
      master_process off;
      pid ${directory}/nginx.pid;
      error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path ${directory}/bodies;
        grpc_buffer_size 64k;
        client_max_body_size 0;
        server {
          listen 127.0.0.1:${front} ssl http2;
          ssl_certificate ${certFile};
          ssl_certificate_key ${keyFile};
          location / { grpc_pass grpc://127.0.0.1:${back}; }
        }
      }
    `), '-e', 'stderr'],
  },
  haproxy: {
    // One that reads a body to its end before it answers: haproxy 2.6 loses its way, with any server, when both directions
    // of a stream are full.
    server: 'fastify',
    client: 'http2',
    plaintext: false,
    args: ({ directory, front, back, keyFile, certFile }) => ['-db', '-f', write(directory, 'haproxy.cfg', `
      defaults
        mode http
        timeout connect 60s
        timeout client 60s
        timeout server 60s
      frontend front
        bind 127.0.0.1:${front} ssl crt ${write(directory, 'both.pem', fs.readFileSync(certFile) + fs.readFileSync(keyFile))} alpn h2
        default_backend back
      backend back
        server one 127.0.0.1:${back} ssl verify none alpn h2
    `)],
  },
  nghttpx: {
    server: 'http2',
    client: 'http2',
    plaintext: true,
    args: ({ directory, front, back, keyFile, certFile }) => [
      `--frontend=127.0.0.1,${front}`, `--backend=127.0.0.1,${back};;proto=h2`, '--workers=1', '--no-ocsp',
      `--conf=${write(directory, 'nghttpx.conf', '')}`, keyFile, certFile,
    ],
  },
};

function write(directory, name, text) {
  const file = path.join(directory, name);
  // haproxy wants its last line ended.
  fs.writeFileSync(file, `${text.trimEnd()}\n`);
  return file;
}

async function startProxy(t, name, back, { key, cert }) {
  const directory = temporaryDirectory(t);
  const front = await freePort();
  const [keyFile, certFile] = [write(directory, 'key.pem', key), write(directory, 'cert.pem', cert)];
  const proxy = start(name, proxies[name].args({ directory, front, back, keyFile, certFile }));
  cleanup(t, () => {
    proxy.child.kill();
    return proxy.ended;
  });
  const ended = proxy.ended.then(({ stderr }) => { throw new Error(`${name} has ended:\n${stderr}`); });
  await Promise.race([listening(front), ended]);
  return { url: `https://localhost:${front}`, ended };
}

for (const [name, { server, client, plaintext }] of Object.entries(proxies)) {
  for (const implementation of [OURS, NODE]) {
    testWith(name, `${name} between this package and a client on ${implementation}`, async (t) => {
      const context = createContext(t);
      const behind = await startServer(t, server, OURS, { ...context, plaintext });
      const { url, ended } = await startProxy(t, name, behind.port, context);
      await Promise.race([runClient(t, client, implementation, { ...context, url }), ended]);
      await behind.stop();
    });
  }
}
