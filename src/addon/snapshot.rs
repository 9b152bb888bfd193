//! State as plain objects, with node's names.

use super::value::{Js, Value};
use crate::wire::{Counters, SessionState, Settings, StreamState};

/// `session.state`
pub fn session_state(js: Js, state: &SessionState) -> Value {
    let object = js.object();
    let set = |name, value: f64| js.set(object, name, js.number(value));
    set(c"effectiveLocalWindowSize", state.effective_local_window_size.into());
    set(c"effectiveRecvDataLength", state.effective_recv_data_length.into());
    set(c"nextStreamID", state.next_stream_id.into());
    set(c"localWindowSize", state.local_window_size.into());
    set(c"lastProcStreamID", state.last_proc_stream_id.into());
    set(c"remoteWindowSize", state.remote_window_size.into());
    set(c"outboundQueueSize", state.outbound_queue_size as f64);
    set(c"deflateDynamicTableSize", state.deflate_dynamic_table_size as f64);
    set(c"inflateDynamicTableSize", state.inflate_dynamic_table_size as f64);
    object
}

/// `stream.state`
pub fn stream_state(js: Js, state: &StreamState) -> Value {
    let object = js.object();
    let set = |name, value: f64| js.set(object, name, js.number(value));
    set(c"state", state.state.into());
    set(c"weight", state.weight.into());
    set(c"sumDependencyWeight", state.sum_dependency_weight.into());
    set(c"localClose", f64::from(u8::from(state.local_close)));
    set(c"remoteClose", f64::from(u8::from(state.remote_close)));
    set(c"localWindowSize", state.local_window_size.into());
    object
}

/// `session.localSettings` and `session.remoteSettings`
pub fn settings(js: Js, settings: &Settings) -> Value {
    let object = js.object();
    let number = |name, value: u32| js.set(object, name, js.number(value.into()));
    let flag = |name, value: bool| js.set(object, name, js.boolean(value));
    number(c"headerTableSize", settings.header_table_size);
    flag(c"enablePush", settings.enable_push);
    number(c"initialWindowSize", settings.initial_window_size);
    number(c"maxFrameSize", settings.max_frame_size);
    number(c"maxConcurrentStreams", settings.max_concurrent_streams);
    number(c"maxHeaderListSize", settings.max_header_list_size);
    number(c"maxHeaderSize", settings.max_header_list_size);
    flag(c"enableConnectProtocol", settings.enable_connect_protocol);
    if !settings.custom.is_empty() {
        let custom = js.object();
        for setting in &settings.custom {
            js.push(custom, setting.id.0.into(), js.number(setting.value.into()));
        }
        js.set(object, c"customSettings", custom);
    }
    object
}

/// What perf_hooks tells of a session, and more. Times are in milliseconds.
pub fn counters(js: Js, counters: &Counters, ping_rtt: f64) -> Value {
    let object = js.object();
    let set = |name, value: f64| js.set(object, name, js.number(value));
    set(c"framesReceived", counters.frames_received as f64);
    set(c"framesSent", counters.frames_sent as f64);
    set(c"bytesRead", counters.bytes_received as f64);
    set(c"bytesWritten", counters.bytes_sent as f64);
    set(c"dataReceived", counters.data_received as f64);
    set(c"dataSent", counters.data_sent as f64);
    set(c"streamCount", counters.streams as f64);
    set(c"maxConcurrentStreams", counters.max_concurrent_streams as f64);
    set(c"pingRTT", ping_rtt);
    object
}
