//! How bytes reach the peer.
