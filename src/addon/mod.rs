//! The napi boundary.
