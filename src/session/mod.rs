//! One HTTP/2 connection: `h2` over wire over a transport.
