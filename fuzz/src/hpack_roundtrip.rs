//! Whatever is encoded decodes to itself, through changes of the table's size.

use arbitrary::Arbitrary;
use bytes::BytesMut;
use http2_rs::wire::field::FieldBlock;
use http2_rs::wire::hpack::{Decoded, Decoder, Encoder, Limits};

/// The most octets of its own that the encoder keeps, and what it does.
pub type Input = (u16, Vec<Step>);

#[derive(Debug, Arbitrary)]
pub enum Name {
    Path,
    Cookie,
    ContentType,
    Own(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
pub enum Step {
    List(Vec<(Name, Vec<u8>, bool)>),
    TableSize(u16),
}

pub fn run((own_max, steps): Input) {
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
}
