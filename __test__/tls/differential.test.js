'use strict';

// One script with rustls on the server's side, on the client's, on both and on neither, against node:http2 with itself: the
// same events in the same order, the same errors, and sockets that say the same.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const { createCertificate } = require('../helpers/certificate');
const { runChild } = require('../helpers/child');
const { ORACLE, SUBJECT } = require('../helpers/modules');

const TIMEOUT_MS = 120_000;
const directory = path.join(__dirname, 'scripts');

// Scripts in which node's TLS carries connections of that side, for the reasons in lib/tls/decide.js.
const NODES = {
  'ALPNCallback': 'server',
  'SNICallback': 'server',
  'another context at run time': 'server',
  'contexts that only OpenSSL can use': 'server',
  'names in capitals': 'client',
  'suites that only OpenSSL has': 'server',
};

const MODES = [
  { name: 'rustls serves', server: SUBJECT, client: ORACLE },
  { name: 'rustls connects', server: ORACLE, client: SUBJECT },
  { name: 'rustls on both sides', server: SUBJECT, client: SUBJECT },
  { name: 'node\'s TLS beneath', server: SUBJECT, client: SUBJECT, tls: 'node' },
];

function makeCertificates() {
  const root = createCertificate({ commonName: 'root', names: [] });
  const middle = createCertificate({ commonName: 'middle', names: [], issuer: root, authority: true });
  const leaf = createCertificate({ issuer: middle });
  const all = {
    ec: createCertificate(),
    rsa: createCertificate({ type: 'rsa' }),
    p384: createCertificate({ type: 'p384' }),
    commonName: createCertificate({ names: [] }),
    other: createCertificate({ commonName: 'other.example', names: ['other.example', '*.wild.example'] }),
    expired: createCertificate({ from: -3, to: -1 }),
    future: createCertificate({ from: 1, to: 3 }),
    client: createCertificate({ commonName: 'client', names: [], issuer: root }),
    root,
    middle,
    leaf,
    chain: { key: leaf.key, cert: leaf.cert + middle.cert },
    wholeChain: { key: leaf.key, cert: leaf.cert + middle.cert + root.cert },
  };
  return Object.fromEntries(Object.entries(all).map(([name, { key, cert }]) => [name, { key, cert }]));
}

let certificates;

before(() => {
  certificates = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-tls-')), 'certificates.json');
  fs.writeFileSync(certificates, JSON.stringify(makeCertificates()));
});

after(() => fs.rmSync(path.dirname(certificates), { recursive: true }));

async function play({ server, client, tls }, area) {
  const { report } = await runChild(path.join(__dirname, 'run-scripts.js'), [server, client, area, certificates],
    { timeout: TIMEOUT_MS, env: tls && { HTTP2_RS_TLS: tls } });
  return report;
}

for (const file of fs.readdirSync(directory).sort()) {
  const area = path.basename(file, '.js');
  const scripts = Object.keys(require(`./scripts/${area}`));
  describe(area, { timeout: 2 * TIMEOUT_MS }, () => {
    let expected;
    before(async () => { expected = await play({ server: ORACLE, client: ORACLE }, area); });
    for (const mode of MODES) {
      describe(mode.name, () => {
        let actual;
        before(async () => { actual = await play(mode, area); });
        for (const name of scripts) {
          it(name, () => {
            assert.deepEqual(actual[name].channels, expected[name].channels);
            const byNode = mode.tls === 'node' || (NODES[name] !== undefined && mode[NODES[name]] === SUBJECT);
            if (!byNode) assert.deepEqual(actual[name].transports.filter((transport) => transport !== 'tls'), []);
          });
        }
      });
    }
  });
}
