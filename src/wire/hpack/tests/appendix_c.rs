//! The examples of RFC 7541 appendix C, whole, cut off, changed, and with tables of other sizes.

use super::*;

type Pairs = &'static [(&'static str, &'static str)];

/// The blocks of one connection in appendix C, each with its list and the table's size after it.
struct Script {
    name: &'static str,
    table: usize,
    blocks: &'static [(&'static str, Pairs, usize)],
}

const REQUEST_1: Pairs = &[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")];
const REQUEST_2: Pairs = &[
    (":method", "GET"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "www.example.com"),
    ("cache-control", "no-cache"),
];
const REQUEST_3: Pairs = &[
    (":method", "GET"),
    (":scheme", "https"),
    (":path", "/index.html"),
    (":authority", "www.example.com"),
    ("custom-key", "custom-value"),
];
const RESPONSE_1: Pairs = &[
    (":status", "302"),
    ("cache-control", "private"),
    ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
    ("location", "https://www.example.com"),
];
const RESPONSE_2: Pairs = &[
    (":status", "307"),
    ("cache-control", "private"),
    ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
    ("location", "https://www.example.com"),
];
const RESPONSE_3: Pairs = &[
    (":status", "200"),
    ("cache-control", "private"),
    ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
    ("location", "https://www.example.com"),
    ("content-encoding", "gzip"),
    ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
];

const APPENDIX_C: &[Script] = &[
    Script {
        name: "C.2.1",
        table: 4096,
        blocks: &[(
            "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
            &[("custom-key", "custom-header")],
            55,
        )],
    },
    Script {
        name: "C.2.2",
        table: 4096,
        blocks: &[("040c 2f73 616d 706c 652f 7061 7468", &[(":path", "/sample/path")], 0)],
    },
    Script {
        name: "C.2.3",
        table: 4096,
        blocks: &[("1008 7061 7373 776f 7264 0673 6563 7265 74", &[("password", "secret")], 0)],
    },
    Script { name: "C.2.4", table: 4096, blocks: &[("82", &[(":method", "GET")], 0)] },
    Script {
        name: "C.3",
        table: 4096,
        blocks: &[
            ("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", REQUEST_1, 57),
            ("8286 84be 5808 6e6f 2d63 6163 6865", REQUEST_2, 110),
            ("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", REQUEST_3, 164),
        ],
    },
    Script {
        name: "C.4",
        table: 4096,
        blocks: &[
            ("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", REQUEST_1, 57),
            ("8286 84be 5886 a8eb 1064 9cbf", REQUEST_2, 110),
            ("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", REQUEST_3, 164),
        ],
    },
    Script {
        name: "C.5",
        table: 256,
        blocks: &[
            (
                "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32
                 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                RESPONSE_1,
                222,
            ),
            ("4803 3330 37c1 c0bf", RESPONSE_2, 222),
            (
                "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970
                 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61
                 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
                RESPONSE_3,
                215,
            ),
        ],
    },
    Script {
        name: "C.6",
        table: 256,
        blocks: &[
            (
                "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad
                 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
                RESPONSE_1,
                222,
            ),
            ("4883 640e ffc1 c0bf", RESPONSE_2, 222),
            (
                "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2
                 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
                RESPONSE_3,
                215,
            ),
        ],
    },
];

#[test]
fn appendix_c_decodes() {
    for script in APPENDIX_C {
        let mut decoder = decoder_of(script.table);
        for (number, (block, fields, size)) in script.blocks.iter().enumerate() {
            let decoded = decode(&mut decoder, &hex(block));
            assert_eq!(list(&decoded), pairs(fields), "{} block {number}", script.name);
            assert_eq!(decoder.table_size(), *size, "{} block {number}", script.name);
        }
    }
}

#[test]
fn appendix_c_encodes_where_the_encoder_has_no_choice() {
    // The others do without Huffman, or index what this encoder does not.
    for script in APPENDIX_C.iter().filter(|script| ["C.2.4", "C.4"].contains(&script.name)) {
        let mut encoder = Encoder::new(script.table);
        for (block, fields, size) in script.blocks {
            assert_eq!(encode(&mut encoder, &block_of(fields)), hex(block), "{}", script.name);
            assert_eq!(encoder.table_size(), *size);
        }
    }
    // C.2.2 and C.2.3 with their strings in Huffman code.
    let mut encoder = Encoder::new(4096);
    let mut fields = FieldBlock::new();
    fields.push(b":path", b"/sample/path", false);
    assert_eq!(encode(&mut encoder, &fields), hex("0489 6103 a6ba 0ac5 634c ff"));
    fields.clear();
    fields.push(b"password", b"secret", true);
    assert_eq!(encode(&mut encoder, &fields), hex("1086 ac68 4783 d927 8441 4961 53"));
}

#[test]
fn appendix_c_goes_round_through_tables_of_every_size() {
    for script in APPENDIX_C {
        for size in (0..=260).chain([512, 4096]) {
            let mut encoder = Encoder::new(size);
            let mut decoder = Decoder::new();
            for (_, fields, _) in script.blocks {
                let fields = block_of(fields);
                let block = encode(&mut encoder, &fields);
                assert_eq!(list(&decode(&mut decoder, &block)), list(&fields), "{} at {size}", script.name);
                assert_eq!(decoder.table_size(), encoder.table_size());
                assert!(decoder.table_size() <= size);
            }
        }
    }
}

#[test]
fn appendix_c_with_the_table_resized_before_each_block() {
    // The tables shrink under both ends at any point and still agree.
    for script in APPENDIX_C {
        for sizes in [[0, 4096, 64], [300, 0, 300], [100, 120, 33], [4096, 60, 0]] {
            let mut encoder = Encoder::new(4096);
            let mut decoder = Decoder::new();
            for ((_, fields, _), size) in script.blocks.iter().zip(sizes) {
                encoder.set_peer_max(size);
                decoder.set_max_table_size(size);
                let fields = block_of(fields);
                assert_eq!(list(&decode(&mut decoder, &encode(&mut encoder, &fields))), list(&fields));
                assert_eq!(decoder.table_size(), encoder.table_size());
            }
        }
    }
}

/// Where in a block of literals and indices each field ends, found by decoding.
fn boundaries(table: usize, before: &[Vec<u8>], block: &[u8]) -> Vec<usize> {
    (0..=block.len())
        .filter(|&end| {
            let mut decoder = decoder_of(table);
            before.iter().for_each(|block| drop(decode(&mut decoder, block)));
            try_decode(&mut decoder, &block[..end]).is_ok()
        })
        .collect()
}

#[test]
fn appendix_c_cut_off_at_every_octet() {
    for script in APPENDIX_C {
        let mut before: Vec<Vec<u8>> = Vec::new();
        for (block, fields, _) in script.blocks {
            let block = hex(block);
            // Only a cut between two fields leaves a block, of as many fields as came before it.
            assert_eq!(boundaries(script.table, &before, &block).len(), fields.len() + 1, "{}", script.name);
            for end in 0..block.len() {
                let mut decoder = decoder_of(script.table);
                before.iter().for_each(|block| drop(decode(&mut decoder, block)));
                let mut partial = FieldBlock::new();
                let result = decoder.decode(&block[..end], Limits::NONE, &mut partial);
                assert!(matches!(result, Ok(_) | Err(DecodeError::Truncated)), "{result:?}");
                let expected = pairs(fields);
                assert_eq!(list(&partial), expected[..partial.len()]);
            }
            before.push(block);
        }
    }
}

#[test]
fn appendix_c_with_every_octet_changed_never_panics() {
    for script in APPENDIX_C {
        let mut before: Vec<Vec<u8>> = Vec::new();
        for (block, ..) in script.blocks {
            let block = hex(block);
            for position in 0..block.len() {
                for octet in 0..=255 {
                    let mut decoder = decoder_of(script.table);
                    before.iter().for_each(|block| drop(decode(&mut decoder, block)));
                    let mut changed = block.clone();
                    changed[position] = octet;
                    let _ = try_decode(&mut decoder, &changed);
                    assert!(decoder.table_size() <= 4096);
                }
            }
            before.push(block);
        }
    }
}
