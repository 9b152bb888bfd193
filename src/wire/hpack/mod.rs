//! HPACK (RFC 7541): header blocks to [`FieldBlock`](super::field::FieldBlock)s and back.
//!
//! Layout: [`integer`] and [`huffman`] are the primitives; [`statics`] and [`dynamic`] the two tables, the latter shared by both
//! directions; [`Decoder`] and [`Encoder`] hold one direction of a connection each.
//!
//! Blocks are decoded whole: wire has joined HEADERS and CONTINUATION before (and bounded them), so no state survives
//! inside a block, only between blocks.

mod decoder;
mod dynamic;
mod encoder;
mod huffman;
mod integer;
mod statics;
#[cfg(test)]
mod tests;

pub use decoder::{Decoded, Decoder, Limits};
pub use encoder::Encoder;

/// The size of the dynamic table in both directions until a SETTINGS_HEADER_TABLE_SIZE says otherwise (RFC 9113 section 6.5.2).
pub const DEFAULT_TABLE_SIZE: usize = 4096;

/// The static table in the order of its indices, names with values: a mirror of the decoder's tables begins with it.
pub fn static_fields() -> impl Iterator<Item = (&'static [u8], &'static [u8])> {
    (1..).map_while(statics::get).map(|field| (field.name(), field.value()))
}

/// Why a header block cannot be decoded. Each is a connection error COMPRESSION_ERROR (RFC 9113 section 4.3), since the
/// tables of both ends no longer agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// The block ends within a field.
    Truncated,
    /// An integer of more than 32 bits.
    IntegerOverflow,
    /// An index of 0, or of no entry of either table.
    UnknownIndex,
    /// A string with EOS in it, or one padded with anything but less than an octet of ones.
    Huffman,
    /// A name or value whose code is longer than any that HTTP knows (see `MAX_STRING`).
    StringTooLong,
    /// A dynamic table size update after the first field.
    MisplacedSizeUpdate,
    /// A dynamic table size update beyond the SETTINGS_HEADER_TABLE_SIZE that holds.
    SizeUpdateTooLarge,
    /// None where a lowered SETTINGS_HEADER_TABLE_SIZE requires one (RFC 7541 section 4.2).
    MissingSizeUpdate,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the block ends within a field",
            Self::IntegerOverflow => "an integer exceeds 32 bits",
            Self::UnknownIndex => "an index of no entry",
            Self::Huffman => "an invalid Huffman string",
            Self::StringTooLong => "a string exceeds 64 KiB",
            Self::MisplacedSizeUpdate => "a dynamic table size update after the first field",
            Self::SizeUpdateTooLarge => "a dynamic table size update beyond the limit",
            Self::MissingSizeUpdate => "a dynamic table size update is missing",
        })
    }
}

impl std::error::Error for DecodeError {}
