//! Whatever is encoded decodes to itself, through changes of the table's size.
#![no_main]

use bytes::BytesMut;
use http2_rs::wire::field::FieldBlock;
use http2_rs::wire::hpack::{Decoded, Decoder, Encoder, Limits};
use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};

#[derive(Debug, Arbitrary)]
enum Name {
    Path,
    Cookie,
    ContentType,
    Own(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
enum Step {
    List(Vec<(Name, Vec<u8>, bool)>),
    TableSize(u16),
}

fuzz_target!(|input: (u16, Vec<Step>)| {
    let (own_max, steps) = input;
    let mut encoder = Encoder::new(own_max.into());
    let mut decoder = Decoder::new();
    for step in steps {
        match step {
            Step::TableSize(size) => {
                encoder.set_peer_max(size.into());
                decoder.set_max_table_size(size.into());
            }
            Step::List(list) => {
                let mut fields = FieldBlock::new();
                for (name, value, never_indexed) in &list {
                    let name = match name {
                        Name::Path => &b":path"[..],
                        Name::Cookie => b"cookie",
                        Name::ContentType => b"content-type",
                        Name::Own(name) => name,
                    };
                    fields.push(name, value, *never_indexed);
                }
                let mut block = BytesMut::new();
                encoder.encode(&fields, &mut block);
                assert!(block.len() <= Encoder::bound(&fields));
                let mut decoded = FieldBlock::new();
                assert_eq!(decoder.decode(&block, Limits::NONE, &mut decoded), Ok(Decoded::Complete));
                assert_eq!(decoded.len(), fields.len());
                for (sent, received) in fields.iter().zip(&decoded) {
                    assert_eq!((sent.name, sent.value), (received.name, received.value));
                    assert!(received.is_never_indexed() || !sent.is_never_indexed());
                }
                assert_eq!(decoder.table_size(), encoder.table_size());
            }
        }
    }
});
