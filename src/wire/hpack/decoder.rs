//! Header blocks to field lists.

use crate::wire::field::{FieldBlock, FieldId, Mirror};

use super::dynamic::DynamicTable;
use super::{DEFAULT_TABLE_SIZE, DecodeError, huffman, integer, statics};

/// What a list may be, judged after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets as [`FieldBlock::list_size`] counts them.
    pub list_size: usize,
    /// Fields.
    pub pairs: usize,
}

impl Limits {
    pub const NONE: Self = Self { list_size: usize::MAX, pairs: usize::MAX };
}

/// How a block without errors came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded {
    Complete,
    /// The list exceeds the limits: the block holds only what fitted. The table has followed all of it, so the
    /// connection can go on.
    TooLarge,
}

/// What the table keeps with an entry for the mirror.
#[derive(Debug)]
struct Slot {
    id: u32,
    /// Whether the mirror was told. It was not when the list in which the entry came was never handed on.
    mirrored: bool,
}

/// The receiving half of a connection's compression state.
#[derive(Debug)]
pub struct Decoder {
    table: DynamicTable<Slot>,
    slots: Slots,
    /// The SETTINGS_HEADER_TABLE_SIZE of ours that the peer has acknowledged.
    max_table_size: usize,
    /// Set when that was lowered below what the peer used: its next block must begin with an update to this or less.
    must_shrink_to: Option<usize>,
}

/// Hands out the numbers of slots: those of evicted entries first, so that there are never more than entries can live.
#[derive(Debug, Default)]
struct Slots {
    free: Vec<u32>,
    used: u32,
}

impl Slots {
    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            let slot = FieldId::FIRST_DYNAMIC + self.used;
            self.used += 1;
            slot
        })
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder as a connection starts with it, whatever our first SETTINGS say: they count from their acknowledgement.
    pub fn new() -> Self {
        Self {
            table: DynamicTable::new(DEFAULT_TABLE_SIZE),
            slots: Slots::default(),
            max_table_size: DEFAULT_TABLE_SIZE,
            must_shrink_to: None,
        }
    }

    /// To be called when the peer has acknowledged a SETTINGS_HEADER_TABLE_SIZE of ours.
    pub fn set_max_table_size(&mut self, size: usize) {
        self.max_table_size = size;
        // Only a peer that uses more has to say that it shrinks: section 4.2 is open to both readings, and encoders in
        // the field keep silent where nothing changes for them.
        if size < self.table.max_size() {
            self.must_shrink_to = Some(size);
            let free = &mut self.slots.free;
            self.table.set_max_size(size, |slot| free.push(slot.id));
        }
    }

    /// Octets in the dynamic table, as RFC 7541 section 4.1 counts them.
    pub fn table_size(&self) -> usize {
        self.table.size()
    }

    /// Decodes a complete block and appends its fields to `fields`, which is as good as always empty.
    ///
    /// After an error the connection cannot go on, and `fields` holds the list up to the faulty field.
    pub fn decode(
        &mut self,
        mut block: &[u8],
        limits: Limits,
        fields: &mut FieldBlock,
    ) -> Result<Decoded, DecodeError> {
        let mut reading = Reading { room: limits, decoded: Decoded::Complete };
        let result = self.decode_all(&mut block, &mut reading, fields);
        fields.rollback();
        result.map(|()| reading.decoded)
    }

    fn decode_all(
        &mut self,
        block: &mut &[u8],
        reading: &mut Reading,
        fields: &mut FieldBlock,
    ) -> Result<(), DecodeError> {
        if block.is_empty() {
            return Ok(());
        }
        self.size_updates(block)?;
        while let Some((&first, rest)) = block.split_first() {
            *block = rest;
            match first {
                0x80.. => {
                    let index = integer::decode(first, 7, block)?;
                    self.indexed(index, reading, fields)?;
                }
                0x40.. => {
                    let name_end = self.literal(first, 6, block, fields)?;
                    let mirror = self.store(name_end, reading, fields);
                    reading.commit(name_end, mirror, fields);
                }
                0x20.. => return Err(DecodeError::MisplacedSizeUpdate),
                _ => {
                    let name_end = self.literal(first, 4, block, fields)?;
                    let mirror = if first & 0x10 == 0 { Mirror::Literal } else { Mirror::NeverIndexed };
                    reading.commit(name_end, mirror, fields);
                }
            }
        }
        Ok(())
    }

    /// Section 4.2: updates of the table's size stand before the first field.
    fn size_updates(&mut self, block: &mut &[u8]) -> Result<(), DecodeError> {
        while let Some((&first, mut rest)) = block.split_first() {
            if first & 0xe0 != 0x20 {
                break;
            }
            let size = integer::decode(first, 5, &mut rest)?;
            *block = rest;
            // Of several the first has to be the lowest (section 4.2), so it is the one that meets the demand.
            if size > self.must_shrink_to.take().unwrap_or(self.max_table_size) {
                return Err(DecodeError::SizeUpdateTooLarge);
            }
            let free = &mut self.slots.free;
            self.table.set_max_size(size, |slot| free.push(slot.id));
        }
        match self.must_shrink_to {
            Some(_) => Err(DecodeError::MissingSizeUpdate),
            None => Ok(()),
        }
    }

    /// Section 6.1.
    fn indexed(&mut self, index: usize, reading: &mut Reading, fields: &mut FieldBlock) -> Result<(), DecodeError> {
        if let Some(entry) = statics::get(index) {
            let mirror = Mirror::Indexed(FieldId::new(index as u32));
            reading.append(entry.octets(), entry.name_len(), mirror, fields);
            return Ok(());
        }
        let age = index.checked_sub(statics::LEN + 1).ok_or(DecodeError::UnknownIndex)?;
        let entry = self.table.get(age).ok_or(DecodeError::UnknownIndex)?;
        let id = FieldId::new(entry.tag.id);
        let mirrored = entry.tag.mirrored;
        let mirror = if mirrored { Mirror::Indexed(id) } else { Mirror::Added(id) };
        let appended = reading.append(entry.octets, entry.name_len, mirror, fields);
        if appended && !mirrored {
            self.set_mirrored(age, true);
        }
        Ok(())
    }

    /// Writes name and value of a literal to the end of `fields`, uncommitted, and answers where the name ends.
    fn literal(
        &mut self,
        first: u8,
        prefix: u8,
        block: &mut &[u8],
        fields: &mut FieldBlock,
    ) -> Result<usize, DecodeError> {
        let octets = fields.octets_mut();
        let index = integer::decode(first, prefix, block)?;
        if index == 0 {
            string(block, octets)?;
        } else if let Some(entry) = statics::get(index) {
            octets.extend_from_slice(entry.name());
        } else {
            let age = index.checked_sub(statics::LEN + 1).ok_or(DecodeError::UnknownIndex)?;
            octets.extend_from_slice(self.table.get(age).ok_or(DecodeError::UnknownIndex)?.name());
        }
        let name_end = octets.len();
        string(block, octets)?;
        Ok(name_end)
    }

    /// Adds the field at the end of `fields` to the table (section 6.2.1).
    fn store(&mut self, name_end: usize, reading: &Reading, fields: &FieldBlock) -> Mirror {
        let (name, value) = fields.uncommitted(name_end);
        let len = name.len() + value.len();
        let free = &mut self.slots.free;
        if !self.table.make_room(len, |slot| free.push(slot.id)) {
            return Mirror::Literal;
        }
        let slot = Slot { id: self.slots.take(), mirrored: reading.fits(len) };
        let mirror = Mirror::Added(FieldId::new(slot.id));
        self.table.add(name, value, slot);
        mirror
    }

    /// Takes back that the mirror knows a field, because the event that would have told it is not going to be sent.
    /// The next index of it comes as [`Mirror::Added`].
    pub fn forget(&mut self, mirror: Mirror) {
        if let Mirror::Added(id) = mirror
            && let Some(slot) = self.table.tags_mut().find(|slot| slot.id == id.get())
        {
            slot.mirrored = false;
        }
    }

    /// [`Decoder::forget`] for every field of a list that is not handed on.
    pub fn forget_all(&mut self, fields: &FieldBlock) {
        for field in fields {
            self.forget(field.mirror);
        }
    }

    #[cold]
    fn set_mirrored(&mut self, age: usize, mirrored: bool) {
        if let Some(slot) = self.table.tag_mut(age) {
            slot.mirrored = mirrored;
        }
    }
}

/// The state of one call: what the limits leave.
struct Reading {
    room: Limits,
    decoded: Decoded,
}

impl Reading {
    fn fits(&self, octets: usize) -> bool {
        self.decoded == Decoded::Complete
            && self.room.pairs > 0
            && octets.checked_add(crate::wire::field::FIELD_OVERHEAD).is_some_and(|size| size <= self.room.list_size)
    }

    /// Takes a field off the limits, or finds that the list is too large; then it ends here, so that what is kept is
    /// a beginning of it without gaps.
    fn admit(&mut self, octets: usize) -> bool {
        if !self.fits(octets) {
            self.decoded = Decoded::TooLarge;
            return false;
        }
        self.room.pairs -= 1;
        self.room.list_size -= octets + crate::wire::field::FIELD_OVERHEAD;
        true
    }

    /// Appends a field of one of the tables. Over the limit nothing is copied: a block may name a large entry once an
    /// octet.
    #[inline]
    fn append(&mut self, octets: &[u8], name_len: usize, mirror: Mirror, fields: &mut FieldBlock) -> bool {
        if !self.admit(octets.len()) {
            return false;
        }
        let name_end = fields.octets() + name_len;
        fields.octets_mut().extend_from_slice(octets);
        fields.commit(name_end, mirror);
        true
    }

    /// Keeps the literal at the end of `fields`, or takes it off again.
    fn commit(&mut self, name_end: usize, mirror: Mirror, fields: &mut FieldBlock) {
        let (name, value) = fields.uncommitted(name_end);
        if self.admit(name.len() + value.len()) {
            fields.commit(name_end, mirror);
        } else {
            fields.rollback();
        }
    }
}

/// The longest string, as it is encoded. nghttp2 takes a longer one for a fault of the compression, and node's users see
/// that.
const MAX_STRING: usize = 64 * 1024;

/// Section 5.2.
fn string(block: &mut &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let (&first, rest) = block.split_first().ok_or(DecodeError::Truncated)?;
    *block = rest;
    let len = integer::decode(first, 7, block)?;
    let (octets, rest) = block.split_at_checked(len).ok_or(DecodeError::Truncated)?;
    if len > MAX_STRING {
        return Err(DecodeError::StringTooLong);
    }
    *block = rest;
    if first & 0x80 == 0 {
        out.extend_from_slice(octets);
        Ok(())
    } else {
        huffman::decode(octets, out)
    }
}
