//! One exact header list: every field in the order of the wire, duplicates and all.
//!
//! A block is flat (one buffer of octets, one vector of small entries), so that filling one in, walking through it and
//! clearing it for the next block cost no allocation per field.

use std::fmt;

/// What RFC 9113 section 6.5.2 adds to the octets of each field when it measures a list, and RFC 7541 section 4.1 to
/// each entry of a table.
pub const FIELD_OVERHEAD: usize = 32;

/// The place of a field in the HPACK decoder's tables, as the JavaScript mirror of them numbers it.
///
/// 1 to 61 is RFC 7541's static table. From [`FieldId::FIRST_DYNAMIC`] on it is a *slot* of the dynamic table: unlike an
/// index on the wire a slot keeps its number as long as the entry lives, and is used again only after its eviction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(u32);

impl FieldId {
    /// The number of the dynamic table's first slot.
    pub const FIRST_DYNAMIC: u32 = 62;

    pub const fn new(id: u32) -> Self {
        Self(id)
    }

    pub const fn get(self) -> u32 {
        self.0
    }

    pub const fn is_dynamic(self) -> bool {
        self.0 >= Self::FIRST_DYNAMIC
    }
}

impl fmt::Debug for FieldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How a field stood in its block, which is what a mirror of the decoder's tables has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mirror {
    /// Spelled out and stored nowhere.
    Literal,
    /// Spelled out with the demand that it never enter a table or cache (RFC 7541 section 7.1.3): a *sensitive* header.
    NeverIndexed,
    /// An index of a field that the mirror has.
    Indexed(FieldId),
    /// The mirror must store this field under that id now, in place of whatever was there.
    Added(FieldId),
}

/// A field borrowed from a [`FieldBlock`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a [u8],
    pub value: &'a [u8],
    pub mirror: Mirror,
}

impl Field<'_> {
    pub fn is_pseudo(&self) -> bool {
        self.name.first() == Some(&b':')
    }

    pub fn is_never_indexed(&self) -> bool {
        self.mirror == Mirror::NeverIndexed
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A sensitive value stays out of logs.
        let value = if self.is_never_indexed() { b"..." } else { self.value };
        write!(f, "{}: {} [{:?}]", self.name.escape_ascii(), value.escape_ascii(), self.mirror)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Where the name ends in the buffer; it starts where the previous entry's value ended.
    name_end: usize,
    value_end: usize,
    mirror: Mirror,
}

/// An ordered list of fields.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FieldBlock {
    octets: Vec<u8>,
    entries: Vec<Entry>,
}

impl FieldBlock {
    pub const fn new() -> Self {
        Self { octets: Vec::new(), entries: Vec::new() }
    }

    pub fn with_capacity(fields: usize, octets: usize) -> Self {
        Self { octets: Vec::with_capacity(octets), entries: Vec::with_capacity(fields) }
    }

    /// Appends a field as one that is to be sent, or as one that no mirror stores.
    pub fn push(&mut self, name: &[u8], value: &[u8], never_indexed: bool) {
        let mirror = if never_indexed { Mirror::NeverIndexed } else { Mirror::Literal };
        self.push_mirrored(name, value, mirror);
    }

    pub fn push_mirrored(&mut self, name: &[u8], value: &[u8], mirror: Mirror) {
        self.octets.extend_from_slice(name);
        let name_end = self.octets.len();
        self.octets.extend_from_slice(value);
        self.entries.push(Entry { name_end, value_end: self.octets.len(), mirror });
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Octets of all names and values.
    pub fn octets(&self) -> usize {
        self.octets.len()
    }

    /// The size that SETTINGS_MAX_HEADER_LIST_SIZE limits: octets and [`FIELD_OVERHEAD`] for each field.
    pub fn list_size(&self) -> usize {
        self.octets.len() + self.entries.len() * FIELD_OVERHEAD
    }

    /// Empties the block and keeps its memory.
    pub fn clear(&mut self) {
        self.octets.clear();
        self.entries.clear();
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter { octets: &self.octets, entries: self.entries.iter(), start: 0 }
    }

    pub fn field(&self, index: usize) -> Option<Field<'_>> {
        let entry = self.entries.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.entries.get(before)?.value_end,
            None => 0,
        };
        Some(entry.view(&self.octets, start))
    }

    /// The value of the first field of that name, which must be given in lower case.
    pub fn value_of(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter().find(|field| field.name == name).map(|field| field.value)
    }

    /// The value of a pseudo-header field, looked for only where a valid block has them: before the regular fields.
    pub fn pseudo(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter().take_while(Field::is_pseudo).find(|field| field.name == name).map(|field| field.value)
    }

    /// Whether pseudo-header fields open the block. Trailers have none.
    pub fn has_pseudo(&self) -> bool {
        self.octets.first() == Some(&b':') && self.entries.first().is_some_and(|entry| entry.name_end > 0)
    }

    /// Keeps the fields for which `keep(position, field)` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(usize, Field<'_>) -> bool) {
        let mut kept = Self::with_capacity(self.len(), self.octets.len());
        for (position, field) in self.iter().enumerate() {
            if keep(position, field) {
                kept.push_mirrored(field.name, field.value, field.mirror);
            }
        }
        *self = kept;
    }

    /// The octets, for a decoder that writes a name and then its value at the end and commits them with
    /// [`FieldBlock::commit`]. Nothing before the old end may change.
    pub(in crate::wire) fn octets_mut(&mut self) -> &mut Vec<u8> {
        &mut self.octets
    }

    /// Name and value of what was written to [`FieldBlock::octets_mut`] since the last commit.
    pub(in crate::wire) fn uncommitted(&self, name_end: usize) -> (&[u8], &[u8]) {
        let name = self.octets.get(self.committed()..name_end).unwrap_or_default();
        (name, self.octets.get(name_end..).unwrap_or_default())
    }

    /// Makes a field of what was written to [`FieldBlock::octets_mut`] since the last one.
    pub(in crate::wire) fn commit(&mut self, name_end: usize, mirror: Mirror) {
        let value_end = self.octets.len();
        debug_assert!(name_end <= value_end && self.committed() <= name_end);
        self.entries.push(Entry { name_end, value_end, mirror });
    }

    /// Drops what was written to [`FieldBlock::octets_mut`] and not committed.
    pub(in crate::wire) fn rollback(&mut self) {
        self.octets.truncate(self.committed());
    }

    fn committed(&self) -> usize {
        self.entries.last().map_or(0, |entry| entry.value_end)
    }
}

impl Entry {
    fn view<'a>(&self, octets: &'a [u8], start: usize) -> Field<'a> {
        Field {
            name: octets.get(start..self.name_end).unwrap_or_default(),
            value: octets.get(self.name_end..self.value_end).unwrap_or_default(),
            mirror: self.mirror,
        }
    }
}

impl fmt::Debug for FieldBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for FieldBlock {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut block = Self::new();
        for (name, value) in fields {
            block.push(name.as_ref(), value.as_ref(), false);
        }
        block
    }
}

impl<'a> IntoIterator for &'a FieldBlock {
    type Item = Field<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The fields of a block in their order.
#[derive(Clone)]
pub struct Iter<'a> {
    octets: &'a [u8],
    entries: std::slice::Iter<'a, Entry>,
    start: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let entry = self.entries.next()?;
        let field = entry.view(self.octets, self.start);
        self.start = entry.value_end;
        Some(field)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> FieldBlock {
        [(":method", "GET"), (":path", "/a"), ("cookie", "x=1"), ("accept", ""), ("cookie", "y=2")]
            .into_iter()
            .collect()
    }

    #[test]
    fn keeps_order_duplicates_and_empty_values() {
        let block = request();
        let list: Vec<_> = block.iter().map(|field| (field.name, field.value)).collect();
        let expected: [(&[u8], &[u8]); 5] =
            [(b":method", b"GET"), (b":path", b"/a"), (b"cookie", b"x=1"), (b"accept", b""), (b"cookie", b"y=2")];
        assert_eq!(list, expected);
        assert_eq!(block.len(), 5);
        assert_eq!(block.iter().len(), 5);
    }

    #[test]
    fn random_access_agrees_with_iteration() {
        let block = request();
        for (index, field) in block.iter().enumerate() {
            assert_eq!(block.field(index), Some(field));
        }
        assert_eq!(block.field(5), None);
        assert_eq!(FieldBlock::new().field(0), None);
    }

    #[test]
    fn list_size_counts_32_octets_for_each_field() {
        assert_eq!(FieldBlock::new().list_size(), 0);
        assert_eq!(request().list_size(), (7 + 3) + (5 + 2) + (6 + 3) + 6 + (6 + 3) + 5 * 32);
    }

    #[test]
    fn looks_up_the_first_of_a_name() {
        let mut block = request();
        assert_eq!(block.value_of(b"cookie"), Some(&b"x=1"[..]));
        assert_eq!(block.value_of(b"accept"), Some(&b""[..]));
        assert_eq!(block.value_of(b"te"), None);
        assert_eq!(block.pseudo(b":path"), Some(&b"/a"[..]));
        block.push(b":late", b"1", false);
        assert_eq!(block.pseudo(b":late"), None, "pseudo-headers after regular fields do not count");
    }

    #[test]
    fn tells_heads_from_trailers() {
        assert!(request().has_pseudo());
        assert!(!FieldBlock::new().has_pseudo());
        let nameless: FieldBlock = [("", ":method")].into_iter().collect();
        assert!(!nameless.has_pseudo());
    }

    #[test]
    fn sensitivity_is_a_property_of_each_field() {
        let mut block = FieldBlock::new();
        block.push(b"authorization", b"secret", true);
        block.push(b"authorization", b"open", false);
        let flags: Vec<_> = block.iter().map(|field| field.is_never_indexed()).collect();
        assert_eq!(flags, [true, false]);
        assert!(!format!("{block:?}").contains("secret"));
    }

    #[test]
    fn commit_and_rollback_frame_what_a_decoder_writes() {
        let mut block = FieldBlock::new();
        block.octets_mut().extend_from_slice(b"name");
        let name_end = block.octets();
        block.octets_mut().extend_from_slice(b"value");
        block.commit(name_end, Mirror::Added(FieldId::new(62)));
        block.octets_mut().extend_from_slice(b"half a na");
        block.rollback();
        block.push(b"b", b"2", false);
        let list: Vec<_> = block.iter().map(|field| (field.name, field.value)).collect();
        let expected: [(&[u8], &[u8]); 2] = [(b"name", b"value"), (b"b", b"2")];
        assert_eq!(list, expected);
    }

    #[test]
    fn retain_removes_by_position_or_content() {
        let mut block = request();
        block.retain(|position, field| position != 0 && field.name != b"cookie");
        let expected: FieldBlock = [(":path", "/a"), ("accept", "")].into_iter().collect();
        assert_eq!(block, expected);
    }

    #[test]
    fn clear_keeps_memory() {
        let mut block = request();
        let capacity = block.octets.capacity();
        block.clear();
        assert!(block.is_empty());
        assert_eq!(block.iter().next(), None);
        assert_eq!(block.octets.capacity(), capacity);
    }

    #[test]
    fn ids_tell_static_from_dynamic() {
        assert!(!FieldId::new(61).is_dynamic());
        assert!(FieldId::new(FieldId::FIRST_DYNAMIC).is_dynamic());
    }
}
