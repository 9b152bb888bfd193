//! Field lists to header blocks.

use bytes::BytesMut;

use crate::wire::field::{FIELD_OVERHEAD, Field, FieldBlock};

use super::dynamic::DynamicTable;
use super::{DEFAULT_TABLE_SIZE, huffman, integer, statics};

/// Cookies shorter than this are never indexed: one octet at a time, an attacker who can add fields to a request and
/// sees its size could guess so little (RFC 7541 section 7.1). Other senders draw the line here as well.
const SHORT_COOKIE: usize = 20;

/// Buckets of each hash index: about half an entry in each when the table is full of ordinary fields.
const OCTETS_PER_BUCKET: usize = 64;
const MAX_BUCKETS: usize = 1024;

/// How a field may be represented (RFC 7541 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Indexing {
    Incremental,
    Without,
    Never,
}

/// What becomes of a field whose name is in the static table under that index.
fn policy(name: usize, value: &[u8]) -> Indexing {
    match name {
        // Credentials. They are what section 7.1.3 is about, and users of `node:http2` see them arrive as sensitive.
        AUTHORIZATION => Indexing::Never,
        COOKIE if value.len() < SHORT_COOKIE => Indexing::Never,
        // Values that seldom come twice would only push out those that do.
        PATH | AGE | CONTENT_LENGTH | ETAG | IF_MODIFIED_SINCE | IF_NONE_MATCH | LOCATION | SET_COOKIE => {
            Indexing::Without
        }
        _ => Indexing::Incremental,
    }
}

const PATH: usize = 4;
const AGE: usize = 21;
const AUTHORIZATION: usize = 23;
const CONTENT_LENGTH: usize = 28;
const COOKIE: usize = 32;
const ETAG: usize = 34;
const IF_MODIFIED_SINCE: usize = 40;
const IF_NONE_MATCH: usize = 41;
const LOCATION: usize = 46;
const SET_COOKIE: usize = 55;

/// The sending half of a connection's compression state.
#[derive(Debug)]
pub struct Encoder {
    table: DynamicTable<Links>,
    index: HashIndex,
    /// What this end is ready to spend, whatever the peer allows.
    own_max: usize,
    size_update: Option<SizeUpdate>,
}

/// What the next block has to begin with.
#[derive(Debug, Clone, Copy)]
struct SizeUpdate {
    /// The lowest size since the last block. The peer must evict to it, even if the size has risen again.
    lowest: usize,
    last: usize,
}

/// An entry in the chains of the hash index.
#[derive(Debug, Default)]
struct Links {
    name_hash: u32,
    field_hash: u32,
    /// The serial numbers of the next older entries in the same bucket.
    older_name: u64,
    older_field: u64,
}

/// Two hash tables of chains through the entries, newest first: by name and by name and value.
///
/// Entries go by serial numbers, from 1, and are never taken out: what is evicted is older than all that live, so that
/// a chain ends where it meets a number that is too old.
#[derive(Debug, Default)]
struct HashIndex {
    newest_name: Box<[u64]>,
    newest_field: Box<[u64]>,
    /// The serial number of the newest entry.
    last: u64,
}

impl Encoder {
    /// `own_max` is the bound of our own on the table, of which a peer may allow more (`maxDeflateDynamicTableSize`).
    pub fn new(own_max: usize) -> Self {
        let mut encoder = Self {
            table: DynamicTable::new(DEFAULT_TABLE_SIZE),
            index: HashIndex::default(),
            own_max,
            size_update: None,
        };
        encoder.set_peer_max(DEFAULT_TABLE_SIZE);
        encoder
    }

    /// Follows the peer's SETTINGS_HEADER_TABLE_SIZE, from the moment at which we acknowledge it. The next block tells.
    pub fn set_peer_max(&mut self, peer_max: usize) {
        let size = peer_max.min(self.own_max);
        if size == self.table.max_size() {
            return;
        }
        let lowest = self.size_update.map_or(size, |update| update.lowest.min(size));
        self.size_update = Some(SizeUpdate { lowest, last: size });
        self.table.set_max_size(size, drop);
        self.index.resize(&mut self.table);
    }

    /// Octets in the dynamic table, as RFC 7541 section 4.1 counts them.
    pub fn table_size(&self) -> usize {
        self.table.size()
    }

    /// The most octets that a block for `fields` can take: two size updates, and every field spelled out with a name,
    /// as nghttp2 reckons when it holds a list against its `max_send_header_block_length`.
    pub fn bound(fields: &FieldBlock) -> usize {
        fields.octets() + (fields.len() + 1) * 2 * integer::MAX_LEN
    }

    /// Appends the block for `fields` to `out`.
    pub fn encode(&mut self, fields: &FieldBlock, out: &mut BytesMut) {
        out.reserve(Self::bound(fields));
        self.size_updates(out);
        for field in fields {
            self.field(field, out);
        }
    }

    fn size_updates(&mut self, out: &mut BytesMut) {
        if let Some(update) = self.size_update.take() {
            if update.lowest < update.last {
                integer::encode(update.lowest, 5, 0x20, out);
            }
            integer::encode(update.last, 5, 0x20, out);
        }
    }

    fn field(&mut self, field: Field<'_>, out: &mut BytesMut) {
        let Field { name, value, .. } = field;
        let name_hash = statics::hash(name);
        let static_name = statics::find_name(name_hash, name);
        let mut indexing = static_name.map_or(Indexing::Incremental, |index| policy(index, value));
        if field.is_never_indexed() {
            indexing = Indexing::Never;
        }
        // Section 7.1.3: what is never indexed is not looked for either. A literal is what it stays on every hop.
        if indexing != Indexing::Never
            && let Some(index) = static_name.and_then(|first| statics::find_value(first, name, value))
        {
            return integer::encode(index, 7, 0x80, out);
        }
        // An entry that fills most of the table would empty it of what is used more.
        if indexing == Indexing::Incremental
            && name.len() + value.len() + FIELD_OVERHEAD > self.table.max_size() / 4 * 3
        {
            indexing = Indexing::Without;
        }
        let mut field_hash = 0;
        if indexing == Indexing::Incremental {
            field_hash = name_hash.rotate_left(5) ^ statics::hash(value);
            if let Some(age) = self.index.find_field(&self.table, field_hash, name, value) {
                return integer::encode(statics::LEN + 1 + age, 7, 0x80, out);
            }
        }
        let dynamic_name = || self.index.find_name(&self.table, name_hash, name).map(|age| statics::LEN + 1 + age);
        let (prefix, flags) = match indexing {
            Indexing::Incremental => (6, 0x40),
            Indexing::Without => (4, 0x00),
            Indexing::Never => (4, 0x10),
        };
        match static_name.or_else(dynamic_name) {
            Some(index) => integer::encode(index, prefix, flags, out),
            None => {
                integer::encode(0, prefix, flags, out);
                string(name, out);
            }
        }
        string(value, out);
        if indexing == Indexing::Incremental && self.table.make_room(name.len() + value.len(), drop) {
            let links = self.index.push(name_hash, field_hash, self.table.max_size());
            self.table.add(name, value, links);
        }
    }
}

impl HashIndex {
    /// The age of the newest entry of that name and value.
    #[inline]
    fn find_field(&self, table: &DynamicTable<Links>, hash: u32, name: &[u8], value: &[u8]) -> Option<usize> {
        let mut serial = *self.newest_field.get(bucket(hash, self.newest_field.len()))?;
        loop {
            let age = self.age(serial)?;
            let entry = table.get(age)?;
            if entry.tag.field_hash == hash && entry.name() == name && entry.value() == value {
                return Some(age);
            }
            serial = entry.tag.older_field;
        }
    }

    /// The age of the newest entry of that name.
    fn find_name(&self, table: &DynamicTable<Links>, hash: u32, name: &[u8]) -> Option<usize> {
        let mut serial = *self.newest_name.get(bucket(hash, self.newest_name.len()))?;
        loop {
            let age = self.age(serial)?;
            let entry = table.get(age)?;
            if entry.tag.name_hash == hash && entry.name() == name {
                return Some(age);
            }
            serial = entry.tag.older_name;
        }
    }

    /// How many entries were added after that one. For an evicted one that is more than the table has.
    #[inline]
    fn age(&self, serial: u64) -> Option<usize> {
        if serial == 0 { None } else { usize::try_from(self.last - serial).ok() }
    }

    /// Puts the next entry at the head of its chains.
    fn push(&mut self, name_hash: u32, field_hash: u32, max_size: usize) -> Links {
        if self.newest_name.is_empty() {
            self.allocate(max_size);
        }
        self.last += 1;
        let mut links = Links { name_hash, field_hash, older_name: 0, older_field: 0 };
        self.link(&mut links, self.last);
        links
    }

    fn link(&mut self, links: &mut Links, serial: u64) {
        let buckets = self.newest_name.len();
        if let Some(newest) = self.newest_name.get_mut(bucket(links.name_hash, buckets)) {
            links.older_name = std::mem::replace(newest, serial);
        }
        if let Some(newest) = self.newest_field.get_mut(bucket(links.field_hash, buckets)) {
            links.older_field = std::mem::replace(newest, serial);
        }
    }

    fn allocate(&mut self, max_size: usize) {
        let buckets = (max_size / OCTETS_PER_BUCKET).clamp(1, MAX_BUCKETS).next_power_of_two();
        self.newest_name = vec![0; buckets].into();
        self.newest_field = vec![0; buckets].into();
    }

    /// Builds the index anew for a table whose maximum size has changed.
    fn resize(&mut self, table: &mut DynamicTable<Links>) {
        *self = Self { last: self.last, ..Self::default() };
        if table.len() == 0 {
            return;
        }
        self.allocate(table.max_size());
        let oldest = self.last + 1 - table.len() as u64;
        for (serial, links) in (oldest..).zip(table.tags_mut()) {
            self.link(links, serial);
        }
    }
}

/// `buckets` is a power of two, or 0 before the first entry.
#[inline]
fn bucket(hash: u32, buckets: usize) -> usize {
    // The upper bits are the better ones; see `statics::hash`.
    (hash >> 16 ^ hash >> 6) as usize & buckets.wrapping_sub(1)
}

/// Section 5.2.
fn string(text: &[u8], out: &mut BytesMut) {
    let len = huffman::encoded_len(text);
    if len >= text.len() {
        integer::encode(text.len(), 7, 0, out);
        out.extend_from_slice(text);
        return;
    }
    integer::encode(len, 7, 0x80, out);
    let start = out.len();
    out.resize(start + len, 0);
    if let Some(code) = out.get_mut(start..) {
        huffman::encode(text, code);
    }
}
