//! The napi boundary: the only code that sees a JavaScript value.
//!
//! Layout: [`value`] is Node-API; [`world`] is one environment, with its sessions ([`entry`]) and its turns;
//! [`natives`] are the functions that lib/engine calls; [`batch`] is how events cross, in the records of [`codes`], with
//! field names as the numbers of [`names`]; [`socket`] is a socket taken over, and [`tls`] one with TLS; [`body`] is
//! the memory of sent bodies; [`options`] and [`snapshot`] are what goes in when a session is made, and its state as it
//! comes out.

mod batch;
mod body;
mod codes;
mod entry;
#[cfg(unix)]
mod file;
mod names;
mod natives;
mod options;
mod snapshot;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod tls;
mod value;
mod world;

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::bindgen_prelude::{Env, Object};
use napi::{JsValue, sys};

use value::{Js, Value};
use world::World;

use crate::wire::hpack;

/// Called when an environment loads the addon.
#[napi_derive::napi(module_exports)]
pub fn load(exports: Object<'_>, env: Env) -> napi::Result<()> {
    // SAFETY: this is the environment's thread, in a call from it.
    let done = catch_unwind(AssertUnwindSafe(|| unsafe { export(env.raw(), exports.raw()) }));
    match done {
        Ok(true) => Ok(()),
        _ => Err(napi::Error::from_reason("the engine of http2-rs could not attach itself to this environment")),
    }
}

/// # Safety
/// `env` is the environment that loads the addon now, on this thread, with an open handle scope.
unsafe fn export(env: sys::napi_env, exports: Value) -> bool {
    // SAFETY: demanded of the caller.
    let (world, js) = unsafe { (World::open(env), Js::new(env)) };
    let Some(world) = world else { return false };
    for (name, function) in natives::ALL {
        js.set(exports, name, js.function(name, *function, world.as_ptr().cast()));
    }
    js.set(exports, c"versions", versions(js));
    js.set(exports, c"codes", numbers(js, codes::ALL.iter().copied()));
    js.set(exports, c"tlsEvents", numbers(js, codes::tls::ALL.iter().copied()));
    #[cfg(unix)]
    js.set(exports, c"tls", tls::natives::constants(js));
    js.set(exports, c"fieldKinds", numbers(js, codes::field::ALL.iter().copied()));
    js.set(exports, c"encodings", numbers(js, codes::encoding::ALL.iter().copied()));
    js.set(exports, c"optionNames", strings(js, options::NAMES.iter().map(|name| name.to_bytes())));
    js.set(exports, c"names", strings(js, names::NAMES.iter().map(|name| name.as_bytes())));
    js.set(exports, c"staticNames", strings(js, hpack::static_fields().map(|(name, _)| name)));
    js.set(exports, c"staticValues", strings(js, hpack::static_fields().map(|(_, value)| value)));
    true
}

fn versions(js: Js) -> Value {
    let object = js.object();
    for (name, version) in
        [(c"version", env!("CARGO_PKG_VERSION")), (c"h2", env!("H2_VERSION")), (c"rustls", env!("RUSTLS_VERSION"))]
    {
        js.set(object, name, js.string(version.as_bytes()));
    }
    object
}

fn numbers<'a>(js: Js, list: impl Iterator<Item = (&'a CStr, i32)>) -> Value {
    let object = js.object();
    for (name, number) in list {
        js.set(object, name, js.integer(number));
    }
    object
}

fn strings<'a>(js: Js, list: impl Iterator<Item = &'a [u8]>) -> Value {
    let array = js.array();
    for (index, string) in (0..).zip(list) {
        js.push(array, index, js.string(string));
    }
    array
}
