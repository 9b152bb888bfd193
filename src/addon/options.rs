//! What lib/engine gives to a new session: numbers in the order of [`NAMES`], NaN for what the user left out.

use std::ffi::CStr;

use crate::wire::{Config, Padding, Setting, SettingId};

/// The options, by node's names. lib/engine learns the order from here.
pub const NAMES: &[&CStr] = &[
    c"maxSessionMemory",
    c"maxHeaderListPairs",
    c"maxOutstandingPings",
    c"maxOutstandingSettings",
    c"maxSettings",
    c"maxSessionInvalidFrames",
    c"maxSessionRejectedStreams",
    c"streamResetBurst",
    c"streamResetRate",
    c"maxDeflateDynamicTableSize",
    c"maxSendHeaderBlockLength",
    c"paddingStrategy",
    c"peerMaxConcurrentStreams",
    c"maxReservedRemoteStreams",
    c"strictFieldWhitespaceValidation",
    c"floodTolerance",
    c"ignoreUnsolicitedPingAcks",
];

/// node's unit of `maxSessionMemory`.
const MEGABYTE: f64 = 1_000_000.0;

/// Node's constants.
const PADDING_ALIGNED: u32 = 1;
const PADDING_MAX: u32 = 2;

/// `numbers` are the options, `settings` pairs of id and value, `custom` the ids of the peer's settings to keep.
pub fn config(numbers: &[f64], settings: &[u32], custom: &[u32]) -> Config {
    let mut config = Config::default();
    // Numbers out of range saturate.
    let number = |index: usize| numbers.get(index).copied().filter(|number| !number.is_nan());
    let set = |index: usize, field: &mut u32| *field = number(index).map_or(*field, |number| number as u32);
    let set_long = |index: usize, field: &mut u64| *field = number(index).map_or(*field, |number| number as u64);

    if let Some(megabytes) = number(0) {
        config.max_session_memory = (megabytes * MEGABYTE) as u64;
    }
    set(1, &mut config.max_header_list_pairs);
    set(2, &mut config.max_outstanding_pings);
    set(3, &mut config.max_outstanding_settings);
    set(4, &mut config.max_settings);
    set(5, &mut config.max_session_invalid_frames);
    set(6, &mut config.max_session_rejected_streams);
    set_long(7, &mut config.stream_reset_burst);
    set_long(8, &mut config.stream_reset_rate);
    set(9, &mut config.max_deflate_dynamic_table_size);
    set(10, &mut config.max_send_header_block_length);
    config.padding = match number(11).map(|number| number as u32) {
        Some(PADDING_ALIGNED) => Padding::Aligned,
        Some(PADDING_MAX) => Padding::Max,
        _ => Padding::None,
    };
    set(12, &mut config.peer_max_concurrent_streams);
    set(13, &mut config.max_reserved_remote_streams);
    if let Some(strict) = number(14) {
        config.strict_field_whitespace = strict != 0.0;
    }
    if let Some(tolerance) = number(15) {
        config.flood_tolerance = tolerance;
    }
    if let Some(ignore) = number(16) {
        config.ignore_unsolicited_ping_acks = ignore != 0.0;
    }
    config.settings = pairs(settings);
    config.remote_custom_settings = custom.iter().map(|id| SettingId(*id as u16)).collect();
    config
}

/// Settings as lib/engine writes them: id, value, id, value.
pub fn pairs(numbers: &[u32]) -> Vec<Setting> {
    numbers
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [id, value] => Some(Setting::new(SettingId(*id as u16), *value)),
            _ => None,
        })
        .collect()
}
