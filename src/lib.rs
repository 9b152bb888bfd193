//! The engine of http2-rs: HTTP/2 for Node.js on `h2`.
//!
//! Layout, each module seeing only those before it:
//! [`wire`] turns bytes into frames and exact header lists and back, without I/O;
//! [`transport`] carries bytes to the peer; [`session`] is one HTTP/2 connection, `h2` over wire over transport;
//! `reactor` ties sessions to libuv's loop; `addon` is the only code that sees a JavaScript value.

pub mod session;
pub mod transport;
pub mod wire;

// Not in unit tests: they run without node, whose functions these call. __test__/engine tests them in node.
#[cfg(all(feature = "addon", not(test)))]
mod addon;
#[cfg(all(feature = "addon", not(test)))]
mod reactor;
