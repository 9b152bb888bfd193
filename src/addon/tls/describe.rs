//! What happens in TLS, as values of JavaScript. Numbers are those of the wire.

use crate::addon::value::{Js, Value};
use crate::transport::tls::failure::Failure;
use crate::transport::tls::hello::Hello;
use crate::transport::tls::{Agreed, names};

/// `[servername, offer, ...alpn]`, where the offer is a string of numbers: four lists, each after its length. A client says
/// the same on each of its connections, so that JavaScript can know an offer again without reading it.
pub fn hello(js: Js, hello: &Hello) -> Value {
    let Hello { versions, cipher_suites, groups, signature_schemes, .. } = hello;
    let mut offer = Vec::new();
    for list in [versions, cipher_suites, groups, signature_schemes] {
        let known = list.iter().copied().filter(|number| !is_grease(*number));
        let at = offer.len();
        offer.push(0);
        offer.extend(known);
        // No list of a hello that was read is longer than 2^15.
        offer[at] = (offer.len() - at - 1) as u16;
    }
    let head = [optional(js, hello.server_name.as_deref()), js.units(&offer)];
    list(js, head.into_iter().chain(hello.alpn.iter().map(|name| js.string(name))))
}

/// RFC 8701: what stands for nothing, and changes from connection to connection.
fn is_grease(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

/// `[alpn, protocol, numbers, servername, verifyError, ...peer]`, with the cipher suite, the group (0 for none) and whether
/// it was resumed for numbers.
pub fn agreed(js: Js, agreed: &Agreed) -> Value {
    let alpn = agreed.alpn.as_deref().map_or_else(|| js.boolean(false), |name| js.string(name));
    let numbers = [agreed.cipher_suite.unwrap_or(0), agreed.group.map_or(0, u16::from), u16::from(agreed.resumed)];
    let head = [
        alpn,
        optional(js, agreed.version.and_then(names::version_name).map(str::as_bytes)),
        js.units(&numbers),
        optional(js, agreed.server_name.as_deref().map(str::as_bytes)),
        optional(js, agreed.fault.map(str::as_bytes)),
    ];
    list(js, head.into_iter().chain(agreed.peer.iter().map(|certificate| js.buffer(certificate))))
}

pub fn failure(js: Js, failure: &Failure) -> Value {
    let object = js.object();
    js.set(object, c"reason", js.string(failure.reason.as_bytes()));
    js.set(object, c"detail", js.string(failure.detail.as_bytes()));
    let alert = failure.received.map_or_else(|| js.undefined(), |alert| js.integer(alert.into()));
    js.set(object, c"alert", alert);
    js.set(object, c"ofOffer", js.boolean(failure.of_offer));
    object
}

fn optional(js: Js, text: Option<&[u8]>) -> Value {
    text.map_or_else(|| js.undefined(), |text| js.string(text))
}

fn list(js: Js, values: impl Iterator<Item = Value>) -> Value {
    let array = js.array();
    for (index, value) in (0..).zip(values) {
        js.push(array, index, value);
    }
    array
}
