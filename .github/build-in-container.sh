#!/bin/sh
# Builds and tests the binary in a container of node's images for Debian (glibc) or Alpine (musl), as root, with the
# repository as the working directory. An old Debian, since a binary runs on no older glibc than it was built with.
set -eu

if command -v apk > /dev/null; then
  apk add --no-cache bash build-base curl git linux-headers openssl
fi
curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain "$RUST_VERSION"
. "$HOME/.cargo/env"

node scripts/setup.js --release
node scripts/test.js engine register package teardown differential
