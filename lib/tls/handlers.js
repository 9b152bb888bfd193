'use strict';

// What the engine tells of a handshake goes to whoever conducts it: an object under `kHandshake` on the socket, from the
// server's or the client's side, until the handshake is over.

const engine = require('../engine/tls');
const { handshakeError } = require('./errors');
const { kTls } = require('./socket');

const kHandshake = Symbol('http2-rs.handshake');

// RFC 8446 section 6.1: the peer ends, which is no error of its own even if it comes too early.
const CLOSE_NOTIFY = 0;

function onTlsError(socket, error) {
  if (error.alert === CLOSE_NOTIFY) socket[kHandshake]?.end();
  else socket.destroy(handshakeError(error, socket[kTls].isServer));
}

engine.setHandlers({
  onTlsHello: (socket, hello) => socket[kHandshake]?.hello(hello),
  onTlsHelloEnd: (socket) => socket[kHandshake]?.helloEnd(),
  onTlsSecure: (socket, info) => socket[kHandshake]?.secure(info),
  onTlsError,
  onTlsEnd: (socket) => socket[kHandshake]?.end(),
  onTlsKeylog: (socket, line) => socket[kHandshake]?.keylog(line),
});

module.exports = { kHandshake };
