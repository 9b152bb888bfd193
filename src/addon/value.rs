//! Values of JavaScript, by the raw calls of Node-API: one crossing costs tens of nanoseconds, and these are the crossing.
//!
//! Every function here may be called only on the environment's thread, with a handle scope open: in a native function, or
//! between [`Scope::open`] and its end. That is the meaning of [`Js`]: whoever holds one is in such a place.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{self, null_mut};
use std::rc::Rc;

use bytes::Bytes;
use napi::sys::{self, PropertyAttributes};

pub type Value = sys::napi_value;

/// The right to touch JavaScript values now.
#[derive(Debug, Clone, Copy)]
pub struct Js(sys::napi_env);

/// What a native function gives back.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Undefined,
    Int(i32),
    Bool(bool),
    Value(Value),
}

impl From<()> for Answer {
    fn from((): ()) -> Answer {
        Answer::Undefined
    }
}

impl From<i32> for Answer {
    fn from(value: i32) -> Answer {
        Answer::Int(value)
    }
}

impl From<bool> for Answer {
    fn from(value: bool) -> Answer {
        Answer::Bool(value)
    }
}

impl From<Option<Value>> for Answer {
    fn from(value: Option<Value>) -> Answer {
        value.map_or(Answer::Undefined, Answer::Value)
    }
}

impl Js {
    /// # Safety
    /// The caller is on the environment's thread, inside a native function or an open handle scope.
    pub unsafe fn new(env: sys::napi_env) -> Js {
        Js(env)
    }

    pub fn env(self) -> sys::napi_env {
        self.0
    }

    // --- Reading ---

    /// A number as 32 bits; 0 for anything else.
    pub fn uint(self, value: Value) -> u32 {
        let mut result = 0;
        // SAFETY: see the module; the out-parameter is valid. So below.
        unsafe { sys::napi_get_value_uint32(self.0, value, &mut result) };
        result
    }

    pub fn int(self, value: Value) -> i32 {
        let mut result = 0;
        // SAFETY: as in `uint`.
        unsafe { sys::napi_get_value_int32(self.0, value, &mut result) };
        result
    }

    /// A number; NaN for anything else.
    pub fn double(self, value: Value) -> f64 {
        let mut result = f64::NAN;
        // SAFETY: as in `uint`.
        unsafe { sys::napi_get_value_double(self.0, value, &mut result) };
        result
    }

    pub fn bool(self, value: Value) -> bool {
        let mut result = false;
        // SAFETY: as in `uint`.
        unsafe { sys::napi_get_value_bool(self.0, value, &mut result) };
        result
    }

    /// Appends a string as Latin-1: one octet for each UTF-16 unit, of which the upper half is dropped, as node does with
    /// header fields. False if it is no string.
    pub fn latin1(self, value: Value, into: &mut Vec<u8>) -> bool {
        let mut length = 0;
        // SAFETY: as in `uint`; without a buffer only the length is told.
        if unsafe { sys::napi_get_value_string_latin1(self.0, value, null_mut(), 0, &mut length) }
            != sys::Status::napi_ok
        {
            return false;
        }
        // One more, for the NUL that Node-API appends.
        into.reserve(length + 1);
        // SAFETY: the buffer has room for `length + 1` octets after the vector's end, of which `copied` are then set.
        unsafe {
            let end = into.as_mut_ptr().add(into.len()).cast::<c_char>();
            let mut copied = 0;
            sys::napi_get_value_string_latin1(self.0, value, end, length + 1, &mut copied);
            into.set_len(into.len() + copied);
        }
        true
    }

    /// Appends a string as UTF-8. False if it is no string.
    pub fn utf8(self, value: Value, into: &mut Vec<u8>) -> bool {
        let mut units = 0;
        // SAFETY: as in `latin1`. The Latin-1 length is the number of UTF-16 units, and costs no pass over the string.
        if unsafe { sys::napi_get_value_string_latin1(self.0, value, null_mut(), 0, &mut units) }
            != sys::Status::napi_ok
        {
            return false;
        }
        // A unit is 3 octets of UTF-8 at most. A long string is measured, so as not to take thrice what it needs.
        let mut room = units * 3;
        if units > 4096 {
            // SAFETY: as in `latin1`.
            unsafe { sys::napi_get_value_string_utf8(self.0, value, null_mut(), 0, &mut room) };
        }
        into.reserve(room + 1);
        // SAFETY: as in `latin1`, with `room + 1` octets.
        unsafe {
            let end = into.as_mut_ptr().add(into.len()).cast::<c_char>();
            let mut copied = 0;
            sys::napi_get_value_string_utf8(self.0, value, end, room + 1, &mut copied);
            into.set_len(into.len() + copied);
        }
        true
    }

    /// The octets of a typed array (of any element type) right now, and whether it is one at all. A detached one is empty.
    pub fn octets(self, value: Value) -> Option<RawOctets> {
        let (mut kind, mut length, mut data, mut buffer) = (0, 0, null_mut(), null_mut());
        // SAFETY: as in `uint`; `length` counts elements.
        let status = unsafe {
            sys::napi_get_typedarray_info(self.0, value, &mut kind, &mut length, &mut data, &mut buffer, null_mut())
        };
        if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
            return None;
        }
        let data = if data.is_null() || length == 0 { ptr::NonNull::dangling().as_ptr() } else { data.cast() };
        Some(RawOctets { data, length, buffer })
    }

    /// A copy of the octets of a `Uint8Array`; None for anything else.
    pub fn copied(self, value: Value) -> Option<Bytes> {
        // SAFETY: the copy is made before JavaScript can run again.
        self.octets(value).map(|octets| Bytes::copy_from_slice(unsafe { octets.as_slice() }))
    }

    /// The numbers of a `Uint32Array`; none of other values.
    pub fn uints(self, value: Value) -> Vec<u32> {
        self.elements(value, sys::TypedarrayType::uint32_array)
    }

    /// The numbers of a `Float64Array`; none of other values.
    pub fn doubles(self, value: Value) -> Vec<f64> {
        self.elements(value, sys::TypedarrayType::float64_array)
    }

    fn elements<T: Copy>(self, value: Value, of: sys::napi_typedarray_type) -> Vec<T> {
        let (mut kind, mut length, mut data, mut buffer) = (0, 0, null_mut(), null_mut());
        // SAFETY: as in `octets`. `of` is the kind of array whose elements are `T`s; such arrays are aligned to them.
        unsafe {
            let status = sys::napi_get_typedarray_info(
                self.0,
                value,
                &mut kind,
                &mut length,
                &mut data,
                &mut buffer,
                null_mut(),
            );
            if status == sys::Status::napi_ok && kind == of && length > 0 && !data.is_null() {
                std::slice::from_raw_parts(data.cast::<T>(), length).to_vec()
            } else {
                Vec::new()
            }
        }
    }

    pub fn is_undefined(self, value: Value) -> bool {
        let mut kind = sys::ValueType::napi_undefined;
        // SAFETY: as in `uint`.
        unsafe { sys::napi_typeof(self.0, value, &mut kind) };
        kind == sys::ValueType::napi_undefined
    }

    /// False for a `SharedArrayBuffer`.
    pub fn is_array_buffer(self, value: Value) -> bool {
        let mut is = false;
        // SAFETY: as in `uint`.
        unsafe { sys::napi_is_arraybuffer(self.0, value, &mut is) };
        is
    }

    pub fn length(self, array: Value) -> u32 {
        let mut length = 0;
        // SAFETY: as in `uint`; fails with no effect on what is no array.
        unsafe { sys::napi_get_array_length(self.0, array, &mut length) };
        length
    }

    pub fn element(self, array: Value, index: u32) -> Option<Value> {
        let mut value = null_mut();
        // SAFETY: as in `uint`. The arrays are made by lib/engine, which puts no accessors into them.
        let status = unsafe { sys::napi_get_element(self.0, array, index, &mut value) };
        (status == sys::Status::napi_ok).then_some(value)
    }

    // --- Making ---

    pub fn undefined(self) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`.
        unsafe { sys::napi_get_undefined(self.0, &mut value) };
        value
    }

    pub fn number(self, number: f64) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`.
        unsafe { sys::napi_create_double(self.0, number, &mut value) };
        value
    }

    pub fn integer(self, integer: i32) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`.
        unsafe { sys::napi_create_int32(self.0, integer, &mut value) };
        value
    }

    pub fn string(self, latin1: &[u8]) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`; a slice is never longer than `isize::MAX`.
        let status = unsafe {
            sys::napi_create_string_latin1(self.0, latin1.as_ptr().cast(), latin1.len().cast_signed(), &mut value)
        };
        // Longer than V8's longest string: nothing that fits a header list or a frame.
        if status == sys::Status::napi_ok { value } else { self.undefined() }
    }

    /// Numbers as a string of as many UTF-16 units: one value, where an array takes one for each number.
    pub fn units(self, numbers: &[u16]) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `string`.
        let status =
            unsafe { sys::napi_create_string_utf16(self.0, numbers.as_ptr(), numbers.len().cast_signed(), &mut value) };
        if status == sys::Status::napi_ok { value } else { self.undefined() }
    }

    pub fn object(self) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`.
        unsafe { sys::napi_create_object(self.0, &mut value) };
        value
    }

    pub fn array(self) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`.
        unsafe { sys::napi_create_array(self.0, &mut value) };
        value
    }

    /// Gives an array an element of its own.
    pub fn push(self, array: Value, index: u32, value: Value) {
        if let Ok(name) = CString::new(index.to_string()) {
            self.set(array, &name, value);
        }
    }

    /// Gives an object a property of its own, whatever setters a program has put into the prototypes of all: no JavaScript
    /// runs here.
    pub fn set(self, object: Value, name: &CStr, value: Value) {
        let property = sys::napi_property_descriptor {
            utf8name: name.as_ptr(),
            name: null_mut(),
            method: None,
            getter: None,
            setter: None,
            value,
            attributes: PropertyAttributes::writable
                | PropertyAttributes::enumerable
                | PropertyAttributes::configurable,
            data: null_mut(),
        };
        // SAFETY: as in `uint`, on an object made here; the name ends with a NUL.
        unsafe { sys::napi_define_properties(self.0, object, 1, &property) };
    }

    pub fn boolean(self, value: bool) -> Value {
        let mut result = null_mut();
        // SAFETY: as in `uint`.
        unsafe { sys::napi_get_boolean(self.0, value, &mut result) };
        result
    }

    /// A Buffer with a copy of `octets`.
    pub fn buffer(self, octets: &[u8]) -> Value {
        let (mut data, mut value) = (null_mut(), null_mut());
        // SAFETY: as in `uint`.
        let status = unsafe {
            sys::napi_create_buffer_copy(self.0, octets.len(), octets.as_ptr().cast(), &mut data, &mut value)
        };
        if status == sys::Status::napi_ok { value } else { self.undefined() }
    }

    /// A Buffer over memory of Rust's, which is kept until JavaScript has collected it. Where the VM allows no such thing
    /// (Electron) the octets come back.
    pub fn external_buffer(self, octets: Bytes) -> Result<Value, Bytes> {
        unsafe extern "C" fn finalize(_: sys::napi_env, _: *mut c_void, hint: *mut c_void) {
            // SAFETY: the box made below, finalized once.
            drop(unsafe { Box::from_raw(hint.cast::<Bytes>()) });
        }
        let keep = Box::new(octets);
        let (data, length) = (keep.as_ptr().cast_mut(), keep.len());
        let hint = Box::into_raw(keep);
        let mut value = null_mut();
        // SAFETY: the memory lives as long as the box, which is freed by `finalize`, or here if nothing was made.
        // JavaScript may write into it: nothing in Rust keeps a reference to it across a call into JavaScript.
        unsafe {
            let status =
                sys::napi_create_external_buffer(self.0, length, data.cast(), Some(finalize), hint.cast(), &mut value);
            if status == sys::Status::napi_ok { Ok(value) } else { Err(*Box::from_raw(hint)) }
        }
    }

    pub fn null(self) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`.
        unsafe { sys::napi_get_null(self.0, &mut value) };
        value
    }

    /// A value that stands for something of Rust's, which is kept until JavaScript has collected it.
    pub fn external<T>(self, of: Rc<T>) -> Value {
        unsafe extern "C" fn finalize<T>(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
            // SAFETY: made below, finalized once, on the environment's thread.
            drop(unsafe { Rc::from_raw(data.cast::<T>()) });
        }
        let data = Rc::into_raw(of);
        let mut value = null_mut();
        // SAFETY: as in `uint`. If nothing was made, nothing will be finalized.
        unsafe {
            let status =
                sys::napi_create_external(self.0, data.cast_mut().cast(), Some(finalize::<T>), null_mut(), &mut value);
            if status != sys::Status::napi_ok {
                drop(Rc::from_raw(data));
                return self.undefined();
            }
        }
        value
    }

    /// What an external value stands for. None if it is none.
    ///
    /// # Safety
    /// An external value must be one that [`Js::external`] made of a `T`.
    pub unsafe fn shared<T>(self, value: Value) -> Option<Rc<T>> {
        let mut data = null_mut();
        // SAFETY: as in `uint`; the pointer is of an `Rc` that lives as long as the value.
        unsafe {
            if sys::napi_get_value_external(self.0, value, &mut data) != sys::Status::napi_ok || data.is_null() {
                return None;
            }
            let data = data.cast::<T>().cast_const();
            Rc::increment_strong_count(data);
            Some(Rc::from_raw(data))
        }
    }

    pub fn function(self, name: &CStr, function: NativeFunction, data: *mut c_void) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`. The data outlives the function (see `addon::world`).
        unsafe {
            sys::napi_create_function(
                self.0,
                name.as_ptr(),
                name.to_bytes().len().cast_signed(),
                Some(function),
                data,
                &mut value,
            );
        }
        value
    }

    // --- Calling ---

    /// Calls a function. False if it threw or could not run; what it threw is then pending.
    pub fn call(self, function: Value, arguments: &[Value]) -> bool {
        let this = self.undefined();
        // SAFETY: as in `uint`.
        let status =
            unsafe { sys::napi_call_function(self.0, this, function, arguments.len(), arguments.as_ptr(), null_mut()) };
        status == sys::Status::napi_ok
    }

    /// Calls a function as libuv's callback would: afterwards, if no other such call is under way, ticks and microtasks
    /// are drained. What it throws goes to 'uncaughtException'.
    pub fn call_back(self, function: Value, arguments: &[Value]) -> bool {
        let this = self.object();
        // SAFETY: as in `uint`. Without an async context it runs as resource 0, as the main program does.
        let status = unsafe {
            sys::napi_make_callback(self.0, null_mut(), this, function, arguments.len(), arguments.as_ptr(), null_mut())
        };
        if status == sys::Status::napi_pending_exception {
            self.report_pending();
        }
        status == sys::Status::napi_ok
    }

    /// Hands a pending exception to 'uncaughtException'. In an environment that is being torn down it stays pending.
    pub fn report_pending(self) {
        let (mut exception, mut pending) = (null_mut(), false);
        // SAFETY: as in `uint`.
        unsafe {
            sys::napi_is_exception_pending(self.0, &mut pending);
            if pending && sys::napi_get_and_clear_last_exception(self.0, &mut exception) == sys::Status::napi_ok {
                sys::napi_fatal_exception(self.0, exception);
            }
        }
    }

    pub fn fatal_exception(self, error: Value) {
        // SAFETY: as in `uint`.
        unsafe { sys::napi_fatal_exception(self.0, error) };
    }

    // --- References ---

    /// Keeps a value alive until [`Reference::delete`].
    pub fn keep(self, value: Value) -> Option<Reference> {
        let mut reference = null_mut();
        // SAFETY: as in `uint`.
        let status = unsafe { sys::napi_create_reference(self.0, value, 1, &mut reference) };
        (status == sys::Status::napi_ok).then_some(Reference { env: self.0, reference })
    }

    pub fn kept(self, reference: &Reference) -> Value {
        let mut value = null_mut();
        // SAFETY: as in `uint`; the reference is strong and not deleted, so there is a value.
        unsafe { sys::napi_get_reference_value(self.0, reference.reference, &mut value) };
        value
    }
}

pub type NativeFunction = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// Where the octets of a typed array are, until JavaScript runs again.
#[derive(Debug, Clone, Copy)]
pub struct RawOctets {
    pub data: *const u8,
    pub length: usize,
    /// The `ArrayBuffer` (or `SharedArrayBuffer`) underneath.
    pub buffer: Value,
}

impl RawOctets {
    /// # Safety
    /// No JavaScript has run since [`Js::octets`], nor runs while the slice is in use.
    pub unsafe fn as_slice<'a>(&self) -> &'a [u8] {
        // SAFETY: demanded of the caller; the pointer is dangling only for the length 0.
        unsafe { std::slice::from_raw_parts(self.data, self.length) }
    }
}

/// A strong reference to a JavaScript value. Dropping it deletes it, which is allowed only on the environment's thread.
#[derive(Debug)]
pub struct Reference {
    env: sys::napi_env,
    reference: sys::napi_ref,
}

impl Drop for Reference {
    fn drop(&mut self) {
        // SAFETY: created once and deleted once, on the environment's thread. Everything that has a reference is dropped
        // by the environment's cleanup hook at the latest.
        unsafe { sys::napi_delete_reference(self.env, self.reference) };
    }
}

/// A handle scope for callbacks of libuv, which have none.
#[derive(Debug)]
pub struct Scope {
    env: sys::napi_env,
    scope: sys::napi_handle_scope,
}

impl Scope {
    /// # Safety
    /// The caller is on the environment's thread, and the environment can still be used (its cleanup hook has not run).
    pub unsafe fn open(env: sys::napi_env) -> Option<Scope> {
        let mut scope = null_mut();
        // SAFETY: demanded of the caller.
        let status = unsafe { sys::napi_open_handle_scope(env, &mut scope) };
        (status == sys::Status::napi_ok).then_some(Scope { env, scope })
    }

    pub fn js(&self) -> Js {
        Js(self.env)
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        // SAFETY: opened once and closed once, in the order of nesting.
        unsafe { sys::napi_close_handle_scope(self.env, self.scope) };
    }
}
