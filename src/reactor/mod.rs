//! libuv: when sessions are flushed and their events dispatched.
