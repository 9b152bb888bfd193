//! What a connection is told before its first byte: its role, its limits, its settings.

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

/// The identifiers of RFC 9113 section 6.5.2 and RFC 8441 section 3. Any other number is a *custom* setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SettingId(pub u16);

impl SettingId {
    pub const HEADER_TABLE_SIZE: SettingId = SettingId(1);
    pub const ENABLE_PUSH: SettingId = SettingId(2);
    pub const MAX_CONCURRENT_STREAMS: SettingId = SettingId(3);
    pub const INITIAL_WINDOW_SIZE: SettingId = SettingId(4);
    pub const MAX_FRAME_SIZE: SettingId = SettingId(5);
    pub const MAX_HEADER_LIST_SIZE: SettingId = SettingId(6);
    pub const ENABLE_CONNECT_PROTOCOL: SettingId = SettingId(8);

    /// Whether this is one of the settings above, which all others, custom ones, are not.
    pub fn is_known(self) -> bool {
        matches!(self.0, 1..=6 | 8)
    }
}

/// One entry of a SETTINGS frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    pub id: SettingId,
    pub value: u32,
}

impl Setting {
    pub const fn new(id: SettingId, value: u32) -> Setting {
        Setting { id, value }
    }
}

pub const DEFAULT_HEADER_TABLE_SIZE: u32 = 4096;
pub const DEFAULT_INITIAL_WINDOW_SIZE: u32 = 65_535;
pub const DEFAULT_MAX_FRAME_SIZE: u32 = 16_384;
/// The largest frame RFC 9113 section 6.5.2 lets anyone ask for.
pub const LARGEST_MAX_FRAME_SIZE: u32 = 16_777_215;
/// The largest window RFC 9113 section 6.9.1 allows.
pub const LARGEST_WINDOW_SIZE: u32 = 0x7fff_ffff;

/// The values in force for one side of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub header_table_size: u32,
    pub enable_push: bool,
    pub max_concurrent_streams: u32,
    pub initial_window_size: u32,
    pub max_frame_size: u32,
    pub max_header_list_size: u32,
    pub enable_connect_protocol: bool,
    /// Custom settings in the order in which they first appeared; of the peer's only those that [`Config`] asks for.
    pub custom: Vec<Setting>,
}

impl Default for Settings {
    /// What RFC 9113 lays down for a side that has said nothing yet.
    fn default() -> Settings {
        Settings {
            header_table_size: DEFAULT_HEADER_TABLE_SIZE,
            enable_push: true,
            max_concurrent_streams: u32::MAX,
            initial_window_size: DEFAULT_INITIAL_WINDOW_SIZE,
            max_frame_size: DEFAULT_MAX_FRAME_SIZE,
            max_header_list_size: u32::MAX,
            enable_connect_protocol: false,
            custom: Vec::new(),
        }
    }
}

/// node's `paddingStrategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Padding {
    #[default]
    None,
    /// As much as a frame can carry.
    Max,
    /// So that a frame with its 9 octet header is a multiple of 8 octets long.
    Aligned,
}

/// node's `maxHeaderListPairs`: what a list may cost beyond its octets, in objects on the JavaScript side.
pub const DEFAULT_MAX_HEADER_LIST_PAIRS: u32 = 128;
/// node's `maxOutstandingPings`: each is remembered with its payload until it is acknowledged.
pub const DEFAULT_MAX_OUTSTANDING_PINGS: u32 = 10;
/// node's `maxOutstandingSettings`: each is remembered until it is acknowledged.
pub const DEFAULT_MAX_OUTSTANDING_SETTINGS: u32 = 10;
/// node's `maxSettings`: entries a peer may put into one SETTINGS frame (CVE-2020-11080 was a frame full of them).
pub const DEFAULT_MAX_SETTINGS: u32 = 32;
/// node's `maxSessionInvalidFrames`: frames with an error of their stream, and DATA frames that are empty for nothing. Here they
/// are forgiven at the rate of `streamResetRate`.
pub const DEFAULT_MAX_SESSION_INVALID_FRAMES: u32 = 1000;
/// node's `maxSessionRejectedStreams`: streams refused in a row, for want of memory, before the session ends.
pub const DEFAULT_MAX_SESSION_REJECTED_STREAMS: u32 = 100;
/// node's `streamResetBurst` and `streamResetRate` (a second): CVE-2023-44487 was requests reset as fast as they came.
pub const DEFAULT_STREAM_RESET_BURST: u64 = 1000;
pub const DEFAULT_STREAM_RESET_RATE: u64 = 33;
/// Ours, `floodTolerance`: by how much the bursts and rates of `wire/limits.rs` that node has no option for are multiplied.
pub const DEFAULT_FLOOD_TOLERANCE: f64 = 1.0;
/// node's `maxDeflateDynamicTableSize`: a peer's larger table costs us memory for its gain only.
pub const DEFAULT_MAX_DEFLATE_DYNAMIC_TABLE_SIZE: u32 = 4096;
/// node's `maxSendHeaderBlockLength`.
pub const DEFAULT_MAX_SEND_HEADER_BLOCK_LENGTH: u32 = 65_536;
/// node's `peerMaxConcurrentStreams`: assumed until the peer's SETTINGS arrive.
pub const DEFAULT_PEER_MAX_CONCURRENT_STREAMS: u32 = 100;
/// node's `maxReservedRemoteStreams`: pushes promised and not yet begun; one too many is refused.
pub const DEFAULT_MAX_RESERVED_REMOTE_STREAMS: u32 = 200;
/// node's `maxSessionMemory` in octets.
pub const DEFAULT_MAX_SESSION_MEMORY: u64 = 10_000_000;

/// The least that `maxHeaderListPairs` can be set to, as in node: what any message of the peer has to carry. Those are the
/// pseudo-headers of a request (RFC 9113 section 8.3.1), and the status of a response (8.3.2).
pub(super) fn min_header_list_pairs(role: Role) -> u32 {
    match role {
        Role::Server => 4,
        Role::Client => 1,
    }
}

/// Limits and settings of one connection, with node's names and defaults.
#[derive(Debug, Clone)]
pub struct Config {
    /// The user's SETTINGS in their order, sent in the first SETTINGS frame.
    pub settings: Vec<Setting>,
    /// node's `remoteCustomSettings`: custom settings of the peer to keep.
    pub remote_custom_settings: Vec<SettingId>,
    pub max_header_list_pairs: u32,
    pub max_outstanding_pings: u32,
    pub max_outstanding_settings: u32,
    pub max_settings: u32,
    pub max_session_invalid_frames: u32,
    pub max_session_rejected_streams: u32,
    pub stream_reset_burst: u64,
    pub stream_reset_rate: u64,
    pub flood_tolerance: f64,
    pub max_deflate_dynamic_table_size: u32,
    pub max_send_header_block_length: u32,
    pub padding: Padding,
    pub peer_max_concurrent_streams: u32,
    pub max_reserved_remote_streams: u32,
    pub max_session_memory: u64,
    /// node's `strictFieldWhitespaceValidation`: a field value with white space at either end fails its stream.
    pub strict_field_whitespace: bool,
    /// Ours, `ignoreUnsolicitedPingAcks`: RFC 9113 demands no more than that they are not answered, but in node they end the
    /// session.
    pub ignore_unsolicited_ping_acks: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            settings: Vec::new(),
            remote_custom_settings: Vec::new(),
            max_header_list_pairs: DEFAULT_MAX_HEADER_LIST_PAIRS,
            max_outstanding_pings: DEFAULT_MAX_OUTSTANDING_PINGS,
            max_outstanding_settings: DEFAULT_MAX_OUTSTANDING_SETTINGS,
            max_settings: DEFAULT_MAX_SETTINGS,
            max_session_invalid_frames: DEFAULT_MAX_SESSION_INVALID_FRAMES,
            max_session_rejected_streams: DEFAULT_MAX_SESSION_REJECTED_STREAMS,
            stream_reset_burst: DEFAULT_STREAM_RESET_BURST,
            stream_reset_rate: DEFAULT_STREAM_RESET_RATE,
            flood_tolerance: DEFAULT_FLOOD_TOLERANCE,
            max_deflate_dynamic_table_size: DEFAULT_MAX_DEFLATE_DYNAMIC_TABLE_SIZE,
            max_send_header_block_length: DEFAULT_MAX_SEND_HEADER_BLOCK_LENGTH,
            padding: Padding::None,
            peer_max_concurrent_streams: DEFAULT_PEER_MAX_CONCURRENT_STREAMS,
            max_reserved_remote_streams: DEFAULT_MAX_RESERVED_REMOTE_STREAMS,
            max_session_memory: DEFAULT_MAX_SESSION_MEMORY,
            strict_field_whitespace: true,
            ignore_unsolicited_ping_acks: false,
        }
    }
}
