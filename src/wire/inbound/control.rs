//! Everything but messages: PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, ALTSVC, ORIGIN.

use bytes::{Buf, Bytes};

use super::{FrameHead, flag};
use crate::wire::code::{ErrorCode, LibraryError, StreamId};
use crate::wire::config::{DEFAULT_INITIAL_WINDOW_SIZE, LARGEST_WINDOW_SIZE, Setting, SettingId};
use crate::wire::event::Event;
use crate::wire::fault::Fault;
use crate::wire::frame::{Payload, PriorityFields, put_ping};
use crate::wire::ledger::{End, State};
use crate::wire::limits::{Limit, MAX_ORIGINS, MAX_WAITING_ACKS};
use crate::wire::streams::add_credit;
use crate::wire::{Role, Wire};

const LARGEST: i64 = LARGEST_WINDOW_SIZE as i64;

impl Wire {
    pub(super) fn priority_frame(&mut self, head: FrameHead, payload: &[u8]) -> Result<(), Fault> {
        self.allow(Limit::Priorities)?;
        let Some(priority) = PriorityFields::parse(&mut Payload(payload)) else { return Ok(()) };
        let stream = head.stream;
        if priority.parent == stream {
            return Err(Fault::stream(stream, ErrorCode::PROTOCOL_ERROR));
        }
        let PriorityFields { parent, weight, exclusive } = priority;
        self.events.push_back(Event::Priority { stream, parent, weight, exclusive });
        Ok(())
    }

    pub(super) fn rst_stream_frame(&mut self, head: FrameHead, payload: &[u8]) -> Result<(), Fault> {
        let stream = head.stream;
        let code = ErrorCode(Payload(payload).u32().unwrap_or_default());
        if self.is_idle(stream) {
            return Err(Fault::protocol("RST_STREAM on an idle stream"));
        }
        // A client that opens streams only to reset them costs a server much more than itself.
        if self.streams.find(stream).is_none() {
            self.allow(Limit::LateFrames)?;
        } else if self.role == Role::Server {
            self.allow(Limit::StreamResets)?;
        }
        let unknown = self.is_unknown_to_h2(stream);
        if self.close(stream, End::ResetByPeer, code) && !unknown {
            self.tell_h2_of_reset(stream, code);
        }
        Ok(())
    }

    pub(super) fn settings_frame(&mut self, head: FrameHead, payload: &[u8]) -> Result<(), Fault> {
        if head.has(flag::ACK) {
            return self.settings_acknowledged();
        }
        if payload.len() / 6 > self.config.max_settings as usize {
            return Err(Fault::limit(Limit::SettingsEntries));
        }
        self.allow(Limit::Settings)?;
        let known = self.remote.known;
        let before = i64::from(self.remote.values.initial_window_size);
        let mut seen = Vec::with_capacity(payload.len() / 6);
        self.remote.receive(self.role, payload, &self.config.remote_custom_settings, &mut seen)?;
        let delta = i64::from(self.remote.values.initial_window_size) - before;
        if delta != 0 {
            for stream in self.streams.iter_mut() {
                stream.send_window += delta;
                if stream.send_window > LARGEST {
                    let reason = "SETTINGS_INITIAL_WINDOW_SIZE overflows a window";
                    return Err(Fault::connection(LibraryError::FLOW_CONTROL, ErrorCode::FLOW_CONTROL_ERROR, reason));
                }
            }
        }
        // h2 acknowledges, at the point of its output from which the new values hold. What its encoder and its limits are
        // to know of is up to the wire.
        if self.remote.unacknowledged() > MAX_WAITING_ACKS as usize {
            return Err(Fault::limit(Limit::Acknowledgements));
        }
        let initial = Setting::new(SettingId::INITIAL_WINDOW_SIZE, self.initial_window_for_h2());
        for setting in &mut seen {
            match setting.id {
                SettingId::INITIAL_WINDOW_SIZE => *setting = initial,
                SettingId::MAX_CONCURRENT_STREAMS => setting.value = self.concurrency_of_h2(setting.value),
                _ => {}
            }
        }
        let said = seen.iter().any(|setting| setting.id == initial.id);
        if !known && !said && initial.value != DEFAULT_INITIAL_WINDOW_SIZE {
            seen.push(initial);
        }
        seen.retain(|setting| {
            matches!(
                setting.id,
                SettingId::ENABLE_PUSH
                    | SettingId::MAX_CONCURRENT_STREAMS
                    | SettingId::INITIAL_WINDOW_SIZE
                    | SettingId::MAX_FRAME_SIZE
                    | SettingId::ENABLE_CONNECT_PROTOCOL
            )
        });
        if self.asleep {
            self.send_settings_ack();
        } else {
            self.to_h2.settings(seen.into_iter());
        }
        self.pay_arrears();
        self.release_reserves();
        self.events.push_back(Event::SettingsReceived { settings: Box::new(self.remote.values.clone()) });
        Ok(())
    }

    fn settings_acknowledged(&mut self) -> Result<(), Fault> {
        let before = i64::from(self.local.values.initial_window_size);
        let Some(settings) = self.local.acknowledge() else {
            return Err(Fault::protocol("SETTINGS acknowledged that were not sent"));
        };
        for setting in settings.iter().filter(|setting| setting.id == SettingId::HEADER_TABLE_SIZE) {
            self.decoder.set_max_table_size(setting.value as usize);
        }
        self.shift_windows(i64::from(self.local.values.initial_window_size) - before)?;
        self.events.push_back(Event::SettingsAcked { settings: Box::new(self.local.values.clone()) });
        Ok(())
    }

    fn shift_windows(&mut self, delta: i64) -> Result<(), Fault> {
        if delta == 0 {
            return Ok(());
        }
        for stream in self.streams.iter_mut() {
            let Ok(credit) = stream.window.shift(delta) else {
                let reason = "SETTINGS_INITIAL_WINDOW_SIZE overflows a window";
                return Err(Fault::connection(LibraryError::FLOW_CONTROL, ErrorCode::FLOW_CONTROL_ERROR, reason));
            };
            if credit > 0 {
                if stream.credit == 0 {
                    self.due.push(stream.id);
                }
                stream.credit = add_credit(stream.credit, credit);
            }
        }
        Ok(())
    }

    pub(super) fn ping_frame(&mut self, head: FrameHead, payload: &[u8]) -> Result<(), Fault> {
        let Ok(payload) = <[u8; 8]>::try_from(payload) else { return Ok(()) };
        if head.has(flag::ACK) {
            if !self.pings.acknowledge(&payload) {
                return match self.config.ignore_unsolicited_ping_acks {
                    true => self.allow(Limit::Pings),
                    false => Err(Fault::protocol("PING acknowledged that was not sent")),
                };
            }
            self.events.push_back(Event::PingAcked { payload });
            return Ok(());
        }
        self.allow(Limit::Pings)?;
        if self.out.count_ack() > MAX_WAITING_ACKS {
            return Err(Fault::limit(Limit::Acknowledgements));
        }
        self.out.answer(|out| put_ping(out, flag::ACK, &payload));
        self.counters.frames_sent += 1;
        self.events.push_back(Event::Ping { payload });
        Ok(())
    }

    pub(super) fn goaway_frame(&mut self, mut payload: Bytes) -> Result<(), Fault> {
        self.allow(Limit::Goaways)?;
        let mut fields = Payload(&payload);
        let (Some(last), Some(code)) = (fields.u32(), fields.u32()) else { return Ok(()) };
        let (last, code) = (StreamId::new(last), ErrorCode(code));
        let ours = last.is_connection() || last.is_client_initiated() == (self.role == Role::Client);
        if !ours || self.goaway_received.is_some_and(|before| last > before) {
            return Err(Fault::protocol("invalid last stream in GOAWAY"));
        }
        let before = self.goaway_received.replace(last);
        payload.advance(8);
        // Not a slice of what the transport read, which a session could be kept from reusing for as long as it lives.
        let data = Bytes::copy_from_slice(&payload);
        self.events.push_back(Event::GoAway { code, last_stream: last, data });
        if before == Some(last) {
            return Ok(());
        }
        // RFC 9113 section 6.8: what is above was not and will not be processed.
        let client = self.role == Role::Client;
        let above = self.streams.ids(|stream| stream.id > last && stream.id.is_client_initiated() == client);
        for stream in above {
            let unknown = self.is_unknown_to_h2(stream);
            self.close(stream, End::ResetByPeer, ErrorCode::REFUSED_STREAM);
            if !client && !unknown {
                self.tell_h2_of_reset(stream, ErrorCode::REFUSED_STREAM);
            }
        }
        // A client's h2 opens no further streams after this. A server's would end the connection by itself.
        if client && !self.asleep {
            self.to_h2.goaway(self.ids.inner_at_most(last), code);
        }
        Ok(())
    }

    pub(super) fn window_update_frame(&mut self, head: FrameHead, payload: &[u8]) -> Result<(), Fault> {
        self.allow(Limit::WindowUpdates)?;
        let id = head.stream;
        let increment = Payload(payload).u32().unwrap_or_default() & LARGEST_WINDOW_SIZE;
        if id.is_connection() {
            if increment == 0 {
                return Err(Fault::protocol("WINDOW_UPDATE of nothing"));
            }
            self.send_window += i64::from(increment);
            if self.send_window > LARGEST {
                let reason = "WINDOW_UPDATE overflows the connection's window";
                return Err(Fault::connection(LibraryError::FLOW_CONTROL, ErrorCode::FLOW_CONTROL_ERROR, reason));
            }
            self.pay_arrears();
            let visible = self.connection_increment(increment);
            let visible = self.keep_window(visible);
            if visible > 0 && !self.asleep {
                self.to_h2.window_update(0, visible);
            }
        } else {
            if self.is_idle(id) {
                return Err(Fault::protocol("WINDOW_UPDATE on an idle stream"));
            }
            let Some(stream) = self.streams.find(id) else { return Ok(()) };
            if stream.state == State::ReservedRemote {
                return Err(Fault::protocol("WINDOW_UPDATE on a stream that only the peer sends on"));
            }
            if increment == 0 {
                return Err(Fault::stream(id, ErrorCode::PROTOCOL_ERROR));
            }
            stream.send_window += i64::from(increment);
            if stream.send_window > LARGEST {
                return Err(Fault::stream(id, ErrorCode::FLOW_CONTROL_ERROR));
            }
            if stream.state == State::HalfClosedLocal {
                // Nothing more will be sent: h2 need not know.
                return Ok(());
            }
            let unknown = stream.state == State::ReservedLocal || stream.stranger;
            self.pay_arrears();
            let visible = self.stream_increment(id, increment);
            match self.streams.find(id) {
                Some(stream) if unknown => stream.early_credit = stream.early_credit.saturating_add(visible),
                Some(_) if visible > 0 => self.to_h2.window_update(self.ids.inner(id), visible),
                _ => {}
            }
        }
        self.release_reserve(id);
        self.events.push_back(Event::WindowUpdate { stream: id, increment });
        Ok(())
    }

    /// RFC 7838 section 4.
    pub(super) fn altsvc_frame(&mut self, head: FrameHead, payload: Bytes) -> Result<(), Fault> {
        self.allow(Limit::Announcements)?;
        let length = Payload(&payload).u16().ok_or(Fault::frame_size("ALTSVC without its origin"))?;
        let Some(origin) = payload.get(2..2 + usize::from(length)) else {
            return Err(Fault::frame_size("ALTSVC without its origin"));
        };
        let value = payload.get(2 + usize::from(length)..).unwrap_or_default();
        let stream = head.stream;
        // On stream 0 it names an origin, elsewhere the stream does. Anything else is to be ignored.
        let named = match stream.is_connection() {
            true => !origin.is_empty(),
            false => origin.is_empty() && self.streams.find(stream).is_some(),
        };
        if named && !value.is_empty() {
            let (origin, value) = (Bytes::copy_from_slice(origin), Bytes::copy_from_slice(value));
            self.events.push_back(Event::AltSvc { stream, origin, value });
        }
        Ok(())
    }

    /// RFC 8336 section 2.
    pub(super) fn origin_frame(&mut self, head: FrameHead, payload: Bytes) -> Result<(), Fault> {
        self.allow(Limit::Announcements)?;
        // Flags 1, 2, 4 and 8 are reserved for incompatible changes.
        if !head.stream.is_connection() || head.flags & 0x0f != 0 {
            return Ok(());
        }
        let mut origins = Vec::new();
        let mut entries = Payload(&payload);
        while !entries.0.is_empty() {
            let entry = entries.u16().and_then(|length| entries.take(usize::from(length)));
            // node:http2 has no error for it, and a frame that may be ignored is no reason to end a connection.
            let Some(entry) = entry else { return Ok(()) };
            if origins.len() >= MAX_ORIGINS {
                return Err(Fault::limit(Limit::Announcements));
            }
            if !entry.is_empty() {
                origins.push(Bytes::copy_from_slice(entry));
            }
        }
        self.events.push_back(Event::Origin { origins });
        Ok(())
    }
}
