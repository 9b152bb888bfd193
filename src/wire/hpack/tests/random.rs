//! Pseudo-random lists and octets, the same in every run.

use std::collections::HashMap;

use super::*;
use crate::wire::field::Mirror;
use crate::wire::hpack::huffman;

/// A small deterministic generator (an LCG, upper bits).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }

    fn octets(&mut self, max: usize, printable: bool) -> Vec<u8> {
        (0..self.below(max))
            .map(|_| if printable { b'!' + self.below(94) as u8 } else { self.below(256) as u8 })
            .collect()
    }

    /// Fields that repeat often enough for every table to be used.
    fn list(&mut self) -> FieldBlock {
        let names: [&[u8]; 8] =
            [b":method", b":path", b"cookie", b"content-type", b"x-a", b"x-bb", b"x-a-rather-long-name", b"date"];
        let values: [&[u8]; 6] = [b"", b"GET", b"/", b"1", b"a value of some length, with spaces", b"\xff\x00\x80"];
        let mut fields = FieldBlock::new();
        for _ in 0..self.below(12) {
            let printable = self.below(4) != 0;
            let name = match self.below(5) {
                0 => self.octets(40, printable),
                _ => names[self.below(names.len())].to_vec(),
            };
            let value = match self.below(3) {
                0 => self.octets(120, printable),
                _ => values[self.below(values.len())].to_vec(),
            };
            fields.push(&name, &value, self.below(10) == 0);
        }
        fields
    }
}

#[test]
fn random_lists_go_round() {
    let mut random = Random(1);
    for own_max in [0, 33, 100, 4096, 20000] {
        let mut encoder = Encoder::new(own_max);
        let mut decoder = Decoder::new();
        for _ in 0..1500 {
            while random.below(10) == 0 {
                let size = [0, 32, 60, 500, 4096, 9000][random.below(6)];
                encoder.set_peer_max(size);
                decoder.set_max_table_size(size);
            }
            let fields = random.list();
            let decoded = decode(&mut decoder, &encode(&mut encoder, &fields));
            assert_eq!(list(&decoded), list(&fields));
            assert_eq!(decoder.table_size(), encoder.table_size());
            let sensitive =
                |fields: &FieldBlock| fields.iter().map(|field| field.is_never_indexed()).collect::<Vec<_>>();
            for (sent, received) in sensitive(&fields).into_iter().zip(sensitive(&decoded)) {
                assert!(received || !sent, "never-indexed has to survive");
            }
        }
    }
}

#[test]
fn random_octets_never_panic() {
    let mut random = Random(3);
    let mut decoder = Decoder::new();
    for _ in 0..20_000 {
        let block = random.octets(60, false);
        let mut fields = FieldBlock::new();
        let _ = decoder.decode(&block, Limits { pairs: 20, list_size: 2000 }, &mut fields);
        assert!(fields.len() <= 20 && fields.list_size() <= 2000);
        assert!(decoder.table_size() <= 4096);
    }
}

#[test]
fn random_huffman_strings_go_round() {
    let mut random = Random(5);
    for _ in 0..5000 {
        let printable = random.below(2) == 0;
        let text = random.octets(80, printable);
        let mut code = vec![0; huffman::encoded_len(&text)];
        huffman::encode(&text, &mut code);
        let mut out = b"before".to_vec();
        huffman::decode(&code, &mut out).unwrap();
        assert_eq!(out, [b"before", &text[..]].concat());
    }
}

/// The JavaScript side: it knows only what [`Mirror`] tells it.
#[derive(Default)]
struct Copy {
    slots: HashMap<u32, (Vec<u8>, Vec<u8>)>,
}

impl Copy {
    fn follow(&mut self, fields: &FieldBlock) {
        for field in fields {
            let pair = (field.name.to_vec(), field.value.to_vec());
            match field.mirror {
                Mirror::Added(id) => drop(self.slots.insert(id.get(), pair)),
                Mirror::Indexed(id) if id.is_dynamic() => assert_eq!(self.slots.get(&id.get()), Some(&pair)),
                Mirror::Indexed(_) | Mirror::Literal | Mirror::NeverIndexed => {}
            }
        }
    }
}

#[test]
fn a_mirror_follows_additions_reuse_and_gaps() {
    let mut random = Random(7);
    for size in [0, 64, 200, 4096] {
        let mut encoder = Encoder::new(size);
        let mut decoder = Decoder::new();
        let mut copy = Copy::default();
        for _ in 0..400 {
            let fields = random.list();
            let block = encode(&mut encoder, &fields);
            let mut decoded = FieldBlock::new();
            match random.below(4) {
                0 => {
                    // The list is refused after decoding.
                    decoder.decode(&block, Limits::NONE, &mut decoded).unwrap();
                    decoder.forget_all(&decoded);
                }
                1 => {
                    // The list is over a limit.
                    let limits = Limits { pairs: random.below(8), list_size: random.below(400) };
                    match decoder.decode(&block, limits, &mut decoded).unwrap() {
                        Decoded::Complete => copy.follow(&decoded),
                        Decoded::TooLarge => decoder.forget_all(&decoded),
                    }
                }
                _ => {
                    decoder.decode(&block, Limits::NONE, &mut decoded).unwrap();
                    assert_eq!(list(&decoded), list(&fields));
                    copy.follow(&decoded);
                }
            }
        }
        assert!(copy.slots.len() <= size / 32, "{} slots", copy.slots.len());
        assert!(copy.slots.keys().all(|&id| (id as usize) < 62 + size / 32));
    }
}
