//! Blocks that are malformed, at a limit, or unusual.

use super::*;
use crate::wire::field::{FieldId, Mirror};

#[test]
fn malformed_blocks() {
    let cases: &[(&str, DecodeError)] = &[
        ("80", DecodeError::UnknownIndex),
        ("be", DecodeError::UnknownIndex),
        ("ff00", DecodeError::UnknownIndex),
        ("ffff ffff ff07", DecodeError::UnknownIndex),
        ("7f00 0161", DecodeError::UnknownIndex),
        ("0f2f 0161", DecodeError::UnknownIndex),
        ("1f2f 0161", DecodeError::UnknownIndex),
        ("ff", DecodeError::Truncated),
        ("40", DecodeError::Truncated),
        ("4001", DecodeError::Truncated),
        ("4001 61", DecodeError::Truncated),
        ("4001 6101", DecodeError::Truncated),
        ("41", DecodeError::Truncated),
        ("00", DecodeError::Truncated),
        ("3f", DecodeError::Truncated),
        ("417f ffff ff7f 61", DecodeError::Truncated),
        ("ffff ffff ffff 00", DecodeError::IntegerOverflow),
        ("ff80 8080 8080 00", DecodeError::IntegerOverflow),
        ("417f ffff ffff ff01", DecodeError::IntegerOverflow),
        ("3fff ffff ffff 01", DecodeError::IntegerOverflow),
        ("4181 00", DecodeError::Huffman),
        ("4181 ff", DecodeError::Huffman),
        ("4182 07ff", DecodeError::Huffman),
        ("4184 ffff ffff", DecodeError::Huffman),
        ("0081 0600", DecodeError::Huffman),
        ("8220", DecodeError::MisplacedSizeUpdate),
        ("823f e11f", DecodeError::MisplacedSizeUpdate),
        ("3fe2 1f82", DecodeError::SizeUpdateTooLarge),
        ("203f e21f", DecodeError::SizeUpdateTooLarge),
    ];
    for (block, error) in cases {
        assert_eq!(try_decode(&mut Decoder::new(), &hex(block)), Err(*error), "{block}");
    }
}

#[test]
fn empty_things_are_legal() {
    let mut decoder = Decoder::new();
    assert!(decode(&mut decoder, b"").is_empty());
    assert_eq!(list(&decode(&mut decoder, &hex("0000 00"))), pairs(&[("", "")]));
    assert_eq!(list(&decode(&mut decoder, &hex("4080 80"))), pairs(&[("", "")]));
    assert_eq!(decoder.table_size(), 32);
    assert!(decode(&mut decoder, &hex("20")).is_empty(), "a size update alone");
    assert_eq!(decoder.table_size(), 0);
}

#[test]
fn size_updates_evict_and_bound() {
    let mut decoder = Decoder::new();
    decode(&mut decoder, &hex("4001 6101 31 4001 6201 32"));
    assert_eq!(decoder.table_size(), 68);
    let fields = decode(&mut decoder, &hex("3f0f be"));
    assert_eq!((list(&fields), decoder.table_size()), (pairs(&[("b", "2")]), 34), "46 octets hold one of the two");
    assert_eq!(try_decode(&mut decoder, &hex("bf")), Err(DecodeError::UnknownIndex));

    let mut decoder = Decoder::new();
    decode(&mut decoder, &hex("4001 6101 31"));
    assert_eq!(try_decode(&mut decoder, &hex("203f e11f be")), Err(DecodeError::UnknownIndex), "down and up again");
}

#[test]
fn a_larger_table_may_be_used_but_need_not() {
    let mut decoder = Decoder::new();
    decoder.set_max_table_size(65536);
    decode(&mut decoder, &hex("82"));
    decode(&mut decoder, &hex("3fe1 ff03 82"));
    assert_eq!(try_decode(&mut decoder, &hex("3fe2 ff03 82")), Err(DecodeError::SizeUpdateTooLarge));
}

#[test]
fn a_smaller_table_must_be_acknowledged_by_an_update() {
    let smaller = || {
        let mut decoder = Decoder::new();
        decode(&mut decoder, &hex("4001 6101 31"));
        decoder.set_max_table_size(100);
        decoder
    };
    assert_eq!(try_decode(&mut smaller(), &hex("82")), Err(DecodeError::MissingSizeUpdate));
    assert_eq!(try_decode(&mut smaller(), &hex("be")), Err(DecodeError::MissingSizeUpdate));
    assert_eq!(try_decode(&mut smaller(), &hex("3fe1 1f82")), Err(DecodeError::SizeUpdateTooLarge));
    assert!(decode(&mut smaller(), b"").is_empty());
    let mut decoder = smaller();
    assert_eq!(list(&decode(&mut decoder, &hex("3f45 be"))), pairs(&[("a", "1")]), "what fits in 100 octets lives on");
    decode(&mut decoder, &hex("82"));
    let mut decoder = smaller();
    decode(&mut decoder, &hex("20 3f45 82"));

    // Lowered and raised again before the peer's next block: it has to pass through the lowest (section 4.2).
    let there_and_back = || {
        let mut decoder = Decoder::new();
        decoder.set_max_table_size(0);
        decoder.set_max_table_size(4096);
        decoder
    };
    assert_eq!(try_decode(&mut there_and_back(), &hex("82")), Err(DecodeError::MissingSizeUpdate));
    assert_eq!(try_decode(&mut there_and_back(), &hex("3fe1 1f82")), Err(DecodeError::SizeUpdateTooLarge));
    decode(&mut there_and_back(), &hex("20 3fe1 1f82"));

    // A peer that uses less already has nothing to say.
    let mut decoder = decoder_of(50);
    decoder.set_max_table_size(100);
    decode(&mut decoder, &hex("82"));
}

#[test]
fn a_field_too_large_for_the_table_empties_it() {
    let mut decoder = decoder_of(64);
    decode(&mut decoder, &hex("4001 6101 31"));
    let long = "x".repeat(40);
    let mut block = hex("4001 61");
    block.push(40);
    block.extend(long.bytes());
    let fields = decode(&mut decoder, &block);
    assert_eq!(fields.field(0).unwrap().mirror, Mirror::Literal, "there is no slot to mirror");
    assert_eq!(decoder.table_size(), 0);
}

#[test]
fn a_name_may_come_from_the_entry_that_its_field_evicts() {
    let mut decoder = decoder_of(64);
    decode(&mut decoder, &hex("4001 6101 31"));
    let fields = decode(&mut decoder, &hex("7e02 3232"));
    assert_eq!(list(&fields), pairs(&[("a", "22")]));
    assert_eq!(decoder.table_size(), 35);
}

#[test]
fn never_indexed_fields_are_told_apart() {
    let mut decoder = Decoder::new();
    let fields = decode(&mut decoder, &hex("1001 6101 31 0001 6101 31 1701 78 82"));
    let mirrors: Vec<_> = fields.iter().map(|field| field.mirror).collect();
    let expected = [Mirror::NeverIndexed, Mirror::Literal, Mirror::NeverIndexed, Mirror::Indexed(FieldId::new(2))];
    assert_eq!(mirrors, expected);
}

#[test]
fn limits_keep_a_beginning_of_the_list_and_the_table_in_step() {
    let block = hex("4001 6101 31 4001 6201 32 82 4001 6301 33 c0");
    let whole = pairs(&[("a", "1"), ("b", "2"), (":method", "GET"), ("c", "3"), ("a", "1")]);
    let size: usize = 4 * 34 + 42;
    for (limits, expected) in [
        (Limits { pairs: 5, list_size: size }, 5),
        (Limits { pairs: 4, list_size: usize::MAX }, 4),
        (Limits { pairs: 0, list_size: usize::MAX }, 0),
        (Limits { pairs: usize::MAX, list_size: size - 1 }, 4),
        (Limits { pairs: usize::MAX, list_size: 68 }, 2),
        (Limits { pairs: usize::MAX, list_size: 67 }, 1),
        (Limits { pairs: usize::MAX, list_size: 0 }, 0),
    ] {
        let mut decoder = Decoder::new();
        let mut fields = FieldBlock::new();
        let decoded = decoder.decode(&block, limits, &mut fields).unwrap();
        assert_eq!(decoded == Decoded::Complete, expected == 5, "{limits:?}");
        assert_eq!(list(&fields), whole[..expected], "{limits:?}");
        assert_eq!(decoder.table_size(), 3 * 34);
        assert_eq!(list(&decode(&mut decoder, &hex("be bf c0"))), pairs(&[("c", "3"), ("b", "2"), ("a", "1")]));
    }
}

#[test]
fn errors_beyond_the_limits_are_still_found() {
    let limits = Limits { pairs: 1, list_size: usize::MAX };
    for (block, error) in [("8282 80", DecodeError::UnknownIndex), ("8282 4181 00", DecodeError::Huffman)] {
        let mut fields = FieldBlock::new();
        assert_eq!(Decoder::new().decode(&hex(block), limits, &mut fields), Err(error));
    }
}

#[test]
fn a_bomb_of_indices_copies_nothing_over_the_limit() {
    let mut decoder = Decoder::new();
    let mut block = hex("4001 617f 810f");
    let value = vec![b'v'; 127 + 1 + (15 << 7)];
    block.extend(&value);
    assert_eq!(decode(&mut decoder, &block).octets(), 1 + value.len());
    let mut fields = FieldBlock::new();
    let limits = Limits { pairs: usize::MAX, list_size: 65536 };
    let decoded = decoder.decode(&vec![0xbe; 100_000], limits, &mut fields);
    assert_eq!(decoded, Ok(Decoded::TooLarge));
    assert!(fields.list_size() <= 65536 && fields.octets_mut().capacity() <= 2 * 65536);
}
