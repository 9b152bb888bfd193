//! Field names that cross as small integers, so that JavaScript gets the one interned string it already has: building an
//! object of headers from fresh strings would have to intern every key again.

/// The names of RFC 7541's static table and others that are common on the web. A name's number is its place plus 1.
pub const NAMES: &[&str] = &[
    ":authority",
    ":method",
    ":path",
    ":protocol",
    ":scheme",
    ":status",
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "allow",
    "alt-svc",
    "authorization",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-security-policy",
    "content-type",
    "cookie",
    "date",
    "dnt",
    "early-data",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "from",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-message",
    "grpc-status",
    "grpc-timeout",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "origin",
    "pragma",
    "priority",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "refresh",
    "retry-after",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "server",
    "set-cookie",
    "strict-transport-security",
    "te",
    "timing-allow-origin",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-content-type-options",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-frame-options",
    "x-powered-by",
    "x-request-id",
    "x-requested-with",
    "x-xss-protection",
];

/// Slots of the hash: four for each name keeps nearly every search at one comparison.
const SLOTS: usize = (NAMES.len() * 4).next_power_of_two();

/// Where a name's number is looked up, by open addressing.
static TABLE: [u8; SLOTS] = {
    let mut table = [0; SLOTS];
    let mut index = 0;
    while index < NAMES.len() {
        let mut slot = hash(NAMES[index].as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = index as u8 + 1;
        index += 1;
    }
    table
};

const _: () = assert!(NAMES.len() < u8::MAX as usize, "a name's number is kept in an octet");

/// Its length and five of its octets tell a name of the table from most others.
const fn hash(name: &[u8]) -> usize {
    let length = name.len();
    if length == 0 {
        return 0;
    }
    let sample = (name[0] as usize)
        .wrapping_mul(31)
        .wrapping_add(name[length - 1] as usize)
        .wrapping_mul(31)
        .wrapping_add(name[length / 2] as usize)
        .wrapping_mul(31)
        .wrapping_add(name[length / 3] as usize)
        .wrapping_mul(31)
        .wrapping_add(name[length * 3 / 4] as usize)
        .wrapping_mul(31)
        .wrapping_add(length);
    (sample ^ (sample >> 9)) % SLOTS
}

/// The number of a name, or 0 if it has none.
pub fn number_of(name: &[u8]) -> i32 {
    let mut slot = hash(name);
    loop {
        let number = TABLE[slot];
        if number == 0 {
            return 0;
        }
        if NAMES[number as usize - 1].as_bytes() == name {
            return i32::from(number);
        }
        slot = (slot + 1) % SLOTS;
    }
}
