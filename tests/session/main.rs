//! Scripts for a session: a peer that writes its frames by hand, and two sessions that talk to each other.
//!
//! Layout: `support` has the peer, the pair and shorthands; every other file is about one behaviour; `random`,
//! `windows` and `hostile` make up their own scripts.

mod begun;
mod bodies;
mod closing;
mod connect;
mod exchange;
mod hostile;
mod limits;
mod push;
mod random;
mod resets;
mod settings;
mod support;
mod trailers;
mod unaided;
mod windows;
