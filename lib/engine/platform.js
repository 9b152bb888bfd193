'use strict';

// The names of the native binaries by platform, as @napi-rs/cli gives them: http2-rs.<name>.node and the package
// http2-rs-<name>.

const fs = require('node:fs');

const NAME = 'http2-rs';

// The platforms whose binary may load in this process, the likeliest first. Two C libraries are in use on Linux, and a
// binary for the wrong one fails to load.
function platforms() {
  const { platform, arch } = process;
  if (platform === 'linux') {
    const suffix = arch === 'arm' ? 'eabihf' : '';
    const kinds = [`linux-${arch}-gnu${suffix}`, `linux-${arch}-musl${suffix}`];
    return isMusl() ? kinds.reverse() : kinds;
  }
  if (platform === 'win32') return [`win32-${arch}-msvc`];
  if (platform === 'darwin') return [`darwin-${arch}`, 'darwin-universal'];
  return [`${platform}-${arch}`];
}

// musl's node does not name a glibc it runs on. (process.report would say so too, after a tour of the network's
// interfaces.)
function isMusl() {
  return fs.existsSync('/etc/alpine-release');
}

const fileName = (platform) => `${NAME}.${platform}.node`;
const packageName = (platform) => `${NAME}-${platform}`;

module.exports = { fileName, packageName, platforms };
