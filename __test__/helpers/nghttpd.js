'use strict';

// nghttpd, the server of nghttp2's tools, for the time of a test.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createCertificate } = require('./certificate');
const { cleanup } = require('./cleanup');
const { freePort, listening } = require('./ports');
const { start } = require('./tools');

/** An nghttpd with the files /index.html (13 bytes) and /large (2 MB), which sends back what is uploaded. */
async function startNghttpd(t, { secure = false, flags = [] } = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'http2-rs-'));
  fs.writeFileSync(path.join(directory, 'index.html'), '<p>hello</p>\n');
  fs.writeFileSync(path.join(directory, 'large'), Buffer.alloc(2_000_000, 'abcdefg'));
  const port = await freePort();
  const args = ['--address=127.0.0.1', `--htdocs=${directory}`, '--echo-upload', ...flags];
  const { key, cert } = secure ? createCertificate() : {};
  if (secure) {
    const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => path.join(directory, name));
    fs.writeFileSync(keyFile, key);
    fs.writeFileSync(certFile, cert);
    args.push(String(port), keyFile, certFile);
  } else {
    args.push('--no-tls', String(port));
  }
  const program = start('nghttpd', args);
  cleanup(t, async () => {
    program.child.kill();
    await program.ended;
    fs.rmSync(directory, { recursive: true });
  });
  await listening(port);
  return { program, port, cert, url: `${secure ? 'https' : 'http'}://localhost:${port}` };
}

module.exports = { startNghttpd };
