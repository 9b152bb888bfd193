'use strict';

// What the engine tells of a handshake goes to whoever conducts it: an object under `kHandshake` on the socket, from the
// server's or the client's side, until the handshake is over.

const engine = require('../engine/tls');
const { handshakeError } = require('./errors');

const kHandshake = Symbol('http2-rs.handshake');

engine.setHandlers({
  onTlsHello: (socket, hello) => socket[kHandshake]?.hello(hello),
  onTlsHelloEnd: (socket) => socket[kHandshake]?.helloEnd(),
  onTlsSecure: (socket, info) => socket[kHandshake]?.secure(info),
  onTlsError: (socket, error) => { socket.destroy(handshakeError(error)); },
  onTlsEnd: (socket) => socket[kHandshake]?.end(),
  onTlsKeylog: (socket, line) => socket[kHandshake]?.keylog(line),
});

module.exports = { kHandshake };
