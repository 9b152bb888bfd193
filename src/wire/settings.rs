//! SETTINGS of both sides: ours hold when the peer has acknowledged them, the peer's when we have.

use std::collections::VecDeque;

use super::code::{ErrorCode, LibraryError};
use super::config::{LARGEST_MAX_FRAME_SIZE, LARGEST_WINDOW_SIZE, Role, Setting, SettingId, Settings};
use super::fault::Fault;
use super::frame::Payload;

impl Settings {
    /// Takes over one value. What is of neither side's concern is kept only where `custom` says so.
    fn set(&mut self, setting: Setting, custom: bool) {
        let value = setting.value;
        match setting.id {
            SettingId::HEADER_TABLE_SIZE => self.header_table_size = value,
            SettingId::ENABLE_PUSH => self.enable_push = value != 0,
            SettingId::MAX_CONCURRENT_STREAMS => self.max_concurrent_streams = value,
            SettingId::INITIAL_WINDOW_SIZE => self.initial_window_size = value,
            SettingId::MAX_FRAME_SIZE => self.max_frame_size = value,
            SettingId::MAX_HEADER_LIST_SIZE => self.max_header_list_size = value,
            SettingId::ENABLE_CONNECT_PROTOCOL => self.enable_connect_protocol = value != 0,
            id if custom => match self.custom.iter_mut().find(|known| known.id == id) {
                Some(known) => known.value = value,
                None => self.custom.push(setting),
            },
            _ => {}
        }
    }
}

/// Our settings.
#[derive(Debug, Default)]
pub(crate) struct Local {
    /// As far as acknowledged.
    pub values: Settings,
    outstanding: VecDeque<Vec<Setting>>,
}

impl Local {
    pub(crate) fn submit(&mut self, settings: &[Setting]) {
        // Nothing here depends on custom settings: node shows them as soon as they are sent.
        for setting in settings.iter().filter(|setting| !setting.id.is_known()) {
            self.values.set(*setting, true);
        }
        self.outstanding.push_back(settings.to_vec());
    }

    pub(crate) fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// The peer acknowledged the oldest SETTINGS. Gives what was in it, or None for an acknowledgement of nothing.
    pub(crate) fn acknowledge(&mut self) -> Option<Vec<Setting>> {
        let settings = self.outstanding.pop_front()?;
        for setting in &settings {
            self.values.set(*setting, true);
        }
        Some(settings)
    }

    /// The last value said for a setting, acknowledged or not.
    fn said(&self, id: SettingId) -> Option<u32> {
        let sent = self.outstanding.iter().rev().flat_map(|settings| settings.iter().rev());
        sent.into_iter().find(|setting| setting.id == id).map(|setting| setting.value)
    }

    /// Streams that the peer may have open: what was last said. A peer that does not know yet gets a refusal it can
    /// retry, never an error.
    pub(crate) fn max_concurrent_streams(&self) -> u32 {
        self.said(SettingId::MAX_CONCURRENT_STREAMS).unwrap_or(self.values.max_concurrent_streams)
    }

    /// Whether `:protocol` is allowed. The peer may use it as soon as it has seen the setting.
    pub(crate) fn enable_connect_protocol(&self) -> bool {
        self.values.enable_connect_protocol || self.said(SettingId::ENABLE_CONNECT_PROTOCOL).is_some_and(|on| on != 0)
    }

    /// Whether pushes are wanted, whatever the peer may know of it.
    pub(crate) fn wants_push(&self) -> bool {
        self.said(SettingId::ENABLE_PUSH).map_or(self.values.enable_push, |on| on != 0)
    }
}

/// The peer's settings.
#[derive(Debug)]
pub(crate) struct Remote {
    /// As received: what node shows.
    pub values: Settings,
    /// The first SETTINGS were received.
    pub known: bool,
    /// One for each SETTINGS frame that h2 has not acknowledged.
    unacknowledged: VecDeque<AtAck>,
}

/// What counts only from our acknowledgement on.
#[derive(Debug, Default)]
pub(crate) struct AtAck {
    /// Frame and table size.
    pub settings: Vec<Setting>,
    /// By how much the streams' windows grow. (That they shrink counts at once.)
    growth: i64,
    /// It is the wire that told h2, and nobody is to get the acknowledgement.
    made_up: bool,
}

impl Remote {
    /// Until the peer speaks it is taken to allow `concurrency` streams.
    pub(crate) fn new(concurrency: u32) -> Remote {
        let values = Settings { max_concurrent_streams: concurrency, ..Settings::default() };
        Remote { values, known: false, unacknowledged: VecDeque::new() }
    }

    /// SETTINGS of the peer's that it has no acknowledgement of.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.unacknowledged.iter().filter(|at_ack| !at_ack.made_up).count()
    }

    /// h2 is told of settings that are not the peer's.
    pub(crate) fn make_up(&mut self) {
        self.unacknowledged.push_back(AtAck { made_up: true, ..AtAck::default() });
    }

    /// h2 has acknowledged the oldest SETTINGS. True if they were made up. Else [`Remote::acknowledge`] is due.
    pub(crate) fn acknowledge_made_up(&mut self) -> bool {
        let made_up = self.unacknowledged.front().is_some_and(|at_ack| at_ack.made_up);
        if made_up {
            self.unacknowledged.pop_front();
        }
        made_up
    }

    /// Takes over the payload of a SETTINGS frame. What it said is appended to `seen`.
    pub(crate) fn receive(
        &mut self,
        role: Role,
        payload: &[u8],
        custom: &[SettingId],
        seen: &mut Vec<Setting>,
    ) -> Result<(), Fault> {
        let mut at_ack = AtAck::default();
        let window = self.values.initial_window_size;
        let mut payload = Payload(payload);
        if !self.known {
            self.values.max_concurrent_streams = Settings::default().max_concurrent_streams;
        }
        while let (Some(id), Some(value)) = (payload.u16(), payload.u32()) {
            let setting = Setting::new(SettingId(id), value);
            self.check(role, setting)?;
            self.values.set(setting, custom.contains(&setting.id));
            if matches!(setting.id, SettingId::HEADER_TABLE_SIZE | SettingId::MAX_FRAME_SIZE) {
                at_ack.settings.push(setting);
            }
            seen.push(setting);
        }
        self.known = true;
        at_ack.growth = i64::from(self.values.initial_window_size.saturating_sub(window));
        self.unacknowledged.push_back(at_ack);
        Ok(())
    }

    /// RFC 9113 section 6.5.2.
    fn check(&self, role: Role, setting: Setting) -> Result<(), Fault> {
        let value = setting.value;
        let fault = match setting.id {
            // A server has nothing to be pushed to it, so it must not say it wants that.
            SettingId::ENABLE_PUSH if value > u32::from(role == Role::Server) => "invalid SETTINGS_ENABLE_PUSH",
            SettingId::INITIAL_WINDOW_SIZE if value > LARGEST_WINDOW_SIZE => {
                let reason = "invalid SETTINGS_INITIAL_WINDOW_SIZE";
                return Err(Fault::connection(LibraryError::FLOW_CONTROL, ErrorCode::FLOW_CONTROL_ERROR, reason));
            }
            SettingId::MAX_FRAME_SIZE
                if !(super::config::DEFAULT_MAX_FRAME_SIZE..=LARGEST_MAX_FRAME_SIZE).contains(&value) =>
            {
                "invalid SETTINGS_MAX_FRAME_SIZE"
            }
            // RFC 8441 section 3: once on, it stays on.
            SettingId::ENABLE_CONNECT_PROTOCOL
                if value > 1 || role == Role::Client && value == 0 && self.values.enable_connect_protocol =>
            {
                "invalid SETTINGS_ENABLE_CONNECT_PROTOCOL"
            }
            _ => return Ok(()),
        };
        Err(Fault::protocol(fault))
    }

    /// Our acknowledgement of the oldest SETTINGS goes out. Gives what counts from now on.
    pub(crate) fn acknowledge(&mut self) -> Option<AtAck> {
        self.unacknowledged.pop_front()
    }

    /// How much of the streams' windows must not be used before the peer has seen our acknowledgement, without which it
    /// does not know of it.
    pub(crate) fn unacknowledged_growth(&self) -> i64 {
        self.unacknowledged.iter().map(|at_ack| at_ack.growth).sum()
    }
}
