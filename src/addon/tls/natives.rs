//! The functions that lib/engine/tls.js calls. A connection is named by its key, as a session is.

use std::rc::Rc;

use bytes::Bytes;
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;

use crate::addon::natives::Arguments;
use crate::addon::value::{Js, Value};
use crate::addon::world::World;
use crate::transport::tls::config::{Common, Config, Identity, Particulars, ServerOptions};
use crate::transport::tls::names;
use crate::transport::{Socket, Tls};

/// The flags of a configuration.
mod flag {
    use std::ffi::CStr;

    pub const SERVER: u32 = 1;
    pub const REJECT_UNAUTHORIZED: u32 = 2;
    pub const REQUEST_CERTIFICATE: u32 = 4;
    pub const OWN_ORDER: u32 = 8;
    /// A server gives tickets, by which sessions are resumed.
    pub const TICKETS: u32 = 16;
    pub const KEYLOG: u32 = 32;
    pub const PARTIAL_CHAIN: u32 = 64;
    /// Clients are told whose certificates are expected.
    pub const NAMES: u32 = 128;

    pub const ALL: &[(&CStr, u32)] = &[
        (c"SERVER", SERVER),
        (c"REJECT_UNAUTHORIZED", REJECT_UNAUTHORIZED),
        (c"REQUEST_CERTIFICATE", REQUEST_CERTIFICATE),
        (c"OWN_ORDER", OWN_ORDER),
        (c"TICKETS", TICKETS),
        (c"KEYLOG", KEYLOG),
        (c"PARTIAL_CHAIN", PARTIAL_CHAIN),
        (c"NAMES", NAMES),
    ];
}

/// `{ flags, cipherSuites, groups }`: what lib/engine/tls.js has to know; the latter two by name, with their numbers.
pub fn constants(js: Js) -> Value {
    let object = js.object();
    let flags = js.object();
    for (name, value) in flag::ALL {
        js.set(flags, name, js.integer(value.cast_signed()));
    }
    js.set(object, c"flags", flags);
    let suites = names::CIPHER_SUITES.iter().map(|(name, suite)| (*name, u16::from(suite.suite())));
    js.set(object, c"cipherSuites", pairs(js, suites));
    js.set(object, c"groups", pairs(js, names::GROUPS.iter().map(|(name, group)| (*name, u16::from(group.name())))));
    object
}

/// Name and number in turn.
fn pairs(js: Js, list: impl Iterator<Item = (&'static str, u16)>) -> Value {
    let array = js.array();
    for (index, (name, number)) in (0..).zip(list) {
        js.push(array, 2 * index, js.string(name.as_bytes()));
        js.push(array, 2 * index + 1, js.integer(number.into()));
    }
    array
}

/// Makes a configuration of `flags, identities, roots, alpn, [min, max], suites, groups`; an identity is an array of a key
/// (PKCS#8) and its certificates (DER). A string says what is wrong.
pub fn configure(
    _: &World,
    js: Js,
    &[flags, identities, roots, alpn, versions, suites, groups, ..]: &Arguments,
) -> Option<Value> {
    let flags = js.uint(flags);
    let is_set = |flag| flags & flag != 0;
    let refuse = |why: &str| Some(js.string(why.as_bytes()));
    let Some(versions) = range(js, versions) else { return refuse("no such versions") };
    let (Ok(cipher_suites), Ok(groups)) = (named(js, suites, names::cipher_suite), named(js, groups, names::group))
    else {
        return refuse("unknown cipher suite or group");
    };
    let common = Common {
        identities: elements(js, identities, |value| identity(js, value)),
        roots: certificates(js, roots),
        partial_chain: is_set(flag::PARTIAL_CHAIN),
        reject_unauthorized: is_set(flag::REJECT_UNAUTHORIZED),
        alpn: protocols(js, alpn),
        versions,
        cipher_suites,
        groups,
        keylog: is_set(flag::KEYLOG),
    };
    let config = if is_set(flag::SERVER) {
        let options = ServerOptions {
            request_certificate: is_set(flag::REQUEST_CERTIFICATE),
            names: is_set(flag::NAMES),
            own_order: is_set(flag::OWN_ORDER),
            tickets: is_set(flag::TICKETS),
        };
        Config::server(common, &options)
    } else {
        Config::client(common, Resumption::disabled())
    };
    match config {
        Ok(config) => Some(js.external(Rc::new(config))),
        Err(error) => refuse(&error.to_string()),
    }
}

fn elements<T>(js: Js, array: Value, read: impl Fn(Value) -> Option<T>) -> Vec<T> {
    (0..js.length(array)).filter_map(|index| read(js.element(array, index)?)).collect()
}

fn text(js: Js, value: Value) -> Option<String> {
    let mut octets = Vec::new();
    js.utf8(value, &mut octets).then(|| String::from_utf8(octets).ok()).flatten()
}

fn certificates(js: Js, array: Value) -> Vec<CertificateDer<'static>> {
    elements(js, array, |value| Some(CertificateDer::from(js.copied(value)?.to_vec())))
}

fn identity(js: Js, value: Value) -> Option<Identity> {
    let mut parts = elements(js, value, |part| Some(js.copied(part)?.to_vec())).into_iter();
    Some(Identity { key: parts.next()?, chain: parts.map(CertificateDer::from).collect() })
}

fn protocols(js: Js, array: Value) -> Vec<Vec<u8>> {
    elements(js, array, |value| {
        let mut name = Vec::new();
        js.latin1(value, &mut name).then_some(name)
    })
}

fn range(js: Js, value: Value) -> Option<Vec<&'static rustls::SupportedProtocolVersion>> {
    let ends = elements(js, value, |name| text(js, name));
    names::versions(ends.first()?, ends.get(1)?)
}

/// None for undefined, an error for a name that is unknown.
fn named<T>(js: Js, array: Value, find: impl Fn(&str) -> Option<T>) -> Result<Option<Vec<T>>, ()> {
    if js.is_undefined(array) {
        return Ok(None);
    }
    let names = elements(js, array, |name| text(js, name));
    names.iter().map(|name| find(name).ok_or(())).collect::<Result<_, _>>().map(Some)
}

/// Takes over a duplicate of a descriptor. Returns a key, or the negative of an error number of the system's.
pub fn open(world: &World, js: Js, &[fd, ..]: &Arguments) -> i32 {
    world.open_connection(js.int(fd)).map_or_else(|error| -error, u32::cast_signed)
}

pub fn peek(world: &World, js: Js, &[key, ..]: &Arguments) {
    world.with_connection(js.uint(key), |connection| connection.peek());
}

/// Begins a handshake with `config, servername, alpn, before`. If it cannot begin, why.
pub fn start(world: &World, js: Js, &[key, config, server_name, alpn, before, ..]: &Arguments) -> Option<Value> {
    // SAFETY: lib/engine/tls.js gives what `configure` made, and nothing else that is external.
    let Some(config) = (unsafe { js.shared::<Config>(config) }) else {
        return Some(js.string(b"no configuration"));
    };
    let mut particulars = Particulars {
        server_name: text(js, server_name),
        alpn: (!js.is_undefined(alpn)).then(|| protocols(js, alpn)),
        ..Particulars::default()
    };
    let before = js.copied(before).unwrap_or_default();
    let slabs = world.slabs();
    let started = world.with_connection(js.uint(key), |connection| {
        let fd = connection.fd()?;
        particulars.asks_to_resume = connection.asks_to_resume();
        let socket = Socket::new(fd, before, slabs.clone());
        Some(Tls::new(config, particulars, socket, slabs).map(|tls| connection.start(tls)))
    });
    match started.flatten() {
        Some(Ok(())) => None,
        Some(Err(failure)) => Some(super::failure(js, &failure)),
        None => Some(js.string(b"no connection")),
    }
}

/// Sends what is left of the handshake, if no session does.
pub fn flush(world: &World, js: Js, &[key, ..]: &Arguments) {
    world.with_connection(js.uint(key), |connection| connection.flush());
}

/// Puts a connection under a session. False if there is nothing to put, or the peer is not to be trusted.
pub fn attach(world: &World, js: Js, &[session, key, ..]: &Arguments) -> bool {
    world.attach_connection(js, js.uint(session), js.uint(key))
}

/// Tells the peer that nothing more comes.
pub fn shut_down(world: &World, js: Js, &[key, ..]: &Arguments) {
    let key = js.uint(key);
    if world.with_connection(key, |connection| connection.shut_down()).is_none() {
        world.with_entry(key, |entry, _| entry.close_tls(js));
    }
}

/// Keying material of `length, label, context`, or undefined.
pub fn export(world: &World, js: Js, &[key, length, label, context, ..]: &Arguments) -> Option<Value> {
    /// More than any protocol asks for.
    const LONGEST: usize = 64 * 1024;
    let length = js.uint(length) as usize;
    let label = text(js, label)?;
    let context: Option<Bytes> = js.copied(context);
    if length > LONGEST {
        return None;
    }
    let key = js.uint(key);
    let export = |tls: &Tls<Socket>| tls.export_keying_material(length, label.as_bytes(), context.as_deref());
    let octets = match world.with_connection(key, |connection| connection.tls().and_then(&export)) {
        Some(octets) => octets,
        None => world.with_entry(key, |entry, _| entry.with_tls(|tls| export(tls))).flatten().flatten(),
    }?;
    Some(js.buffer(&octets))
}

pub fn close(world: &World, js: Js, &[key, ..]: &Arguments) {
    world.close_connection(js.uint(key));
}
