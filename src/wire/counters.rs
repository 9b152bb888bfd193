//! What is counted, and the snapshots that node shows as `state`.

/// Totals of the connection's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    pub frames_received: u64,
    pub frames_sent: u64,
    pub bytes_received: u64,
    /// Octets handed to the transport.
    pub bytes_sent: u64,
    /// Payload of DATA frames.
    pub data_received: u64,
    pub data_sent: u64,
    /// Streams opened, by either side.
    pub streams: u64,
    pub max_concurrent_streams: u64,
}

impl Counters {
    pub const ZERO: Counters = Counters {
        frames_received: 0,
        frames_sent: 0,
        bytes_received: 0,
        bytes_sent: 0,
        data_received: 0,
        data_sent: 0,
        streams: 0,
        max_concurrent_streams: 0,
    };
}

/// node's `session.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionState {
    pub effective_local_window_size: i32,
    pub effective_recv_data_length: i32,
    pub next_stream_id: u32,
    pub local_window_size: i32,
    pub last_proc_stream_id: u32,
    pub remote_window_size: i32,
    pub outbound_queue_size: usize,
    pub deflate_dynamic_table_size: usize,
    pub inflate_dynamic_table_size: usize,
}

/// node's `stream.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamState {
    /// 1 idle, 2 open, 3 reserved (local), 4 reserved (remote), 5 half-closed (local), 6 half-closed (remote), 7 closed
    pub state: u32,
    pub weight: u16,
    pub sum_dependency_weight: u32,
    pub local_close: bool,
    pub remote_close: bool,
    pub local_window_size: i32,
}
