//! node's `paddingStrategy`: padding of outgoing HEADERS, PUSH_PROMISE and DATA.
//!
//! Padding of DATA counts against the peer's windows (RFC 9113 section 6.9.1), of which h2 thinks it may fill them with
//! payload. So a reserve of every window is kept from h2: a part of each WINDOW_UPDATE, and of the initial size of
//! streams. Padding only goes into the reserve. Where windows are so small that the reserve would starve h2, h2 gets it.
//! The connection's window starts without a reserve (nothing can take from h2 what RFC 9113 gives it), so that padding is
//! on credit until the peer's first WINDOW_UPDATE of the connection: see [`arrears`](super::arrears). So of a window h2 sees
//! what there is, less what is kept (or more by what went on credit), less what waits there.

use super::FrameHead;
use crate::wire::code::StreamId;
use crate::wire::config::Padding;
use crate::wire::ledger::State;
use crate::wire::{HEAD_LENGTH, Wire};

/// The pad length octet and what it can say.
const LARGEST: usize = 256;

/// Room for some frames' padding, until the next WINDOW_UPDATE.
const RESERVE: i64 = 2048;

/// The connection's window must be larger than that for padding on credit: a peer has probably reason to enlarge it before
/// there is nothing left.
const LEAST_FOR_CREDIT: i64 = 8 * RESERVE;

/// What is kept from h2 of a stream's initial window.
fn reserve_of(window: i64) -> i64 {
    RESERVE.min(window / 8)
}

/// What is kept from h2 of an increment, where `held` is kept already and h2 can still send `visible`.
fn kept_of(increment: i64, held: i64, visible: i64) -> i64 {
    let share = if visible > 0 { increment / 2 } else { increment / 8 };
    (RESERVE - held).clamp(0, share)
}

/// Pays what went out on credit with an increment, of which h2 gets the rest.
fn pay_debt(held: &mut i64, increment: u32) -> u32 {
    let paid = (-*held).clamp(0, i64::from(increment));
    *held += paid;
    increment.saturating_sub(u32::try_from(paid).unwrap_or_default())
}

impl Wire {
    /// Octets of padding, with their length octet, for a frame that carries `payload`. 0: the frame is not padded.
    pub(super) fn padding_for(&self, payload: usize) -> usize {
        let wanted = match self.config.padding {
            Padding::None => return 0,
            Padding::Max => LARGEST,
            Padding::Aligned => (HEAD_LENGTH + payload).wrapping_neg() % 8,
        };
        wanted.min(LARGEST).min(self.max_send_frame.saturating_sub(payload))
    }

    /// The same for DATA, which the windows limit.
    pub(super) fn data_padding_for(&mut self, head: FrameHead) -> usize {
        let padding = self.padding_for(head.length as usize);
        if padding == 0 {
            return 0;
        }
        let Some(stream) = self.streams.find(head.stream) else { return 0 };
        let pushed = stream.body.len() >= head.length as usize;
        let credit = if pushed && self.send_window > LEAST_FOR_CREDIT { RESERVE } else { 0 };
        let room = usize::try_from(stream.held.min(self.held + credit)).unwrap_or_default();
        match self.config.padding {
            // Half an alignment is none.
            Padding::Aligned if room < padding => 0,
            _ => padding.min(room),
        }
    }

    /// So much padding was sent.
    pub(super) fn spend_reserve(&mut self, stream: StreamId, padding: usize) {
        let padding = i64::try_from(padding).unwrap_or_default();
        self.held -= padding;
        if let Some(stream) = self.streams.find(stream) {
            stream.held -= padding;
        }
    }

    /// Where h2 believes that it can send no more, it gets what was kept: nobody else would ever use it.
    pub(in crate::wire) fn release_reserve(&mut self, id: StreamId) {
        let reserves = self.config.padding != Padding::None;
        // Without padding it is but a debt, or what paid one that is none any more.
        if self.held > 0 && (!reserves || self.send_window - self.held - self.owed() <= 0) {
            self.to_h2.window_update(0, u32::try_from(std::mem::take(&mut self.held)).unwrap_or_default());
        }
        if !reserves {
            return;
        }
        let owed = self.owed_on(id);
        let Some(stream) = self.streams.find(id) else { return };
        if stream.held > 0 && stream.send_window - stream.held - owed <= 0 {
            let held = u32::try_from(std::mem::take(&mut stream.held)).unwrap_or_default();
            if stream.state == State::ReservedLocal || stream.stranger {
                stream.early_credit = stream.early_credit.saturating_add(held);
                return;
            }
            self.to_h2.window_update(self.ids.inner(id), held);
        }
    }

    /// The same on every stream, after their windows have moved.
    pub(in crate::wire) fn release_reserves(&mut self) {
        if self.config.padding == Padding::None {
            return;
        }
        for id in self.streams.ids(|stream| stream.held > 0) {
            self.release_reserve(id);
        }
    }

    /// What h2 is told of an increment of the connection's window, which the peer has enlarged by it already.
    pub(in crate::wire) fn connection_increment(&mut self, increment: u32) -> u32 {
        if self.config.padding == Padding::None {
            return pay_debt(&mut self.held, increment);
        }
        let visible = self.send_window - i64::from(increment) - self.held - self.owed();
        let kept = kept_of(i64::from(increment), self.held, visible);
        self.held += kept;
        increment.saturating_sub(u32::try_from(kept).unwrap_or_default())
    }

    /// The same for a stream.
    pub(in crate::wire) fn stream_increment(&mut self, id: StreamId, increment: u32) -> u32 {
        let owed = self.owed_on(id);
        let padding = self.config.padding;
        let Some(stream) = self.streams.find(id) else { return increment };
        if padding == Padding::None {
            return pay_debt(&mut stream.held, increment);
        }
        let visible = stream.send_window - i64::from(increment) - stream.held - owed;
        let kept = kept_of(i64::from(increment), stream.held, visible);
        stream.held += kept;
        increment.saturating_sub(u32::try_from(kept).unwrap_or_default())
    }

    /// What h2 is told of SETTINGS_INITIAL_WINDOW_SIZE. The difference to before moves every stream's reserve.
    pub(in crate::wire) fn initial_window_for_h2(&mut self) -> u32 {
        let window = i64::from(self.remote.values.initial_window_size);
        let held = if self.config.padding == Padding::None { 0 } else { reserve_of(window) };
        let delta = held - std::mem::replace(&mut self.held_of_new_streams, held);
        if delta != 0 {
            for stream in self.streams.iter_mut() {
                stream.held += delta;
            }
        }
        u32::try_from(window - held).unwrap_or_default()
    }
}
