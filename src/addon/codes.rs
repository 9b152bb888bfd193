//! The records of a batch: their codes and their fields, which lib/engine/dispatch.js reads. The codes are exported to it.
//!
//! A batch is a list of 32 bit integers. A record is a code and the integers after it, in the order given here. *(string)*
//! stands for no integer: a string is the next of the batch's string arguments. *(fields)* is a count and that many fields
//! (see [`field`]). Numbers that may reach 2^31 and more are to be read as unsigned.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: i32 = $value;)*

        /// Every code with its name.
        pub const ALL: &[(&std::ffi::CStr, i32)] = &[
            $((
                match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => c"",
                },
                $name,
            )),*
        ];
    };
}

codes! {
    /// `key`: the records that follow are of this session.
    SESSION = 1;
    /// `(fields)`: the first part of a list too long for one record; the next record that has fields has the rest.
    FIELDS = 2;
    /// `stream category endStream (fields)`
    HEADERS = 3;
    /// `parent promised (fields)`
    PUSH_PROMISE = 4;
    /// `stream offset length`: a small piece of a body, to be copied out of the batch's octets.
    DATA = 5;
    /// `stream`: a piece of a body, which is the batch's next value.
    DATA_BUFFER = 6;
    /// `stream`
    END = 7;
    /// `stream status`
    WRITTEN = 8;
    /// `stream status`
    SHUTDOWN = 9;
    /// `stream`
    WANT_TRAILERS = 10;
    /// `stream code`
    STREAM_CLOSE = 11;
    /// `stream type code`
    FRAME_ERROR = 12;
    /// `stream parent weight exclusive`
    PRIORITY = 13;
    SETTINGS = 14;
    SETTINGS_ACK = 15;
    /// `offset`: 8 octets of the batch's.
    PING = 16;
    /// `offset high low`: the payload, and how long it took, in nanoseconds of 64 bits.
    PING_ACK = 17;
    /// `code lastStream offset length`. Of long data the offset is -1: it is the batch's next value.
    GOAWAY = 18;
    /// `stream (string) (string)`: value and origin.
    ALTSVC = 19;
    /// `count (string)...`
    ORIGIN = 20;
    /// `error custom [(string)]`: nghttp2's number; if `custom` is 1, the name of the code to give instead.
    SESSION_ERROR = 21;
    SESSION_DONE = 22;
    /// `offset length`: a small buffer to write to the session's stream.
    OUTPUT = 23;
    /// The batch's next value is to be written as it is.
    OUTPUT_BUFFER = 24;
    /// The session takes input again.
    RESUME = 25;
    /// The peer ended a socket that was taken over.
    SOCKET_END = 26;
    /// `errno writing`: a socket that was taken over broke, with libuv's error number.
    SOCKET_ERROR = 27;
    /// All output is with the kernel, as was asked for.
    SOCKET_DRAINED = 28;
    /// `event (value)`: see [`tls`]. The `(value)` is the batch's next.
    TLS = 29;
    /// `stream (string)`: the peer ran into the limit of that name, at the cost of the stream or, with 0, of the session.
    LIMIT = 30;
    /// `read result`: so many octets of a file were read and written to their stream, none if it has ended, or an error's
    /// negative number. Of no session.
    FILE_READ = 31;
}

/// What happens to a TLS connection, and what the value is.
pub mod tls {
    use std::ffi::CStr;

    /// What the client offers, or null if it speaks something else.
    pub const HELLO: i32 = 0;
    /// The client ended before it had offered anything.
    pub const HELLO_END: i32 = 1;
    /// The handshake is done: what was agreed on.
    pub const SECURE: i32 = 2;
    /// TLS has failed, and how.
    pub const FAILED: i32 = 3;
    /// The peer ended before the handshake.
    pub const END: i32 = 4;
    /// A line for an `SSLKEYLOGFILE`.
    pub const KEY_LINE: i32 = 5;

    pub const ALL: &[(&CStr, i32)] = &[
        (c"HELLO", HELLO),
        (c"HELLO_END", HELLO_END),
        (c"SECURE", SECURE),
        (c"FAILED", FAILED),
        (c"END", END),
        (c"KEY_LINE", KEY_LINE),
    ];
}

/// How a field of a header list is written: `argument << 2 | kind`. The kinds are exported, too.
///
/// | kind | argument | then |
/// |---|---|---|
/// | `INDEXED` | the field's id in the mirror | |
/// | `LITERAL` | the name's number, or 0 | name (string) if 0, value (string) |
/// | `SENSITIVE` | the same | the same |
/// | `ADDED` | the same | an integer: the id to store it under; then the same |
pub mod field {
    use std::ffi::CStr;

    pub const INDEXED: i32 = 0;
    pub const LITERAL: i32 = 1;
    pub const SENSITIVE: i32 = 2;
    pub const ADDED: i32 = 3;

    pub const ALL: &[(&CStr, i32)] =
        &[(c"INDEXED", INDEXED), (c"LITERAL", LITERAL), (c"SENSITIVE", SENSITIVE), (c"ADDED", ADDED)];
}

/// The `category` of HEADERS, as nghttp2 numbers them.
pub mod category {
    pub const REQUEST: i32 = 0;
    pub const RESPONSE: i32 = 1;
    pub const PUSH_RESPONSE: i32 = 2;
    pub const HEADERS: i32 = 3;
}

/// Flags of the commands that send a head.
pub mod flag {
    pub const END_STREAM: u32 = 1;
    pub const WANT_TRAILERS: u32 = 2;
}

/// The encodings of strings that cross as they are; lib/engine turns others into octets.
pub mod encoding {
    use std::ffi::CStr;

    pub const UTF8: u32 = 1;
    pub const LATIN1: u32 = 2;

    pub const ALL: &[(&CStr, i32)] = &[(c"utf8", UTF8.cast_signed()), (c"latin1", LATIN1.cast_signed())];
}
