//! What the tests of both directions share.

use bytes::BytesMut;

use super::{DecodeError, Decoded, Decoder, Encoder, Limits, integer};
use crate::wire::field::FieldBlock;

mod appendix_c;
mod decoding;
mod encoding;
mod random;

type List = Vec<(Vec<u8>, Vec<u8>)>;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn list(fields: &FieldBlock) -> List {
    fields.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect()
}

fn pairs(fields: &[(&str, &str)]) -> List {
    fields.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

fn try_decode(decoder: &mut Decoder, block: &[u8]) -> Result<FieldBlock, DecodeError> {
    let mut fields = FieldBlock::new();
    decoder.decode(block, Limits::NONE, &mut fields).map(|decoded| {
        assert_eq!(decoded, Decoded::Complete);
        fields
    })
}

fn decode(decoder: &mut Decoder, block: &[u8]) -> FieldBlock {
    try_decode(decoder, block).unwrap()
}

fn encode(encoder: &mut Encoder, fields: &FieldBlock) -> Vec<u8> {
    let mut out = BytesMut::new();
    encoder.encode(fields, &mut out);
    out.to_vec()
}

/// A decoder whose peer uses a table of that size, and has said so.
fn decoder_of(size: usize) -> Decoder {
    let mut decoder = Decoder::new();
    let mut update = BytesMut::new();
    integer::encode(size, 5, 0x20, &mut update);
    decode(&mut decoder, &update);
    decoder
}

fn block_of(fields: &[(&str, &str)]) -> FieldBlock {
    fields.iter().copied().collect()
}
