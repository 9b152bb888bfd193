//! The static table (RFC 7541 appendix A) and the hash by which the encoder finds names in it.

pub(super) struct StaticField {
    octets: &'static [u8],
    name_len: usize,
}

impl StaticField {
    /// Name and value, one after the other.
    pub(super) fn octets(&self) -> &'static [u8] {
        self.octets
    }

    pub(super) const fn name_len(&self) -> usize {
        self.name_len
    }

    pub(super) const fn name(&self) -> &'static [u8] {
        self.octets.split_at(self.name_len).0
    }

    pub(super) const fn value(&self) -> &'static [u8] {
        self.octets.split_at(self.name_len).1
    }
}

macro_rules! table {
    ($($name:literal = $value:literal),* $(,)?) => {
        [$(StaticField { octets: concat!($name, $value).as_bytes(), name_len: $name.len() }),*]
    };
}

/// Entries; their indices are 1 to this.
pub(super) const LEN: usize = 61;

static TABLE: [StaticField; LEN] = table![
    ":authority" = "",
    ":method" = "GET",
    ":method" = "POST",
    ":path" = "/",
    ":path" = "/index.html",
    ":scheme" = "http",
    ":scheme" = "https",
    ":status" = "200",
    ":status" = "204",
    ":status" = "206",
    ":status" = "304",
    ":status" = "400",
    ":status" = "404",
    ":status" = "500",
    "accept-charset" = "",
    "accept-encoding" = "gzip, deflate",
    "accept-language" = "",
    "accept-ranges" = "",
    "accept" = "",
    "access-control-allow-origin" = "",
    "age" = "",
    "allow" = "",
    "authorization" = "",
    "cache-control" = "",
    "content-disposition" = "",
    "content-encoding" = "",
    "content-language" = "",
    "content-length" = "",
    "content-location" = "",
    "content-range" = "",
    "content-type" = "",
    "cookie" = "",
    "date" = "",
    "etag" = "",
    "expect" = "",
    "expires" = "",
    "from" = "",
    "host" = "",
    "if-match" = "",
    "if-modified-since" = "",
    "if-none-match" = "",
    "if-range" = "",
    "if-unmodified-since" = "",
    "last-modified" = "",
    "link" = "",
    "location" = "",
    "max-forwards" = "",
    "proxy-authenticate" = "",
    "proxy-authorization" = "",
    "range" = "",
    "referer" = "",
    "refresh" = "",
    "retry-after" = "",
    "server" = "",
    "set-cookie" = "",
    "strict-transport-security" = "",
    "transfer-encoding" = "",
    "user-agent" = "",
    "vary" = "",
    "via" = "",
    "www-authenticate" = "",
];

/// The entry with that index, counted from 1 as on the wire.
#[inline]
pub(super) fn get(index: usize) -> Option<&'static StaticField> {
    TABLE.get(index.checked_sub(1)?)
}

/// The first entry of that name, whose [`hash`] is given. Entries of one name follow one another.
#[expect(clippy::indexing_slicing, reason = "a bucket is eight bits of a hash, or a remainder of BUCKETS")]
#[inline]
pub(super) fn find_name(name_hash: u32, name: &[u8]) -> Option<usize> {
    let mut bucket = bucket_of(name_hash);
    loop {
        let index = usize::from(BY_NAME[bucket]);
        let entry = get(index)?;
        if entry.name() == name {
            return Some(index);
        }
        bucket = (bucket + 1) % BUCKETS;
    }
}

/// The entry of that name and value among those that follow the first of the name.
#[inline]
pub(super) fn find_value(first: usize, name: &[u8], value: &[u8]) -> Option<usize> {
    let group = TABLE.get(first.checked_sub(1)?..)?;
    // A name with several entries gives each a value; those without a value stand alone.
    let mut same_name = group.iter().take_while(|entry| entry.name_len == name.len() && entry.name() == name);
    same_name.position(|entry| entry.value() == value).map(|position| first + position)
}

/// Hashes a name or value, 8 octets at a time. Nothing keeps a peer from constructing collisions: the chains they make
/// are no longer than the table.
pub(super) const fn hash(mut octets: &[u8]) -> u32 {
    let mut state = octets.len() as u64;
    while let Some((word, rest)) = octets.split_first_chunk() {
        state = mix(state, u64::from_le_bytes(*word));
        octets = rest;
    }
    let mut tail = 0;
    if let Some((word, rest)) = octets.split_first_chunk() {
        tail = u32::from_le_bytes(*word) as u64;
        octets = rest;
    }
    while let Some((&octet, rest)) = octets.split_first() {
        tail = tail << 8 | octet as u64;
        octets = rest;
    }
    (mix(state, tail) >> 32) as u32
}

const fn mix(state: u64, word: u64) -> u64 {
    // The multiplier is 2^64 divided by the golden ratio, odd: it spreads any bit over the upper half.
    (state.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Four times the names, so that probing mostly ends at once.
const BUCKETS: usize = 256;

/// The upper bits, since the lower ones of a product know nothing of the upper ones of its factors.
const fn bucket_of(hash: u32) -> usize {
    (hash >> 24) as usize
}

/// Open addressing from a name's hash to the index of its first entry; 0 is empty.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, to which a wrong index is an error")]
static BY_NAME: [u8; BUCKETS] = {
    let table = &TABLE;
    let mut buckets = [0u8; BUCKETS];
    let mut position = 0;
    while position < LEN {
        let name = table[position].name();
        if position == 0 || !equal(name, table[position - 1].name()) {
            let mut bucket = bucket_of(hash(name));
            while buckets[bucket] != 0 {
                bucket = (bucket + 1) % BUCKETS;
            }
            buckets[bucket] = position as u8 + 1;
        }
        position += 1;
    }
    buckets
};

#[expect(clippy::indexing_slicing, reason = "for the compiler alone, to which a wrong index is an error")]
const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut position = 0;
    while position < left.len() {
        if left[position] != right[position] {
            return false;
        }
        position += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_by_name_and_value() {
        for (position, entry) in TABLE.iter().enumerate() {
            let first = find_name(hash(entry.name()), entry.name()).unwrap();
            assert!(first <= position + 1);
            assert_eq!(find_value(first, entry.name(), entry.value()), Some(position + 1));
            assert_eq!(find_value(first, entry.name(), b"none such"), None);
        }
    }

    #[test]
    fn other_names_are_not_found() {
        for name in [":status2", "", "x", "accept-encodin", "x-powered-by", ":protocol"] {
            assert_eq!(find_name(hash(name.as_bytes()), name.as_bytes()), None);
        }
    }

    #[test]
    fn indices_are_those_of_appendix_a() {
        let named = |index: usize| get(index).map(|entry| (entry.name(), entry.value()));
        assert_eq!(named(0), None);
        assert_eq!(named(1), Some((&b":authority"[..], &b""[..])));
        assert_eq!(named(16), Some((&b"accept-encoding"[..], &b"gzip, deflate"[..])));
        assert_eq!(named(58), Some((&b"user-agent"[..], &b""[..])));
        assert_eq!(named(61), Some((&b"www-authenticate"[..], &b""[..])));
        assert_eq!(named(62), None);
    }

    #[test]
    fn the_hash_sees_every_octet_and_the_length() {
        let text = b"0123456789abcdefghijk";
        for end in 0..text.len() {
            assert_ne!(hash(&text[..end]), hash(&text[..end + 1]));
            let mut other = text.to_vec();
            other[end] ^= 1;
            assert_ne!(hash(text), hash(&other));
        }
    }
}
