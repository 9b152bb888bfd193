//! Frames, HPACK, exact header lists, ledgers and limits: bytes in, bytes and events out.

pub mod field;
