//! A hostile peer's header blocks: decoded, judged, and followed by a mirror.

use std::collections::HashMap;

use arbitrary::Arbitrary;
use http2_rs::wire::field::{FieldBlock, Mirror};
use http2_rs::wire::hpack::{Decoded, Decoder, Limits};
use http2_rs::wire::validate::{self, Kind, Method, Rules};

pub type Input = Vec<Step>;

#[derive(Debug, Arbitrary)]
pub enum Step {
    Block { octets: Vec<u8>, list_size: u16, pairs: u8 },
    TableSize(u16),
}

pub fn run(steps: Input) {
    let mut decoder = Decoder::new();
    let mut mirror = HashMap::new();
    for step in steps {
        match step {
            Step::TableSize(size) => decoder.set_max_table_size(size.into()),
            Step::Block { octets, list_size, pairs } => {
                let limits = Limits { list_size: list_size.into(), pairs: pairs.into() };
                let mut fields = FieldBlock::new();
                let Ok(decoded) = decoder.decode(&octets, limits, &mut fields) else { return };
                assert!(fields.list_size() <= limits.list_size && fields.len() <= limits.pairs);
                if decoded == Decoded::TooLarge || !judge(&mut fields, &mut decoder) {
                    decoder.forget_all(&fields);
                    continue;
                }
                for field in &fields {
                    let pair = (field.name.to_vec(), field.value.to_vec());
                    match field.mirror {
                        Mirror::Added(id) => drop(mirror.insert(id, pair)),
                        Mirror::Indexed(id) if id.is_dynamic() => assert_eq!(mirror.get(&id), Some(&pair)),
                        _ => {}
                    }
                }
            }
        }
        assert!(decoder.table_size() <= usize::from(u16::MAX));
        assert!(mirror.len() <= usize::from(u16::MAX) / 32);
    }
}

/// Puts the list in every place where a list can stand, and leaves out what has to be as the last that admits it says.
fn judge(fields: &mut FieldBlock, decoder: &mut Decoder) -> bool {
    let rules = Rules { connect_protocol: true, strict_whitespace: true };
    let response = |method| Kind::Response { method };
    let mut verdict = None;
    for kind in [Kind::Request, Kind::PushPromise, response(Method::Other), response(Method::Connect)] {
        for end_stream in [false, true] {
            verdict = validate::validate(fields, kind, end_stream, rules).ok().or(verdict);
        }
    }
    let Some(verdict) = verdict else { return false };
    let _ = validate::validate(fields, verdict.next, true, rules);
    verdict.purge(fields, decoder);
    true
}
