//! TLS connections as JavaScript has them: before, under and after a session.
//!
//! ```text
//!            peek            start                 attach                 destroy (of the session)
//!   Idle ──────────> Peeking ──────> Shaking ──> Secure ──────> Lent ──────────────────> Released ──> Over
//!     └────────────────────────────────^                 (the session has TLS and socket)
//! ```
//!
//! A connection has a key among those of sessions. Its socket is watched by the same reactor, and its events are told in the
//! same batches; but a handshake is gone on with as soon as libuv says that it can be, since nobody else has a part in it.
//!
//! Layout: [`connection`] is the above; [`natives`] is what lib/engine/tls.js calls; [`describe`] is how things look there.

pub mod connection;
mod describe;
pub mod natives;

pub use connection::Connection;
pub use describe::failure;
