//! What happens in TLS, as values of JavaScript. Numbers are those of the wire.

use crate::addon::value::{Js, Value};
use crate::transport::tls::failure::Failure;
use crate::transport::tls::hello::Hello;
use crate::transport::tls::{Agreed, names};

pub fn hello(js: Js, hello: &Hello) -> Value {
    let object = js.object();
    js.set(object, c"servername", optional(js, hello.server_name.as_deref()));
    js.set(object, c"alpn", list(js, hello.alpn.iter().map(|name| js.string(name))));
    let numbers = |numbers: &[u16]| list(js, numbers.iter().map(|number| js.integer((*number).into())));
    js.set(object, c"versions", numbers(&hello.versions));
    js.set(object, c"cipherSuites", numbers(&hello.cipher_suites));
    js.set(object, c"groups", numbers(&hello.groups));
    js.set(object, c"signatureSchemes", numbers(&hello.signature_schemes));
    object
}

pub fn agreed(js: Js, agreed: &Agreed) -> Value {
    let object = js.object();
    let alpn = agreed.alpn.as_deref().map_or_else(|| js.boolean(false), |name| js.string(name));
    js.set(object, c"alpn", alpn);
    js.set(object, c"protocol", optional(js, agreed.version.and_then(names::version_name).map(str::as_bytes)));
    let number = |number: Option<u16>| number.map_or_else(|| js.undefined(), |number| js.integer(number.into()));
    js.set(object, c"cipherSuite", number(agreed.cipher_suite));
    js.set(object, c"group", number(agreed.group.map(u16::from)));
    js.set(object, c"servername", optional(js, agreed.server_name.as_deref().map(str::as_bytes)));
    js.set(object, c"resumed", js.boolean(agreed.resumed));
    js.set(object, c"peer", list(js, agreed.peer.iter().map(|certificate| js.buffer(certificate))));
    js.set(object, c"verifyError", optional(js, agreed.fault.map(str::as_bytes)));
    object
}

pub fn failure(js: Js, failure: &Failure) -> Value {
    let object = js.object();
    js.set(object, c"reason", js.string(failure.reason.as_bytes()));
    js.set(object, c"detail", js.string(failure.detail.as_bytes()));
    let alert = failure.received.map_or_else(|| js.undefined(), |alert| js.integer(alert.into()));
    js.set(object, c"alert", alert);
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
